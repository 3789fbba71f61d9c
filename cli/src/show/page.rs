//! Lines as wide as the terminal on which they are read.
//!
//! **Invariant:** a line is parted between words only; an id, a link, a path and a command to copy
//! stay whole, even where that makes a line too long.

use std::borrow::Cow;
use std::io::{IsTerminal, Stderr, Stdout};
use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;
use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// What a terminal that does not say its width is taken for.
const USUAL: usize = 80;

/// The narrowest that is believed: less is a terminal that does not know.
const NARROWEST: usize = 20;

/// Where an answer or what is said beside it goes.
pub(crate) trait Sheet: AsFd + IsTerminal {}

impl Sheet for Stdout {}
impl Sheet for Stderr {}

/// Returns how many columns there are: those of the terminal, or the number in `COLUMNS` where there
/// is no terminal that says. What is written to a file or to another program has no width, and its
/// lines are as long as they are.
pub(crate) fn width(sheet: &impl Sheet) -> Option<usize> {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok();
    let size = tcgetwinsize(sheet).ok().map(|size| usize::from(size.ws_col));
    let usual = || sheet.is_terminal().then_some(USUAL);
    let known = |columns: &usize| *columns >= NARROWEST;
    size.filter(known).or_else(|| asked().filter(known)).or_else(usual)
}

/// Returns a text of which no line is wider, if it can be parted between words. What follows in a
/// line begins where its words began: below the description of a list's entry, or one step in.
pub(crate) fn wrapped(text: &str, width: Option<usize>) -> Cow<'_, str> {
    let Some(width) = width.filter(|width| text.lines().any(|l| display_width(l) > *width)) else {
        return Cow::Borrowed(text);
    };
    let lines = text.split('\n').map(|line| {
        if display_width(line) <= width {
            return line.to_owned();
        }
        let indent = " ".repeat(hanging(line, width));
        parts(line, width, &indent).join("\n")
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// Returns a text of others as it stands on a page of ours: one step in, so that none of its lines is
/// taken for one of the page.
pub(crate) fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Returns a text of others as an entry of a list: what follows its first line is one step in.
pub(crate) fn hung(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// Returns a text of which a terminal shows every character: what would command it, or turn the
/// direction of what follows, is replaced, whoever wrote it.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let commands = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(commands) {
        Cow::Owned(text.replace(commands, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the text as it goes to a place of this kind: as it is, but for a terminal.
pub(crate) fn fit_for<'a>(sheet: &impl Sheet, text: &'a str) -> Cow<'a, str> {
    if sheet.is_terminal() { shown(text) } else { Cow::Borrowed(text) }
}

/// Parts one line; all but the first begin with `indent`.
pub(crate) fn parts(line: &str, width: usize, indent: &str) -> Vec<String> {
    let options = Options::new(width)
        .break_words(false)
        .subsequent_indent(indent)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::Custom(words));
    let lines = textwrap::wrap(line, options).into_iter().map(Cow::into_owned);
    // A first word that is too long stays where it begins.
    let mut lines = lines.skip_while(|part| part.is_empty()).peekable();
    if lines.peek().is_some() { lines.collect() } else { vec![String::new()] }
}

/// Returns where the second part of a line begins: below the first word after its mark (`*`, `1.`,
/// `--option  `).
fn hanging(line: &str, width: usize) -> usize {
    let lead = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[lead..];
    let beside = rest.find("  ").map(|gap| {
        let after = &rest[gap..];
        let spaces = after.len() - after.trim_start_matches(' ').len();
        lead + display_width(&rest[..gap]) + spaces
    });
    let mark = rest.split_once(' ').filter(|(mark, _)| {
        let number = mark.strip_suffix('.').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        number || ["*", "-", "•"].contains(mark)
    });
    match (beside, mark) {
        // Beyond the middle there is no room for a sentence.
        (Some(at), _) if at <= width / 2 => at,
        (Some(_), _) => lead + 4,
        (None, Some((mark, _))) => lead + mark.len() + 1,
        (None, None) => lead,
    }
}

/// Parts a line where it may be parted: at spaces, but not within a command to copy; and between
/// characters of scripts that have no spaces.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let (mut ends, mut from) = (Vec::new(), 0);
    let commands = commands(line);
    let mut before: Option<char> = None;
    for (at, c) in line.char_indices() {
        let parts = match before {
            Some(' ') => c != ' ',
            Some(before) => is_wide(before) && is_wide(c),
            None => false,
        };
        if parts && !commands.iter().any(|(start, end)| *start < at && at < *end) {
            ends.push((from, at));
            from = at;
        }
        before = Some(c);
    }
    ends.push((from, line.len()));
    Box::new(ends.into_iter().map(|(from, end)| Word::from(&line[from..end])))
}

/// Says whether a character is of a script that is written without spaces.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff60}' | '\u{20000}'..='\u{3fffd}')
}

/// Returns where the commands to copy are in a line: what begins with `weft ` at the beginning of
/// the line, after a colon, or in quotation marks or brackets, to where a sentence goes on.
fn commands(line: &str) -> Vec<(usize, usize)> {
    let begins = line.match_indices("weft ").filter_map(|(at, _)| {
        let before = line[..at].trim_end_matches(' ');
        let close = match before.chars().next_back() {
            None | Some(':') => "",
            Some('\'') => "'",
            Some('«') => "»",
            Some('(') => ")",
            Some('.') if before.trim_start().bytes().all(|b| b.is_ascii_digit() || b == b'.') => "",
            _ => return None,
        };
        let ends: &[&str] = &["  ", " (", ", ", "; ", ". "];
        let rest = &line[at..];
        let end = match close {
            "" => ends.iter().filter_map(|end| rest.find(end)).min(),
            close => rest.find(close),
        };
        Some((at, at + end.unwrap_or(rest.len())))
    });
    begins.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_commands_no_terminal_and_is_no_line_of_ours() {
        let said = "Beds\nby  Bakers\u{1b}[2J\u{202e}\u{9b}";
        assert_eq!(shown(said), "Beds\nby  Bakers\u{fffd}[2J\u{fffd}\u{fffd}");
        assert_eq!(quoted("Beds\nby  Bakers"), "  Beds\n  by  Bakers");
        assert_eq!(hung("Beds\nBakers: all"), "Beds\n  Bakers: all");
    }

    #[track_caller]
    fn is(text: &str, width: usize, lines: &[&str]) {
        assert_eq!(wrapped(text, Some(width)).split('\n').collect::<Vec<_>>(), lines);
    }

    #[test]
    fn what_is_no_wider_or_has_no_width_stays_as_it_is() {
        is("one two", 7, &["one two"]);
        assert_eq!(wrapped("a line of any length", None), "a line of any length");
    }

    #[test]
    fn a_line_is_parted_between_words_and_goes_on_below_its_first() {
        is("one two three", 9, &["one two", "three"]);
        is("* one two three", 9, &["* one two", "  three"]);
        is("12. one two three", 11, &["12. one two", "    three"]);
        is("  -y  one two three", 14, &["  -y  one two", "      three"]);
        is("first\n  second is longer", 12, &["first", "  second is", "  longer"]);
    }

    #[test]
    fn a_command_a_link_and_an_id_stay_whole() {
        is(
            "Start it with: weft up --json, then ask",
            24,
            &["Start it with:", "weft up --json, then ask"],
        );
        is(
            "It may come: try 'weft sync now' or wait",
            20,
            &["It may come: try", "'weft sync now' or", "wait"],
        );
        is(
            "see https://example.org/a-long-one here",
            12,
            &["see", "https://example.org/a-long-one", "here"],
        );
    }

    #[test]
    fn a_first_word_that_is_too_long_stays_where_it_begins() {
        is("/ip4/192.0.2.7/tcp/8471/p2p/abc", 12, &["/ip4/192.0.2.7/tcp/8471/p2p/abc"]);
        assert_eq!(parts("", 12, ""), [""]);
    }

    #[test]
    fn scripts_without_spaces_are_parted_between_characters() {
        is("連帯のため", 6, &["連帯の", "ため"]);
    }
}
