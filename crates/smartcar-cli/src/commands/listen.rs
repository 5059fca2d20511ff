//! `smartcar listen`: receives the deliveries of a webhook.
//!
//! Invariant: 200 is answered only for what is written. No key is ever printed.

pub(crate) mod keys;
mod line;
mod output_file;
mod paths;
mod server;
mod sink;
mod wire;
mod words;
mod writer;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use smartcar_webhook::Claims;

use crate::environment::Refusal;
use crate::exit::Exit;
use crate::known::AnyPath;
use crate::nats::OptionalNats;
use crate::output;
use crate::record::Record;
use output_file::Output;
use server::Server;
use sink::Sink;
use words::Words;
use writer::Writer;

const EXAMPLES: &str = "\
Examples:
  SMARTCAR_MANAGEMENT_TOKEN=… smartcar listen
  smartcar listen /odometer /location --output deliveries.ndjson
  smartcar listen --addr 127.0.0.1:9000 | jq .event_id

Try it without an account, in another terminal:
  SMARTCAR_MANAGEMENT_TOKEN=key smartcar simulate --clock-speed 60 \\
    --webhook http://127.0.0.1:8080/

Environment:
  SMARTCAR_MANAGEMENT_TOKEN  the application's management token. While it is \
replaced, the new and the old one, separated by a comma: the first answers \
verifications.
  SMARTCAR_NATS_URL  default for --nats, unless --output is given.

Output: one JSON object per delivery and line, as printed by `smartcar batch --json`, \
with event_type, event_id, delivery_id, mode, triggers, sequence and user. Without \
paths it has every signal that was delivered.

With --nats, deliveries are stored in the stream of outcomes of `smartcar worker`, and \
nothing is printed.

Answers: 200 once the line is written, 503 if it cannot be written, so that Smartcar \
delivers again; 401 without the right signature. GET /healthz is 200. Put a proxy \
with TLS in front of it.

SIGTERM ends it after what was taken is written. SIGHUP opens the output file anew. \
If nothing reads stdout any more, it ends with exit code 1.";

/// Receive webhook deliveries, one JSON line per delivery.
///
/// Each request is verified with the management token before anything else. Repeats
/// of an event that was taken are answered without a second line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Listen {
    /// Path to read from each delivery, such as /odometer; every signal if there is none
    #[arg(value_name = "PATH", value_parser = AnyPath, hide_possible_values = true)]
    paths: Vec<String>,
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Append to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    nats: OptionalNats,
    #[command(flatten)]
    record: Record,
    /// Accept paths that are not in the spec, too
    #[arg(long)]
    allow_unknown_paths: bool,
}

/// How long requests in progress may take once it has to end.
const GRACE: Duration = Duration::from_secs(8);

/// Runs the command.
pub(crate) fn run(options: &Listen) -> Exit {
    super::wait(serve(options))
}

async fn serve(options: &Listen) -> Exit {
    let receiver = match keys::receiver().and_then(|receiver| {
        paths::check(&options.paths, options.allow_unknown_paths)?;
        Ok(receiver)
    }) {
        Ok(receiver) => receiver,
        Err(refusal) => return refuse(&refusal),
    };
    let recorder = match options.record.open() {
        Ok(recorder) => recorder,
        Err(refusal) => return refuse(&refusal),
    };
    let mut signals = match super::caught() {
        Ok(signals) => signals,
        Err(exit) => return exit,
    };
    let mut hang_ups = match crate::signals::HangUps::catch(options.output.is_some()) {
        Ok(hang_ups) => hang_ups,
        Err(error) => return super::no_signals(&error),
    };
    let (claims, words) = (Claims::new(), Arc::new(Words::default()));
    let sink = match options.sink(&words).await {
        Ok(sink) => Arc::new(sink),
        Err(exit) => return exit,
    };
    let listener = match tokio::net::TcpListener::bind(options.addr).await {
        Ok(listener) => listener,
        Err(error) => return super::fail(&format!("cannot listen on {}: {error}", options.addr)),
    };
    match listener.local_addr() {
        Ok(addr) => output::note(&format!("listening on http://{addr}")),
        Err(error) => return super::fail(&format!("cannot listen on {}: {error}", options.addr)),
    }
    let server = Arc::new(Server {
        receiver,
        paths: options.paths.clone(),
        claims,
        recorder,
        sink: Arc::clone(&sink),
        words: Arc::clone(&words),
    });
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let mut serving = tokio::spawn(Arc::clone(&server).serve(listener, stopping));
    let exit = loop {
        tokio::select! {
            exit = signals.next_kind() => break exit,
            () = hang_ups.next() => sink.reopen(),
            () = sink.unread() => {
                output::complain("error", &"nothing reads stdout any more, so listening ends");
                break Exit::Unwritable;
            }
        }
    };
    stop.send_replace(true);
    let drained = async {
        let _ = tokio::time::timeout(GRACE, &mut serving).await;
        serving.abort();
        // What was taken is written even if nobody waits for the answer any more.
        let _ = tokio::time::timeout(Duration::from_secs(4), sink.idle()).await;
    };
    tokio::select! {
        () = drained => {}
        // A signal during that ends at once.
        _ = signals.next_kind() => {}
    }
    words.total();
    exit
}

impl Listen {
    /// Opens the output, or connects to the queue. Prints the error if that fails.
    async fn sink(&self, words: &Arc<Words>) -> Result<Sink, Exit> {
        let words = Arc::clone(words);
        if let Some(nats) = self.nats.given(self.output.is_some()) {
            let queue = nats.queue().await?;
            return Ok(Sink::Stream { queue, words });
        }
        match Output::open(self.output.as_deref()) {
            Ok(output) => Ok(Sink::Lines(Writer::start(output, words))),
            Err(error) => {
                let file = self.output.as_deref().unwrap_or(Path::new("-"));
                output::complain("error", &format!("cannot open {}: {error}", file.display()));
                Err(Exit::Unwritable)
            }
        }
    }
}

fn refuse(refusal: &Refusal) -> Exit {
    output::complain("error", &refusal.message);
    if let Some(cure) = refusal.cure {
        output::complain("help", &cure);
    }
    Exit::Refused
}
