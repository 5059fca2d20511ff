//! The judges of the API description: three readers of OpenAPI that share no
//! code with ours, nor with each other.
//!
//! Invariant: no rule is turned off, and a warning fails as an error does.

use std::process::{Command, Stdio};

use super::case::Case;
use super::verdict::Verdict;
use super::{npm, python};

/// Whether the files follow OpenAPI's own schema.
pub fn openapi_spec_validator(case: &Case<'_>) -> Verdict {
    Verdict::of(
        python::module(case, "openapi_spec_validator")
            .arg("--validation-errors=all")
            .args(&case.specs),
    )
}

/// Spectral's rules for OpenAPI.
pub fn spectral(case: &Case<'_>) -> Verdict {
    Verdict::of(
        npm::script(case, "@stoplight/spectral-cli/dist/index.js")
            .args(["lint", "--fail-severity=hint"])
            .args(["--ruleset", "xtask/judges/spectral.yaml"])
            .args(&case.specs),
    )
}

/// Redocly's recommended rules. Its exit code passes over warnings, so the
/// problems are counted; only if there are any is it asked to draw them.
pub fn redocly(case: &Case<'_>) -> Verdict {
    let output = match lint(case)
        .arg("--format=json")
        .stderr(Stdio::null())
        .output()
    {
        Ok(output) => output,
        Err(error) => return Verdict::Failed(format!("failed to start node: {error}")),
    };
    match problems(&output.stdout) {
        Some(0) if output.status.success() => {
            anstream::println!("no error, no warning, nothing ignored");
            Verdict::Passed
        }
        count => {
            let drawn = Verdict::of(&mut lint(case));
            match (count, drawn) {
                (Some(count), _) if count > 0 => {
                    Verdict::Failed(format!("problems reported: {count}"))
                }
                (_, Verdict::Passed) => Verdict::Failed("its report cannot be read".into()),
                (_, failed) => failed,
            }
        }
    }
}

fn lint(case: &Case<'_>) -> Command {
    let mut command = npm::script(case, "@redocly/cli/bin/cli.js");
    command
        .args(["lint", "--config", "xtask/judges/redocly.yaml"])
        .args(&case.specs)
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    command
}

/// Errors, warnings and ignored problems of a report: one JSON object a file.
/// `None` if it is no report at all.
fn problems(report: &[u8]) -> Option<u64> {
    let mut sum = None;
    for object in serde_json::Deserializer::from_slice(report).into_iter::<serde_json::Value>() {
        let object = object.ok()?;
        for kind in ["errors", "warnings", "ignored"] {
            *sum.get_or_insert(0) += object["totals"][kind].as_u64()?;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::problems;

    #[test]
    fn a_warning_is_a_problem() {
        let clean = r#"{"totals": {"errors": 0, "warnings": 0, "ignored": 0}, "problems": []}"#;
        let warned = r#"{"totals": {"errors": 0, "warnings": 2, "ignored": 1}}"#;
        assert_eq!(problems(clean.as_bytes()), Some(0));
        assert_eq!(problems(warned.as_bytes()), Some(3));
        assert_eq!(problems(format!("{clean}\n{warned}").as_bytes()), Some(3));
    }

    #[test]
    fn what_is_no_report_is_not_a_clean_one() {
        for text in ["", "Woohoo!", "{}", r#"{"totals": {"errors": 0}}"#] {
            assert_eq!(problems(text.as_bytes()), None, "{text}");
        }
    }
}
