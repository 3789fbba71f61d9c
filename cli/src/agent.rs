//! A client of ssh-agent, which keeps a key open so that nobody types its passphrase at every command.
//!
//! The key files are OpenSSH's and an agent signs any bytes, so `ssh-add HOME/keys/NAME.key` works as
//! well. Three messages of its protocol are enough here
//! (<https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent>).
//!
//! **Invariant:** what the agent signed is checked before it is used; an agent that lies, or another
//! program in its place, can keep a person from signing and no more.

use std::env;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ssh_encoding::{Decode, Encode, Reader};
use weft_protocol::id::PublicKey;
use weft_protocol::key::{SIGNATURE_BYTES, SecretKey};
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::words::{Locking, Say};

/// What is asked, and what answers it.
const SUCCESS: u8 = 6;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
const ADD_ID_CONSTRAINED: u8 = 25;

/// The constraint that a key is forgotten after so many seconds.
const LIFETIME: u8 = 1;

/// How keys of our kind are called.
const ED25519: &str = "ssh-ed25519";

/// How long an agent may take: it may ask a person whether they agree.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest message of an agent, as OpenSSH limits it.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// The agent of this session.
#[derive(Debug, Clone)]
pub(crate) struct Agent(PathBuf);

impl Agent {
    /// Finds the agent of this session, if one was started in it.
    pub(crate) fn find() -> Option<Self> {
        env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()).map(|path| Self(path.into()))
    }

    /// Finds the agent if it keeps this key now.
    pub(crate) fn holding(key: &PublicKey) -> Option<Self> {
        // An agent that has ended is as good as none.
        Self::find().filter(|agent| agent.keys().is_ok_and(|keys| keys.contains(key)))
    }

    /// Returns the keys of our kind that it keeps.
    ///
    /// # Errors
    /// When it does not answer, or with nonsense.
    pub(crate) fn keys(&self) -> Result<Vec<PublicKey>> {
        let answer = self.ask(&[REQUEST_IDENTITIES])?;
        let mut reader = body(&answer, IDENTITIES_ANSWER)?;
        let mut keys = Vec::new();
        for _ in 0..u32::decode(&mut reader)? {
            let blob = Vec::decode(&mut reader)?;
            let _comment = Vec::<u8>::decode(&mut reader)?;
            keys.extend(public(&blob));
        }
        Ok(keys)
    }

    /// Has it sign with one of its keys.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn sign(&self, key: &PublicKey, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES]> {
        let mut request = vec![SIGN_REQUEST];
        blob(key)?.encode(&mut request)?;
        message.encode(&mut request)?;
        0_u32.encode(&mut request)?;
        let answer = self.ask(&request)?;
        let signed = || {
            let signature = Vec::<u8>::decode(&mut body(&answer, SIGN_RESPONSE).ok()?).ok()?;
            let mut reader = signature.as_slice();
            let kind = String::decode(&mut reader).ok()?;
            let signature = Vec::<u8>::decode(&mut reader).ok()?;
            (kind == ED25519).then(|| signature.try_into().ok()).flatten()
        };
        signed().ok_or_else(|| Failure::failed(Say::Locking(Locking::AgentRefuses)))
    }

    /// Gives it a key to keep for so long.
    ///
    /// # Errors
    /// When it does not take it.
    pub(crate) fn add(&self, secret: &SecretKey, name: &str, time: Duration) -> Result<()> {
        let (public, seed) = (secret.public(), secret.seed());
        let pair = Zeroizing::new([seed.as_slice(), public.0.as_slice()].concat());
        let mut request = Zeroizing::new(vec![ADD_ID_CONSTRAINED]);
        ED25519.encode(&mut *request)?;
        public.0.as_slice().encode(&mut *request)?;
        pair.as_slice().encode(&mut *request)?;
        format!("weft {name}").encode(&mut *request)?;
        LIFETIME.encode(&mut *request)?;
        u32::try_from(time.as_secs()).unwrap_or(u32::MAX).encode(&mut *request)?;
        let answer = self.ask(&request)?;
        let refused = || Failure::failed(Say::Locking(Locking::AgentRefuses));
        body(&answer, SUCCESS).map(drop).map_err(|_| refused())
    }

    fn ask(&self, request: &[u8]) -> Result<Vec<u8>> {
        let none = || Failure::failed(Say::Locking(Locking::NoAgent));
        let mut stream = UnixStream::connect(&self.0).map_err(|_| none())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut message = Zeroizing::new(Vec::new());
        request.encode(&mut *message)?;
        stream.write_all(&message).context("ssh-agent")?;
        let mut length = [0; 4];
        stream.read_exact(&mut length).context("ssh-agent")?;
        let length = usize::try_from(u32::from_be_bytes(length))?;
        ensure!(length <= MESSAGE_BYTES_MAX, "ssh-agent answers with too much");
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).context("ssh-agent")?;
        Ok(answer)
    }
}

/// Returns what follows the kind of an answer, when it is of this kind.
fn body(answer: &[u8], kind: u8) -> Result<&[u8]> {
    match answer.split_first() {
        Some((is, body)) if *is == kind => Ok(body),
        _ => anyhow::bail!("ssh-agent answers something else"),
    }
}

/// Returns how a key of ours is written for an agent.
fn blob(key: &PublicKey) -> Result<Vec<u8>> {
    let mut blob = Vec::new();
    ED25519.encode(&mut blob)?;
    key.0.as_slice().encode(&mut blob)?;
    Ok(blob)
}

/// Reads that back; nothing when it is a key of another kind.
fn public(blob: &[u8]) -> Option<PublicKey> {
    let mut reader = blob;
    let kind = String::decode(&mut reader).ok()?;
    let key = Vec::<u8>::decode(&mut reader).ok()?;
    let key = (kind == ED25519 && reader.is_finished()).then_some(key)?;
    key.try_into().ok().map(PublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_was_written_and_one_of_another_kind_does_not() {
        let key = PublicKey([7; 32]);
        let written = blob(&key).unwrap();
        assert_eq!(written.len(), 4 + 11 + 4 + 32);
        assert_eq!(public(&written), Some(key));
        assert_eq!(public(&written[..written.len() - 1]), None);
        assert_eq!(public(&[written.as_slice(), &[0]].concat()), None);
        let mut other = Vec::new();
        "ssh-rsa".encode(&mut other).unwrap();
        [7_u8; 32].as_slice().encode(&mut other).unwrap();
        assert_eq!(public(&other), None);
    }
}
