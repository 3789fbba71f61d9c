//! Where a person sits: which home, which languages, what may be asked, how answers are written.
//!
//! **Invariant:** answers go to standard output, everything else to standard error; with `--json`
//! standard output holds JSON and nothing else.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use weft_node::config::{Config, DEFAULT_NODE, Overrides};
use weft_node::network::Address;
use weft_protocol::body::text::Lang;
use weft_protocol::time::Timestamp;

use crate::exit::{Exit, Failure};
use crate::home::Home;
use crate::input::code::lang;
use crate::input::moment::{Edge, moment};
use crate::show::columns::{Column, columns, pairs};
use crate::show::page::{fit_for, width, wrapped};
use crate::show::waiting::Waiting;
use crate::show::when::Clock;
use crate::unlock::Unlocker;
use crate::words::{Empty, Listed, Say, Speech, Word};

/// Where help lists what every command understands: apart from what is its own.
const EVERYWHERE: &str = "Everywhere";

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct DeskArgs {
    /// The folder of the node, its settings and your keys [default: ~/.weft]
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "WEFT_HOME", value_name = "FOLDER")]
    home: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    json: bool,
    /// The language to show first and of what you write, such as es or pt-br
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "LANGUAGE", value_parser = lang)]
    lang: Option<Lang>,
    /// Read the passphrase of the key from this file (its first line). Else it is taken from
    /// WEFT_PASSPHRASE, from ssh-agent ('weft key add'), or asked for, once in a command
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The node to ask, when it is not the one in this home: its address, which ends in /p2p/…, or its
    /// name in the settings
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "WEFT_NODE", value_name = "ADDRESS")]
    node: Option<String>,
    /// The key that opens that node's door [default: the one that has opened it before, or the only one of a role]
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "WEFT_NODE_KEY", value_name = "KEY")]
    node_key: Option<String>,
    /// Do not ask: yes, I am sure. Scripts need it for what would be asked at a terminal
    #[arg(long, short = 'y', global = true, help_heading = EVERYWHERE)]
    yes: bool,
}

/// Returns the language in which the program speaks to who typed these words: that of `--lang`, else
/// that of the system. It is needed before the words are understood.
pub(crate) fn speech(words: &[OsString]) -> Speech {
    let mut words = words.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    let mut wanted = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--lang=") {
            Some(tag) => wanted = Some(tag.to_owned()),
            None if word == "--lang" => wanted = words.next().map(Cow::into_owned),
            None => {}
        }
    }
    Speech::of(&wanted.unwrap_or_else(system))
}

/// Returns the locale of the system, such as `es_MX.UTF-8`.
fn system() -> String {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default()
}

/// Returns the language of a locale; none of `C` and `POSIX`, which speak to programs.
fn lang_of_locale(locale: &str) -> Option<&str> {
    let name = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
    (name.len() > 1 && name != "POSIX").then_some(name)
}

/// Where a person sits.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The folder of the node and the person.
    pub(crate) home: Home,
    /// The language in which the program speaks.
    pub(crate) speech: Speech,
    /// Whether answers are JSON.
    pub(crate) json: bool,
    lang: Option<Lang>,
    /// Opens keys.
    pub(crate) unlocker: Unlocker,
    node: Option<String>,
    node_key: Option<String>,
    yes: bool,
}

impl Desk {
    /// Sits down, to be spoken to in this language.
    pub(crate) fn new(args: DeskArgs, speech: Speech) -> Self {
        let DeskArgs { home, json, lang, passphrase_file, node, node_key, yes } = args;
        let (home, unlocker) = (Home::find(home), Unlocker::new(speech, passphrase_file));
        Self { home, speech, json, lang, unlocker, node, node_key, yes }
    }

    /// Reads the clock of this machine.
    pub(crate) fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp::ZERO + since.unwrap_or_default()
    }

    /// Reads a moment from the command line, in the time zone of this machine.
    ///
    /// # Errors
    /// A usage failure that names `flag`, when the words are no moment.
    pub(crate) fn moment(&self, flag: &str, words: &str, edge: Edge) -> Result<Timestamp> {
        self.moment_by(&Clock::here(), (flag, words), edge)
    }

    /// The same in another time zone.
    ///
    /// # Errors
    /// As [`Desk::moment`].
    pub(crate) fn moment_in(
        &self,
        zone: &str,
        flag: &str,
        words: &str,
        edge: Edge,
    ) -> Result<Timestamp> {
        self.moment_by(&Clock::of(zone), (flag, words), edge)
    }

    fn moment_by(
        &self,
        clock: &Clock,
        (flag, words): (&str, &str),
        edge: Edge,
    ) -> Result<Timestamp> {
        // Whole seconds, as records have them.
        let now = Timestamp::from_secs(self.now().as_secs());
        moment(words, now, clock.zone(), edge)
            .map_err(|e| Failure::usage(format!("{flag} {words}"), e))
    }

    /// Returns the day and the hour of a moment by the clock of this machine, and how far away it is.
    pub(crate) fn date(&self, then: Timestamp) -> String {
        Clock::here().date(then, self.now(), self.speech)
    }

    /// The same by the clock of a time zone.
    pub(crate) fn date_in(&self, zone: &str, then: Timestamp) -> String {
        Clock::of(zone).date(then, self.now(), self.speech)
    }

    /// Returns the languages in which words are shown, the wanted ones first.
    pub(crate) fn languages(&self) -> Vec<Lang> {
        let own = self.settings().ok().map(|settings| settings.language);
        let speech = self.speech.lang().parse().ok();
        self.lang.clone().into_iter().chain(own).chain(speech).collect()
    }

    /// Returns the language of what is written without naming one: that of `--lang`, else that of the
    /// settings.
    ///
    /// # Errors
    /// As [`Desk::settings`].
    pub(crate) fn language(&self) -> Result<Lang> {
        match &self.lang {
            Some(lang) => Ok(lang.clone()),
            None => Ok(self.settings()?.language),
        }
    }

    /// Returns the language of whoever makes a home here: that of `--lang`, else that of the system;
    /// English where that has none.
    pub(crate) fn mother_tongue(&self) -> Lang {
        let locale = system();
        let system = || lang_of_locale(&locale).and_then(|tag| lang(tag).ok());
        self.lang.clone().or_else(system).unwrap_or_else(weft_node::config::english)
    }

    /// Reads the settings of this home.
    ///
    /// # Errors
    /// When there is no home here, or its settings make no sense.
    pub(crate) fn settings(&self) -> Result<Config> {
        self.home.settings(Overrides::default())
    }

    /// Writes a line of an answer, parted between words where the terminal is narrower.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn line(&self, line: impl Display) -> Result<()> {
        self.verbatim(wrapped(&line.to_string(), self.width()))
    }

    /// Writes what other programs read, or people copy, as it is.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn verbatim(&self, text: impl Display) -> Result<()> {
        let text = text.to_string();
        Ok(writeln!(anstream::stdout(), "{}", fit_for(&io::stdout(), &text))?)
    }

    /// Returns how wide an answer may be; none when it may have any width.
    pub(crate) fn width(&self) -> Option<usize> {
        width(&io::stdout())
    }

    /// Says something beside the answer.
    pub(crate) fn note(&self, say: &Say) {
        complain(&self.speech.say(say));
    }

    /// Begins to wait for what this says, which a person is told when it takes long.
    pub(crate) fn waiting(&self, say: &Say) -> Waiting {
        Waiting::begin(self.speech.say(say))
    }

    /// Answers in one JSON value.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn answer(&self, value: &impl Serialize) -> Result<()> {
        self.verbatim(serde_json::to_string_pretty(value)?)
    }

    /// Answers in one line of JSON, as a part of a stream.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn answer_line(&self, value: &impl Serialize) -> Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(value)?)?;
        Ok(out.flush()?)
    }

    /// Answers with a list in JSON, or says that nothing is there; returns whether a table is to follow.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn wants_table<T>(&self, all: &[T], shape: impl Fn(&T) -> Value) -> Result<bool> {
        self.wants_list(all, shape, &Say::NothingThere)
    }

    /// The same of a list that has what is over only where all is asked for.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn wants_past<T>(
        &self,
        (found, all): (&[T], bool),
        shape: impl Fn(&T) -> Value,
        of: Listed,
    ) -> Result<bool> {
        self.wants_list(found, shape, &Say::Empty(Empty::Listed { of, all }))
    }

    /// As [`Desk::wants_table`], and says why when nothing is there.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn wants_list<T>(
        &self,
        all: &[T],
        shape: impl Fn(&T) -> Value,
        why_empty: &Say,
    ) -> Result<bool> {
        if self.json {
            self.answer(&all.iter().map(shape).collect::<Vec<_>>())?;
        } else if all.is_empty() {
            self.note(why_empty);
        }
        Ok(!self.json && !all.is_empty())
    }

    /// Shows rows under headings.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn table<const N: usize>(
        &self,
        headings: [Word; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Result<Exit> {
        self.verbatim(columns(headings.map(|word| self.column(word)), rows, self.width()))?;
        Ok(Exit::Done)
    }

    /// Returns a column under a word: ids and names of nodes stay whole, and what somebody else wrote
    /// is brief in a list.
    pub(crate) fn column(&self, word: Word) -> Column {
        let column = Column::of(self.speech.word(word));
        match word {
            Word::Id | Word::Node | Word::Key => column.whole(),
            Word::Title | Word::Summary | Word::Text | Word::Name => column.brief(),
            _ => column,
        }
    }

    /// Shows facts beside what they are called; those that have nothing to say are left out.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(crate) fn facts(&self, rows: impl IntoIterator<Item = (Word, String)>) -> Result<()> {
        let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
        let rows = rows.map(|(word, text)| (self.speech.word(word).to_owned(), text));
        self.verbatim(pairs(rows, self.width()))
    }

    /// Asks a question that is answered by yes or no.
    ///
    /// # Errors
    /// When the answer is no, or there is nobody to ask and no `--yes`.
    pub(crate) fn confirm(&self, question: &Say) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        let question = self.speech.say(question);
        if !io::stdin().is_terminal() {
            return Err(Failure::ending(Exit::Refused, Say::NobodyToAsk { question }));
        }
        let question = format!("{question} [{}]", self.speech.say(&Say::YesOrNo));
        let question = fit_for(&io::stderr(), &question);
        write!(anstream::stderr(), "{} ", wrapped(&question, width(&io::stderr())))?;
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        if self.speech.is_yes(line.trim()) {
            Ok(())
        } else {
            Err(Failure::ending(Exit::Refused, Say::NotConfirmed))
        }
    }

    /// Returns the address of the node that the settings of this home ask in place of one of its own, if
    /// they do.
    pub(crate) fn asks(&self) -> Result<Option<String>> {
        Ok(self.settings()?.nodes.get(DEFAULT_NODE).cloned())
    }

    /// Returns where the node is that was named, on the command line or in the settings; none when
    /// it is the one of this home.
    ///
    /// # Errors
    /// When what was named leads to no node.
    pub(crate) fn node_away(&self) -> Result<Option<Address>> {
        let settings = self.settings().ok();
        let by_name = |name: &str| settings.as_ref().and_then(|settings| settings.nodes.get(name));
        let node = match &self.node {
            Some(node) => node.clone(),
            None if by_name(DEFAULT_NODE).is_some() => DEFAULT_NODE.to_owned(),
            None => return Ok(None),
        };
        let by_name = by_name(&node);
        let address = by_name.unwrap_or(&node).parse::<Address>().ok();
        let address = address.filter(|address| address.node().is_some());
        address.map(Some).ok_or_else(|| Failure::ending(Exit::Usage, Say::NoSuchNode { node }))
    }

    /// Returns the name of the key that is to open that node's door, if one was named.
    pub(crate) fn node_key(&self) -> Option<&str> {
        self.node_key.as_deref()
    }
}

/// Says something on standard error. When even that is closed there is nobody to tell.
pub(crate) fn complain(sentence: &str) {
    let sentence = fit_for(&io::stderr(), sentence);
    let sentence = wrapped(&sentence, width(&io::stderr()));
    writeln!(anstream::stderr(), "{sentence}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_a_locale_is_what_people_speak_there() {
        for (locale, lang) in [
            ("es_MX.UTF-8", Some("es")),
            ("en", Some("en")),
            ("ca@valencia", Some("ca")),
            ("C.UTF-8", None),
            ("POSIX", None),
            ("", None),
        ] {
            assert_eq!(lang_of_locale(locale), lang, "{locale}");
        }
    }
}
