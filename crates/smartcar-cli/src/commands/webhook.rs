//! `smartcar webhook`: tools for webhooks.
//!
//! Invariant: nothing is sent, and no key is printed.

use std::io::Read;
use std::path::PathBuf;

use smartcar_webhook::Refused;

use super::listen::keys;
use crate::exit::Exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  SMARTCAR_MANAGEMENT_TOKEN=… smartcar webhook verify body.json \\
    --signature 4f1c…
  smartcar webhook verify - --signature 4f1c… < body.json

Exit codes: 0 the signature matches, 3 it does not, 2 the input cannot be used.";

/// Tools for webhooks.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Webhook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(Verify),
}

/// Check the signature of a body that was received.
///
/// The file must have the body byte for byte, without a newline added at its end.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct Verify {
    /// File with the body as it was received; - is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The value of the SC-Signature header
    #[arg(long, value_name = "HEX")]
    signature: String,
}

/// Runs the command.
pub(crate) fn run(options: &Webhook) -> Exit {
    let Command::Verify(verify) = &options.command;
    let receiver = match keys::receiver() {
        Ok(receiver) => receiver,
        Err(refusal) => {
            output::complain("error", &refusal.message);
            if let Some(cure) = refusal.cure {
                output::complain("help", &cure);
            }
            return Exit::Refused;
        }
    };
    let mut body = Vec::new();
    let read = if verify.file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut body)
    } else {
        let file = std::fs::File::open(&verify.file);
        file.and_then(|mut file| file.read_to_end(&mut body))
    };
    if let Err(error) = read {
        let file = verify.file.display();
        output::complain("error", &format!("{file}: cannot be read: {error}"));
        return Exit::Refused;
    }
    match receiver.verify(verify.signature.as_bytes(), &body) {
        Ok(()) => output::print("the signature matches", Exit::Good),
        Err(refused @ Refused::Signature) => {
            output::complain("error", &refused);
            Exit::Refused
        }
        Err(refused) => {
            output::complain("error", &refused);
            if body.ends_with(b"\n") {
                let help = "the file ends with a newline, which an editor may have added";
                output::complain("help", &help);
            }
            Exit::Items
        }
    }
}
