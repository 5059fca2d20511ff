//! Calls of programs, written as one line of words.
//!
//! Invariant: a line is split before anything is put into it, so that a space
//! in a path stays in its word.

use std::path::Path;
use std::process::Command;

/// What `{name}` in a line is for.
pub type Values<'v> = [(&'v str, String)];

/// The call of a line: leading words such as `NAME=value` are its environment.
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

/// A call of the cargo that runs this, if one does, from a workspace's root.
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
