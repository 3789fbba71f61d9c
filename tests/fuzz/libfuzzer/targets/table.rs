//! See `tests/fuzz/src/table.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::table::tries(bytes);
});
