//! `smartcar completions`: shell completions, generated from the clap definitions.
//!
//! Invariant: stdout has only the script.

use clap::Command;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  smartcar completions bash \\
    > ~/.local/share/bash-completion/completions/smartcar
  smartcar completions zsh > ~/.zfunc/_smartcar
  smartcar completions fish \\
    > ~/.config/fish/completions/smartcar.fish";

/// Print a shell completion script.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(crate) fn run(options: &Completions, parser: &mut Command) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, parser, "smartcar", &mut script);
    let mut script = String::from_utf8_lossy(&script).trim_end().to_owned();
    if options.shell == Shell::Fish {
        script.push_str(&fish_values(parser));
    }
    output::print(&script, Exit::Good)
}

/// The values of positional arguments, which clap's fish generator omits.
fn fish_values(parser: &Command) -> String {
    let mut lines = String::new();
    for verb in parser.get_subcommands() {
        let values: Vec<_> = verb
            .get_positionals()
            .flat_map(clap::Arg::get_possible_values)
            .map(|value| value.get_name().to_owned())
            .collect();
        if !values.is_empty() {
            lines.push_str(&format!(
                "\ncomplete -c smartcar -n \"__fish_smartcar_using_subcommand {}\" -f -a \"{}\"",
                verb.get_name(),
                values.join(" "),
            ));
        }
    }
    lines
}
