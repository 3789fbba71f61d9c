//! Sealed boxes: words and files that only chosen networks can read, by the X25519 keys that they
//! publish in their profiles.
//!
//! Sealed text is a heading and then one box for each reader, in base64, parted by spaces: it can be
//! put in any text. A record has the boxes themselves, each with a text in its encoding. A box is
//! libsodium's `crypto_box_seal`, so any libsodium opens it.
//!
//! **Invariant:** whoever seals cannot open, and no box says for whom it is.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use crypto_box::aead::OsRng;
use data_encoding::BASE64;
use weft_protocol::body::Body;
use weft_protocol::body::profile::SealingKey;
use weft_protocol::body::sealed::{Boxes, SealedBox, WORDS_BYTES_MAX};
use weft_protocol::body::text::Text;
use weft_protocol::cbor;
use weft_protocol::id::PublicKey;
use weft_protocol::record::Record;
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::passphrase::Passphrase;
use crate::words::{KeyKind, Leaving, Making, Say};

/// What sealed text begins with.
pub const HEADING: &str = "weft-sealed-1";

/// The name of the key among the keys of a home.
const KEY: &str = "sealing";

/// Seals bytes to each of these keys.
///
/// # Errors
/// When the system has no randomness.
pub fn seal(plain: &[u8], readers: &[SealingKey]) -> Result<String> {
    let mut text = HEADING.to_owned();
    for reader in readers {
        write!(text, " {}", BASE64.encode(&boxed(plain, *reader)?))?;
    }
    Ok(text)
}

fn boxed(plain: &[u8], SealingKey(reader): SealingKey) -> Result<Vec<u8>> {
    let reader = crypto_box::PublicKey::from_bytes(reader.0);
    reader.seal(&mut OsRng, plain).ok().context("it cannot be sealed")
}

/// Seals a text of a record to each of these keys.
///
/// # Errors
/// When it is too long to be sealed, or there are too many readers.
pub(crate) fn boxes(text: &Text<WORDS_BYTES_MAX>, readers: &[SealingKey]) -> Result<Boxes> {
    let plain = Zeroizing::new(cbor::to_bytes(text)?);
    let one = |reader: &SealingKey| Ok(SealedBox::try_from(boxed(&plain, *reader)?)?);
    Ok(readers.iter().map(one).collect::<Result<Vec<_>>>()?.try_into()?)
}

/// Returns what a record has sealed.
pub(crate) fn of_record(record: &Record) -> &[SealedBox] {
    match record.body() {
        Body::Response(answer) => &answer.sealed,
        Body::Call(call) => &call.contact,
        Body::Profile(profile) => &profile.contact,
        _ => &[],
    }
}

/// What opens boxes: the key of a home, or nothing.
pub(crate) struct Opener(Option<crypto_box::SecretKey>);

impl Opener {
    /// Unlocks the key of this home, when there is one and any of these records needs it.
    ///
    /// # Errors
    /// When the key does not open.
    pub(crate) fn of<'a>(
        desk: &Desk,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Result<Self> {
        let needed = records.into_iter().any(|record| !of_record(record).is_empty());
        let ring = desk.home.keys();
        if !needed || !ring.path(KEY).exists() {
            return Ok(Self(None));
        }
        let file = ring.named(KEY)?;
        let key = desk.unlocker.open(&file)?;
        Ok(Self(Some(crypto_box::SecretKey::from_bytes(*key.seed()))))
    }

    /// Returns what a record says to this home alone, if anything.
    pub(crate) fn open(&self, record: &Record) -> Option<Text<WORDS_BYTES_MAX>> {
        let key = self.0.as_ref()?;
        let plain = |sealed: &SealedBox| key.unseal(sealed.as_bytes()).ok().map(Zeroizing::new);
        words(&of_record(record).iter().find_map(plain)?)
    }
}

/// Reads the words that were sealed, if they are any: whoever sealed them may have put in anything.
pub fn words(plain: &[u8]) -> Option<Text<WORDS_BYTES_MAX>> {
    cbor::check(plain).ok()?;
    cbor::from_bytes(plain).ok()
}

/// Opens sealed text with the key of this home.
///
/// # Errors
/// When it is not sealed text, there is no key here, or none of the boxes is for it.
pub(crate) fn open(desk: &Desk, text: &str) -> Result<Zeroizing<Vec<u8>>> {
    let closed = || Failure::ending(Exit::NotVerified, Say::Leaving(Leaving::NotForUs));
    let none = || Failure::ending(Exit::NotVerified, Say::Leaving(Leaving::NotSealed));
    let boxes = boxes_in(text).ok_or_else(none)?;
    let key = desk.home.keys().named(KEY)?;
    let key = desk.unlocker.open(&key)?;
    opened(&key.seed(), boxes).ok_or_else(closed)
}

/// Returns the boxes of a sealed text, which may stand in the middle of other words.
pub fn boxes_in(text: &str) -> Option<&str> {
    text.split_once(HEADING).map(|(_, boxes)| boxes)
}

/// Opens the first of these boxes that is for this key.
pub fn opened(seed: &[u8; 32], boxes: &str) -> Option<Zeroizing<Vec<u8>>> {
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
    if ring.path(KEY).exists() {
        let file = ring.named(KEY)?;
        Ok(public(&desk.unlocker.open(&file)?.seed()))
    } else {
        made(desk, &desk.unlocker.choose(&Making::One(KeyKind::Sealing))?)
    }
}

/// Makes the key of this home under a passphrase, or takes the one that it opens, and returns what
/// others seal to.
///
/// # Errors
/// When it does not open or cannot be written.
pub(crate) fn made(desk: &Desk, words: &Passphrase) -> Result<SealingKey> {
    let ring = desk.home.keys();
    let secret = if ring.path(KEY).exists() {
        ring.named(KEY)?.unlock(words)?
    } else {
        ring.create(KEY, words)?.1
    };
    Ok(public(&secret.seed()))
}

/// Whether the sealing key of a home is to be made, and so to go again when what it is made for fails.
#[derive(Debug)]
pub(crate) struct Fresh(Option<PathBuf>);

impl Fresh {
    /// Looks before it is made.
    pub(crate) fn look(desk: &Desk) -> Self {
        let path = desk.home.keys().path(KEY);
        Self((!path.exists()).then_some(path))
    }

    /// Removes it, unless it was there before. Nobody has heard of it: one that cannot be removed is
    /// only a file too many.
    pub(crate) fn discard(&self) {
        if let Some(path) = &self.0 {
            fs::remove_file(path).ok();
        }
    }
}

/// Returns what others seal to. The file holds 32 random bytes as a key for signing, which never signs:
/// here they are one for sealing.
pub fn public(seed: &[u8; 32]) -> SealingKey {
    let public = crypto_box::SecretKey::from_bytes(*seed).public_key();
    SealingKey(PublicKey(public.to_bytes()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use data_encoding::HEXLOWER;
    use weft_protocol::body::response::{Reference, Response, ResponseKind};
    use weft_protocol::body::text::List;
    use weft_protocol::id::{NetId, RecordId, ThingId};
    use weft_protocol::key::SecretKey;
    use weft_protocol::record::{Draft, Reach};
    use weft_protocol::time::Timestamp;

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
    fn a_record_that_libsodium_has_sealed_is_opened_and_what_is_no_text_says_nothing() {
        // Of protocol/vectors/sealed.json, to the key whose 32 bytes are all seven.
        let by_libsodium = "f228c99233b15b25b79e504c86971e917942f1d534fc4523ccb7b0c1515981264b614bb\
                            22db2e055ca683a5be4f94372d3e5c0bda151b34209cfa548dfd6f84edbc863deb6dbdc\
                            eabad40f478fcd7b5c379a";
        let by_libsodium = HEXLOWER.decode(by_libsodium.as_bytes()).unwrap();
        let opens = |sealed: Vec<u8>, seed: u8| {
            let sealed: Boxes = vec![sealed.try_into().unwrap()].try_into().unwrap();
            let opener = Opener(Some(crypto_box::SecretKey::from_bytes([seed; 32])));
            opener.open(&concern(sealed)).map(|text| text.in_any(&[]).1.to_owned())
        };
        let words = opens(by_libsodium.clone(), 7);
        assert_eq!(words.as_deref(), Some("Meet at the harbour, door 4."));
        assert_eq!(opens(by_libsodium, 8), None);
        assert_eq!(opens(boxed(b"plain words", public(&[7; 32])).unwrap(), 7), None);
        let text = Text::new("es", "Puerta 4").unwrap();
        let ours = boxes(&text, &[public(&[1; 32]), public(&[7; 32])]).unwrap();
        let opener = Opener(Some(crypto_box::SecretKey::from_bytes([7; 32])));
        assert_eq!(opener.open(&concern(ours)), Some(text));
    }

    fn concern(sealed: Boxes) -> Record {
        let id = [1; 32];
        let reference = Reference { thing: ThingId(id), seen: RecordId(id) };
        let concern = Response {
            kind: ResponseKind::Concern,
            to: reference,
            text: None,
            ask: None,
            amount: None,
            choice: None,
            evidence: List::default(),
            minutes: None,
            sealed,
        };
        let home = ("gb-bristol".parse().unwrap(), Reach::Movement);
        let life = (Timestamp::from_secs(1_800_000_000), Duration::from_secs(86_400));
        let draft = Draft::new(Body::Response(concern), NetId(id), home, life);
        draft.sign(&SecretKey::from_seed(&id)).unwrap()
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
