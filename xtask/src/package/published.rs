//! The packages of the workspace, in the order of publishing.
//!
//! Invariant: a package comes after the packages that it depends on, so that the order is
//! the order of publishing.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::judges::call::cargo;

/// One package of the workspace.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What `cargo metadata` says about it.
    pub metadata: Value,
}

impl Package {
    /// The name that cargo gives to the package's file and folder.
    pub fn stem(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    /// Whether other crates can call it.
    pub fn is_library(&self) -> bool {
        self.has_target("lib")
    }

    /// Whether it has a target of this kind, such as `lib`, `proc-macro` or `bin`.
    pub fn has_target(&self, kind: &str) -> bool {
        let targets = self.metadata["targets"].as_array().into_iter().flatten();
        let mut kinds = targets
            .filter_map(|target| target["kind"].as_array())
            .flatten();
        kinds.any(|it| it == kind)
    }

    /// Its folder below the workspace's root, with slashes.
    pub fn folder(&self, root: &Path) -> Result<String> {
        let manifest = self.metadata["manifest_path"].as_str().unwrap_or_default();
        let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
        let below = folder.strip_prefix(root).context("not in the workspace")?;
        Ok(below.to_string_lossy().replace('\\', "/"))
    }

    /// The names of its dependencies that a build of the package needs.
    fn needs(&self) -> impl Iterator<Item = &str> {
        let dependencies = self.metadata["dependencies"].as_array().into_iter();
        dependencies
            .flatten()
            // The registry sees a development dependency only if it has a version.
            .filter(|dependency| dependency["kind"] != "dev" || dependency["req"] != "*")
            .filter_map(|dependency| dependency["name"].as_str())
    }
}

/// The packages that are published, in the order of publishing.
pub fn published(root: &Path) -> Result<Vec<Package>> {
    let output = cargo("metadata --format-version 1 --no-deps --locked", root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("failed to start cargo")?;
    anyhow::ensure!(output.status.success(), "cargo metadata: {}", output.status);
    let metadata = serde_json::from_slice(&output.stdout).context("not cargo's metadata")?;
    in_order(packages(&metadata))
}

fn packages(metadata: &Value) -> Vec<Package> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let published = packages.filter(|package| package["publish"].is_null());
    published
        .map(|package| Package {
            name: text(&package["name"]),
            version: text(&package["version"]),
            metadata: package.clone(),
        })
        .collect()
}

fn in_order(mut left: Vec<Package>) -> Result<Vec<Package>> {
    left.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<Package> = Vec::new();
    while !left.is_empty() {
        let waits = |package: &Package| {
            let needed = |name: &str| name != package.name && left.iter().any(|p| p.name == name);
            package.needs().any(needed)
        };
        let Some(next) = left.iter().position(|package| !waits(package)) else {
            let names: Vec<_> = left.iter().map(|package| package.name.as_str()).collect();
            anyhow::bail!("none of these can be published first: {}", names.join(", "));
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, needs: &[(&str, &str, &str)]) -> Value {
        let needs: Vec<_> = needs
            .iter()
            .map(|(name, req, kind)| json!({ "name": name, "req": req, "kind": kind }))
            .collect();
        json!({ "name": name, "version": "1.2.3", "publish": null, "dependencies": needs })
    }

    fn order(found: &[Value]) -> Result<Vec<String>> {
        let packages = in_order(packages(&json!({ "packages": found })))?;
        Ok(packages.into_iter().map(|package| package.stem()).collect())
    }

    #[test]
    fn a_package_follows_what_it_needs() {
        let hidden = json!({ "name": "hidden", "version": "1.2.3", "publish": [] });
        let found = [
            package("a", &[("c", "^1.2.3", ""), ("serde", "^1", "")]),
            hidden,
            // A development dependency without a version is not in the package.
            package("b", &[("a", "*", "dev")]),
            package("c", &[("b", "^1.2.3", "dev")]),
        ];
        assert_eq!(order(&found).unwrap(), ["b-1.2.3", "c-1.2.3", "a-1.2.3"]);
    }

    #[test]
    fn a_ring_is_named() {
        let found = [
            package("a", &[("b", "^1.2.3", "")]),
            package("b", &[("a", "^1.2.3", "dev")]),
        ];
        let error = order(&found).unwrap_err().to_string();
        assert!(error.ends_with("first: a, b"), "{error}");
    }

    #[test]
    fn the_real_packages_have_an_order() {
        let packages = published(&crate::commands::root()).unwrap();
        let place = |name: &str| packages.iter().position(|package| package.name == name);
        assert!(place("smartcar-model") < place("smartcar-client"));
        assert!(place("smartcar-client") < place("smartcar-batch"));
        assert_eq!(place("smartcar-cli"), Some(packages.len() - 1));
        assert_eq!(place("xtask"), None);
        let model = &packages[place("smartcar-model").unwrap()];
        let folder = model.folder(&crate::commands::root()).unwrap();
        assert_eq!(folder, "crates/smartcar-model");
    }
}
