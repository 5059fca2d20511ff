//! Why a rate budget denied a request.
//!
//! Invariant: data only. The budgets are in other crates.

use std::fmt;

use jiff::Timestamp;

/// Why a rate budget denied a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetDenied {
    /// The vehicle's budget is used up, or the budget does not say which one is.
    /// The same request can be granted from this time on, unless other requests
    /// use the budget first.
    RetryAt(Timestamp),
    /// The application's budget is used up. No vehicle is granted anything before
    /// this time.
    ApplicationRetryAt(Timestamp),
    /// The request costs more than the budget's maximum. Waiting does not help;
    /// send a smaller request.
    NeverFits,
    /// The budget could not be checked, for example because its store is down.
    /// Nothing is sent in that case, because every request costs money.
    Unavailable,
}

impl BudgetDenied {
    /// When the request can be granted. `None` if waiting does not help.
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
            Self::RetryAt(moment) => write!(f, "the rate budget is used up until {moment}"),
            Self::ApplicationRetryAt(moment) => {
                write!(f, "the application's rate budget is used up until {moment}")
            }
            Self::NeverFits => f.write_str("the request costs more than the rate budget's maximum"),
            Self::Unavailable => f.write_str("the rate budget could not be checked"),
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
                "the rate budget is used up until 2026-03-01T00:00:00Z",
            ),
            (
                BudgetDenied::ApplicationRetryAt(moment),
                "the application's rate budget is used up until 2026-03-01T00:00:00Z",
            ),
            (
                BudgetDenied::NeverFits,
                "the request costs more than the rate budget's maximum",
            ),
            (
                BudgetDenied::Unavailable,
                "the rate budget could not be checked",
            ),
        ] {
            assert_eq!(denied.to_string(), says);
        }
    }
}
