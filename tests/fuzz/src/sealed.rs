//! Sealed words: what stands between the words of others, and what was put into a box.

use weft::sealed::{HEADING, boxes_in, opened, public, seal, words};
use weft_protocol::body::text::Text;
use weft_protocol::cbor;

use crate::text;

/// The secret of who opens.
const SEED: [u8; 32] = [7; 32];

/// The most bytes that are sealed anew in a try: a box costs the same whatever is in it.
const SEALED_BYTES_MAX: usize = 64;

/// Reads bytes as what was sealed, and a text as what it was sealed into; and seals what is short.
pub fn tries(bytes: &[u8]) -> bool {
    let said = words(bytes);
    if let Some(said) = &said {
        assert_eq!(cbor::to_bytes(said).as_deref(), Ok(bytes), "words have one encoding");
    }
    if bytes.len() <= SEALED_BYTES_MAX {
        let text = seal(bytes, &[public(&[1; 32]), public(&SEED)]).expect("it can be sealed");
        let amid = format!("so: {text} and so on");
        let back = boxes_in(&amid).and_then(|boxes| opened(&SEED, boxes));
        assert_eq!(back.as_ref().map(|plain| plain.as_slice()), Some(bytes));
        assert!(boxes_in(&amid).and_then(|boxes| opened(&[2; 32], boxes)).is_none());
    }
    let plain = text(bytes).and_then(boxes_in).and_then(|boxes| opened(&SEED, boxes));
    said.is_some() || plain.is_some()
}

/// Words, and what libsodium has sealed, alone and amid others.
pub fn seeds() -> Vec<Vec<u8>> {
    /// Made by libsodium, of `{"en": "Meet at the harbour, door 4."}`, to the key of this secret.
    const BOX: &str = "8ijJkjOxWyW3nlBMhpcekXlC8f00xSPMtcewwVFZgSZLYUuyLbLgVcpoOlvk+UNy090MW94rFRsTQgnPpUjfb4TtvIY963Xb3Oq60OR4/NN7XDea";
    let text = |lang, words| Text::<3000>::new(lang, words).expect("a text");
    let words = [text("en", "Meet at the harbour, door 4."), text("es", "Puerta 4")];
    let mut seeds: Vec<Vec<u8>> =
        words.iter().map(|words| cbor::to_bytes(words).expect("an encoding")).collect();
    seeds.push(format!("{HEADING} {BOX}").into_bytes());
    seeds.push(format!("> It says: {HEADING} AAAA {BOX} {BOX}\n-- \nana").into_bytes());
    seeds
}
