//! See `tests/fuzz/src/session.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::session::tries(bytes);
});
