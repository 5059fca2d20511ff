//! `cargo xtask soak`: the soak test, for long and optimised.
//!
//! Invariant: it is the test that `cargo test` runs briefly, with other numbers.

use anyhow::{Context, Result};

use crate::exit::{CLEAN, STALE};
use crate::judges::call::cargo;

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Soak {
    /// How many batches to make
    #[arg(long, default_value_t = 1_000_000)]
    pub batches: u64,
    /// Repeat the faults of an earlier soak, which printed its seed
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Stop after so many seconds, if there are batches left
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
}

/// Runs the command.
pub fn run(options: &Soak) -> Result<u8> {
    let status = command(options).status().context("failed to start cargo")?;
    Ok(if status.success() { CLEAN } else { STALE })
}

fn command(options: &Soak) -> std::process::Command {
    let line =
        "test --locked --profile measured --package smartcar-tests --test soak -- --nocapture";
    let mut command = cargo(line, &super::root());
    command.env("SMARTCAR_SOAK_BATCHES", options.batches.to_string());
    for (name, value) in [
        ("SMARTCAR_SOAK_SEED", options.seed),
        ("SMARTCAR_SOAK_SECONDS", options.seconds),
    ] {
        match value {
            Some(value) => command.env(name, value.to_string()),
            None => command.env_remove(name),
        };
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_reach_the_test_and_nothing_else_does() {
        let options = Soak {
            batches: 5,
            seed: Some(7),
            seconds: None,
        };
        let command = command(&options);
        let set: Vec<_> = command.get_envs().collect();
        let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|it| it.1);
        assert_eq!(value("SMARTCAR_SOAK_BATCHES"), Some(Some("5".as_ref())));
        assert_eq!(value("SMARTCAR_SOAK_SEED"), Some(Some("7".as_ref())));
        // One that the caller's environment has is taken away.
        assert_eq!(value("SMARTCAR_SOAK_SECONDS"), Some(None));
    }
}
