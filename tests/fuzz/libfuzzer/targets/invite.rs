//! See `tests/fuzz/src/invite.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weft_fuzz::invite::tries(bytes);
});
