//! Sealed boxes: words and files that only chosen networks can read, by the X25519 keys that they
//! publish in their profiles.
//!
//! Sealed text is a heading and then one box for each reader, in base64, parted by spaces: it can be
//! put in any text. A box is libsodium's `crypto_box_seal`, so any libsodium opens it.
//!
//! **Invariant:** whoever seals cannot open, and no box says for whom it is.

use std::fmt::Write;

use anyhow::{Context, Result};
use crypto_box::aead::OsRng;
use data_encoding::BASE64;
use weft_protocol::body::profile::SealingKey;
use weft_protocol::id::PublicKey;
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::words::{Leaving, Say};

/// What sealed text begins with.
pub(crate) const HEADING: &str = "weft-sealed-1";

/// The name of the key among the keys of a home.
const KEY: &str = "sealing";

/// Seals bytes to each of these keys.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn seal(plain: &[u8], readers: &[SealingKey]) -> Result<String> {
    let mut text = HEADING.to_owned();
    for SealingKey(reader) in readers {
        let reader = crypto_box::PublicKey::from_bytes(reader.0);
        let sealed = reader.seal(&mut OsRng, plain).ok().context("it cannot be sealed")?;
        write!(text, " {}", BASE64.encode(&sealed))?;
    }
    Ok(text)
}

/// Opens sealed text with the key of this home.
///
/// # Errors
/// When it is not sealed text, there is no key here, or none of the boxes is for it.
pub(crate) fn open(desk: &Desk, text: &str) -> Result<Zeroizing<Vec<u8>>> {
    let closed = || Failure::ending(Exit::NotVerified, Say::Leaving(Leaving::NotForUs));
    // It may stand in the middle of other words.
    let (_, boxes) = text.split_once(HEADING).ok_or_else(closed)?;
    let key = desk.home.keys().named(KEY)?;
    let key = key.unlock(&desk.passphrase(&key.name())?)?;
    opened(&key.seed(), boxes).ok_or_else(closed)
}

fn opened(seed: &[u8; 32], boxes: &str) -> Option<Zeroizing<Vec<u8>>> {
    let key = crypto_box::SecretKey::from_bytes(*seed);
    let boxes = boxes.split_whitespace().filter_map(|word| BASE64.decode(word.as_bytes()).ok());
    boxes.filter_map(|sealed| key.unseal(&sealed).ok()).map(Zeroizing::new).next()
}

/// Returns the key that others seal to, of the key of this home; makes that when there is none.
///
/// # Errors
/// When it does not open or cannot be written.
pub(crate) fn published(desk: &Desk) -> Result<SealingKey> {
    let ring = desk.home.keys();
    let secret = if ring.path(KEY).exists() {
        let file = ring.named(KEY)?;
        file.unlock(&desk.passphrase(&file.name())?)?
    } else {
        ring.create(KEY, &desk.new_passphrase(KEY)?)?.1
    };
    Ok(public(&secret.seed()))
}

/// The file holds 32 random bytes as a key for signing, which never signs: here they are one for
/// sealing.
fn public(seed: &[u8; 32]) -> SealingKey {
    let public = crypto_box::SecretKey::from_bytes(*seed).public_key();
    SealingKey(PublicKey(public.to_bytes()))
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn what_libsodium_has_sealed_is_opened() {
        // Made by libsodium, through PyNaCl, to the key whose 32 bytes are all seven.
        let key = "13be4feaeaf204c7fd3358fc9c00721881d174278128227ec674f37f7fe97b6d";
        assert_eq!(HEXLOWER.encode(&public(&[7; 32]).0.0), key);
        let sealed = "5a12c54e1ca3d90449897bd72b3e9a5d151bdf53143d177005a4e323764cd640\
                      d2a0126399af3c067c1942b63aab69696f870dda54cbf69dc710a2072e89acd6\
                      e1139da3c911625d5873206f";
        let sealed = BASE64.encode(&HEXLOWER.decode(sealed.as_bytes()).unwrap());
        let plain = opened(&[7; 32], &format!(" AAAA {sealed} ")).unwrap();
        assert_eq!(plain.as_slice(), b"Meet at the harbour, door 4.");
        assert!(opened(&[8; 32], &sealed).is_none());
    }

    #[test]
    fn each_reader_opens_and_nobody_else() {
        let text = seal(b"door 4", &[public(&[1; 32]), public(&[2; 32])]).unwrap();
        let boxes = text.strip_prefix(HEADING).unwrap();
        for seed in [1, 2] {
            assert_eq!(opened(&[seed; 32], boxes).unwrap().as_slice(), b"door 4");
        }
        assert!(opened(&[3; 32], boxes).is_none());
        assert_eq!(boxes.split_whitespace().count(), 2);
    }
}
