//! `smartcar fleet`: the same paths of many vehicles.
//!
//! Invariant: input is checked before anything is sent. Each vehicle becomes one
//! record, written as soon as it is ready.

mod counted;
mod kept;
mod lock;
mod merge;
pub(crate) mod options;
mod price;
mod progress;
mod record;
mod rejected;
mod run;
mod sink;
mod tail;

use std::path::Path;
use std::sync::Arc;

use smartcar_batch::RateBudget;

use crate::environment::Refusal;
use crate::exit::Exit;
use crate::ids;
use crate::output;
use crate::report::failed::Failed;
use crate::signals::Signals;
use crate::unknown;
use counted::Counted;
use options::Fleet;
use price::Price;
use run::{Run, Source};
use sink::Sink;

/// Runs the command.
pub(crate) fn run(options: &Fleet) -> Exit {
    super::wait(async {
        let mut signals = match super::caught() {
            Ok(signals) => signals,
            Err(exit) => return exit,
        };
        let ended = ask(options, &mut signals).await;
        ended.unwrap_or_else(|failed| failed.print(false))
    })
}

fn refused(refusal: Refusal) -> Failed {
    Failed::refused(None, refusal)
}

async fn ask(options: &Fleet, signals: &mut Signals) -> Result<Exit, Failed> {
    unknown::check(&options.paths, options.allow_unknown_paths).map_err(refused)?;
    let limits = options.limits.open(options.paths.len()).map_err(refused)?;
    let counted = Arc::new(Counted::new(Arc::clone(&limits.budget)));
    let budget = Arc::clone(&counted) as Arc<dyn RateBudget>;
    let recorder = options.record.open().map_err(refused)?;
    let session = options
        .asking
        .recorded(None, Some(budget), recorder)
        .await?;
    let fleet = options.fleet(&session).map_err(refused)?;
    // Other processes wait for the store too, so this one does not give up.
    let fleet = fleet.wait_for_budget(limits.is_shared());
    let mut kept = options.kept().map_err(refused)?;
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
    source.complain();
    let source = source.without(kept.as_ref());
    if options.dry_run {
        let mut price = Price::of(&session, options, kept.as_ref());
        match source {
            Source::Known(ids) => price.add_all(&ids),
            Source::Streamed(lines) => tokio::select! {
                counted = run::count(lines, &mut price) => counted.map_err(refused)?,
                () = signals.next() => return Ok(Exit::Interrupted),
            },
        }
        return Ok(price.print());
    }
    limits.check(None).await?;
    let _watch = limits.watch();
    let sink = match (&options.output, &mut kept) {
        (None, _) => Sink::stdout(options.format),
        (Some(file), Some(kept)) => {
            if kept.is_cut() && !options.quiet {
                let shown = file.display();
                let message = format!("{shown} ends in an incomplete record, which is removed");
                output::complain("warning", &message);
            }
            Ok(Sink::go_on(kept).map_err(refused)?)
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
        counted,
    };
    Ok(run.finish(source, signals).await)
}
