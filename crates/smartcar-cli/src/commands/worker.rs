//! `smartcar worker`: requests the vehicles of a queue.
//!
//! Invariant: a job ends in an outcome, a schedule or a dead letter, or is given back.

mod counts;
mod metrics;
pub(crate) mod options;
mod price;
mod work;

use std::sync::Arc;

use crate::exit::Exit;
use crate::report::failed::Failed;
use crate::signals::Signals;
use crate::unknown;
use counts::Counts;
use options::Worker;
use work::Work;

/// Runs the command.
pub(crate) fn run(options: &Worker) -> Exit {
    super::wait(async {
        let mut signals = match super::caught() {
            Ok(signals) => signals,
            Err(exit) => return exit,
        };
        let ended = work(options, &mut signals).await;
        ended.unwrap_or_else(|exit| exit)
    })
}

async fn work(options: &Worker, signals: &mut Signals) -> Result<Exit, Exit> {
    let print = |failed: Failed| failed.print(false);
    let refused = |refusal| Failed::refused(None, refusal).print(false);
    unknown::check(&options.paths, options.allow_unknown_paths).map_err(refused)?;
    let limits = options.limits.open(options.paths.len()).map_err(refused)?;
    let budget = Arc::clone(&limits.budget);
    let session = options.asking.session(None, Some(budget)).await;
    let session = session.map_err(print)?;
    let fleet = options.fleet(&session).map_err(refused)?;
    // An outage of the store is waited out; meanwhile no jobs are taken.
    let fleet = fleet.wait_for_budget(limits.is_shared());
    if options.dry_run {
        return Ok(price::print(options, fleet.cost()).await);
    }
    limits.check(None).await.map_err(print)?;
    let mut queue = options.nats.queue().await?;
    if let Some(every) = options.every {
        queue = queue.every(every);
    }
    let counts = Counts::new();
    if let Some(addr) = options.metrics {
        metrics::serve(addr, &counts, queue.clone()).await?;
    }
    let work = Work {
        options,
        fleet,
        queue,
        counts,
        limits: Arc::new(limits),
    };
    Ok(work.run(signals).await)
}
