//! The words that unlock a key.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroizing;

/// Such words. They are overwritten when dropped, and never shown, whatever holds them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Passphrase(Zeroizing<String>);

impl Passphrase {
    pub(crate) fn new(words: String) -> Self {
        Self(Zeroizing::new(words))
    }
}

impl Deref for Passphrase {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_never_shown() {
        let words = Passphrase::new("open sesame open".to_owned());
        assert_eq!(format!("{words:?}"), "Passphrase(…)");
        assert_eq!(&*words, "open sesame open");
    }
}
