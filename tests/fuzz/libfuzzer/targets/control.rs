//! See `tests/fuzz/src/control.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::control::tries(bytes);
});
