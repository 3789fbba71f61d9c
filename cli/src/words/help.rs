//! What `--help` says, in the languages that are not English: the definitions of the commands are in
//! English, and a catalogue has a translation of each of their lines.
//!
//! A catalogue is text: an English line, below it the same in the other language, then an empty line.
//! Who translates needs no Rust. A last full stop is left out of both, since `clap` shows some lines
//! with it and some without.

use std::collections::BTreeMap;

use clap::builder::{Resettable, Str, StyledStr};
use clap::{Arg, Command};

use super::Speech;

/// The catalogue of Spanish, in the order of `weft --help`. A line stands where it is said first.
const SPANISH: &[&str] = &[
    include_str!("help/spanish/start.txt"),
    include_str!("help/spanish/network.txt"),
    include_str!("help/spanish/ties.txt"),
    include_str!("help/spanish/calls.txt"),
    include_str!("help/spanish/deciding.txt"),
    include_str!("help/spanish/keys.txt"),
    include_str!("help/spanish/node.txt"),
    include_str!("help/spanish/records.txt"),
];

/// What `clap` writes itself into every page, of help and of the manual, and the same in Spanish.
const SPANISH_FRAME: &[(&str, &str)] = &[
    ("Usage:", "Uso:"),
    ("Commands:", "Órdenes:"),
    ("Arguments:", "Argumentos:"),
    ("Options:", "Opciones:"),
    ("[OPTIONS]", "[OPCIONES]"),
    ("<COMMAND>", "<ORDEN>"),
    ("[COMMAND]", "[ORDEN]"),
    ("[env: ", "[variable: "),
    ("[default: ", "[por defecto: "),
    ("[possible values: ", "[valores posibles: "),
    (".SH NAME", ".SH NOMBRE"),
    (".SH SYNOPSIS", ".SH SINOPSIS"),
    (".SH DESCRIPTION", ".SH DESCRIPCIÓN"),
    (".SH OPTIONS", ".SH OPCIONES"),
    (".SH SUBCOMMANDS", ".SH ÓRDENES"),
    (".SH EXTRA", ".SH ADEMÁS"),
    (".SH VERSION", ".SH VERSIÓN"),
];

impl Speech {
    /// Returns the commands with their help in this language.
    pub(crate) fn help(self, mut command: Command) -> Command {
        match self {
            Self::English => command,
            Self::Spanish => {
                let catalogue: BTreeMap<_, _> = pairs(SPANISH).collect();
                // Only what is built has all its lines, those of `--help` itself among them.
                command.build();
                said_by(command, &mut |line| {
                    catalogue.get(line).copied().unwrap_or(line).to_owned()
                })
            }
        }
    }

    /// Returns a page of help, of which the frame is English, in this language.
    pub(crate) fn page(self, page: &str) -> String {
        let frame = match self {
            Self::English => &[],
            Self::Spanish => SPANISH_FRAME,
        };
        let put = |page: String, (ours, theirs): &(&str, &str)| page.replace(ours, theirs);
        frame.iter().fold(page.to_owned(), put)
    }
}

/// Returns the lines of a catalogue, each with its translation.
fn pairs(files: &'static [&'static str]) -> impl Iterator<Item = (&'static str, &'static str)> {
    let entries = files.iter().flat_map(|file| file.split("\n\n"));
    entries.filter_map(|entry| entry.trim_matches('\n').split_once('\n'))
}

/// Returns a command with every line that people read as `say` says it.
fn said_by(command: Command, say: &mut dyn FnMut(&str) -> String) -> Command {
    let mut all = |text: Option<&StyledStr>| Resettable::from(text.map(|text| lines(text, say)));
    let (about, long_about) = (all(command.get_about()), all(command.get_long_about()));
    let after_help = all(command.get_after_help());
    let command = command.about(about).long_about(long_about).after_help(after_help);
    let command = command.mut_args(|arg| argument(arg, say));
    command.mut_subcommands(|verb| said_by(verb, say))
}

fn argument(arg: Arg, say: &mut dyn FnMut(&str) -> String) -> Arg {
    let mut all = |text: Option<&StyledStr>| Resettable::from(text.map(|text| lines(text, say)));
    let (help, long_help) = (all(arg.get_help()), all(arg.get_long_help()));
    let heading = arg.get_help_heading().map(&mut *say);
    // A flag has a name for its value too, which nobody sees.
    let names = arg.get_value_names().filter(|_| arg.get_action().takes_values());
    let names: Vec<String> = names.unwrap_or_default().iter().map(|name| say(name)).collect();
    let arg =
        arg.help(help).long_help(long_help).help_heading(Resettable::from(heading.map(Str::from)));
    if names.is_empty() { arg } else { arg.value_names(names) }
}

fn lines(text: &StyledStr, say: &mut dyn FnMut(&str) -> String) -> StyledStr {
    let text = text.to_string();
    let line = |line: &str| match line.strip_suffix('.') {
        Some(sentence) => say(sentence) + ".",
        None if line.is_empty() => String::new(),
        None => say(line),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n").into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn every_line_of_help_is_in_the_catalogue_once_and_nothing_else_is() {
        let mut command = Cli::command();
        command.build();
        let mut said = BTreeSet::new();
        said_by(command, &mut |line| {
            said.insert(line.to_owned());
            line.to_owned()
        });
        let mut known = BTreeSet::new();
        for (english, spanish) in pairs(SPANISH) {
            assert!(known.insert(english.to_owned()), "twice in the catalogue: {english}");
            assert!(!spanish.is_empty() && !spanish.contains('\n'), "one line each: {english}");
        }
        let missing: Vec<&String> = said.difference(&known).collect();
        assert!(missing.is_empty(), "help without a translation: {missing:#?}");
        let left: Vec<&String> = known.difference(&said).collect();
        assert!(left.is_empty(), "translations of what no help says: {left:#?}");
    }

    #[test]
    fn commands_and_options_stand_in_a_translation_as_they_are_typed() {
        for (english, spanish) in pairs(SPANISH) {
            let typed = |word: &&str| word.starts_with("--") && !word.contains(['=', '/']);
            let words = |line: &'static str| {
                let bare = |c: char| !c.is_ascii_alphanumeric() && c != '-';
                let words = line.split(' ').map(move |word| word.trim_matches(bare));
                words.filter(typed).collect::<BTreeSet<_>>()
            };
            assert_eq!(words(english), words(spanish), "{english}");
        }
    }

    #[test]
    fn pages_have_no_english_frame() {
        let mut command = Speech::Spanish.help(Cli::command());
        let page = Speech::Spanish.page(&command.render_long_help().to_string());
        assert!(page.contains("Uso: weft [OPCIONES] [ORDEN]"), "{page}");
        for english in ["Usage", "Commands", "Options", "[env", "Print help"] {
            assert!(!page.contains(english), "{english}: {page}");
        }
    }
}
