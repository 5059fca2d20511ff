//! Completions, manual pages and colours.
//!
//! Invariant: the tests cover every subcommand without listing them.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::harness::{Folder, VERBS, command, run};

#[test]
fn completions_name_verbs_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell], &[]);
        assert_eq!((script.code, script.stderr.as_str()), (Some(0), ""));
        for word in VERBS.iter().chain(&["resume", "per-minute", "units"]) {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "sh"], &[]).code, Some(2));
}

#[test]
#[cfg(unix)]
fn bash_reads_its_completions() {
    let script = run(&["completions", "bash"], &[]).stdout;
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash is there");
    bash.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // It also completes a subcommand.
    let asked = format!(
        "{script}\nCOMP_WORDS=(smartcar fl); COMP_CWORD=1; _smartcar smartcar fl smartcar; echo \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["-c", &asked]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "fleet\n",
        "{output:?}"
    );
}

#[test]
fn completions_know_paths_and_makes() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell], &[]).stdout;
        for word in ["/tires/pressure", "/signals/closure-doors", "alfa_romeo"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    // Listing them would fill pages of help.
    for verb in ["batch", "fleet", "endpoints"] {
        let help = run(&[verb, "--help"], &[]).stdout;
        assert!(!help.contains("/tires/pressure") && !help.contains("alfa_romeo"));
    }
    // An unknown path is sent too.
    let asked = run(&["batch", "any-id", "/odometer", "/new", "--simulate"], &[]);
    assert_eq!(asked.code, Some(4), "{asked:?}");
}

#[test]
#[cfg(unix)]
fn bash_completes_paths_and_makes() {
    let script = run(&["completions", "bash"], &[]).stdout;
    for (words, last, completed) in [
        ("batch any-id /odom", "/odom", "/odometer\n"),
        ("fleet /tires/p", "/tires/p", "/tires/pressure\n"),
        ("endpoints --make tes", "tes", "tesla\n"),
    ] {
        let before = words.split(' ').rev().nth(1).unwrap();
        let count = words.split(' ').count();
        let asked = format!(
            "{script}\nCOMP_WORDS=(smartcar {words}); COMP_CWORD={count}; _smartcar smartcar {last} {before}; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash").args(["-c", &asked]).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            completed,
            "{output:?}"
        );
    }
}

#[test]
fn attempts_are_not_called_requests() {
    let help = run(&["fleet", "--help"], &[("COLUMNS", "100")]).stdout;
    let words: Vec<_> = help.split_whitespace().collect();
    let help = words.join(" ");
    assert!(help.contains("Maximum attempts per vehicle"), "{help}");
    assert!(help.contains("On version 3 an attempt can take several requests"));
    assert!(!help.contains("Upper bound of the HTTP requests"));
}

#[test]
fn the_manual_has_every_verb() {
    let page = run(&["man"], &[]);
    assert_eq!((page.code, page.stderr.as_str()), (Some(0), ""));
    assert!(page.stdout.contains(".TH smartcar 1"), "{page:?}");
    let help = run(&["--help"], &[]).stdout;
    let folder = Folder::new();
    let pages = folder.path("man1");
    assert_eq!(run(&["man", "--dir", &pages], &[]).code, Some(0));
    for verb in VERBS {
        assert!(help.contains(&format!("\n  {verb} ")), "{help}");
        assert!(
            page.stdout
                .contains(&format!("smartcar\\-{}(1)", verb.replace('-', "\\-"))),
            "{verb}"
        );
        let own = folder.read(&format!("man1/smartcar-{verb}.1"));
        assert!(
            own.contains("Examples:") && own.contains(&format!(".TH smartcar-{verb} 1")),
            "{own}"
        );
    }
    assert!(folder.read("man1/smartcar.1").contains("Exit codes:"));
    assert!(
        folder
            .read("man1/smartcar-fleet.1")
            .contains("\\-\\-resume")
    );

    let file = folder.write("file", "");
    let run = run(&["man", "--dir", &file], &[]);
    assert_eq!(run.code, Some(1), "{run:?}");
}

#[test]
fn colours_follow_the_variables() {
    let colours = |variables: &[(&str, &str)]| {
        let arguments = ["batch", "any-id", "/odometer", "--simulate"];
        let output = command(&arguments, variables).output().unwrap();
        let refused = command(&["batch", "any-id", "vin", "--simulate"], variables)
            .output()
            .unwrap();
        [output.stdout, refused.stderr].map(|text| text.contains(&0x1b))
    };
    assert_eq!(colours(&[]), [false; 2], "a pipe shows none");
    assert_eq!(colours(&[("CLICOLOR_FORCE", "1")]), [true; 2]);
    let both = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert_eq!(colours(&both), [false; 2]);
    assert_eq!(colours(&[("CLICOLOR", "0")]), [false; 2]);
}
