//! One module a command; each returns its exit code.

pub mod audit;
pub mod broken;
pub mod deny;
pub mod fuzz;
pub mod regen;
pub mod test;

/// Everything is as it should be.
pub const CLEAN: u8 = 0;
/// Something is stale, or a check failed.
pub const STALE: u8 = 1;
/// The spec, or the call, is wrong.
pub const WRONG: u8 = 2;

/// The workspace's root.
pub fn root() -> std::path::PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
