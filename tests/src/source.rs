//! Reads our own source tree as text, for the tests that hold its shape.
//!
//! **Invariant:** nothing here compiles or parses Rust; comments and literals are blanked, the
//! rest is words. So a rule can be stated about every file, also one that does not compile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One text file of the repository, tracked or about to be.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is, from the root of the repository, with `/` between the parts.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Source {
    /// Returns what stands before the unit tests: the whole text where there are none, nothing
    /// where the file is all tests (`tests.rs`, or anything below a folder `tests` of a room).
    pub fn without_tests(&self) -> &str {
        if self.path.ends_with("/tests.rs") || self.path.contains("/src/tests/") {
            return "";
        }
        let mut from = 0;
        while let Some(found) = self.text[from..].find("#[cfg(test)]") {
            let at = from + found;
            let rest = self.text[at..].lines().skip(1).find(|line| !line.starts_with("#["));
            if rest.is_some_and(|line| line.starts_with("mod ")) {
                return &self.text[..at];
            }
            from = at + 1;
        }
        &self.text
    }

    /// Returns the code before the unit tests, with comments and literals blanked; lines keep
    /// their numbers.
    pub fn code(&self) -> String {
        blank(self.without_tests())
    }

    /// Returns the name of the file without folder and ending.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// Returns every text file that git tracks or would add, in the order of their paths.
///
/// # Panics
///
/// When git is missing or this is not its checkout.
pub fn tracked() -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository; install git");
    assert!(listed.status.success(), "git: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("paths in the repository are UTF-8");
    let mut names: Vec<&str> = names.split_terminator('\0').collect();
    names.sort_unstable();
    names.dedup();
    // A file may be deleted and not yet committed, or not be text; neither is read.
    let read = |name: &str| fs::read_to_string(root().join(name)).ok();
    names.iter().filter_map(|&n| Some(Source { path: n.to_owned(), text: read(n)? })).collect()
}

/// Returns the Rust files below these folders (`"protocol/"`, …).
pub fn rust(folders: &[&str]) -> Vec<Source> {
    let below = |s: &Source| folders.iter().any(|folder| s.path.starts_with(folder));
    tracked().into_iter().filter(|s| s.path.ends_with(".rs") && below(s)).collect()
}

/// Says that a rule is broken nowhere.
///
/// # Panics
///
/// When it is, with every place and with what to do about it.
#[track_caller]
pub fn none(found: Vec<String>, advice: &str) {
    assert!(found.is_empty(), "{advice}\n  {}\n", found.join("\n  "));
}

/// Returns the number of the line, from 1, that this byte is on.
pub fn line_number(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Returns where a word stands in code: not inside a longer name, unless it ends in `*`.
pub fn find_word(code: &str, word: &str) -> Vec<usize> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let (word, open) = word.strip_suffix('*').map_or((word, false), |start| (start, true));
    code.match_indices(word)
        .filter(|(at, _)| !code[..*at].ends_with(in_name))
        .filter(|(at, _)| open || !code[at + word.len()..].starts_with(in_name))
        .map(|(at, _)| at)
        .collect()
}

/// Replaces comments and the insides of literals by spaces, and keeps line ends.
pub fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = literal_length(rest, code.chars().last());
        if length == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            let (literal, after) = rest.split_at(length);
            code.extend(literal.chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = after;
        }
    }
    code
}

/// Returns how many bytes the comment or literal at the beginning of `rest` takes, 0 if none.
fn literal_length(rest: &str, before: Option<char>) -> usize {
    let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment_length(rest)
    } else if rest.starts_with('"') {
        quoted_length(rest, '"')
    } else if rest.starts_with('\'') {
        char_length(rest)
    } else if !in_name && (rest.starts_with('r') || rest.starts_with("br")) {
        raw_length(rest)
    } else {
        0
    }
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A quote begins a character or a lifetime; a lifetime has no second quote after one character.
fn char_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), _) => quoted_length(rest, '\''),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

fn raw_length(rest: &str) -> usize {
    let start = rest.trim_start_matches('b').trim_start_matches('r');
    let hashes = start.len() - start.trim_start_matches('#').len();
    let opening = rest.len() - start.len() + hashes;
    if !rest[opening..].starts_with('"') {
        return 0;
    }
    let closing = format!("\"{}", "#".repeat(hashes));
    let body = &rest[opening + 1..];
    body.find(&closing).map_or(rest.len(), |at| opening + 1 + at + closing.len())
}

/// Returns the names of the packages that this manifest depends on, for any purpose.
pub fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
            names.push(line[..end].to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank_and_code_stays() {
        let text = "let a = \"tokio // \\\" x\"; // sled\nfn f<'a>(c: &'a str) { '\"'; r#\"x\"y\"# /* a /* b */ c */ }";
        let code = blank(text);
        assert_eq!(code.len(), text.len());
        for word in ["tokio", "sled", "x", "y", "b"] {
            assert!(find_word(&code, word).is_empty(), "{word} is still in {code}");
        }
        assert_eq!(find_word(&code, "str").len(), 1);
        assert!(code.ends_with('}') && code.contains("<'a>"));
    }

    #[test]
    fn a_word_is_found_whole_and_a_beginning_with_a_star() {
        assert_eq!(find_word("tokio::x; my_tokio; tokio_util", "tokio"), [0]);
        assert_eq!(find_word("libp2p::x; libp2p_stream", "libp2p*").len(), 2);
    }

    #[test]
    fn unit_tests_begin_at_their_module_and_not_at_an_import() {
        let text =
            "//! a\n#[cfg(test)]\nuse x;\nfn f() {}\n#[cfg(test)]\nmod tests {}\n".to_owned();
        let source = Source { path: "node/src/a.rs".into(), text };
        assert!(source.without_tests().ends_with("fn f() {}\n"));
    }

    #[test]
    fn a_manifest_names_what_it_depends_on() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\n[dev-dependencies]\nc = { version = \"1\" }\n";
        assert_eq!(dependencies(manifest), ["b", "c"]);
    }
}
