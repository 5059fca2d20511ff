//! Opens the output file with a lock against other runs.
//!
//! Invariant: the locked file is the one that the path currently names. The lock
//! is advisory, and the system releases it when the process ends.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use crate::environment::Refusal;
use crate::output;

/// Opens an existing file for reading and writing; `None` if it does not exist.
pub(super) fn open(path: &Path) -> Result<Option<File>, Refusal> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => locked(path, file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// Creates a file that must not exist.
pub(super) fn create(path: &Path) -> Result<File, Refusal> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path);
    locked(path, opened.map_err(|error| unwritable(path, &error))?)
}

/// Creates or truncates a file. Devices are not truncated.
pub(super) fn overwrite(path: &Path) -> Result<File, Refusal> {
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let refuse = |error| unwritable(path, &error);
    let file = locked(path, opened.map_err(refuse)?)?;
    if is_regular(&file) {
        // Truncate only after locking: another run may be writing the file.
        file.set_len(0).map_err(refuse)?;
    }
    Ok(file)
}

fn locked(path: &Path, file: File) -> Result<File, Refusal> {
    if !is_regular(&file) {
        return Ok(file);
    }
    let busy = || Refusal {
        message: format!("{} is being written by another run", path.display()),
        cure: Some("wait until that run ends, or choose another file"),
    };
    // Called through the trait: newer toolchains have an inherent method of this name.
    match fs4::FileExt::try_lock(&file) {
        Ok(()) => {}
        Err(fs4::TryLockError::WouldBlock) => return Err(busy()),
        Err(fs4::TryLockError::Error(error)) => {
            let shown = path.display();
            let message = format!("cannot lock {shown} against other runs: {error}");
            output::complain("warning", &message);
        }
    }
    // The run that held the lock before may have replaced the file.
    let is_current = match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(current)) => is_same(&held, &current),
        _ => false,
    };
    if is_current { Ok(file) } else { Err(busy()) }
}

fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// On Windows an open file cannot be replaced.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

fn unwritable(path: &Path, error: &io::Error) -> Refusal {
    Refusal {
        message: format!("cannot write {}: {error}", path.display()),
        cure: (error.kind() == io::ErrorKind::AlreadyExists)
            .then_some("--resume continues it, --force overwrites it"),
    }
}
