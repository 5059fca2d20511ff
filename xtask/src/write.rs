//! Compares the plan with the files, and writes the differences.
//!
//! Invariant: files are replaced atomically by rename, and only if their bytes change.
//! Interrupted runs leave no partial files, and modification times stay meaningful.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::plan::{self, Plan};

/// A file that differs from the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Path from the workspace root.
    pub path: String,
    /// How it differs.
    pub kind: DriftKind,
}

/// The ways a file can differ from the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftKind {
    /// Planned, but missing.
    Missing,
    /// Different contents, with the unified diff from the file to the plan.
    Stale(String),
    /// Present, but not planned.
    Orphaned,
}

impl DriftKind {
    /// `missing`, `stale` or `orphaned`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale(_) => "stale",
            Self::Orphaned => "orphaned",
        }
    }
}

/// Compares the files in a workspace with the plan.
pub fn drift(root: &Path, plan: &Plan) -> Result<Vec<Drift>> {
    let mut found = Vec::new();
    for (path, planned) in plan {
        let kind = match fs::read(root.join(path)) {
            Ok(bytes) if bytes == planned.as_bytes() => continue,
            Ok(bytes) => {
                let present = String::from_utf8_lossy(&bytes);
                DriftKind::Stale(
                    TextDiff::from_lines(present.as_ref(), planned.as_str())
                        .unified_diff()
                        .context_radius(2)
                        .header(path, &format!("{path} (planned)"))
                        .to_string(),
                )
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => DriftKind::Missing,
            Err(error) => return Err(error).with_context(|| format!("failed to read {path}")),
        };
        found.push(Drift {
            path: path.clone(),
            kind,
        });
    }
    for folder in plan::generated() {
        for path in files(root, folder)? {
            if !plan.contains_key(&path) {
                found.push(Drift {
                    path,
                    kind: DriftKind::Orphaned,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Writes the planned files and removes orphaned ones.
pub fn apply(root: &Path, plan: &Plan, drift: &[Drift]) -> Result<()> {
    for Drift { path, kind } in drift {
        let target = root.join(path);
        if *kind == DriftKind::Orphaned {
            fs::remove_file(&target).with_context(|| format!("failed to remove {path}"))?;
        } else if let Some(text) = plan.get(path) {
            replace(&target, text).with_context(|| format!("failed to write {path}"))?;
        }
    }
    Ok(())
}

/// Writes a file atomically.
pub fn replace(target: &Path, text: &str) -> Result<()> {
    let folder = target.parent().context("a generated file has a folder")?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private, but source files should not be.
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.persist(target)?;
    Ok(())
}

fn files(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error).with_context(|| format!("failed to list {folder}")),
    };
    for entry in entries {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(files(root, &path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
