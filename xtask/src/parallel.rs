//! The same work for each of a few items, in threads.
//!
//! Invariant: the results are in the order of the items, whichever is done first.

use std::panic::resume_unwind;

/// Does the work for every item at once. A panic in one is a panic of the whole.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads = items.iter().map(|item| scope.spawn(move || work(item)));
        let threads: Vec<_> = threads.collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, R>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_a_panic_goes_on() {
        let late = |item: &u64| {
            std::thread::sleep(std::time::Duration::from_millis(20 - item));
            item * 2
        };
        assert_eq!(each(&[1, 15, 3], late), [2, 30, 6]);
        let panics = std::panic::catch_unwind(|| each(&[1], |_| panic!("one of them")));
        assert!(panics.is_err());
    }
}
