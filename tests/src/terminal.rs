//! A person at a terminal: the program runs on a real one (a pseudo-terminal), as wide as is wanted,
//! where it can ask and be answered.
//!
//! **Invariant:** a program sees no variable but those that were set on its command, so what it shows
//! depends on its arguments, its home and the terminal alone.
//!
//! **Invariant:** only what was started here is ended here, through its own handle.

use std::fs::File;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::process::{Progress, lock};

/// The terminal that people's windows open with.
pub const COLUMNS: u16 = 80;

/// Lines of a terminal; a program that shows everything needs no others.
const ROWS: u16 = 24;

/// A program at a terminal. Dropping it kills it.
#[derive(Debug)]
pub struct Terminal {
    shown: String,
    child: Child,
    keyboard: File,
    heard: Arc<Mutex<Heard>>,
    progress: Arc<Progress>,
    reader: Option<JoinHandle<()>>,
    read: usize,
}

/// What a terminal has shown so far.
#[derive(Debug, Default)]
struct Heard {
    bytes: Vec<u8>,
    over: bool,
}

impl Terminal {
    /// Runs a command at a terminal of so many columns.
    ///
    /// # Panics
    ///
    /// When the system has no pseudo-terminals, or the command cannot be started.
    pub fn start(command: &Command, columns: u16) -> Self {
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        let (keyboard, child) = spawn(command, columns).expect("a program starts at a terminal");
        let screen = keyboard.try_clone().expect("a terminal can be read and written");
        let (heard, progress) = (Arc::<Mutex<Heard>>::default(), Arc::<Progress>::default());
        let reader = Some(listen(screen, &heard, &progress));
        Self { shown: words.join(" "), child, keyboard, heard, progress, reader, read: 0 }
    }

    /// Waits until these words are shown, after those that were waited for before.
    ///
    /// # Panics
    ///
    /// When they are not shown in time, with everything that was.
    #[track_caller]
    pub fn shows(&mut self, words: &str, within: Duration) -> &mut Self {
        let deadline = Instant::now() + within;
        loop {
            let seen = self.progress.heard();
            let over = lock(&self.heard).over;
            let text = self.text();
            if let Some(at) = text[self.read..].find(words) {
                self.read += at + words.len();
                return self;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!over && !left.is_zero(), "should show '{words}':\n$ {}\n{text}", self.shown);
            self.progress.wait_beyond(seen, left);
        }
    }

    /// Types a line, and the key that ends it.
    ///
    /// # Panics
    ///
    /// When the terminal is gone.
    #[track_caller]
    pub fn types(&mut self, line: &str) -> &mut Self {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).expect("the terminal is there");
        self
    }

    /// Answers whatever is asked until the program ends by itself: a passphrase, or yes. A question is what
    /// leaves the cursor behind a colon, or behind the two answers to choose from.
    ///
    /// # Panics
    ///
    /// When it does not end in time, with everything that was shown.
    #[track_caller]
    pub fn answering(mut self, passphrase: &str, within: Duration) -> Shown {
        let deadline = Instant::now() + within;
        loop {
            let seen = self.progress.heard();
            let over = lock(&self.heard).over;
            let text = self.text();
            let asked = text.get(self.read..).unwrap_or_default().trim_end_matches(' ');
            let left = deadline.saturating_duration_since(Instant::now());
            if over || left.is_zero() {
                return self.ends(left);
            }
            let answer = match asked.chars().next_back() {
                Some(':') => Some(passphrase),
                Some(']') => Some("y"),
                _ => None,
            };
            if let Some(answer) = answer {
                self.read = text.len();
                self.types(answer);
            }
            self.progress.wait_beyond(seen, left);
        }
    }

    /// Waits for the program to end by itself, and says how, with everything that was shown.
    ///
    /// # Panics
    ///
    /// When it did not end in time.
    #[track_caller]
    pub fn ends(mut self, within: Duration) -> Shown {
        let deadline = Instant::now() + within;
        loop {
            let seen = self.progress.heard();
            if lock(&self.heard).over {
                break;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "should have ended:\n$ {}\n{}", self.shown, self.text());
            self.progress.wait_beyond(seen, left);
        }
        // The terminal is closed on its side: it has ended, or is about to.
        let status = self.child.wait().expect("a child can be waited for");
        Shown { command: self.shown.clone(), status, text: self.text() }
    }

    /// Returns everything that was shown until now, what was typed among it, in lines that end as
    /// they do in files.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.heard).bytes).replace("\r\n", "\n")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill, and it is waited for alike.
        self.child.kill().ok();
        self.child.wait().ok();
        if let Some(reader) = self.reader.take() {
            reader.join().ok();
        }
    }
}

/// What a program left on the terminal.
#[derive(Debug)]
#[must_use = "say what was expected of it"]
pub struct Shown {
    command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Everything that it showed, and what was typed.
    pub text: String,
}

impl Shown {
    /// Says that it ended with this exit code, and returns what was shown.
    ///
    /// # Panics
    ///
    /// When it did not, with everything it showed.
    #[track_caller]
    pub fn with_code(&self, code: i32) -> &str {
        let Self { command, status, text } = self;
        assert!(status.code() == Some(code), "should have ended with {code}:\n$ {command}\n{text}");
        text
    }

    /// Sees that the command did what it was for, and returns what was shown.
    ///
    /// # Panics
    ///
    /// When it did not, with what was shown.
    #[track_caller]
    pub fn done(&self) -> &str {
        self.with_code(0)
    }
}

/// Opens a terminal, and starts a command on its other end. `setsid` makes it the one on which the
/// program finds a person, as `/dev/tty`.
fn spawn(command: &Command, columns: u16) -> io::Result<(File, Child)> {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&keyboard)?;
    unlockpt(&keyboard)?;
    let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&keyboard, size)?;
    let name = ptsname(&keyboard, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let screen = File::from(open(&*name, flags, Mode::empty())?);

    let mut seated = Command::new("setsid");
    seated.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
    seated.env_clear().env("TERM", "xterm");
    seated.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        seated.current_dir(folder);
    }
    seated.stdin(Stdio::from(screen.try_clone()?));
    seated.stdout(Stdio::from(screen.try_clone()?)).stderr(Stdio::from(screen));
    let child = seated.spawn()?;
    Ok((File::from(keyboard), child))
}

fn listen(mut screen: File, heard: &Arc<Mutex<Heard>>, progress: &Arc<Progress>) -> JoinHandle<()> {
    let (heard, progress) = (Arc::clone(heard), Arc::clone(progress));
    thread::spawn(move || {
        let mut piece = [0; 4096];
        // Reading fails when nobody holds the other end any more.
        while let Ok(read @ 1..) = screen.read(&mut piece) {
            lock(&heard).bytes.extend_from_slice(&piece[..read]);
            progress.step();
        }
        lock(&heard).over = true;
        progress.step();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn shell(script: &str, columns: u16) -> Terminal {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Terminal::start(&command, columns)
    }

    #[test]
    fn a_program_finds_a_terminal_of_the_wanted_width_and_a_person_at_it() {
        let script = "stty size; printf 'Who? ' > /dev/tty; read name; echo \"I am $name\"; exit 3";
        let mut terminal = shell(script, 97);
        terminal.shows("24 97\n", SOON).shows("Who?", SOON).types("alice");
        let shown = terminal.ends(SOON);
        assert!(shown.with_code(3).ends_with("I am alice\n"), "{shown:?}");
    }

    #[test]
    fn a_program_that_stays_ends_with_its_terminal() {
        let mut terminal = shell("echo up; exec cat", COLUMNS);
        terminal.shows("up", SOON);
        drop(terminal);
    }
}
