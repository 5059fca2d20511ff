//! The output of a fleet.
//!
//! Invariant: a record is written in one piece and starts on a new line.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use super::kept::Kept;
use super::lock;
use super::merge;
use super::record::Format;
use crate::environment::Refusal;
use crate::output;
use crate::report::outcome::Outcome;

/// The destination of the records.
#[derive(Debug)]
pub(super) struct Sink {
    format: Format,
    file: Option<File>,
}

/// What to do with an existing file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Fail.
    Create,
    /// Overwrite it.
    Overwrite,
}

impl Sink {
    /// Standard output.
    pub(super) fn stdout(format: Format) -> io::Result<Self> {
        Self { format, file: None }.begin()
    }

    /// A new file.
    pub(super) fn create(path: &Path, format: Format, mode: Mode) -> Result<Self, Refusal> {
        let file = match mode {
            Mode::Create => lock::create(path),
            Mode::Overwrite => lock::overwrite(path),
        };
        let file = Some(file?);
        let begun = Self { format, file }.begin();
        begun.map_err(|error| unwritable(path, &error))
    }

    /// The file of an earlier run, positioned after its last complete record.
    pub(super) fn go_on(kept: &mut Kept) -> Result<Self, Refusal> {
        let format = kept.format();
        let Some(file) = kept.take_file() else {
            return Self::create(kept.path(), format, Mode::Create);
        };
        let mut sink = Self {
            format,
            file: Some(file),
        };
        match sink.trim(kept) {
            Ok(()) if kept.end() > 0 => Ok(sink),
            Ok(()) => sink
                .begin()
                .map_err(|error| unwritable(kept.path(), &error)),
            Err(error) => Err(unwritable(kept.path(), &error)),
        }
    }

    /// Removes an incomplete record, or adds a missing newline.
    fn trim(&mut self, kept: &Kept) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        if kept.is_cut() {
            file.set_len(kept.end())?;
        }
        file.seek(SeekFrom::End(0))?;
        if kept.lacks_line_end() {
            file.write_all(b"\n")?;
        }
        Ok(())
    }

    fn begin(mut self) -> io::Result<Self> {
        if let Some(header) = self.format.header() {
            self.append(&format!("{header}\n"))?;
        }
        Ok(self)
    }

    /// Writes a vehicle's record, merged with the items of an earlier run.
    pub(super) fn write(&mut self, outcome: &Outcome, kept: Option<&Kept>) -> io::Result<()> {
        let mut lines = self.format.lines(outcome);
        if let (Outcome::Response(_), Some(kept), Some(file), Some(vehicle)) =
            (outcome, kept, &self.file, outcome.vehicle())
            && let Some(earlier) = kept.record(file, vehicle)?
        {
            let asked = kept.asked();
            lines = merge::merged(self.format, &lines, &earlier, asked).unwrap_or(lines);
        }
        self.append(&lines)
    }

    fn append(&mut self, text: &str) -> io::Result<()> {
        match &mut self.file {
            Some(file) => {
                // Reading the earlier record moved the file position.
                if file.metadata()?.is_file() {
                    file.seek(SeekFrom::End(0))?;
                }
                file.write_all(text.as_bytes())
            }
            None => output::write(text),
        }
    }

    /// The file, unless the output is stdout.
    pub(super) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Refusal {
    Refusal {
        message: format!("cannot write {}: {error}", path.display()),
        cure: None,
    }
}
