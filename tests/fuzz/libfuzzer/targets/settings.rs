//! See `tests/fuzz/src/settings.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::settings::tries(bytes);
});
