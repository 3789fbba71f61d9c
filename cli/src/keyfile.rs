//! The file of a key, as it comes back from a mailbox, an editor or a stick.
//!
//! What changes nothing of the key is understood: a mark at the beginning, other ends of lines, no lines
//! at all. What does is named, because a person cannot see it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ssh_key::PrivateKey;
use zeroize::Zeroizing;

use crate::words::KeyFault;

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";

/// How long the lines are in which OpenSSH writes a key.
const LINE_LETTERS: usize = 70;

/// Reads a key, or says what is wrong.
pub(crate) fn read(path: &Path) -> Result<PrivateKey, KeyFault> {
    let bytes = Zeroizing::new(fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::IsADirectory => KeyFault::Folder,
        _ => KeyFault::Shut(error.to_string()),
    })?);
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyFault::NoText)?;
    let key = PrivateKey::from_openssh(text.as_bytes());
    key.or_else(|_| {
        PrivateKey::from_openssh(tidied(text)?.as_bytes()).map_err(|_| KeyFault::Garbled)
    })
}

/// Returns the same key in the lines that it should have.
fn tidied(text: &str) -> Result<Zeroizing<String>, KeyFault> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let Some((_, rest)) = text.split_once(BEGIN) else { return Err(other(text)) };
    let (letters, _) = rest.split_once(END).ok_or(KeyFault::Cut)?;
    let letters: Zeroizing<Vec<char>> =
        Zeroizing::new(letters.chars().filter(|c| !c.is_whitespace()).collect());
    let mut tidied = Zeroizing::new(format!("{BEGIN}\n"));
    for line in letters.chunks(LINE_LETTERS) {
        tidied.extend(line);
        tidied.push('\n');
    }
    tidied.push_str(END);
    tidied.push('\n');
    Ok(tidied)
}

/// Says what a text is that does not begin like a key of ours.
fn other(text: &str) -> KeyFault {
    match text {
        "" => KeyFault::Empty,
        text if BEGIN.starts_with(text) => KeyFault::Cut,
        text if text.starts_with("ssh-") || text.contains("PUBLIC KEY") => KeyFault::Public,
        text if text.contains("PRIVATE KEY") || text.starts_with("PuTTY-") => KeyFault::Foreign,
        _ => KeyFault::NoKey,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyRing;
    use crate::passphrase::Passphrase;

    /// Makes a key, changes its text, and says what comes of that.
    fn changed(change: impl Fn(&str) -> Vec<u8>) -> Result<(), KeyFault> {
        let folder = tempfile::tempdir().unwrap();
        let words = Passphrase::new("open sesame open".to_owned());
        let (key, secret) = KeyRing::new(folder.path().into()).create("network", &words).unwrap();
        let text = fs::read_to_string(key.path()).unwrap();
        fs::write(key.path(), change(&text)).unwrap();
        read(key.path())?;
        assert_eq!(key.unlock(&words).unwrap().public(), secret.public());
        Ok(())
    }

    #[test]
    fn what_changes_nothing_of_a_key_is_understood() {
        changed(|text| text.into()).unwrap();
        changed(|text| format!("\u{feff}{text}").into()).unwrap();
        changed(|text| text.replace('\n', "\r\n").into()).unwrap();
        changed(|text| text.replace('\n', "").into()).unwrap();
        changed(|text| format!("  {}", text.replace('\n', " \n ")).into()).unwrap();
        changed(|text| format!("My key:\n{text}\nkeep it\n").into()).unwrap();
    }

    #[test]
    fn what_is_wrong_with_a_key_is_named() {
        let public =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH a";
        let is = |fault: KeyFault, change: &dyn Fn(&str) -> Vec<u8>| {
            assert_eq!(changed(change).unwrap_err(), fault);
        };
        is(KeyFault::Empty, &|_| Vec::new());
        is(KeyFault::Empty, &|_| b"\n \n".to_vec());
        is(KeyFault::Cut, &|text| text[..10].into());
        is(KeyFault::Cut, &|text| text[..text.len() / 2].into());
        is(KeyFault::Cut, &|text| text[..text.len() - 10].into());
        is(KeyFault::Garbled, &|text| text.replacen("b3Blbn", "b3BlBn", 1).into());
        is(KeyFault::Public, &|_| public.into());
        is(KeyFault::Foreign, &|text| text.replace("OPENSSH", "RSA").into());
        is(KeyFault::Foreign, &|_| b"PuTTY-User-Key-File-3: ssh-ed25519".to_vec());
        is(KeyFault::NoText, &|_| vec![0xff, 0xfe, 0x2d, 0x00]);
        is(KeyFault::NoKey, &|_| b"milk, bread".to_vec());
    }
}
