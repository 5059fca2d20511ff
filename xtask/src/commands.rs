//! One module a command; each returns its exit code.

pub mod audit;
pub mod broken;
pub mod deny;
pub mod fuzz;
pub mod regen;
pub mod soak;
pub mod test;

/// The workspace's root.
pub fn root() -> std::path::PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
