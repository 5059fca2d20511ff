//! Checks the programs that judges and engines need, and installs their packages below
//! `target/`.
//!
//! Invariant: the stamp is written last and contains the pins, so that only
//! interrupted or outdated installs are repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::verdict::Verdict;
use crate::write;

/// The output of a program's `--version`; `None` if the program is missing.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A program that the machine must have.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Whether the packages work with this major and minor version.
    pub fits: fn(u32, u32) -> bool,
}

/// A package manager with its programs and pinned packages.
#[derive(Debug)]
pub struct Kit {
    /// The folder with the pins, such as `xtask/judges/npm`.
    pub from: &'static str,
    /// The folder it is installed in, such as `target/judges/npm`.
    pub to: &'static str,
    /// Programs that must exist before the install.
    pub programs: &'static [Program],
    /// How to install these programs.
    pub how: &'static str,
    /// The files with the exact versions.
    pub pins: &'static [&'static str],
    /// The install commands, run in a folder with the pins. A program with a path is
    /// relative to that folder.
    pub install: &'static [(&'static str, &'static str)],
}

const STAMP: &str = "installed";

impl Kit {
    /// The kit's folder, installed if necessary, or why it cannot be installed.
    pub fn ready(&self, root: &Path, lookup: Lookup<'_>) -> Result<PathBuf, Verdict> {
        let mut stamp = self.present(lookup)?;
        let mut pins = Vec::new();
        for file in self.pins {
            let path = root.join(self.from).join(file);
            let text = fs::read_to_string(&path).map_err(|error| {
                Verdict::Failed(format!("failed to read {}: {error}", path.display()))
            })?;
            stamp.push_str(&text);
            pins.push((*file, text));
        }
        let folder = root.join(self.to);
        if is_installed(&folder, &stamp) {
            return Ok(folder);
        }
        anstream::println!("installing the packages of {} into {}", self.from, self.to);
        self.install(&folder, &pins, &stamp)
            .map_err(|error| Verdict::NotRun {
                why: format!("the install failed: {error:#}"),
                how: format!(
                    "run it again where the package registries are reachable; it needs {}",
                    self.how
                ),
            })?;
        Ok(folder)
    }

    /// The programs' versions. An install is only valid for the interpreter that made it.
    fn present(&self, lookup: Lookup<'_>) -> Result<String, Verdict> {
        let mut versions = String::new();
        for Program { name, fits } in self.programs {
            let why = match lookup(name) {
                None => format!("{name} was not found"),
                Some(text) => match version(&text) {
                    Some((major, minor)) if fits(major, minor) => {
                        versions.push_str(&format!("{name} {}\n", text.trim()));
                        continue;
                    }
                    _ => format!("{name} is {}, which is not supported", text.trim()),
                },
            };
            let how = self.how.to_owned();
            return Err(Verdict::NotRun { why, how });
        }
        Ok(versions)
    }

    fn install(&self, folder: &Path, pins: &[(&str, String)], stamp: &str) -> Result<()> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).context("failed to remove the last install");
            }
            _ => {}
        }
        for (file, text) in pins {
            write::replace(&folder.join(file), text)?;
        }
        for (program, arguments) in self.install {
            // A program inside the folder needs an absolute path.
            let is_below = program.contains('/');
            let inside = is_below.then(|| folder.join(program));
            let program = inside.unwrap_or_else(|| PathBuf::from(program));
            let mut command = Command::new(program);
            quietly(command.args(arguments.split(' ')).current_dir(folder))?;
        }
        write::replace(&folder.join(STAMP), stamp)
    }
}

fn is_installed(folder: &Path, stamp: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|text| text == stamp)
}

/// Runs an installer and shows its output only if it fails.
fn quietly(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("failed to start {program}"))?;
    if !output.status.success() {
        anstream::eprint!("{}", String::from_utf8_lossy(&output.stdout));
        anstream::eprint!("{}", String::from_utf8_lossy(&output.stderr));
        anyhow::bail!("{program} ended with {}, see above", output.status);
    }
    Ok(())
}

/// Runs the program with `--version`.
pub fn on_this_machine(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// Major and minor of `Python 3.11.7`, `v20.20.2`, `11.19.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|symbol: char| symbol.is_ascii_digit())?;
    let mut parts = text[start..].trim().split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIT: Kit = Kit {
        from: "xtask/judges/toy",
        to: "target/judges/toy",
        programs: &[Program {
            name: "lathe",
            fits: |major, minor| (major, minor) >= (3, 11),
        }],
        how: "buy one",
        pins: &["pins.txt"],
        install: &[],
    };

    fn workspace(pins: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        write::replace(&root.path().join("xtask/judges/toy/pins.txt"), pins).unwrap();
        root
    }

    const NEW_LATHE: Lookup<'_> = &|_| Some("Lathe 3.12.1\n".to_owned());

    #[test]
    fn versions_are_read_as_they_are_printed() {
        assert_eq!(version("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("11.19.1"), Some((11, 19)));
        assert_eq!(version("none"), None);
    }

    #[test]
    fn an_absent_or_old_program_is_named_with_the_cure() {
        let root = workspace("a==1");
        for (found, expected) in [
            (None, "lathe was not found"),
            (
                Some("Lathe 3.9.2"),
                "lathe is Lathe 3.9.2, which is not supported",
            ),
            (Some("what?"), "lathe is what?, which is not supported"),
        ] {
            let lookup = |_: &str| found.map(str::to_owned);
            let (why, how) = (expected.to_owned(), "buy one".to_owned());
            assert_eq!(
                KIT.ready(root.path(), &lookup),
                Err(Verdict::NotRun { why, how })
            );
        }
        assert!(!root.path().join("target").exists());
    }

    #[test]
    fn a_good_install_is_left_alone_until_the_pins_or_the_program_change() {
        let root = workspace("a==1");
        let folder = KIT.ready(root.path(), NEW_LATHE).unwrap();
        let mark = folder.join("mark");

        write::replace(&mark, "").unwrap();
        KIT.ready(root.path(), NEW_LATHE).unwrap();
        assert!(mark.exists());

        write::replace(&root.path().join("xtask/judges/toy/pins.txt"), "a==2").unwrap();
        KIT.ready(root.path(), NEW_LATHE).unwrap();
        assert!(!mark.exists());
        assert_eq!(fs::read_to_string(folder.join("pins.txt")).unwrap(), "a==2");

        write::replace(&mark, "").unwrap();
        KIT.ready(root.path(), &|_| Some("Lathe 3.13.0".to_owned()))
            .unwrap();
        assert!(!mark.exists());
    }

    #[test]
    fn a_failed_or_interrupted_install_is_redone() {
        let root = workspace("a==1");
        let broken = Kit {
            install: &[("no-such-program", "")],
            ..KIT
        };
        let Err(Verdict::NotRun { why, .. }) = broken.ready(root.path(), NEW_LATHE) else {
            panic!("it should not be installed");
        };
        assert!(why.contains("no-such-program"), "{why}");

        let folder = root.path().join("target/judges/toy");
        assert!(folder.join("pins.txt").exists() && !folder.join(STAMP).exists());
        KIT.ready(root.path(), NEW_LATHE).unwrap();
        assert!(folder.join(STAMP).exists());
    }

    #[test]
    fn absent_pins_are_our_fault() {
        let root = tempfile::tempdir().unwrap();
        let verdict = KIT.ready(root.path(), NEW_LATHE);
        assert!(matches!(verdict, Err(Verdict::Failed(_))), "{verdict:?}");
    }
}
