//! A workspace of unpacked packages, and a program that depends on one of them.
//!
//! Invariant: the packages come from their files only and find each other by version. No
//! file of the repository is read by a build here, except the pinned versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::published::Package;
use crate::judges::call::cargo;
use crate::judges::live::{Simulator, TOKEN, build};
use crate::write;

/// The unpacked packages.
#[derive(Debug)]
pub struct Trial {
    folder: PathBuf,
}

/// The program's name. No package of the registry is needed to have it.
const PROGRAM: &str = "first-batch";

impl Trial {
    /// Unpacks package files into a folder, which is emptied first.
    pub fn unpack(folder: &Path, packages: &[(Package, PathBuf)]) -> Result<Self> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).context("failed to empty the folder of unpacked packages");
            }
            _ => fs::create_dir_all(folder)?,
        }
        for (_, file) in packages {
            let mut tar = Command::new("tar");
            let status = tar.arg("-xzf").arg(file).current_dir(folder).status();
            let status = status.context("failed to start tar")?;
            anyhow::ensure!(status.success(), "tar {}: {status}", file.display());
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The files of an unpacked package, relative to it.
    pub fn files(&self, package: &Package) -> Result<Vec<String>> {
        let root = self.folder.join(package.stem());
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(&root)?.to_string_lossy();
                    files.push(relative.replace('\\', "/"));
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// A file of an unpacked package; `None` if the package does not have it.
    pub fn read(&self, package: &Package, name: &str) -> Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(package.stem()).join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("failed to read {name}")),
        }
    }

    /// Writes the workspace around the packages, with a program that has this snippet of
    /// the README in its `main`.
    pub fn furnish(&self, packages: &[Package], lock: &str, snippet: &str) -> Result<()> {
        let batch = packages.iter().find(|p| p.name == "smartcar-batch");
        let batch = batch.context("smartcar-batch is not published")?;
        let mut members = String::new();
        let mut patches = String::new();
        for package in packages {
            let (name, stem) = (&package.name, package.stem());
            members.push_str(&format!("    {stem:?},\n"));
            patches.push_str(&format!("{name} = {{ path = {stem:?} }}\n"));
        }
        let workspace = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\n    {PROGRAM:?},\n{members}]\n\n\
             # In place of the registry's. The packages depend on each other by version.\n\
             [patch.crates-io]\n{patches}"
        );
        let manifest = format!(
            "[package]\nname = {PROGRAM:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nsmartcar-batch = {:?}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
            batch.version
        );
        for (file, text) in [
            ("Cargo.toml", workspace.as_str()),
            ("Cargo.lock", lock),
            (".cargo/config.toml", "[build]\ntarget-dir = \"../build\"\n"),
            (&format!("{PROGRAM}/Cargo.toml"), manifest.as_str()),
            (
                &format!("{PROGRAM}/src/main.rs"),
                program(snippet)?.as_str(),
            ),
        ] {
            write::replace(&self.folder.join(file), text)?;
        }
        Ok(())
    }

    /// Builds the packages against each other.
    pub fn build(&self) -> Result<()> {
        let status = cargo("build --workspace --quiet", &self.folder).status();
        let status = status.context("failed to start cargo")?;
        anyhow::ensure!(
            status.success(),
            "the unpacked packages do not build: {status}"
        );
        Ok(())
    }

    /// Runs the program against the simulator of the unpacked command. Returns what it
    /// printed.
    pub fn run(&self, root: &Path) -> Result<String> {
        let simulator = Simulator::start(build(&self.folder)?, root, &[])?;
        let output = cargo(&format!("run --quiet --package {PROGRAM}"), &self.folder)
            .envs([("ORIGIN", simulator.origin.as_str()), ("TOKEN", TOKEN)])
            .stderr(Stdio::inherit())
            .output()
            .context("failed to start cargo")?;
        anyhow::ensure!(output.status.success(), "the program: {}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The first Rust code of a README.
pub fn first_snippet(readme: &str) -> Option<&str> {
    let (_, rest) = readme.split_once("```rust\n")?;
    rest.split_once("```").map(|(snippet, _)| snippet)
}

/// The program. It differs from the snippet only in where it sends its requests.
fn program(snippet: &str) -> Result<String> {
    let to = ".api_origin(std::env::var(\"ORIGIN\")?).build()?";
    let directed = snippet.replacen(".build()?", to, 1);
    anyhow::ensure!(
        directed != snippet,
        "the README's first snippet builds no client"
    );
    Ok(format!(
        "#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {{\n\
         let token = std::env::var(\"TOKEN\")?;\n{directed}\nOk(())\n}}\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_snippet_of_the_readme_becomes_a_program() {
        let readme = fs::read_to_string(crate::commands::root().join("README.md")).unwrap();
        let snippet = first_snippet(&readme).unwrap();
        assert!(
            snippet.contains("vehicle.batch::<(Odometer, Location)>()"),
            "{snippet}"
        );
        let program = program(snippet).unwrap();
        syn::parse_file(&program).unwrap();
        assert!(program.contains("ORIGIN"), "{program}");
        assert!(super::program("println!();").is_err());
        assert_eq!(first_snippet("```console\n$ ls\n```\n"), None);
    }
}
