//! What a judge is given.
//!
//! Invariant: a judge knows its workspace and its own folder, and nothing else.

use std::path::{Path, PathBuf};

use super::broken::Broken;

/// What a judge is given.
#[derive(Debug)]
pub struct Case<'a> {
    /// The workspace.
    pub root: &'a Path,
    /// Where the judge is installed.
    pub kit: &'a Path,
    /// The API descriptions, from the root.
    pub specs: Vec<PathBuf>,
    /// Instead of the honest simulator. Then it is asked briefly, and only the
    /// verdict counts: what the judge prints is dropped.
    pub broken: Option<&'static Broken>,
}
