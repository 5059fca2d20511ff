//! The file that a fleet writes, and continues.
//!
//! Invariant: a vehicle that was answered is in the file from then on, whatever
//! ends the run; only a line that was cut off, or one that a better one follows,
//! is ever taken out.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::record::{Format, Part};
use crate::environment::Refusal;
use crate::output;
use crate::report::outcome::Outcome;
use crate::report::verdict::Verdict;

/// Where outcomes are written.
#[derive(Debug)]
pub(super) struct Sink {
    format: Format,
    file: Option<File>,
}

/// What to do with a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Leave it alone.
    Create,
    /// Begin it again.
    Overwrite,
}

impl Sink {
    /// Standard output.
    pub(super) fn stdout(format: Format) -> io::Result<Self> {
        Self { format, file: None }.begin()
    }

    /// A new file.
    pub(super) fn create(path: &Path, format: Format, mode: Mode) -> Result<Self, Refusal> {
        let opened = match mode {
            Mode::Create => File::create_new(path),
            Mode::Overwrite => File::create(path),
        };
        let begun = opened.and_then(|file| {
            let file = Some(file);
            Self { format, file }.begin()
        });
        begun.map_err(|error| Refusal {
            message: format!("{} cannot be written: {error}", path.display()),
            cure: (error.kind() == io::ErrorKind::AlreadyExists)
                .then_some("--resume continues it, --force overwrites it"),
        })
    }

    fn begin(mut self) -> io::Result<Self> {
        if let Some(header) = self.format.header() {
            self.append(&format!("{header}\n"))?;
        }
        Ok(self)
    }

    /// Writes a vehicle's lines, in one go and not kept back.
    pub(super) fn write(&mut self, outcome: &Outcome) -> io::Result<()> {
        let lines = self.format.lines(outcome);
        self.append(&lines)
    }

    fn append(&mut self, text: &str) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()),
            None => output::write(text),
        }
    }
}

/// What a file has from a run before.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    format: Format,
    vehicles: HashMap<String, Entry>,
    /// Where whole lines end.
    end: u64,
    /// Whether something stands behind them.
    pub(super) is_cut: bool,
    /// Whether a line has a better one after it.
    is_superseded: bool,
}

/// A vehicle's lines.
#[derive(Debug)]
struct Entry {
    verdict: Verdict,
    is_answered: bool,
    from: u64,
    to: u64,
}

impl Kept {
    /// Reads what is there; a file that is not has nothing.
    pub(super) fn read(path: &Path, format: Format, asked: &[String]) -> Result<Self, Refusal> {
        let mut kept = Self {
            path: path.to_owned(),
            format,
            vehicles: HashMap::new(),
            end: 0,
            is_cut: false,
            is_superseded: false,
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(kept),
            Err(error) => return Err(kept.refuse(None, &format!("it cannot be read: {error}"))),
        };
        kept.take_in(BufReader::new(file), asked)?;
        Ok(kept)
    }

    fn take_in(&mut self, mut reader: impl BufRead, asked: &[String]) -> Result<(), Refusal> {
        const CURE: &str = "pass the --format that it was written in, or another file";
        let mut open: Option<Part> = None;
        let (mut number, mut place) = (0, 0);
        loop {
            let mut line = Vec::new();
            let length = reader.read_until(b'\n', &mut line).map_err(|error| {
                self.refuse(Some(number), &format!("it cannot be read: {error}"))
            })?;
            if line.pop() != Some(b'\n') {
                self.is_cut = place + length as u64 > self.end;
                return Ok(());
            }
            number += 1;
            place += length as u64;
            if number == 1
                && let Some(header) = self.format.header()
            {
                if line != header.as_bytes() {
                    return Err(self.refuse(Some(number), &format!("no header of a fleet: {CURE}")));
                }
                self.end = place;
                continue;
            }
            let part = str::from_utf8(&line)
                .ok()
                .and_then(|line| self.format.read(line))
                .filter(|part| part.is_first == open.is_none());
            let Some(part) = part else {
                return Err(self.refuse(Some(number), &format!("no line of a fleet: {CURE}")));
            };
            let is_last = part.is_last;
            let whole = match open.take() {
                None => part,
                Some(before) => before.and(part),
            };
            if !is_last {
                open = Some(whole);
                continue;
            }
            if !whole.paths.is_empty() && whole.paths != asked {
                let paths = whole.paths.join(" ");
                let fault = format!("it was asked {paths}: pass the same paths, in the same order");
                return Err(self.refuse(Some(number), &fault));
            }
            self.add(whole, place);
        }
    }

    fn add(&mut self, part: Part, to: u64) {
        let entry = Entry {
            verdict: part.verdict,
            is_answered: !part.paths.is_empty(),
            from: self.end,
            to,
        };
        self.end = to;
        // An answer was paid for: a failure does not take its place.
        if let Some(before) = self.vehicles.get(&part.vehicle) {
            self.is_superseded = true;
            if before.is_answered && !entry.is_answered {
                return;
            }
        }
        self.vehicles.insert(part.vehicle, entry);
    }

    fn refuse(&self, line: Option<usize>, fault: &str) -> Refusal {
        let line = line.map(|number| format!(":{number}")).unwrap_or_default();
        Refusal {
            message: format!("{}{line}: {fault}", self.path.display()),
            cure: None,
        }
    }

    /// Whether a vehicle need not be asked again.
    pub(super) fn has(&self, vehicle: &str) -> bool {
        let entry = self.vehicles.get(vehicle);
        entry.is_some_and(|entry| entry.verdict <= Verdict::Partly)
    }

    /// How many of the vehicles had this verdict.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        let entries = self.vehicles.values();
        entries.filter(|entry| entry.verdict == verdict).count()
    }

    /// Opens the file behind its last whole line.
    pub(super) fn go_on(&self) -> Result<Sink, Refusal> {
        let open = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.path)?;
            file.set_len(self.end)?;
            file.seek(SeekFrom::End(0))?;
            let sink = Sink {
                format: self.format,
                file: Some(file),
            };
            if self.end == 0 {
                sink.begin()
            } else {
                Ok(sink)
            }
        };
        open().map_err(|error| self.refuse(None, &format!("it cannot be written: {error}")))
    }

    /// Leaves one outcome a vehicle in the file. It is replaced whole, so that
    /// nothing is lost wherever this ends.
    pub(super) fn tidy(&self) -> io::Result<()> {
        if !self.is_superseded {
            return Ok(());
        }
        // What a link leads to, not the link.
        let path = fs::canonicalize(&self.path)?;
        let mut source = File::open(&path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut target = tempfile::NamedTempFile::new_in(folder)?;
        if let Some(header) = self.format.header() {
            writeln!(target, "{header}")?;
        }
        let mut entries: Vec<_> = self.vehicles.values().collect();
        entries.sort_by_key(|entry| entry.from);
        for entry in entries {
            source.seek(SeekFrom::Start(entry.from))?;
            io::copy(&mut (&source).take(entry.to - entry.from), &mut target)?;
        }
        target.as_file().sync_all()?;
        fs::set_permissions(target.path(), source.metadata()?.permissions())?;
        target.persist(&path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
