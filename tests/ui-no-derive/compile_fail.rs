//! `#[derive(Batch)]` without the feature `derive` says how to turn it on.

#[test]
fn message() {
    let tests = trybuild::TestCases::new();
    // With a passing case trybuild builds, and finds what `smartcar-ui-tests` built.
    tests.pass("cases/tuple.rs");
    tests.compile_fail("cases/missing_feature.rs");
}
