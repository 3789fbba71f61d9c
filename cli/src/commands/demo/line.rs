//! A command line of the story, as it is run and as a person could type it.

use std::borrow::Cow;

use super::words::Text;

/// The words after `weft`.
#[derive(Debug, Clone)]
pub(super) struct Line(Vec<String>);

impl Line {
    /// Takes words that stand apart by spaces, as plain commands do.
    pub(super) fn of(words: &str) -> Self {
        Self(Vec::new()).words_of(words)
    }

    /// Adds one word as it is: an id, or a text with spaces.
    pub(super) fn word(mut self, word: impl Into<String>) -> Self {
        self.0.push(word.into());
        self
    }

    /// Adds more words that stand apart by spaces.
    pub(super) fn words_of(mut self, words: &str) -> Self {
        self.0.extend(words.split_whitespace().map(str::to_owned));
        self
    }

    /// Adds a flag and its text, once for each language.
    pub(super) fn text(mut self, flag: &str, text: Text) -> Self {
        for said in [format!("en={}", text.en), format!("es={}", text.es)] {
            self.0.extend([flag.to_owned(), said]);
        }
        self
    }

    /// Returns the words.
    pub(super) fn words(&self) -> &[String] {
        &self.0
    }

    /// Returns the command as a person would type it: ids by their beginning, spaces in quotes.
    pub(super) fn shown(&self) -> String {
        let words = self.0.iter().map(|word| quoted(shortened(word)));
        format!("weft {}", words.collect::<Vec<_>>().join(" "))
    }
}

/// The beginning of an id is enough to name it.
fn shortened(word: &str) -> &str {
    let id = word.len() == weft_protocol::id::ID_LETTERS
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if id { &word[..SHOWN_LETTERS] } else { word }
}

/// As many letters of an id as the lists show.
const SHOWN_LETTERS: usize = 10;

fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "-_=./:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed_as_it_is_shown() {
        let text = Text { en: "don't wait", es: "no espere" };
        let id = "a".repeat(weft_protocol::id::ID_LETTERS);
        let line = Line::of("call endorse").word(id).text("--text", text);
        let shown = r"weft call endorse aaaaaaaaaa --text 'en=don'\''t wait' --text 'es=no espere'";
        assert_eq!(line.shown(), shown);
        assert_eq!(line.words().len(), 7);
    }
}
