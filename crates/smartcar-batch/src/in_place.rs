//! Values that are made in the memory of their box.
//!
//! Invariant: the memory is there first, so that nothing large is made elsewhere and moved.

use std::pin::Pin;

/// A boxed value. `Box::new` makes it on the stack and copies it.
#[inline]
pub(crate) fn boxed<T>(make: impl FnOnce() -> T) -> Box<T> {
    let place = Box::new_uninit();
    Box::write(place, make())
}

/// A boxed future.
#[inline]
pub(crate) fn pinned<T>(make: impl FnOnce() -> T) -> Pin<Box<T>> {
    Box::into_pin(boxed(make))
}
