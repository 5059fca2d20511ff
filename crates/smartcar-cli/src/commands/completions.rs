//! `smartcar completions`: a shell's completions, from what clap knows.
//!
//! Invariant: nothing is written but the script, on stdout.

use clap::Command;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  smartcar completions bash > ~/.local/share/bash-completion/completions/smartcar
  smartcar completions zsh > ~/.zfunc/_smartcar
  smartcar completions fish > ~/.config/fish/completions/smartcar.fish";

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the verb.
pub(crate) fn run(options: &Completions, parser: &mut Command) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, parser, "smartcar", &mut script);
    output::print(String::from_utf8_lossy(&script).trim_end(), Exit::Good)
}
