//! Characters that people see, and those that nobody does.
//!
//! What cannot be seen lets two names look alike, hides words in a title, or moves a line of one
//! author into another's. The lists are our own and do not grow with Unicode: what is a record stays
//! one, whatever table a program is built with.

/// How words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In lines and paragraphs.
    Lines,
    /// In one line: a name, a title.
    OneLine,
}

/// Says whether all of it can be seen, and some of it is more than a space.
pub(super) fn is_seen(text: &str, form: Form) -> bool {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let fine = match c {
            '\n' | '\t' => form == Form::Lines,
            '\u{200c}' | '\u{200d}' => joins(before) && joins(rest.peek().copied()),
            '\u{061c}' | '\u{200e}' | '\u{200f}' => form == Form::Lines,
            c => !c.is_control() && !is_hidden(c),
        };
        if !fine {
            return false;
        }
        before = Some(c);
    }
    text.chars().any(|c| !c.is_whitespace() && !is_empty(c))
}

/// Says whether a joiner may stand beside it: Persian, Hindi and families of emoji have them within
/// words.
fn joins(neighbour: Option<char>) -> bool {
    neighbour.is_some_and(|c| {
        !c.is_ascii() && !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}')
    })
}

/// Says whether nobody sees it, or it changes how others are shown: separators of lines, turns of the
/// direction, fillers, spaces of no width, annotations and tags.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Says whether it shows nothing when it stands alone: joiners, marks of direction, selectors of a
/// variant, a pattern of Braille without dots.
fn is_empty(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200c}'..='\u{200f}' | '\u{2800}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_script_are_seen() {
        for words in [
            "Twenty beds",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{915}\u{94d}\u{200d}\u{937}",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "\u{845b}\u{e0100}",
        ] {
            assert!(is_seen(words, Form::OneLine), "{words:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_not() {
        for hidden in [
            "\u{200b}",
            "\u{feff}",
            "\u{2060}",
            "\u{00ad}",
            "\u{202e}",
            "\u{2066}",
            "\u{2028}",
            "\u{2029}",
            "\u{e0041}",
            "\u{3164}",
            "\u{7f}",
            "\r",
            "\u{1b}",
            "\u{85}",
        ] {
            for form in [Form::Lines, Form::OneLine] {
                assert!(!is_seen(&format!("a{hidden}b"), form), "{hidden:?}");
            }
        }
        for lines in ["\n", "\t", "\u{061c}", "\u{200e}", "\u{200f}"] {
            assert!(is_seen(&format!("a{lines}b"), Form::Lines), "{lines:?}");
            assert!(!is_seen(&format!("a{lines}b"), Form::OneLine), "{lines:?}");
        }
        for empty in ["", " ", "\u{2800}", "\u{fe0f}", " \u{a0} ", "\u{200e}"] {
            assert!(!is_seen(empty, Form::Lines), "{empty:?}");
        }
        for joiner in
            ["a\u{200d}b", "\u{200d}\u{645}", "\u{645}\u{200d}", "\u{645}\u{200d}\u{200d}\u{645}"]
        {
            assert!(!is_seen(joiner, Form::Lines), "{joiner:?}");
        }
    }
}
