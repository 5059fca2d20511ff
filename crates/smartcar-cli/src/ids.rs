//! Vehicle IDs, from a file, stdin or the account.
//!
//! Invariant: duplicates are requested once. Invalid IDs are reported with their
//! line and never sent.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use futures_util::StreamExt;
use smartcar_batch::{Client, Error, FleetVehicle, VehicleId};
use tokio::sync::mpsc;

use crate::environment::Refusal;
use crate::report::failed::Failed;

/// How many IDs are read ahead.
const AHEAD: usize = 64;

/// Unique IDs, in the order of their first occurrence.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) vehicles: Vec<FleetVehicle>,
    seen: HashSet<VehicleId>,
    /// Number of duplicates.
    pub(crate) repeated: usize,
    /// The errors of skipped entries in the account's list.
    pub(crate) skipped: Vec<Error>,
}

impl Ids {
    fn add(&mut self, vehicle: FleetVehicle) {
        if self.seen.insert(vehicle.id().clone()) {
            self.vehicles.push(vehicle);
        } else {
            self.repeated += 1;
        }
    }
}

/// A line that is not a valid ID.
#[derive(Debug)]
pub(crate) struct BadLine {
    number: usize,
    text: String,
    fault: String,
}

impl BadLine {
    /// Converts it to the outcome of a rejected vehicle.
    pub(crate) fn into_failed(self) -> Failed {
        let refusal = Refusal {
            message: format!("line {} of stdin: {}", self.number, self.fault),
            cure: None,
        };
        Failed::refused(Some(self.text), refusal)
    }
}

/// Reads all IDs of a file and checks every line. `-` is stdin.
pub(crate) fn of_file(path: &Path) -> Result<Ids, Refusal> {
    if path == Path::new("-") {
        return of_reader(io::stdin().lock(), "stdin");
    }
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| unreadable(&shown, &error))?;
    of_reader(BufReader::new(file), &shown)
}

fn of_reader(reader: impl BufRead, shown: &str) -> Result<Ids, Refusal> {
    let mut ids = Ids::default();
    for line in Lines::of(reader) {
        match line.map_err(|error| unreadable(shown, &error))? {
            Ok(id) => ids.add(id.into()),
            Err(BadLine { number, fault, .. }) => {
                return Err(refused(format!("{shown}:{number}: {fault}")));
            }
        }
    }
    Ok(ids)
}

fn unreadable(shown: &str, error: &io::Error) -> Refusal {
    refused(format!("cannot read {shown}: {error}"))
}

fn refused(message: String) -> Refusal {
    Refusal {
        message,
        cure: Some("write one vehicle ID per line; `#` starts a comment"),
    }
}

/// Reads IDs from stdin. Each is available as soon as its line is read.
pub(crate) fn of_stdin() -> mpsc::Receiver<io::Result<Result<VehicleId, BadLine>>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    // Reading stdin can block forever. At exit the process does not wait for this
    // thread, but it would wait for a blocking thread of the runtime.
    std::thread::spawn(move || {
        for line in Lines::of(io::stdin().lock()) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Lists all vehicles of the account. Entries that cannot be decoded are skipped.
pub(crate) async fn of_account(client: &Client) -> Result<Ids, Error> {
    let mut ids = Ids::default();
    let mut listed = client.vehicles();
    while let Some(vehicle) = listed.next().await {
        match vehicle {
            Ok(vehicle) => ids.add(vehicle),
            Err(error) if error.is_list_entry() => ids.skipped.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok(ids)
}

/// The lines that are not blank and not comments.
struct Lines<R> {
    reader: R,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn of(reader: R) -> Self {
        Self { reader, number: 0 }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Result<VehicleId, BadLine>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = Vec::new();
            match self.reader.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => self.number += 1,
                Err(error) => return Some(Err(error)),
            }
            let text = String::from_utf8_lossy(&line);
            // Some editors write a byte order mark at the start of a file.
            let text = text.trim_start_matches('\u{feff}');
            let text = text.split('#').next().unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            return Some(Ok(VehicleId::new(text).map_err(|error| BadLine {
                number: self.number,
                text: text.to_owned(),
                fault: error.to_string(),
            })));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_ids_remarks_or_named() {
        let text = b"\xef\xbb\xbfa\r\n\n  # remark\nb # of b\n c d\n\xff\xfe\na";
        let lines: Vec<_> = Lines::of(&text[..]).map(Result::unwrap).collect();
        let shown: Vec<_> = lines
            .iter()
            .map(|line| match line {
                Ok(id) => id.to_string(),
                Err(bad) => format!("{}: {}", bad.number, bad.fault),
            })
            .collect();
        assert_eq!((&*shown[0], &*shown[1], &*shown[4]), ("a", "b", "a"));
        assert!(shown[2].starts_with("5: the vehicle id has the character ' '"));
        assert!(shown[3].starts_with("6: the vehicle id has the character"));
        assert_eq!(shown.len(), 5);
    }
}
