//! The `smartcar` command.
fn main() {}
