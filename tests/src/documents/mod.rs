//! What the documents tell a person to do, in the order in which they tell it.
//!
//! A block of commands is fenced by ```` ```sh ````. One that no test can play says so after it, with the
//! reason: ```` ```sh not-played: needs systemd ````.
//!
//! **Invariant:** every command of a block is played as it stands, but for what a reader would put in its
//! place; and what was played, with every answer, can be read afterwards.

mod player;

use std::collections::BTreeMap;
use std::fs;

use crate::source;

pub use player::{Person, Player};

/// How a fence begins.
const FENCE: &str = "```sh";

/// What stands on a fence before the reason why nobody plays the block.
const NOT_PLAYED: &str = "not-played: ";

/// Some commands that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The heading above it.
    pub heading: String,
    /// Why no test plays it.
    pub not_played: Option<String>,
    /// The commands.
    pub steps: Vec<Step>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is typed.
    pub command: String,
    /// What stands beside it.
    pub comment: String,
}

/// Reads the blocks of a document, which is named from the root.
///
/// # Panics
///
/// When it cannot be read, or a fence is not closed.
pub fn blocks(path: &str) -> Vec<Block> {
    let text = fs::read_to_string(source::root().join(path)).expect("a document of ours");
    read(&text)
}

fn read(text: &str) -> Vec<Block> {
    let (mut blocks, mut heading) = (Vec::new(), "");
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        heading = line.strip_prefix("## ").unwrap_or(heading);
        let Some(fence) = line.strip_prefix(FENCE) else { continue };
        let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let reason = fence.trim().strip_prefix(NOT_PLAYED);
        assert!(fence.is_empty() || reason.is_some(), "nobody knows what this fence means: {line}");
        blocks.push(Block {
            heading: heading.to_owned(),
            not_played: reason.map(str::to_owned),
            steps: inside.iter().map(|line| step(line)).collect(),
        });
    }
    blocks
}

/// A comment begins after two spaces, as everywhere in our documents.
fn step(line: &str) -> Step {
    let (command, comment) = line.split_once("  #").unwrap_or((line, ""));
    Step { command: command.trim().to_owned(), comment: comment.trim().to_owned() }
}

impl Step {
    /// Returns the command with what is known in the place of what the document leaves open: the
    /// longest first.
    ///
    /// # Panics
    ///
    /// When something is left open that nobody knows.
    pub fn filled(&self, known: &BTreeMap<String, String>) -> String {
        let mut open: Vec<&String> = known.keys().collect();
        open.sort_by_key(|open| std::cmp::Reverse(open.len()));
        let mut command = self.command.clone();
        for open in open {
            command = command.replace(open.as_str(), &known[open]);
        }
        let shouted = |word: &&str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase());
        let left = command.split([' ', '\'', '"']).find(|word| word.contains('…') || shouted(word));
        assert!(left.is_none(), "nobody has said what to put in the place of {left:?}: {command}");
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A\n\n```sh not-played: takes an hour\nmake all\n```\n\n## B\n\n\
        ```sh\nweft up      # runs\nweft tie accept TIE --at '/dns4/…/tcp/1'\n```\n```\nno command\n```\n";

    #[test]
    fn blocks_are_read_with_what_stands_beside_them() {
        let blocks = read(TEXT);
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].not_played.as_deref(), Some("takes an hour"));
        assert_eq!((blocks[1].heading.as_str(), &blocks[1].not_played), ("B", &None));
        let step = |command: &str, comment: &str| Step {
            command: command.to_owned(),
            comment: comment.to_owned(),
        };
        let second = step("weft tie accept TIE --at '/dns4/…/tcp/1'", "");
        assert_eq!(blocks[1].steps, [step("weft up", "runs"), second]);
    }

    #[test]
    fn what_is_left_open_is_filled_in() {
        let known = [("TIE", "abc"), ("/dns4/…/tcp/1", "/ip4/10.0.0.1/tcp/1")];
        let known = known.map(|(open, known)| (open.to_owned(), known.to_owned())).into();
        let filled = read(TEXT)[1].steps[1].filled(&known);
        assert_eq!(filled, "weft tie accept abc --at '/ip4/10.0.0.1/tcp/1'");
    }

    #[test]
    #[should_panic(expected = "nobody has said what to put in the place of")]
    fn what_nobody_knows_is_not_played() {
        read(TEXT)[1].steps[1].filled(&BTreeMap::new());
    }
}
