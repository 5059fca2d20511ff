//! Runs one case for callgrind, or prints times.

use clap::{Parser, Subcommand};
use smartcar_bench::{cases, network, times};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a case so many times
    Count { case: String, iterations: usize },
    /// Print ratios of time and CPU, one per line
    Times,
    /// Serve fixed answers on a free port of the loopback
    Serve,
}

fn main() {
    match Arguments::parse().command {
        Command::Count { case, iterations } => {
            let mut run = cases::case(&case).unwrap_or_else(|| panic!("no case is called {case}"));
            (0..iterations).for_each(|_| run());
        }
        Command::Times => {
            let figures = [times::decoding()].into_iter();
            for (name, ratio) in figures.chain(times::requests()).chain([times::fleet()]) {
                println!("{name}\t{ratio:.3}");
            }
        }
        Command::Serve => network::serve(),
    }
}
