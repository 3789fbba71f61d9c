//! Several things in one argument: `who=us,due=2026-12-24,text=Two drivers, on Fridays`.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::exit::Failure;

/// Reads names and values. The last of the names takes the rest, with its commas; a name without a
/// value is a yes.
///
/// # Errors
/// A usage failure with the form, when there is a name that is none of these or comes twice.
pub(crate) fn fields<'a>(
    flag: &str,
    words: &'a str,
    names: &[&str],
) -> Result<BTreeMap<&'a str, &'a str>> {
    let unclear = || {
        let form: Vec<String> = names.iter().map(|name| format!("{name}=…")).collect();
        Failure::usage(format!("{flag} {words}"), format!("say {}", form.join(",")))
    };
    let mut found = BTreeMap::new();
    let mut rest = words;
    while !rest.is_empty() {
        let end = rest.find([',', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, more) = match after.strip_prefix('=') {
            Some(value) if names.last() == Some(&name) => (value, ""),
            Some(value) => value.split_once(',').unwrap_or((value, "")),
            None => ("", after.strip_prefix(',').unwrap_or("")),
        };
        if !names.contains(&name) || found.insert(name, value).is_some() {
            return Err(unclear());
        }
        rest = more;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_takes_the_rest() {
        let names = ["who", "required", "text"];
        let found = fields("--x", "who=us,required,text=Two, or = three", &names).unwrap();
        assert_eq!(found["who"], "us");
        assert_eq!(found["required"], "");
        assert_eq!(found["text"], "Two, or = three");
    }

    #[test]
    fn what_is_no_field_is_refused_with_the_form() {
        for words in ["what=us", "who=us,who=them", "us"] {
            let error = fields("--x", words, &["who", "text"]).unwrap_err().to_string();
            assert!(error.contains("who=…,text=…"), "{error}");
        }
    }
}
