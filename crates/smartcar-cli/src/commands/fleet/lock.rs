//! Opening the output file so that no other run writes into it.
//!
//! Invariant: whoever holds the lock holds the file that the path leads to. The
//! lock is advisory, and ends with the process.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use crate::environment::Refusal;
use crate::output;

/// Opens a file that is there, to be read and written. `None`: it is not there.
pub(super) fn open(path: &Path) -> Result<Option<File>, Refusal> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => locked(path, file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// Creates a file that is not there.
pub(super) fn create(path: &Path) -> Result<File, Refusal> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path);
    locked(path, opened.map_err(|error| unwritable(path, &error))?)
}

/// Opens a file to begin it again, or creates it. A device is left as it is.
pub(super) fn overwrite(path: &Path) -> Result<File, Refusal> {
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let refuse = |error| unwritable(path, &error);
    let file = locked(path, opened.map_err(refuse)?)?;
    if is_regular(&file) {
        // Not before the lock: the file may be another run's.
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
        cure: Some("wait until it ends, or write another file"),
    };
    // By the trait's name: newer toolchains have a method of the same name.
    match fs4::FileExt::try_lock(&file) {
        Ok(()) => {}
        Err(fs4::TryLockError::WouldBlock) => return Err(busy()),
        Err(fs4::TryLockError::Error(error)) => {
            let shown = path.display();
            let message = format!("{shown} cannot be locked against other runs: {error}");
            output::complain("warning", &message);
        }
    }
    // The run that held the lock may have put another file in its place.
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

/// Windows does not replace a file that is open.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

fn unwritable(path: &Path, error: &io::Error) -> Refusal {
    Refusal {
        message: format!("{} cannot be written: {error}", path.display()),
        cure: (error.kind() == io::ErrorKind::AlreadyExists)
            .then_some("--resume continues it, --force overwrites it"),
    }
}
