//! People who do what a document tells them, each at a terminal of their own.
//!
//! **Invariant:** whatever is typed and shown stands in the transcript, also when the test fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Step;
use crate::lab::Host;
use crate::process::Progress;
use crate::sandbox::{PASSPHRASE, folder, program};
use crate::source;
use crate::terminal::{COLUMNS, Terminal};

/// How long a command may take, and what it brings about elsewhere: many times what it needs alone.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before looking again for what comes from elsewhere.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What `sudo` does of all that it can: somebody else's command, with variables before it.
const SUDO: &str = "#!/bin/sh\n\
    [ \"$1\" = -u ] || exec env \"$@\"\n\
    account=$2; shift 2\n\
    exec setpriv --reuid=\"$account\" --regid=\"$account\" --init-groups env \"$@\"\n";

/// Somebody who sits at a host.
#[derive(Debug)]
pub struct Person<'a> {
    name: String,
    host: &'a Host,
    folder: TempDir,
    /// What they type before every command.
    before: String,
    /// The terminals in which something runs on.
    busy: Vec<Terminal>,
}

impl<'a> Person<'a> {
    /// Sits down at a host with the program installed, and beside it what a clone of the project has.
    ///
    /// # Panics
    ///
    /// When the folder cannot be filled.
    pub fn new(name: &str, host: &'a Host) -> Self {
        let folder = folder();
        let place = |path: &str| folder.path().join(path);
        let fill = || {
            fs::create_dir(place("bin"))?;
            fs::create_dir_all(place("target/release"))?;
            symlink(program(), place("bin/weft"))?;
            symlink(program(), place("target/release/weft"))?;
            symlink(source::root().join("deploy"), place("deploy"))?;
            fs::write(place("bin/sudo"), SUDO)?;
            fs::set_permissions(place("bin/sudo"), fs::Permissions::from_mode(0o755))
        };
        fill().expect("a folder can be filled");
        let (before, busy) = (String::new(), Vec::new());
        Self { name: name.to_owned(), host, folder, before, busy }
    }

    /// Puts these words before every command from now on.
    pub fn says_before(&mut self, words: &str) {
        words.clone_into(&mut self.before);
    }

    /// Returns the folder in which they work.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn terminal(&self, command: &str) -> Terminal {
        let words = format!("{}{command}", self.before);
        Terminal::start(&self.host.at(self.folder.path(), &words), COLUMNS)
    }
}

/// Whoever plays a document, and knows what to put in the place of what it leaves open.
#[derive(Debug)]
pub struct Player {
    /// What a reader knows by now, by what stands for it in the text.
    pub known: BTreeMap<String, String>,
    path: PathBuf,
    text: String,
}

impl Player {
    /// Begins a transcript of this name, among the built files.
    pub fn new(name: &str) -> Self {
        let path = source::root().join("target/documents").join(name);
        Self { known: BTreeMap::new(), path, text: String::new() }
    }

    /// Says what to put in the place of these words from now on.
    pub fn knows(&mut self, open: &str, what: impl Into<String>) {
        self.known.insert(open.to_owned(), what.into());
    }

    /// Adds a heading to the transcript.
    pub fn heading(&mut self, words: &str) {
        // Writing to a string does not fail.
        writeln!(self.text, "\n## {words}\n").ok();
    }

    /// Plays a step of a document, and returns what was shown.
    ///
    /// # Panics
    ///
    /// When the command fails, with what it showed.
    #[track_caller]
    pub fn step(&mut self, who: &Person<'_>, step: &Step) -> String {
        let command = step.filled(&self.known);
        self.plays(who, &command)
    }

    /// Plays a command, answers what it asks, and returns what was shown.
    ///
    /// # Panics
    ///
    /// As [`Player::step`].
    #[track_caller]
    pub fn plays(&mut self, who: &Person<'_>, command: &str) -> String {
        let shown = who.terminal(command).answering(PASSPHRASE, PATIENCE);
        self.note(who, command, &shown.text);
        shown.done().to_owned()
    }

    /// Starts what runs on in a terminal of its own, and waits until it shows these words.
    ///
    /// # Panics
    ///
    /// When it does not show them.
    #[track_caller]
    pub fn starts(&mut self, who: &mut Person<'_>, command: &str, words: &str) {
        let mut terminal = who.terminal(command);
        terminal.shows(words, PATIENCE);
        self.note(who, command, &terminal.text());
        who.busy.push(terminal);
    }

    /// Plays a command again and again, until it shows these words, which a table may stand below one
    /// another; then it stands in the transcript.
    ///
    /// # Panics
    ///
    /// When it never does, with what it showed last.
    #[track_caller]
    pub fn sees(&mut self, who: &Person<'_>, command: &str, words: &str) -> String {
        let (deadline, elsewhere) = (Instant::now() + PATIENCE, Progress::default());
        loop {
            let shown = who.terminal(command).answering(PASSPHRASE, PATIENCE);
            let there = words.split(' ').all(|word| shown.text.contains(word));
            if there || Instant::now() > deadline {
                self.note(who, command, &shown.text);
                assert!(there, "should show '{words}':\n$ {command}\n{}", shown.text);
                return shown.text;
            }
            // Nobody tells what comes from elsewhere; one looks again.
            elsewhere.wait_beyond(elsewhere.heard(), LOOK_AGAIN);
        }
    }

    fn note(&mut self, who: &Person<'_>, command: &str, shown: &str) {
        let (name, before, shown) = (&who.name, &who.before, shown.trim_end());
        writeln!(self.text, "{name}$ {before}{command}\n{shown}\n").ok();
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let folder = self.path.parent().map_or(Ok(()), fs::create_dir_all);
        // When it cannot be written, the test itself has not failed for that.
        folder.and_then(|()| fs::write(&self.path, &self.text)).ok();
    }
}
