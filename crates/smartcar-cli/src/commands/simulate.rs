//! `smartcar simulate`: a simulated API on this machine.
//!
//! Invariant: stdout has two lines, the address and the token, and both are valid
//! when they are written. Everything else goes to stderr.

mod lines;
mod screen;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::Timestamp;
use smartcar_simulator::{Fault, Limits, Scenario, ScenarioError, Simulator, SimulatorBuilder};

use super::listen::keys;
use crate::exit::Exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  smartcar simulate
  smartcar simulate --addr 127.0.0.1:4010
  smartcar simulate --token guest=read_odometer,read_fuel
  smartcar simulate --limits published --clock-speed 60
  smartcar simulate --fault 'html = 502, times = 1' \\
    --fault 'item = \"/fuel\", missing = true'
  smartcar simulate --scenario scenario.toml --quiet
  smartcar simulate --scenario-example > scenario.toml
  SMARTCAR_SIMULATOR_TOKEN=a-long-secret smartcar simulate \\
    --addr 0.0.0.0:4010 --allow-host simulator
  SMARTCAR_MANAGEMENT_TOKEN=key smartcar simulate --clock-speed 60 \
    --webhook http://127.0.0.1:8080/

Then, in another terminal:
  SMARTCAR_ACCESS_TOKEN=simulator-token smartcar batch \\
    --api-origin http://127.0.0.1:4010 any-id /odometer

The first line on stdout has the address, the second the access token. Any vehicle \
ID works. Ctrl-C stops the simulator. Its behaviour can be changed while it runs: \
GET /_simulator lists the options. A browser shows and controls it at /_simulator/.

The simulated clock runs in real time unless --clock-speed or the scenario changes \
that. With --clock-speed 0 and a fixed --start-at every run gives the same bytes, but rate \
limits do not refill until the clock is moved.";

/// The variable with the token for other machines.
const OWN_TOKEN: &str = "SMARTCAR_SIMULATOR_TOKEN";

/// Simulate the API on this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct Simulate {
    /// Address and port to listen on; port 0 picks a free one. An address that other
    /// machines can reach needs --allow-host
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = address)]
    addr: SocketAddr,
    /// Let other machines use the simulator under this host name, without a port; may be
    /// repeated. The token for it comes from the environment, see the examples
    #[arg(long = "allow-host", value_name = "NAME")]
    allowed_hosts: Vec<String>,
    /// An additional access token with only these permissions; may be repeated
    #[arg(long = "token", value_name = "TOKEN=PERMISSION,…", value_parser = guest)]
    guests: Vec<Guest>,
    /// TOML file with vehicles, tokens, applications, limits, faults and the clock
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// A fault to inject, with the keys of a fault in a scenario; may be repeated
    #[arg(long = "fault", value_name = "KEY = VALUE, …")]
    faults: Vec<Fault>,
    /// Seed of the vehicles' timetables; the same seed gives the same results
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Replace the scenario's limits with the API's published ones, or with none
    #[arg(long, value_name = "LIMITS")]
    limits: Option<Named>,
    /// Simulated seconds per real second; 0 stops the clock [default: 1]
    #[arg(long, value_name = "SPEED", value_parser = speed)]
    clock_speed: Option<f64>,
    /// Start time of the simulated clock [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    start_at: Option<Timestamp>,
    /// Send signed webhook deliveries to this URL; may be repeated. The key is that of
    /// `smartcar listen`, from the environment
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,
    /// Print only warnings and errors on stderr
    #[arg(long, short)]
    quiet: bool,
    /// Print each request on stderr: path, items, codes, price, faults, milliseconds
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
    /// Explain the kinds of faults with an example each
    #[arg(long)]
    help_faults: bool,
    /// Print a scenario with every part, explained by comments
    #[arg(long, conflicts_with = "help_faults")]
    scenario_example: bool,
}

/// The named sets of limits.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Named {
    Published,
    Off,
}

/// An access token and its permissions. Not secret: it is only valid for this simulator.
#[derive(Debug, Clone)]
struct Guest {
    token: String,
    permissions: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(options: &Simulate) -> Exit {
    if options.help_faults {
        return output::print(&Fault::help(), Exit::Good);
    }
    if options.scenario_example {
        return output::print(Scenario::EXAMPLE.trim_end(), Exit::Good);
    }
    super::wait(serve(options))
}

async fn serve(options: &Simulate) -> Exit {
    let addr = options.addr;
    // Before the first line of output: its reader may already send a signal.
    let mut signals = match super::caught() {
        Ok(signals) => signals,
        Err(exit) => return exit,
    };
    let key = if options.webhooks.is_empty() {
        String::new()
    } else {
        match keys::first() {
            Ok(key) => key,
            Err(refusal) => return refuse(&refusal.message),
        }
    };
    let builder = match options.builder(&key) {
        Ok(builder) => builder,
        Err(error) => return refuse(&with_source(&error)),
    };
    let simulator = match builder.start().await {
        Ok(simulator) => simulator,
        Err(error) if error.kind() == ErrorKind::InvalidInput => return refuse(&error.to_string()),
        Err(error) => {
            return super::fail(&format!("the simulator cannot listen on {addr}: {error}"));
        }
    };
    let lines = format!(
        "listening on {}\naccess token {}",
        simulator.origin(),
        simulator.token()
    );
    let exit = output::print(&lines, Exit::Good);
    if exit != Exit::Good {
        return exit;
    }
    // After the two lines, so that a script that reads stdout does not wait for this.
    if !options.quiet {
        screen::show(&simulator);
    }
    tokio::select! {
        () = signals.next() => {}
        () = lines::print(&simulator), if options.verbose => {}
        () = simulator.stopped() => return super::fail("the simulator stopped unexpectedly"),
    }
    for unmatched in simulator.unmatched_faults() {
        output::complain("warning", &lines::never_struck(&unmatched));
    }
    for unmatched in simulator.unmatched_webhook_faults() {
        output::complain("warning", &lines::never_struck_delivery(&unmatched));
    }
    simulator.shutdown().await;
    Exit::Good
}

impl Simulate {
    /// The simulator that the options describe; they override the scenario.
    fn builder(&self, key: &str) -> Result<SimulatorBuilder, ScenarioError> {
        // The user waits in real time, so limits have to refill in real time, and readings
        // are of today.
        let mut builder = Simulator::builder()
            .addr(self.addr)
            .clock_speed(1.0)
            .start_at(Timestamp::now());
        if let Some(file) = &self.scenario {
            builder = builder.scenario(Scenario::read(file)?);
        }
        if !self.allowed_hosts.is_empty() {
            let token = std::env::var(OWN_TOKEN).unwrap_or_default();
            builder = builder.allow_hosts(&self.allowed_hosts, token);
        }
        for Guest { token, permissions } in &self.guests {
            builder = builder.token(token, permissions);
        }
        for fault in &self.faults {
            builder = builder.fault(fault.clone());
        }
        builder = match self.limits {
            Some(Named::Published) => builder.limits(Limits::published()),
            Some(Named::Off) => builder.limits(Limits::off()),
            None => builder,
        };
        for url in &self.webhooks {
            builder = builder.webhook(url, key);
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if let Some(speed) = self.clock_speed {
            builder = builder.clock_speed(speed);
        }
        if let Some(moment) = self.start_at {
            builder = builder.start_at(moment);
        }
        Ok(builder)
    }
}

/// Reports invalid input. The simulator was not started.
fn refuse(message: &str) -> Exit {
    output::complain("error", &message);
    Exit::Refused
}

fn with_source(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:4010".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: Option<f64> = text.parse().ok();
    speed
        .filter(|speed| speed.is_finite() && *speed >= 0.0)
        .ok_or_else(|| {
            "expected simulated seconds per real second, 0 or more, such as 60".to_owned()
        })
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment = text.parse();
    moment.map_err(|_| "expected a time with its offset, such as 2026-07-01T06:00:00Z".to_owned())
}

/// Splits at the last `=`: a token may contain one, a permission's name cannot.
fn guest(text: &str) -> Result<Guest, String> {
    let (token, permissions) = text
        .rsplit_once('=')
        .ok_or("expected a token and its permissions, such as guest=read_odometer,read_fuel")?;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token must have only visible ASCII characters, without spaces".to_owned());
    }
    if token == smartcar_simulator::DEFAULT_TOKEN {
        return Err(format!(
            "the token {token} is built in and has every permission"
        ));
    }
    let permissions = permissions.split(',').filter(|name| !name.is_empty());
    Ok(Guest {
        token: token.to_owned(),
        permissions: permissions.map(str::to_owned).collect(),
    })
}
