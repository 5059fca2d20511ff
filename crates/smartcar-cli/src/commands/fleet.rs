//! `smartcar fleet`: the same question to many vehicles.
//!
//! Invariant: each vehicle that was taken from the list is one record, written
//! when it is there; what can be refused is refused before anything is sent.

mod file;
mod ids;
pub(crate) mod options;
mod progress;
mod record;
mod run;

use std::path::Path;

use crate::environment::Refusal;
use crate::exit::Exit;
use crate::output;
use crate::report::failed::Failed;
use crate::signals::Signals;
use file::{Kept, Sink};
use ids::Ids;
use options::Fleet;
use run::{Run, Source};

/// Runs the verb.
pub(crate) fn run(options: &Fleet) -> Exit {
    super::wait(async {
        let mut signals = match Signals::catch() {
            Ok(signals) => signals,
            Err(error) => {
                output::complain("error", &format!("signals cannot be received: {error}"));
                return Exit::Failed;
            }
        };
        let ended = ask(options, &mut signals).await;
        ended.unwrap_or_else(|failed| failed.print(false))
    })
}

fn refused(refusal: Refusal) -> Failed {
    Failed::refused(None, refusal)
}

async fn ask(options: &Fleet, signals: &mut Signals) -> Result<Exit, Failed> {
    let session = options.asking.session(None, options.budget()).await?;
    let fleet = options.fleet(&session).map_err(refused)?;
    let kept = match &options.output {
        Some(file) if options.resume => {
            Some(Kept::read(file, options.format, &options.paths).map_err(refused)?)
        }
        _ => None,
    };
    let source = if options.account {
        tokio::select! {
            ids = ids::of_account(&session.client) => Source::Known(ids.map_err(Failed::of_account)?),
            () = signals.next() => return Ok(Exit::Interrupted),
        }
    } else {
        match options.ids.as_deref() {
            Some(file) if file != Path::new("-") => {
                Source::Known(ids::of_file(file).map_err(refused)?)
            }
            _ => Source::Streamed(ids::of_stdin()),
        }
    };
    let source = source.without(kept.as_ref());
    if options.dry_run {
        let (vehicles, repeated) = match source {
            Source::Known(Ids {
                vehicles, repeated, ..
            }) => (vehicles.len(), repeated),
            Source::Streamed(lines) => tokio::select! {
                counted = run::count(lines, kept.as_ref()) => counted.map_err(refused)?,
                () = signals.next() => return Ok(Exit::Interrupted),
            },
        };
        return Ok(options.price(vehicles as u64, repeated as u64, fleet.cost()));
    }
    let sink = match (&options.output, &kept) {
        (None, _) => Sink::stdout(options.format),
        (Some(file), Some(kept)) => {
            if kept.is_cut && !options.quiet {
                let shown = file.display();
                let message = format!("{shown} was cut off: what is no whole line is gone");
                output::complain("warning", &message);
            }
            Ok(kept.go_on().map_err(refused)?)
        }
        (Some(file), None) => {
            Ok(Sink::create(file, options.format, options.mode()).map_err(refused)?)
        }
    };
    let sink = match sink {
        Ok(sink) => sink,
        Err(error) => return Ok(run::unwritable(&error)),
    };
    let run = Run {
        options,
        fleet,
        sink,
        kept,
    };
    Ok(run.finish(source, signals).await)
}
