//! One module per command; each returns its exit code.

pub mod audit;
pub mod bench;
pub mod broken;
pub mod browser;
pub mod deny;
pub mod engines;
pub mod extra;
mod features;
pub mod fuzz;
pub mod mutants;
pub mod package;
pub mod regen;
pub mod release;
pub mod soak;
mod steps;
pub mod test;

/// The root of the workspace.
pub fn root() -> std::path::PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
