//! `smartcar simulate`: a stand-in for the API on this machine.
//!
//! Invariant: stdout has two lines, where it listens and its token, and both
//! are true when they are written; what else there is to say goes to stderr.

mod screen;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::Timestamp;
use smartcar_simulator::{Fault, Limits, Scenario, ScenarioError, Simulator, SimulatorBuilder};

use crate::exit::Exit;
use crate::output;
use crate::signals::Signals;

const EXAMPLES: &str = "\
Examples:
  smartcar simulate
  smartcar simulate --addr 127.0.0.1:4010
  smartcar simulate --token guest=read_odometer,read_fuel
  smartcar simulate --limits published --clock-speed 60
  smartcar simulate --fault 'html = 502, times = 1' \\
    --fault 'item = \"/fuel\", missing = true'
  smartcar simulate --scenario scenario.toml --quiet

Then, in another terminal:
  SMARTCAR_ACCESS_TOKEN=simulator-token smartcar batch \\
    --api-origin http://127.0.0.1:4010 any-id /odometer

The first line on stdout says where it listens, the second its access token. \
Every vehicle id is answered. Ctrl-C ends it. What it does can be changed while \
it runs: GET /_simulator lists how.

The simulated clock runs as fast as the machine's unless --clock-speed or the \
scenario says otherwise. With --clock-speed 0 every run answers the same bytes, \
but what a limit took does not come back until the clock is moved.";

/// Serve a stand-in for the API on this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Simulate {
    /// Address and port to listen on, of this machine only; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = loopback)]
    addr: SocketAddr,
    /// One more access token, which has just these permissions; may be repeated
    #[arg(long = "token", value_name = "TOKEN=PERMISSION,…", value_parser = guest)]
    guests: Vec<Guest>,
    /// A TOML file with vehicles, tokens, applications, limits, faults and the clock
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Something that goes wrong, with the keys of a scenario's fault; may be repeated
    #[arg(long = "fault", value_name = "KEY = VALUE, …")]
    faults: Vec<Fault>,
    /// Which timetables the vehicles follow; the same number gives the same answers
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Limits instead of the scenario's: those that the API publishes, or none
    #[arg(long, value_name = "LIMITS")]
    limits: Option<Named>,
    /// Simulated seconds in a real one; 0 stands still [default: 1]
    #[arg(long, value_name = "SPEED", value_parser = speed)]
    clock_speed: Option<f64>,
    /// When the simulated clock starts [default: 2026-03-14T09:27:01Z]
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    start_at: Option<Timestamp>,
    /// Print nothing on stderr unless something is wrong
    #[arg(long, short)]
    quiet: bool,
}

/// Limits that have a name.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Named {
    Published,
    Off,
}

/// An access token and what it may read. No secret: it opens nothing but this.
#[derive(Debug, Clone)]
struct Guest {
    token: String,
    permissions: Vec<String>,
}

/// Runs the verb.
pub(crate) fn run(options: &Simulate) -> Exit {
    super::wait(serve(options))
}

async fn serve(options: &Simulate) -> Exit {
    let addr = options.addr;
    // Before the first line: whoever has read it may already ask it to stop.
    let mut signals = match Signals::catch() {
        Ok(signals) => signals,
        Err(error) => return fail(&format!("signals cannot be received: {error}")),
    };
    let builder = match options.builder() {
        Ok(builder) => builder,
        Err(error) => return refuse(&with_source(&error)),
    };
    let simulator = match builder.start().await {
        Ok(simulator) => simulator,
        Err(error) if error.kind() == ErrorKind::InvalidInput => return refuse(&error.to_string()),
        Err(error) => return fail(&format!("the simulator cannot listen on {addr}: {error}")),
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
    // Afterwards: a script that reads stdout alone is not kept waiting.
    if !options.quiet {
        screen::show(&simulator);
    }
    tokio::select! {
        () = signals.next() => {}
        () = simulator.stopped() => return fail("the simulator stopped by itself"),
    }
    simulator.shutdown().await;
    Exit::Good
}

impl Simulate {
    /// What the options ask for; they win over the scenario.
    fn builder(&self) -> Result<SimulatorBuilder, ScenarioError> {
        // Who looks at it waits in real time, so that limits have to fill in it.
        let mut builder = Simulator::builder().addr(self.addr).clock_speed(1.0);
        if let Some(file) = &self.scenario {
            builder = builder.scenario(Scenario::read(file)?);
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

/// Nothing was bound.
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

fn fail(message: &str) -> Exit {
    output::complain("error", &message);
    Exit::Failed
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let addr: SocketAddr = text
        .parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:4010".to_owned())?;
    if addr.ip().is_loopback() {
        Ok(addr)
    } else {
        Err(format!(
            "{} can be reached from other machines, and the simulator's token is no secret: use 127.0.0.1 or [::1]",
            addr.ip()
        ))
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: Option<f64> = text.parse().ok();
    speed
        .filter(|speed| speed.is_finite() && *speed >= 0.0)
        .ok_or_else(|| "write simulated seconds in a real one, 0 or more, such as 60".to_owned())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment = text.parse();
    moment.map_err(|_| "write a moment with its offset, such as 2026-07-01T06:00:00Z".to_owned())
}

/// The token's own text may hold `=`, a permission's name never does.
fn guest(text: &str) -> Result<Guest, String> {
    let (token, permissions) = text
        .rsplit_once('=')
        .ok_or("write a token and its permissions, such as guest=read_odometer,read_fuel")?;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token must be visible ascii characters without a space".to_owned());
    }
    if token == smartcar_simulator::DEFAULT_TOKEN {
        return Err(format!("the token {token} has every permission"));
    }
    let permissions = permissions.split(',').filter(|name| !name.is_empty());
    Ok(Guest {
        token: token.to_owned(),
        permissions: permissions.map(str::to_owned).collect(),
    })
}
