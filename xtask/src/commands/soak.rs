//! `cargo xtask soak`: the soak tests, for long and optimised.
//!
//! Invariant: they are the tests that `cargo xtask test` runs briefly, with other numbers.

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
    /// Kill workers of one queue in place of it, and then drain many jobs. Needs the
    /// servers that `cargo xtask test --only engines` installs
    #[arg(long, conflicts_with_all = ["batches", "seconds"])]
    pub fleet: bool,
    /// How many vehicles are in the queue while workers are killed
    #[arg(long, requires = "fleet", default_value_t = 2_000)]
    pub vehicles: u64,
    /// How often to begin anew, each time with the next seed
    #[arg(long, requires = "fleet", default_value_t = 20)]
    pub seeds: u64,
    /// How many jobs to drain at the end
    #[arg(long, requires = "fleet", default_value_t = 1_000_000)]
    pub jobs: u64,
}

/// Runs the command.
pub fn run(options: &Soak) -> Result<u8> {
    let status = command(options).status().context("failed to start cargo")?;
    Ok(if status.success() { CLEAN } else { STALE })
}

fn command(options: &Soak) -> std::process::Command {
    let (line, numbers) = if options.fleet {
        (
            "test --locked --profile measured --package smartcar-cli --test queue -- --nocapture \
             --test-threads 1 killed throughput",
            [
                ("SMARTCAR_SOAK_VEHICLES", Some(options.vehicles)),
                ("SMARTCAR_SOAK_SEEDS", Some(options.seeds)),
                ("SMARTCAR_SOAK_JOBS", Some(options.jobs)),
            ],
        )
    } else {
        (
            "test --locked --profile measured --package smartcar-tests --test soak -- --nocapture",
            [
                ("SMARTCAR_SOAK_BATCHES", Some(options.batches)),
                ("SMARTCAR_SOAK_SECONDS", options.seconds),
                ("SMARTCAR_SOAK_JOBS", None),
            ],
        )
    };
    let mut command = cargo(line, &super::root());
    for (name, value) in numbers
        .into_iter()
        .chain([("SMARTCAR_SOAK_SEED", options.seed)])
    {
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
        let mut options = Soak {
            batches: 5,
            seed: Some(7),
            seconds: None,
            fleet: false,
            vehicles: 30,
            seeds: 4,
            jobs: 9,
        };
        let value = |command: &std::process::Command, name: &str| {
            let found = command.get_envs().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.map(|value| value.to_string_lossy().into_owned()))
        };
        let some = |text: &str| Some(Some(text.to_owned()));
        let plain = command(&options);
        assert_eq!(value(&plain, "SMARTCAR_SOAK_BATCHES"), some("5"));
        assert_eq!(value(&plain, "SMARTCAR_SOAK_SEED"), some("7"));
        // One that the caller's environment has is taken away.
        assert_eq!(value(&plain, "SMARTCAR_SOAK_SECONDS"), Some(None));
        options.fleet = true;
        let fleet = command(&options);
        for (name, number) in [
            ("VEHICLES", "30"),
            ("SEEDS", "4"),
            ("JOBS", "9"),
            ("SEED", "7"),
        ] {
            assert_eq!(
                value(&fleet, &format!("SMARTCAR_SOAK_{name}")),
                some(number)
            );
        }
        assert!(fleet.get_args().any(|argument| argument == "queue"));
    }
}
