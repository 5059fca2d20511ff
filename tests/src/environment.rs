//! Commands without the machine's own settings.
//!
//! Invariant: a command sees only the variables that its test sets.

use std::process::{Command, Stdio};

/// A command without the machine's own variables about Smartcar, proxies and colours,
/// and with an empty stdin.
pub fn clean(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_uppercase();
        if upper.starts_with("SMARTCAR_") || upper.ends_with("_PROXY") || upper.contains("COLOR") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}
