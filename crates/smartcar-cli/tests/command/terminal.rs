//! The output in a terminal with 80 and with 60 columns.
//!
//! Invariant: each test has its own pseudo-terminal and uses no other terminal.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use smartcar_batch::ENDPOINTS;

use crate::harness::{Folder, VERBS, command};

const WIDTHS: [u16; 2] = [80, 60];

/// The exit code, and everything written to a terminal of this width.
fn seen(columns: u16, arguments: &[&str]) -> (Option<i32>, String) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&controller).expect("it is granted");
    unlockpt(&controller).expect("it is unlocked");
    let size = Winsize {
        ws_row: 40,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&controller, size).expect("it has a size");
    let name = ptsname(&controller, Vec::new()).expect("it has a name");
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let terminal: OwnedFd = rustix::fs::open(name, flags, Mode::empty()).expect("it opens");
    let mut command = command(arguments, &[("TERM", "xterm"), ("NO_COLOR", "1")]);
    command
        .stdout(Stdio::from(terminal.try_clone().expect("it is shared")))
        .stderr(Stdio::from(terminal));
    let mut child = command.spawn().expect("the command starts");
    // Close these handles: reading ends when the last one is closed.
    drop(command);
    let mut bytes = Vec::new();
    let mut controller = File::from(controller);
    let mut buffer = [0; 4096];
    // On Linux the end is an error, on other systems an empty read.
    while let Ok(count @ 1..) = controller.read(&mut buffer) {
        bytes.extend(&buffer[..count]);
    }
    let code = child.wait().expect("it ends").code();
    (code, String::from_utf8(bytes).expect("the output is UTF-8"))
}

/// The lines, which must all fit.
fn fitting(columns: u16, arguments: &[&str]) -> Vec<String> {
    let (code, text) = seen(columns, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {text}");
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &lines {
        let width = line.chars().count();
        assert!(width <= columns.into(), "{columns} {arguments:?}: {line}");
    }
    lines
}

#[test]
fn endpoints_fit_and_no_word_is_cut() {
    for columns in WIDTHS {
        let lines = fitting(columns, &["endpoints"]);
        assert!(lines.len() <= 2 * ENDPOINTS.len() + 2, "{lines:#?}");
        let words: Vec<_> = lines.iter().flat_map(|line| line.split("  ")).collect();
        let words: Vec<_> = words.into_iter().map(str::trim).collect();
        for info in ENDPOINTS {
            assert!(words.contains(&info.path), "{columns}: {}", info.path);
            let type_name = info.type_name.rsplit("::").next().unwrap();
            let is_there = |word: &&str| word.ends_with(type_name);
            assert!(words.iter().any(is_there), "{columns}: {type_name}");
        }
    }
}

#[test]
fn pages_and_signals_fit() {
    for columns in WIDTHS {
        for arguments in [
            &["endpoints", "/fuel"][..],
            &["endpoints", "/tesla/charge"],
            &["endpoints", "/service/history"],
            &["endpoints", "--api", "v3"],
            &["endpoints", "connectivitysoftware-currentfirmwareversion"],
        ] {
            fitting(columns, arguments);
        }
    }
}

#[test]
fn help_fits() {
    for columns in WIDTHS {
        fitting(columns, &["--help"]);
        for verb in VERBS {
            fitting(columns, &[verb, "--help"]);
            fitting(columns, &[verb, "-h"]);
        }
    }
}

#[test]
fn a_batch_fits() {
    for columns in WIDTHS {
        let paths = ["/odometer", "/security", "/signals/closure-doors"];
        let more = ["--simulate", "--api", "v3"];
        let lines = fitting(columns, &[&["batch", "any-id"], &paths[..], &more].concat());
        assert!(lines.len() > 20, "{lines:#?}");
        let ages = lines.iter().filter(|line| line.ends_with(" ago"));
        assert!(ages.count() > 10, "{lines:#?}");
        // The ID must stay in one piece, so that it can be copied.
        let last = lines.last().unwrap().rsplit(' ').next().unwrap();
        assert_eq!(last.len(), 36, "{lines:#?}");
    }
}

#[test]
fn the_progress_line_fits_and_leaves_nothing_behind() {
    for columns in WIDTHS {
        let folder = Folder::new();
        let ids: Vec<_> = (0..40).map(|number| format!("vehicle-{number}")).collect();
        let ids = folder.write("ids.txt", &ids.join("\n"));
        let output = folder.path("out.ndjson");
        let arguments = ["fleet", "/odometer", "--ids", &ids, "--output", &output];
        let more = ["--simulate", "--per-minute", "1800"];
        let (code, text) = seen(columns, &[&arguments[..], &more].concat());
        assert_eq!(code, Some(0), "{text}");
        let (drawn, last) = text
            .rsplit_once("\u{1b}[2K")
            .expect("it is drawn and cleared");
        let lines = drawn.replace("\u{1b}[2K", "\n");
        let mut frames = lines
            .split(['\r', '\n'])
            .filter(|part| part.contains("/40 vehicles"));
        let frame = frames.clone().next().expect("a frame");
        assert!(frame.contains("0 failed, 0 waiting"), "{frame}");
        assert!(
            frames.all(|frame| frame.trim_end().chars().count() < columns.into()),
            "{columns}: {drawn:?}"
        );
        // Only one line is drawn, so the cursor never moves up.
        assert!(!drawn.contains("\u{1b}[1A"), "{drawn:?}");
        assert!(
            last.trim_start().starts_with("40 vehicles: 40 ok, "),
            "{last:?}"
        );
        let quiet = [&arguments[..], &more, &["--quiet", "--force"]].concat();
        assert_eq!(seen(columns, &quiet), (Some(0), String::new()));
    }
}
