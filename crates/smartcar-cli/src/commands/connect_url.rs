//! `smartcar connect-url`: the link with which an owner connects vehicles.
//!
//! Invariant: nothing is sent.

use clap::ValueEnum;
use smartcar_batch::{VehicleMode, connect};

use crate::environment::Refusal;
use crate::exit::Exit;
use crate::known::AnyPath;
use crate::output;
use crate::report::failed::Failed;

const EXAMPLES: &str = "\
Examples:
  smartcar connect-url 0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8 \\
    https://fleet.example/connected /odometer /fuel --state \"$RANDOM_TEXT\"";

/// Print the URL on which an owner connects vehicles.
///
/// It asks for the permissions that the paths need. The redirect brings the user's ID,
/// which is all that version 3 needs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConnectUrl {
    /// The application's ID, from its page in the dashboard
    #[arg(value_name = "APP")]
    application: String,
    /// Where the page redirects to; the dashboard must list it
    #[arg(value_name = "URL")]
    redirect: String,
    /// Path with a leading slash, such as /odometer
    #[arg(value_name = "PATH", value_parser = AnyPath, hide_possible_values = true)]
    paths: Vec<String>,
    /// A text that the redirect brings back: random, and new for each session
    #[arg(long, value_name = "TEXT")]
    state: Option<String>,
    /// Connect real or simulated vehicles [default: real ones]
    #[arg(long, value_enum)]
    mode: Option<Mode>,
}

/// Which vehicles are connected.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Real vehicles
    Live,
    /// Smartcar's simulated vehicles
    Simulated,
}

/// Runs the command.
pub(crate) fn run(options: &ConnectUrl) -> Exit {
    let mut url = connect::url(&options.application, &options.redirect);
    url = url.scope_of_paths(&options.paths);
    if let Some(state) = &options.state {
        url = url.state(state);
    }
    if let Some(mode) = options.mode {
        url = url.mode(match mode {
            Mode::Live => VehicleMode::Live,
            Mode::Simulated => VehicleMode::Simulated,
        });
    }
    match url.build() {
        Ok(url) => output::print(&url, Exit::Good),
        Err(error) => Failed::refused(None, Refusal::from(error)).print(false),
    }
}
