//! Mistakes that do not compile, and what the compiler says to mend them.

#[test]
fn messages() {
    let tests = trybuild::TestCases::new();
    // With a passing case trybuild builds, which the check for an endpoint that
    // is asked twice needs: it runs after monomorphisation.
    tests.pass("cases/good_batches.rs");
    tests.pass("cases/derived_batches.rs");
    tests.compile_fail("cases/not_an_endpoint.rs");
    tests.compile_fail("cases/endpoint_asked_twice.rs");
    tests.compile_fail("cases/fleet_asks_twice.rs");
    tests.compile_fail("cases/endpoint_path.rs");
    tests.compile_fail("cases/endpoint_without_tuple.rs");
    tests.compile_fail("cases/struct_without_derive.rs");
    tests.compile_fail("cases/derive_*.rs");
}
