//! Why a rate budget granted nothing.
//!
//! Invariant: data only; budgets are elsewhere.

use std::fmt;

use jiff::Timestamp;

/// Why a budget granted nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetDenied {
    /// Not before this moment; then the same request is granted, unless others
    /// were quicker. The vehicle's budget is spent, or nobody can tell whose.
    RetryAt(Timestamp),
    /// The same, and it is the application's budget that is spent the longest:
    /// no other vehicle would be granted anything sooner.
    ApplicationRetryAt(Timestamp),
    /// The request costs more than the budget ever holds: waiting is no help,
    /// asking for less is.
    NeverFits,
    /// The budget could not be asked, for example because its store is down.
    /// Nothing is sent then: every unit costs money.
    Unavailable,
}

impl BudgetDenied {
    /// When to come back; `None` where waiting is no help.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::RetryAt(moment) | Self::ApplicationRetryAt(moment) => Some(*moment),
            Self::NeverFits | Self::Unavailable => None,
        }
    }
}

impl fmt::Display for BudgetDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RetryAt(moment) => write!(f, "the rate budget is spent until {moment}"),
            Self::ApplicationRetryAt(moment) => {
                write!(f, "the application's rate budget is spent until {moment}")
            }
            Self::NeverFits => {
                f.write_str("the request costs more than the rate budget ever holds")
            }
            Self::Unavailable => f.write_str("the rate budget could not be asked"),
        }
    }
}

impl std::error::Error for BudgetDenied {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_says_its_cause_in_one_line() {
        let moment = "2026-03-01T00:00:00Z".parse().unwrap();
        for (denied, says) in [
            (
                BudgetDenied::RetryAt(moment),
                "the rate budget is spent until 2026-03-01T00:00:00Z",
            ),
            (
                BudgetDenied::ApplicationRetryAt(moment),
                "the application's rate budget is spent until 2026-03-01T00:00:00Z",
            ),
            (
                BudgetDenied::NeverFits,
                "the request costs more than the rate budget ever holds",
            ),
            (
                BudgetDenied::Unavailable,
                "the rate budget could not be asked",
            ),
        ] {
            assert_eq!(denied.to_string(), says);
        }
    }
}
