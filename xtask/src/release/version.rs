//! The version that follows a step.
//!
//! Invariant: before 1.0.0 the second number is for breaking changes and the third for all
//! others, as cargo reads them.

use super::changes::Step;

/// The version after this one; `None` if it is not three numbers.
pub fn following(version: &str, step: Step) -> Option<String> {
    let numbers: Result<Vec<u64>, _> = version.split('.').map(str::parse).collect();
    let [major, minor, patch] = numbers.ok()?.try_into().ok()?;
    let [major, minor, patch] = match (major, step) {
        (0, Step::Major) => [0, minor + 1, 0],
        (0, _) => [0, minor, patch + 1],
        (_, Step::Major) => [major + 1, 0, 0],
        (_, Step::Minor) => [major, minor + 1, 0],
        (_, Step::Patch) => [major, minor, patch + 1],
    };
    Some(format!("{major}.{minor}.{patch}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_reads_versions_before_1_differently() {
        let next = |version, step| following(version, step).unwrap();
        assert_eq!(next("0.1.4", Step::Major), "0.2.0");
        assert_eq!(next("0.1.4", Step::Minor), "0.1.5");
        assert_eq!(next("0.1.4", Step::Patch), "0.1.5");
        assert_eq!(next("1.2.3", Step::Major), "2.0.0");
        assert_eq!(next("1.2.3", Step::Minor), "1.3.0");
        assert_eq!(next("1.2.3", Step::Patch), "1.2.4");
        assert_eq!(following("1.2", Step::Patch), None);
        assert_eq!(following("1.2.3-rc.1", Step::Patch), None);
    }
}
