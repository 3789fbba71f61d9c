//! From the words of a command line to what they ask for, in the language of who typed them.
//!
//! **Invariant:** what was not understood ends with exit code 2 and does nothing.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Error, FromArgMatches};

use crate::args::Cli;
use crate::desk;
use crate::exit::Exit;
use crate::hints;
use crate::show::page::{width, wrapped};
use crate::words::{Slip, Speech};

/// Returns what is asked for; or, when it was help or was not understood, says so and returns how the
/// program ends.
pub(crate) fn understand(words: &[OsString], speech: Speech) -> Result<Cli, Exit> {
    let mut command = speech.help(Cli::command());
    command.build();
    let words = &hints::meant(&command, words);
    let read = command.clone().try_get_matches_from(words);
    let error = match read.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let page = || speech.page(&error.render().ansi().to_string());
    Err(match error.kind() {
        // A reader that has enough (`weft --help | head`) is no failure of ours.
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let (page, out) = (page(), std::io::stdout());
            write!(anstream::stdout(), "{}", wrapped(&page, width(&out))).ok();
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let (page, out) = (page(), std::io::stderr());
            write!(anstream::stderr(), "{}", wrapped(&page, width(&out))).ok();
            Exit::Usage
        }
        _ => {
            desk::complain(
                &speech.of_slip(&hinted(slip(&error), &command, words), &meant(&command, words)),
            );
            Exit::Usage
        }
    })
}

fn slip(error: &Error) -> Slip {
    let text = |kind| texts(error, kind).into_iter().next().unwrap_or_default();
    let option = text(ContextKind::InvalidArg);
    let word = text(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => Slip::NoCommand {
            word: text(ContextKind::InvalidSubcommand),
            near: near(error, ContextKind::SuggestedSubcommand),
        },
        ErrorKind::MissingSubcommand => {
            Slip::HalfCommand { verbs: texts(error, ContextKind::ValidSubcommand) }
        }
        ErrorKind::UnknownArgument if option.starts_with('-') => {
            Slip::NoOption { option, near: near(error, ContextKind::SuggestedArg) }
        }
        ErrorKind::UnknownArgument => Slip::ExtraWord { word: option },
        ErrorKind::MissingRequiredArgument => {
            Slip::Missing { what: texts(error, ContextKind::InvalidArg) }
        }
        ErrorKind::InvalidValue => {
            Slip::NotAmong { option, word, values: texts(error, ContextKind::ValidValue) }
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            Slip::BadValue { option, word, why }
        }
        ErrorKind::ArgumentConflict => {
            let others = texts(error, ContextKind::PriorArg);
            if others.contains(&option) {
                Slip::Twice { option }
            } else {
                Slip::NotTogether { option, others }
            }
        }
        ErrorKind::TooManyValues => Slip::ExtraValue { option, word },
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => Slip::FewValues { option },
        ErrorKind::InvalidUtf8 => Slip::NoText,
        _ => Slip::Unclear,
    }
}

/// Offers what people mean who know other programs.
fn hinted(slip: Slip, command: &Command, words: &[OsString]) -> Slip {
    let Slip::NoCommand { word, near } = slip else { return slip };
    let mut at = command;
    for verb in meant(command, words).split(' ').skip(1) {
        at = at.find_subcommand(verb).unwrap_or(at);
    }
    if at.get_name() == "config" {
        return Slip::NoSetting { word };
    }
    let mut alike = hints::alike(at, &word);
    alike.truncate(NEAR_MAX);
    Slip::NoCommand { word, near: if alike.is_empty() { near } else { alike } }
}

/// Returns what was likely meant, the likeliest first; `clap` has it last.
fn near(error: &Error, kind: ContextKind) -> Vec<String> {
    texts(error, kind).into_iter().rev().take(NEAR_MAX).collect()
}

/// How many guesses are offered: more are no help.
const NEAR_MAX: usize = 3;

/// Returns what an error says of itself under this heading.
fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// Returns the command that was meant, as far as the words name one: `weft call new`.
fn meant(command: &Command, words: &[OsString]) -> String {
    let mut meant = command.get_name().to_owned();
    let mut at = command;
    let mut words = words.iter().skip(1).map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        if let Some(option) = word.strip_prefix('-') {
            let known = |arg: &&clap::Arg| arg.get_long() == option.strip_prefix('-');
            // Before a verb there are only the options of all commands; a value of theirs is no command.
            let known = command.get_arguments().find(known);
            if known.is_some_and(|arg| arg.get_action().takes_values()) {
                words.next();
            }
            continue;
        }
        let Some(verb) = at.find_subcommand(&*word) else { break };
        meant = format!("{meant} {}", verb.get_name());
        at = verb;
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    /// What is said of a command line that is not understood.
    fn said(line: &str, speech: Speech) -> String {
        let mut command = speech.help(Cli::command());
        command.build();
        let error = command.clone().try_get_matches_from(words(line)).unwrap_err();
        let slip = hinted(slip(&error), &command, &words(line));
        speech.of_slip(&slip, &meant(&command, &words(line)))
    }

    #[test]
    fn every_slip_is_said_in_both_languages_and_leads_to_the_help_that_helps() {
        for (line, english, spanish, help) in [
            ("weft cal list", "call", "call", "weft"),
            ("weft --home call cal list", "call", "call", "weft"),
            ("weft call neww", "mean: new?", "decir: new?", "weft call"),
            ("weft values set UN=7", "mean: declare?", "decir: declare?", "weft values"),
            ("weft proposal vote x", "mean: ballot?", "decir: ballot?", "weft proposal"),
            ("weft config set x y", "config.toml", "config.toml", "weft config"),
            ("weft start", "mean: up?", "decir: up", "weft"),
            ("weft call new --titel x", "--title", "--title", "weft call new"),
            ("weft call --json", "follows 'weft call'", "sigue a «weft call»", "weft call"),
            ("weft call show one two", "'two'", "«two»", "weft call show"),
            ("weft call show", "<CALL>", "<LLAMAMIENTO>", "weft call show"),
            ("weft call new --kind", "--kind <KIND>", "--kind <TIPO>", "weft call new"),
            ("weft call new --kind plea", "invitation", "invitation", "weft call new"),
            ("weft call list --limit few", "whole number", "número entero", "weft call list"),
            ("weft call list --all --all", "twice", "dos veces", "weft call list"),
            ("weft completions csh", "bash", "bash", "weft completions"),
            ("weft init --region X", "gb-bristol", "gb-bristol", "weft init"),
        ] {
            for (speech, word) in [(Speech::English, english), (Speech::Spanish, spanish)] {
                let said = said(line, speech);
                assert!(said.contains(word), "{line}: {said}");
                assert!(said.ends_with(&format!(": {help} --help")), "{line}: {said}");
                assert!(!said.contains("subcommand") && !said.contains("argument"), "{said}");
            }
            assert_ne!(said(line, Speech::English), said(line, Speech::Spanish));
        }
    }
}
