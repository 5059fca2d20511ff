//! Command lines with placeholders, written as one string.
//!
//! Invariant: a line is split before its placeholders are filled in, so that spaces in
//! paths do not split words.

use std::path::Path;
use std::process::Command;

/// The value of `{name}` in a line.
pub type Values<'v> = [(&'v str, String)];

/// Parses a command line. Leading words such as `NAME=value` set the environment.
pub fn call(line: &str, values: &Values<'_>) -> Command {
    let put = |word: &str| {
        let values = values.iter();
        values.fold(word.to_owned(), |word, (name, value)| {
            word.replace(&format!("{{{name}}}"), value)
        })
    };
    let mut words = line.split_whitespace().peekable();
    let mut environment = Vec::new();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        environment.push((name, put(value)));
        words.next();
    }
    let mut command = Command::new(put(words.next().unwrap_or_default()));
    command.args(words.map(put)).envs(environment);
    command
}

/// A call of cargo in a workspace's root, with the cargo that runs this if there is one.
pub fn cargo(line: &str, root: &Path) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = call(&format!("{{cargo}} {line}"), &[("cargo", program)]);
    command.current_dir(root);
    command
}

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn a_value_with_a_space_is_one_word() {
        let command = call("A={to}/x run --to={to} it", &[("to", "a b".to_owned())]);
        let words: Vec<_> = command.get_args().collect();
        assert_eq!(words, ["--to=a b", "it"]);
        let environment: Vec<_> = command.get_envs().collect();
        assert_eq!(environment, [("A".as_ref(), Some("a b/x".as_ref()))]);
        assert_eq!(command.get_program(), "run");
    }
}
