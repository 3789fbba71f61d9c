//! See `tests/fuzz/src/sealed.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::sealed::tries(bytes);
});
