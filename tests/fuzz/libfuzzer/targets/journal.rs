//! See `tests/fuzz/src/journal.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::journal::tries(bytes);
});
