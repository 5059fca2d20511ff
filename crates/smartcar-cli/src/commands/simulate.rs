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
}

/// Runs the verb.
pub(crate) fn run(options: &Simulate) -> Exit {
    super::wait(serve(options.addr))
}

async fn serve(addr: SocketAddr) -> Exit {
    // Before the first line: whoever has read it may already ask it to stop.
    let asked_to_stop = match signals() {
        Ok(signals) => signals,
        Err(error) => return fail(&format!("signals cannot be received: {error}")),
    };
    let simulator = match Simulator::builder().addr(addr).start().await {
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
