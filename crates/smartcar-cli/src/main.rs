//! The `smartcar` command.
//!
//! Invariant: this file only parses the arguments and calls the chosen subcommand.

mod age;
mod asking;
mod commands;
mod environment;
mod exit;
mod fields;
mod fold;
mod grid;
mod hint;
mod ids;
mod known;
mod limits;
mod managing;
mod nats;
mod number;
mod output;
mod record;
mod refusal;
mod report;
mod signals;
mod table;
mod tap;
mod text;
mod unknown;
mod usage;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Read data of one vehicle or a fleet from Smartcar, several paths per request.
#[derive(Debug, Parser)]
#[command(name = "smartcar", version, after_help = exit::HELP, max_term_width = usage::WIDEST)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

// The help of each subcommand is the doc comment of its options.
#[derive(Debug, Subcommand)]
enum Command {
    Batch(commands::batch::Batch),
    Budget(commands::budget::Show),
    Doctor(commands::doctor::Doctor),
    Endpoints(commands::endpoints::Endpoints),
    Enqueue(commands::enqueue::Enqueue),
    Fleet(commands::fleet::options::Fleet),
    Listen(commands::listen::Listen),
    Worker(commands::worker::options::Worker),
    Simulate(commands::simulate::Simulate),
    Signals(commands::signals::ListSignals),
    Vehicles(commands::vehicles::Vehicles),
    Webhooks(commands::webhooks::Webhooks),
    Subscribe(commands::subscribe::Subscribe),
    Unsubscribe(commands::subscribe::Unsubscribe),
    ConnectUrl(commands::connect_url::ConnectUrl),
    Webhook(commands::webhook::Webhook),
    Completions(commands::completions::Completions),
    Man(commands::man::Man),
}

/// The clap definition, for completions and manual pages.
fn parser() -> clap::Command {
    Arguments::command()
}

fn main() -> ExitCode {
    let arguments = match usage::parse::<Arguments>() {
        Ok(arguments) => arguments,
        Err(code) => return code.into(),
    };
    let code = match arguments.command {
        Command::Batch(options) => commands::batch::run(&options),
        Command::Budget(options) => commands::budget::run(&options),
        Command::Doctor(options) => commands::doctor::run(&options),
        Command::Endpoints(options) => commands::endpoints::run(&options),
        Command::Enqueue(options) => commands::enqueue::run(&options),
        Command::Fleet(options) => commands::fleet::run(&options),
        Command::Listen(options) => commands::listen::run(&options),
        Command::Worker(options) => commands::worker::run(&options),
        Command::Simulate(options) => commands::simulate::run(&options),
        Command::Signals(options) => commands::signals::run(&options),
        Command::Vehicles(options) => commands::vehicles::run(&options),
        Command::Webhooks(options) => commands::webhooks::run(&options),
        Command::Subscribe(options) => commands::subscribe::run(&options),
        Command::Unsubscribe(options) => commands::subscribe::run_unsubscribe(&options),
        Command::ConnectUrl(options) => commands::connect_url::run(&options),
        Command::Webhook(options) => commands::webhook::run(&options),
        Command::Completions(options) => commands::completions::run(&options, &mut parser()),
        Command::Man(options) => commands::man::run(&options, parser()),
    };
    code.into()
}
