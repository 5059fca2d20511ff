//! `smartcar simulate`: a stand-in for the API on this machine.
//!
//! Invariant: stdout has two lines, where it listens and its token, and both
//! are true when they are written.

use std::net::SocketAddr;

use smartcar_simulator::Simulator;

use crate::exit::Exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  smartcar simulate
  smartcar simulate --addr 127.0.0.1:4010
  smartcar simulate --token guest=read_odometer,read_fuel

Then, in another terminal:
  SMARTCAR_ACCESS_TOKEN=simulator-token smartcar batch --api-origin http://127.0.0.1:4010 any-id /odometer

The first line on stdout says where it listens, the second its access token.
Every vehicle id is answered. Ctrl-C ends it.";

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
    let asked_to_stop = match signals() {
        Ok(signals) => signals,
        Err(error) => return fail(&format!("signals cannot be received: {error}")),
    };
    let mut builder = Simulator::builder().addr(addr);
    for Guest { token, permissions } in &options.guests {
        builder = builder.token(token, permissions);
    }
    let simulator = match builder.start().await {
        Ok(simulator) => simulator,
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
    tokio::select! {
        () = asked_to_stop => {}
        () = simulator.stopped() => return fail("the simulator stopped by itself"),
    }
    simulator.shutdown().await;
    Exit::Good
}

fn fail(message: &str) -> Exit {
    output::complain("error", &message);
    Exit::Failed
}

/// Ends at the first Ctrl-C or SIGTERM. They are caught from the call on.
#[cfg(unix)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at the first Ctrl-C.
#[cfg(windows)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
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
