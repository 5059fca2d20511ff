//! `#[derive(Batch)]` without the feature `derive` says how to enable it.

#[test]
fn message() {
    let tests = trybuild::TestCases::new();
    // If there is a passing case, trybuild builds, and reuses what
    // `smartcar-ui-tests` built.
    tests.pass("cases/tuple.rs");
    tests.compile_fail("cases/missing_feature.rs");
}
