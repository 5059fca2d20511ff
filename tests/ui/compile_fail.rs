//! Mistakes that must not compile, and the compiler messages that say how to fix
//! them.

#[test]
fn messages() {
    let tests = trybuild::TestCases::new();
    // If there is a passing case, trybuild builds instead of only checking. The
    // check for a duplicate endpoint needs that, because it runs after
    // monomorphisation.
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
