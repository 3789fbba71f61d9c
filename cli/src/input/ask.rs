//! What a call asks for: `beds`, `beds:20`, `beds:20:nights` or `tag=beds,amount=20,text=…`.

use anyhow::Result;
use weft_protocol::body::call::Ask;
use weft_protocol::body::text::Lang;

use crate::exit::Failure;
use crate::input::{code, text};

/// How an ask is written, for help texts and errors.
pub(crate) const FORM: &str = "an ask is like beds, beds:20, beds:20:nights or tag=beds,amount=20,unit=nights,text=\"with a lift\"";

/// Reads one ask.
///
/// # Errors
/// A usage failure, when it is of neither form or out of bounds.
pub(crate) fn ask(words: &str, usual: &Lang) -> Result<Ask> {
    let draft = if words.starts_with("tag=") { by_name(words)? } else { by_place(words)? };
    let named = |word| code::tag(word).map_err(|_| unclear(words));
    let tag = named(draft.tag)?;
    let unit = draft.unit.map(named).transpose()?;
    let amount = match draft.amount {
        None => None,
        Some(digits) => Some(digits.parse().ok().filter(|n| *n > 0).ok_or_else(|| unclear(words))?),
    };
    Ok(Ask { tag, text: text::text("--ask", &draft.text, usual)?, amount, unit })
}

/// The parts of an ask before they are read.
#[derive(Default)]
struct Parts<'a> {
    tag: &'a str,
    amount: Option<&'a str>,
    unit: Option<&'a str>,
    text: Vec<String>,
}

fn by_place(words: &str) -> Result<Parts<'_>> {
    let mut places = words.split(':');
    let parts = Parts {
        tag: places.next().unwrap_or_default(),
        amount: places.next(),
        unit: places.next(),
        text: Vec::new(),
    };
    if places.next().is_some() { Err(unclear(words)) } else { Ok(parts) }
}

fn by_name(words: &str) -> Result<Parts<'_>> {
    let mut parts = Parts::default();
    let mut rest = words;
    while !rest.is_empty() {
        // Words may have commas, so `text` comes last and takes the rest.
        if let Some(sentence) = rest.strip_prefix("text=") {
            parts.text.push(sentence.to_owned());
            break;
        }
        let (pair, after) = rest.split_once(',').unwrap_or((rest, ""));
        match pair.split_once('=') {
            Some(("tag", value)) => parts.tag = value,
            Some(("amount", value)) => parts.amount = Some(value),
            Some(("unit", value)) => parts.unit = Some(value),
            _ => return Err(unclear(words)),
        }
        rest = after;
    }
    Ok(parts)
}

fn unclear(words: &str) -> anyhow::Error {
    Failure::usage(format!("--ask {words}"), FORM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Ask> {
        ask(words, &"en".parse().unwrap())
    }

    #[test]
    fn an_ask_may_be_short() {
        let ask = read("beds:20:nights").unwrap();
        assert_eq!((ask.tag.as_str(), ask.amount), ("beds", Some(20)));
        assert_eq!(ask.unit.unwrap().as_str(), "nights");
        assert_eq!(read("drivers").unwrap().amount, None);
    }

    #[test]
    fn an_ask_may_be_long_and_its_words_may_have_commas() {
        let ask = read("tag=beds,amount=20,text=es=con ascensor, por favor").unwrap();
        assert_eq!(ask.text.unwrap().iter().next().unwrap().1, "con ascensor, por favor");
        assert_eq!(ask.amount, Some(20));
    }

    #[test]
    fn what_is_no_ask_is_refused() {
        for words in ["", "=", ":20", "beds:none", "beds:0", "a:1:b:c", "tag=beds,colour=red"] {
            assert!(read(words).is_err(), "{words}");
        }
    }
}
