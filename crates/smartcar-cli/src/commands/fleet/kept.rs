//! The records of an earlier run in the output file.
//!
//! Invariant: a file is continued only if every line of it is a fleet record, and
//! nothing but an incomplete last record is removed from it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::lock;
use super::record::{Format, Part};
use super::tail::Tail;
use crate::environment::Refusal;
use crate::report::verdict::Verdict;

const CURE: &str = "pass the --format that the file was written in, or another file";

/// The records of an earlier run.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    format: Format,
    asked: Vec<String>,
    file: Option<File>,
    vehicles: HashMap<String, Entry>,
    /// Byte offset of the end of the last complete record.
    end: u64,
    is_cut: bool,
    lacks_line_end: bool,
    /// Whether a later record replaces an earlier one.
    is_superseded: bool,
}

/// One vehicle's record.
#[derive(Debug)]
struct Entry {
    verdict: Verdict,
    /// The paths to request again, as indices into `asked`.
    again: Vec<usize>,
    is_answered: bool,
    /// Whether an item failed for good.
    has_failed: bool,
    from: u64,
    to: u64,
}

impl Kept {
    /// Opens and locks the file and reads its records; a missing file has none.
    pub(super) fn open(path: &Path, format: Format, asked: &[String]) -> Result<Self, Refusal> {
        let file = lock::open(path)?;
        let mut kept = Self::nothing(path, format, asked);
        if let Some(file) = &file {
            kept.take_in(BufReader::new(file))?;
        }
        kept.file = file;
        Ok(kept)
    }

    /// Reads the records without locking the file, for a run that writes nothing.
    pub(super) fn read(path: &Path, format: Format, asked: &[String]) -> Result<Self, Refusal> {
        let mut kept = Self::nothing(path, format, asked);
        match File::open(path) {
            Ok(file) => kept.take_in(BufReader::new(file))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(kept.refuse(None, &format!("cannot read the file: {error}"))),
        }
        Ok(kept)
    }

    /// Reads the file again after the run.
    pub(super) fn again(&self, mut file: &File) -> Result<Self, Refusal> {
        let mut kept = Self::nothing(&self.path, self.format, &self.asked);
        file.rewind()
            .map_err(|error| kept.refuse(None, &format!("cannot read the file: {error}")))?;
        kept.take_in(BufReader::new(file))?;
        Ok(kept)
    }

    fn nothing(path: &Path, format: Format, asked: &[String]) -> Self {
        Self {
            path: path.to_owned(),
            format,
            asked: asked.to_vec(),
            file: None,
            vehicles: HashMap::new(),
            end: 0,
            is_cut: false,
            lacks_line_end: false,
            is_superseded: false,
        }
    }

    fn take_in(&mut self, mut reader: impl BufRead) -> Result<(), Refusal> {
        let mut open: Option<Part> = None;
        let (mut number, mut place) = (0, 0);
        loop {
            let mut line = Vec::new();
            let length = reader.read_until(b'\n', &mut line).map_err(|error| {
                self.refuse(Some(number), &format!("cannot read the file: {error}"))
            })?;
            let ends = line.last() == Some(&b'\n');
            if length == 0 {
                self.is_cut = place > self.end;
                return Ok(());
            }
            number += 1;
            place += length as u64;
            if ends {
                line.pop();
            } else {
                match Tail::of(
                    self.format,
                    &line,
                    number == 1,
                    open.as_ref(),
                    self.asked.len(),
                ) {
                    // Only the newline is missing.
                    Tail::Whole => {
                        self.lacks_line_end = true;
                        place += 1;
                    }
                    Tail::Beginning => {
                        self.is_cut = true;
                        return Ok(());
                    }
                    Tail::Foreign => return Err(self.foreign(number)),
                }
            }
            if number == 1
                && let Some(header) = self.format.header()
            {
                if line != header.as_bytes() {
                    return Err(self.foreign(number));
                }
                self.end = place;
                continue;
            }
            let part = str::from_utf8(&line)
                .ok()
                .and_then(|line| self.format.read(line));
            let part = match (part, open.take()) {
                (Some(part), None) if part.number == 1 => part,
                (Some(part), Some(before)) if before.continues_with(&part) => before.and(part),
                _ => return Err(self.foreign(number)),
            };
            if part.number < part.count {
                open = Some(part);
                continue;
            }
            let paths: Vec<_> = part.items.iter().map(|item| &item.path).collect();
            if !paths.is_empty() && !paths.iter().copied().eq(&self.asked) {
                let paths: Vec<_> = part.items.iter().map(|item| item.path.as_str()).collect();
                let fault = format!(
                    "the file was written for {}: pass the same paths, in the same order",
                    paths.join(" ")
                );
                return Err(self.refuse(Some(number), &fault));
            }
            self.add(part, place);
        }
    }

    fn add(&mut self, part: Part, to: u64) {
        let is_answered = !part.items.is_empty();
        let again = if is_answered {
            let items = part.items.iter().enumerate();
            items
                .filter_map(|(place, item)| item.may_pass.then_some(place))
                .collect()
        } else {
            (0..self.asked.len()).collect()
        };
        let entry = Entry {
            verdict: part.verdict,
            again,
            is_answered,
            has_failed: part.items.iter().any(|item| !item.ok && !item.may_pass),
            from: self.end,
            to,
        };
        self.end = to;
        // A response was paid for, so a failure does not replace it.
        if let Some(before) = self.vehicles.get(&part.vehicle) {
            self.is_superseded = true;
            if before.is_answered && !entry.is_answered {
                return;
            }
        }
        self.vehicles.insert(part.vehicle, entry);
    }

    fn foreign(&self, line: usize) -> Refusal {
        self.refuse(Some(line), &format!("not a fleet record: {CURE}"))
    }

    fn refuse(&self, line: Option<usize>, fault: &str) -> Refusal {
        let line = line.map(|number| format!(":{number}")).unwrap_or_default();
        Refusal {
            message: format!("{}{line}: {fault}", self.path.display()),
            cure: None,
        }
    }

    /// The paths to request from a vehicle; none if it is complete.
    pub(super) fn asks(&self, vehicle: &str) -> Vec<String> {
        match self.vehicles.get(vehicle) {
            None => self.asked.clone(),
            Some(entry) => {
                let again = entry.again.iter();
                again.map(|place| self.asked[*place].clone()).collect()
            }
        }
    }

    /// Whether a vehicle is complete: nothing is requested again.
    pub(super) fn has(&self, vehicle: &str) -> bool {
        let entry = self.vehicles.get(vehicle);
        entry.is_some_and(|entry| entry.again.is_empty())
    }

    /// A vehicle's verdict, combined from the new one and the kept items.
    pub(super) fn verdict(&self, vehicle: &str, new: Verdict) -> Verdict {
        match self.vehicles.get(vehicle) {
            Some(entry) if entry.has_failed => new.max(Verdict::Partly),
            _ => new,
        }
    }

    /// Number of complete vehicles with this verdict.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        let done = self.vehicles.values();
        let done = done.filter(|entry| entry.again.is_empty());
        done.filter(|entry| entry.verdict == verdict).count()
    }

    /// Whether there is a response for any vehicle.
    pub(super) fn has_answers(&self) -> bool {
        self.vehicles.values().any(|entry| entry.is_answered)
    }

    /// A vehicle's record, if some items are kept and others requested again.
    pub(super) fn record(&self, mut file: &File, vehicle: &str) -> io::Result<Option<String>> {
        let entry = match self.vehicles.get(vehicle) {
            Some(entry) if entry.is_answered && !entry.again.is_empty() => entry,
            _ => return Ok(None),
        };
        let mut text = String::new();
        file.seek(SeekFrom::Start(entry.from))?;
        file.take(entry.to - entry.from).read_to_string(&mut text)?;
        Ok(Some(text))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    pub(super) fn asked(&self) -> &[String] {
        &self.asked
    }

    /// Byte offset of the end of the last complete record.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether an incomplete record follows the complete ones.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether the last record is complete except for its newline.
    pub(super) fn lacks_line_end(&self) -> bool {
        self.lacks_line_end && !self.is_cut
    }

    /// The locked file; `None` if it did not exist.
    pub(super) fn take_file(&mut self) -> Option<File> {
        self.file.take()
    }

    /// Rewrites the file with one record per vehicle. The file is replaced
    /// atomically, so that an interruption loses nothing.
    pub(super) fn tidy(&self, mut source: &File) -> io::Result<()> {
        if !self.is_superseded {
            return Ok(());
        }
        // Replace the target of a symlink, not the link.
        let path = fs::canonicalize(&self.path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut target = tempfile::NamedTempFile::new_in(folder)?;
        if let Some(header) = self.format.header() {
            writeln!(target, "{header}")?;
        }
        let mut entries: Vec<_> = self.vehicles.values().collect();
        entries.sort_by_key(|entry| entry.from);
        for entry in entries {
            source.seek(SeekFrom::Start(entry.from))?;
            io::copy(&mut source.take(entry.to - entry.from), &mut target)?;
        }
        target.as_file().sync_all()?;
        fs::set_permissions(target.path(), source.metadata()?.permissions())?;
        target.persist(&path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
