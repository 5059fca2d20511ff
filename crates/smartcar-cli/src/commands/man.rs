//! `smartcar man`: manual pages, generated from the clap definitions.
//!
//! Invariant: a command's page has the same text as its `--help`.

use std::fs;
use std::path::PathBuf;

use clap::Command;
use clap_mangen::{Man as Page, generate_to};

use crate::exit::Exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  smartcar man | man -l -
  smartcar man --dir ~/.local/share/man/man1
  man smartcar-fleet";

/// Print the manual page, or write the pages of all commands.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Write smartcar.1 and one page per command, such as smartcar-fleet.1, to this folder
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(options: &Man, parser: Command) -> Exit {
    let parser = parser.disable_help_subcommand(true);
    let Some(folder) = &options.dir else {
        let mut page = Vec::new();
        Page::new(parser)
            .render(&mut page)
            .expect("writing to memory cannot fail");
        return output::print(String::from_utf8_lossy(&page).trim_end(), Exit::Good);
    };
    let written = fs::create_dir_all(folder).and_then(|()| generate_to(parser, folder));
    if let Err(error) = written {
        let message = format!("cannot write {}: {error}", folder.display());
        output::complain("error", &message);
        return Exit::Unwritable;
    }
    Exit::Good
}
