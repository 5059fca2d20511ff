//! Where a comparison stands: in the recording and in the spec.
//!
//! Invariant: costs nothing until it is rendered, since most of a recording
//! agrees with the spec and no place of it is ever shown.

use crate::source::escape;

/// Steps down from a root, kept on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    up: Option<&'a Trail<'a>>,
    step: &'a str,
}

/// The step from a list to each of its elements.
pub const ELEMENT: &str = "[]";

impl<'a> Trail<'a> {
    /// A root: `body`, or `components/schemas`, which is not escaped.
    pub fn root(step: &'a str) -> Self {
        Self { up: None, step }
    }

    /// One step further.
    pub fn then<'b>(&'b self, step: &'b str) -> Trail<'b> {
        Trail {
            up: Some(self),
            step,
        }
    }

    /// `body.doors[].status`.
    pub fn place(&self) -> String {
        let Some(up) = self.up else {
            return self.step.to_owned();
        };
        let dot = if self.step == ELEMENT { "" } else { "." };
        format!("{}{dot}{}", up.place(), self.step)
    }

    /// `/components/schemas/Door/properties/status`.
    pub fn pointer(&self) -> String {
        match self.up {
            None => format!("/{}", self.step),
            Some(up) => format!("{}/{}", up.pointer(), escape(self.step)),
        }
    }
}

/// A place in the recording beside the place in the spec that describes it.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'a> {
    /// In the recording.
    pub place: &'a Trail<'a>,
    /// In the spec.
    pub home: &'a Trail<'a>,
}
