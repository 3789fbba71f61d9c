//! See `tests/fuzz/src/record.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::record::tries(bytes);
});
