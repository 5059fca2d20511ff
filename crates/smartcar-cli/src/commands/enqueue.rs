//! `smartcar enqueue`: puts vehicles into the queue of the workers.
//!
//! Invariant: every line is checked before the first vehicle is enqueued. Running the
//! command again changes nothing.

use std::path::PathBuf;

use futures_util::stream::{self, StreamExt};
use smartcar_batch::FleetVehicle;
use smartcar_nats::{Enqueued, Queue, QueueError};

use crate::asking::{Asking, ENVIRONMENT};
use crate::exit::{self, Exit};
use crate::ids::{self, Ids};
use crate::nats::{self, Nats};
use crate::report::failed::Failed;
use crate::{output, text};

/// How many vehicles are enqueued at the same time.
const AT_ONCE: usize = 256;

const EXAMPLES: &str = "\
Examples:
  smartcar enqueue --nats nats://127.0.0.1:4222 \\
    --ids vehicles.txt
  smartcar enqueue --account
  smartcar enqueue --ids sold.txt --remove

IDs: one per line. Blank lines and `#` comments are ignored, duplicates are enqueued \
once. All lines are checked before anything is enqueued.

A vehicle that is in the queue already, or is scheduled for later, is left alone and \
counted. The last line of stderr has the counts.";

/// Put vehicles into a queue on NATS JetStream, for `smartcar worker`.
///
/// Each vehicle is in the queue at most once. The streams are created if they are
/// missing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n{}", nats::ENVIRONMENT),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n{}\n\n{}", nats::ENVIRONMENT, exit::HELP),
)]
pub(crate) struct Enqueue {
    #[command(flatten)]
    nats: Nats,
    /// File with vehicle IDs, one per line; - is stdin
    #[arg(long, value_name = "FILE", required_unless_present = "account")]
    ids: Option<PathBuf>,
    /// All vehicles of the account, with their users. Listing them is free of charge
    #[arg(long, conflicts_with = "ids")]
    account: bool,
    /// Remove the vehicles and their schedules from the queue. Calls under way are finished
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Runs the command.
pub(crate) fn run(options: &Enqueue) -> Exit {
    super::wait(async {
        let mut signals = match super::caught() {
            Ok(signals) => signals,
            Err(exit) => return exit,
        };
        let mut counts = Counts::default();
        let exit = tokio::select! {
            exit = enqueue(options, &mut counts) => exit.unwrap_or_else(|exit| exit),
            () = signals.next() => Exit::Interrupted,
        };
        if counts.is_started {
            output::note(&counts.line(options.remove));
        }
        exit
    })
}

async fn enqueue(options: &Enqueue, counts: &mut Counts) -> Result<Exit, Exit> {
    let Ids {
        vehicles,
        repeated,
        skipped,
        ..
    } = listed(options)
        .await
        .map_err(|failed| failed.print(false))?;
    let queue = options.nats.queue().await?;
    (counts.is_started, counts.repeated) = (true, repeated);
    let user = options.asking.user();
    let vehicles = vehicles.into_iter().map(|vehicle| match user {
        Some(user) if vehicle.user().is_none() => (vehicle.id().clone(), user.clone()).into(),
        _ => vehicle,
    });
    let (queue, remove) = (&queue, options.remove);
    let mut done = stream::iter(vehicles)
        .map(|vehicle| one(queue, remove, vehicle))
        .buffer_unordered(AT_ONCE);
    while let Some(result) = done.next().await {
        match result {
            Ok(Done::Changed) => counts.changed += 1,
            Ok(Done::Left) => counts.left += 1,
            Ok(Done::Waiting) => counts.waiting += 1,
            Err(error) => return Err(options.nats.complain(&error)),
        }
    }
    if let [first, ..] = &skipped[..] {
        let entries = match skipped.len() {
            1 => "1 entry".to_owned(),
            more => format!("{more} entries"),
        };
        let message = format!("skipped {entries} of the account's list: {first}");
        output::complain("warning", &text::shown(&message));
        return Ok(Exit::Items);
    }
    Ok(Exit::Good)
}

async fn listed(options: &Enqueue) -> Result<Ids, Failed> {
    if let Some(file) = &options.ids {
        return ids::of_file(file).map_err(|refusal| Failed::refused(None, refusal));
    }
    let session = options.asking.session(None, None).await?;
    ids::of_account(&session.client)
        .await
        .map_err(Failed::of_account)
}

enum Done {
    Changed,
    /// Nothing had to be done.
    Left,
    Waiting,
}

async fn one(queue: &Queue, remove: bool, vehicle: FleetVehicle) -> Result<Done, QueueError> {
    if remove {
        let was_there = queue.remove(vehicle.id()).await?;
        return Ok(if was_there { Done::Changed } else { Done::Left });
    }
    Ok(match queue.enqueue(&vehicle).await? {
        Enqueued::Added => Done::Changed,
        Enqueued::Waiting => Done::Waiting,
        _ => Done::Left,
    })
}

#[derive(Debug, Default)]
struct Counts {
    is_started: bool,
    changed: u64,
    left: u64,
    waiting: u64,
    repeated: usize,
}

impl Counts {
    fn line(&self, remove: bool) -> String {
        let changed = text::count(self.changed, "vehicle");
        let mut line = if remove {
            format!("{changed} removed, {} not in the queue", self.left)
        } else {
            format!(
                "{changed} enqueued, {} already in the queue, {} waiting",
                self.left, self.waiting
            )
        };
        if self.repeated > 0 {
            let repeated = text::count(self.repeated as u64, "duplicate ID");
            line.push_str(&format!("; {repeated} ignored"));
        }
        line
    }
}
