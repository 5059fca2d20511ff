//! Tuples of endpoints as batches.
//!
//! Invariant: the data of a tuple has its results in the same order.

use std::fmt;

use super::paths::Paths;
use super::{Batch, Outcomes, RequiredItemError, Slot};
use crate::endpoint::Endpoint;
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::reading::{Meta, Reading};

macro_rules! tuple {
    ($($endpoint:ident $at:tt),+) => {
        impl<$($endpoint: Endpoint),+> Batch for ($($endpoint,)+) {
            type Data = ($(Result<Reading<$endpoint>, ItemError>,)+);
            type Outcomes = ($(Slot<$endpoint>,)+);
            const PATHS: Paths = Paths::All(&[$(Paths::One($endpoint::PATH)),+]);

            fn outcomes() -> Self::Outcomes {
                ($(Slot::<$endpoint>::default(),)+)
            }

            fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError> {
                Ok(($(outcomes.$at.outcome(),)+))
            }
        }

        slots!($($endpoint $at),+);
    };
}

macro_rules! slots {
    ($($endpoint:ident $at:tt),+) => {
        impl<$($endpoint: Endpoint),+> Outcomes for ($(Slot<$endpoint>,)+) {
            fn accept(&mut self, index: usize, answer: &ItemResponse<'_>) {
                match index {
                    $($at => self.$at.accept(0, answer),)+
                    _ => {}
                }
            }

            fn fail(&mut self, index: usize, error: ItemError) {
                match index {
                    $($at => self.$at.fail(0, error),)+
                    _ => {}
                }
            }

            fn error(&self, index: usize) -> Option<&ItemError> {
                match index {
                    $($at => self.$at.error(0),)+
                    _ => None,
                }
            }

            fn read_body(&mut self, index: usize, text: &str) -> Option<usize> {
                match index {
                    $($at => self.$at.read_body(0, text),)+
                    _ => None,
                }
            }

            fn label(&mut self, index: usize, meta: Meta) {
                match index {
                    $($at => self.$at.label(0, meta),)+
                    _ => {}
                }
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// The standard library's traits end with tuples of twelve.
macro_rules! large {
    ($(#[$docs:meta])* $name:ident: $($endpoint:ident $at:tt),+) => {
        $(#[$docs])*
        #[derive(Clone, PartialEq)]
        pub struct $name<$($endpoint),+>($(pub $endpoint),+);

        impl<$($endpoint: fmt::Debug),+> fmt::Debug for $name<$($endpoint),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple("")$(.field(&self.$at))+.finish()
            }
        }

        impl<$($endpoint),+> From<$name<$($endpoint),+>> for ($($endpoint,)+) {
            fn from(data: $name<$($endpoint),+>) -> Self {
                ($(data.$at,)+)
            }
        }

        impl<$($endpoint),+> From<($($endpoint,)+)> for $name<$($endpoint),+> {
            fn from(data: ($($endpoint,)+)) -> Self {
                Self($(data.$at),+)
            }
        }

        impl<$($endpoint: Endpoint),+> Batch for ($($endpoint,)+) {
            type Data = $name<$(Result<Reading<$endpoint>, ItemError>),+>;
            type Outcomes = ($(Slot<$endpoint>,)+);
            const PATHS: Paths = Paths::All(&[$(Paths::One($endpoint::PATH)),+]);

            fn outcomes() -> Self::Outcomes {
                ($(Slot::<$endpoint>::default(),)+)
            }

            fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError> {
                Ok($name($(outcomes.$at.outcome()),+))
            }
        }

        slots!($($endpoint $at),+);
    };
}

large! {
    /// The data of a batch of 13: like a tuple, but it prints and compares, as tuples
    /// up to twelve do. Its fields are `.0` to `.12`, and `into()` makes it a tuple:
    ///
    /// ```
    /// use smartcar_model::Tuple13;
    ///
    /// let data = Tuple13(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
    /// assert_eq!(format!("{data:?}"), "(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)");
    /// assert_eq!(data.12, 13);
    /// let (first, .., last) = <(_, _, _, _, _, _, _, _, _, _, _, _, _)>::from(data);
    /// assert_eq!((first, last), (1, 13));
    /// ```
    Tuple13: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12
}
large! {
    /// The data of a batch of 14; see [`Tuple13`].
    Tuple14: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13
}
large! {
    /// The data of a batch of 15; see [`Tuple13`].
    Tuple15: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14
}
large! {
    /// The data of a batch of 16; see [`Tuple13`].
    Tuple16: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15
}
