//! A count of what the machines look at, in builds for tests: a cost that no machine's speed enters.
//!
//! **Invariant:** nothing reads it but tests, and other builds hold none of it: the costs that it
//! bounds are in `ledger/tests/shapes`.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Notes that one record, link or name was looked at.
#[inline]
pub(crate) fn step() {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
}

/// Returns how much this thread has looked at so far.
#[cfg(test)]
pub(crate) fn taken() -> u64 {
    STEPS.get()
}
