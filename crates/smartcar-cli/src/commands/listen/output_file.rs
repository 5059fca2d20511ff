//! Where the lines go: stdout, or a file that is appended to.
//!
//! Invariant: a line starts on a line of its own, also after one that was written in
//! part. An existing file is never truncated.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The output. It is not buffered, so that a failed write leaves nothing behind to be
/// written later.
#[derive(Debug)]
pub(super) struct Output {
    path: Option<PathBuf>,
    file: File,
    /// Whether the last line has no end.
    is_cut: bool,
}

impl Output {
    /// Opens a file for appending, or stdout.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                path: None,
                file: stdout()?,
                is_cut: false,
            });
        };
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self {
            path: Some(path.to_owned()),
            is_cut: is_cut(path, &file),
            file,
        })
    }

    /// An output to an open file.
    #[cfg(all(test, unix))]
    pub(super) fn to(file: File) -> Self {
        Self {
            path: None,
            file,
            is_cut: false,
        }
    }

    /// Opens the file anew. Stdout stays as it is. If it fails, the old file is used
    /// on.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        if let Some(path) = &self.path {
            *self = Self::open(Some(path))?;
        }
        Ok(())
    }

    /// Whether this error means that nothing reads the output any more, and nothing
    /// ever will. A file that is a named pipe can get another reader.
    pub(super) fn is_unread(&self, error: &io::Error) -> bool {
        self.path.is_none() && error.kind() == io::ErrorKind::BrokenPipe
    }

    /// Writes a line that ends with a newline.
    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        if self.is_cut {
            self.file.write_all(b"\n")?;
            self.is_cut = false;
        }
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    rest = &rest[count..];
                    self.is_cut = !rest.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether a file's last line has no end. What cannot be read back, such as a device,
/// has none.
fn is_cut(path: &Path, file: &File) -> bool {
    let is_file = file
        .metadata()
        .is_ok_and(|about| about.is_file() && about.len() > 0);
    let last = || -> io::Result<u8> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(last[0])
    };
    is_file && last().is_ok_and(|last| last != b'\n')
}

#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}
