//! What each package must say about itself, before cargo is asked to build it.
//!
//! Invariant: all faults of a package are found in one run.

use serde_json::Value;

use super::published::Package;

/// The longest package file in bytes, compressed. The largest has about a third of it.
const LARGEST: u64 = 512 * 1024;

/// What is wrong with a package: its metadata, its files, and its size in bytes.
pub fn faults(package: &Package, files: &[String], size: u64) -> Vec<String> {
    let metadata = &package.metadata;
    let mut found = Vec::new();
    let mut expect = |good: bool, fault: &str| {
        if !good {
            found.push(format!("{}: {fault}", package.name));
        }
    };
    let is_text = |name: &str| metadata[name].as_str().is_some_and(|text| !text.is_empty());
    for name in ["description", "license", "repository", "rust_version"] {
        expect(is_text(name), &format!("no `{name}`"));
    }
    let documentation = format!("https://docs.rs/{}", package.name);
    expect(
        metadata["documentation"] == documentation.as_str(),
        &format!("`documentation` is not {documentation}"),
    );
    let keywords = texts(&metadata["keywords"]);
    expect(
        (1..=5).contains(&keywords.len()) && keywords.iter().all(|word| word.len() <= 20),
        "the registry takes one to five keywords of up to 20 letters",
    );
    let categories = texts(&metadata["categories"]);
    expect(
        (1..=5).contains(&categories.len()),
        "the registry takes one to five categories",
    );
    let docs_rs = &metadata["metadata"]["docs"]["rs"];
    expect(
        texts(&docs_rs["rustdoc-args"]) == ["--cfg", "docsrs"],
        "no `rustdoc-args = [\"--cfg\", \"docsrs\"]` for docs.rs",
    );
    expect(
        docs_rs["all-features"] == true || docs_rs["features"].is_array(),
        "docs.rs is not told which features to show",
    );
    for name in std::iter::once("README.md").chain(licences(metadata)) {
        expect(
            files.iter().any(|file| file == name),
            &format!("{name} is not in the package"),
        );
    }
    for file in files {
        let is_outside = ["tests/", "golden/", "proptest-regressions/"]
            .iter()
            .any(|folder| file.starts_with(folder));
        expect(!is_outside, &format!("{file} is for this repository only"));
    }
    expect(
        size <= LARGEST,
        &format!("the package has {size} bytes; more than {LARGEST} need a reason"),
    );
    found
}

/// The files with the texts of a package's licences.
fn licences(metadata: &Value) -> impl Iterator<Item = &'static str> {
    let licence = metadata["license"].as_str().unwrap_or_default();
    let known = [
        ("MIT", "LICENSE-MIT"),
        ("Apache-2.0", "LICENSE-APACHE"),
        ("MPL-2.0", "LICENSE-MPL-2.0"),
    ];
    let named = known.into_iter().filter(move |(id, _)| {
        let mut words = licence.split(' ');
        words.any(|word| word == *id)
    });
    named.map(|(_, file)| file)
}

fn texts(value: &Value) -> Vec<&str> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Package {
        Package {
            name: "toy".to_owned(),
            version: "1.2.3".to_owned(),
            metadata: json!({
                "description": "A toy",
                "license": "MIT OR Apache-2.0",
                "repository": "https://example.com/toy",
                "documentation": "https://docs.rs/toy",
                "rust_version": "1.88",
                "keywords": ["toy"],
                "categories": ["api-bindings"],
                "metadata": { "docs": { "rs": {
                    "all-features": true, "rustdoc-args": ["--cfg", "docsrs"],
                } } },
            }),
        }
    }

    fn files(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    const FILES: &[&str] = &["README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"];

    #[test]
    fn every_fault_is_found_at_once() {
        assert_eq!(faults(&good(), &files(FILES), 10), Vec::<String>::new());
        let mut bad = good();
        bad.metadata = json!({ "license": "MPL-2.0", "keywords": ["a", "b", "c", "d", "e", "f"] });
        let found = faults(&bad, &files(&["tests/it.rs"]), LARGEST + 1).join("\n");
        for fault in [
            "no `description`",
            "no `repository`",
            "no `rust_version`",
            "`documentation` is not https://docs.rs/toy",
            "five keywords",
            "five categories",
            "`rustdoc-args",
            "which features",
            "README.md is not",
            "LICENSE-MPL-2.0 is not",
            "tests/it.rs is for this repository",
            "need a reason",
        ] {
            assert!(found.contains(fault), "{fault} is not in\n{found}");
        }
    }

    #[test]
    fn each_licence_needs_its_text() {
        let found = faults(&good(), &files(&["README.md", "LICENSE-MIT"]), 10);
        assert_eq!(found, ["toy: LICENSE-APACHE is not in the package"]);
    }
}
