//! Runs the real `weft` as a person would, in a home of its own and with nothing of ours around it.
//!
//! **Invariant:** a command sees a cleared environment, a temporary home, UTC, no colour and no
//! terminal; so what it prints depends on its arguments and its home alone.
//!
//! **Invariant:** a command cannot be run and forgotten: [`Run`] and [`Output`] must be used.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt as _, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

use crate::terminal::Terminal;

/// The passphrase that every command finds in `WEFT_PASSPHRASE`, the way of unattended use.
pub const PASSPHRASE: &str = "twelve small boats in one harbour";

/// What lets a node take whatever comes, as fast as it comes.
pub const TRUSTING: &str = "[admission.quota]\n\
     records = 4000000000\n\
     bytes = 4000000000\n\
     newcomer_records = 4000000000\n\
     newcomer_bytes = 4000000000\n";

/// A person at a terminal: a home, and the program to run in it.
#[derive(Debug)]
pub struct Sandbox {
    program: PathBuf,
    folder: TempDir,
}

impl Sandbox {
    /// Makes an empty home.
    ///
    /// # Panics
    ///
    /// When the program is missing or older than its sources, with the command that builds it.
    pub fn new() -> Self {
        Self { program: program(), folder: folder() }
    }

    /// Makes an empty home for a person whose shell has run these words before every command, such
    /// as `ulimit -n 64`.
    ///
    /// # Panics
    ///
    /// As [`Sandbox::new`].
    pub fn after(words: &str) -> Self {
        let real = program();
        let folder = folder();
        let program = folder.path().join("weft");
        fs::write(&program, format!("#!/bin/sh\n{words}\nexec '{}' \"$@\"\n", real.display()))
            .and_then(|()| fs::set_permissions(&program, fs::Permissions::from_mode(0o700)))
            .expect("the sandbox takes a script");
        Self { program, folder }
    }

    /// Makes an empty home on a machine whose clock is off by so much, such as `-2h`: the node's and that of
    /// every command. It goes on at the usual pace.
    ///
    /// # Panics
    ///
    /// As [`Sandbox::new`], and when the Debian package `faketime` is missing, which `tests/run` installs.
    pub fn by_clock(offset: &str) -> Self {
        let library = ["x86_64", "aarch64"]
            .map(|machine| format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1"))
            .into_iter()
            .find(|path| Path::new(path).exists());
        let library = library.expect("the Debian package faketime should be installed: tests/run");
        // Programs measure how long something takes by another clock, which is left as it is.
        let sandbox = Self::after(&format!(
            "export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE=\"$HOME/clock\" \
             FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1"
        ));
        sandbox.set_clock(offset);
        sandbox
    }

    /// Sets the clock of a machine that was made with one, at once and for all that runs on it.
    ///
    /// # Panics
    ///
    /// When it cannot be written down.
    pub fn set_clock(&self, offset: &str) {
        fs::write(self.path("clock"), offset).expect("the sandbox takes a file");
    }

    /// Makes an empty home in which this shell script stands in for the program, to test the
    /// harness itself.
    #[cfg(test)]
    pub(crate) fn scripted(script: &str) -> Self {
        let folder = folder();
        let program = folder.path().join("weft");
        fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        Self { program, folder }
    }

    /// Makes the home of a node of this region that takes whatever comes, as fast as it comes.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn init(&self, region: &str) {
        self.init_as(region, "open", TRUSTING);
    }

    /// Makes the home of a node of this region in this mode, with more settings at their end.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn init_as(&self, region: &str, mode: &str, more: &str) {
        self.weft(["init", "--region", region, "--mode", mode]).run().success();
        let path = self.home().join("config.toml");
        let settings = fs::read_to_string(&path).expect("the home has its settings");
        fs::write(path, format!("{settings}\n{more}")).expect("they can be written");
    }

    /// Returns the folder that `WEFT_HOME` names. It does not exist until `weft init` makes it.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Returns where a file of this name is, beside the home: for exports, kits and imports.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives the folder, with all that is in it, to another account, whose commands
    /// [`Run::as_account`] runs.
    ///
    /// # Panics
    ///
    /// When it cannot be given.
    pub fn give_to(&self, account: u32) {
        give(self.folder.path(), account);
    }

    /// Returns where the program is, for a program that stands in front of it.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Prepares a command; [`Run::run`] runs it.
    pub fn weft<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        let mut command = self.command();
        command.args(arguments);
        Run { command, stdin: Vec::new() }
    }

    /// Returns the program with our environment and without arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("WEFT_HOME", self.home())
            .env("WEFT_PASSPHRASE", PASSPHRASE)
            .env("TZ", "UTC")
            .env("LANG", "C")
            .env("NO_COLOR", "1")
            .current_dir(self.folder.path());
        command
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// A command that has not run yet.
#[derive(Debug)]
#[must_use = "nothing has happened yet: call `run`"]
pub struct Run {
    command: Command,
    stdin: Vec<u8>,
}

impl Run {
    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it as another account, by its number; only root can.
    pub fn as_account(mut self, account: u32) -> Self {
        self.command.uid(account).gid(account);
        self
    }

    /// Gives these bytes on standard input, which is empty otherwise.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Takes a variable out of the environment, such as the passphrase that is to be asked for.
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs the command at a terminal of so many columns, where a person can be asked.
    ///
    /// # Panics
    ///
    /// When there is no terminal to be had, or the program cannot be started.
    pub fn at_terminal(self, columns: u16) -> Terminal {
        Terminal::start(&self.command, columns)
    }

    /// Runs the command to its end.
    ///
    /// # Panics
    ///
    /// When the program cannot be started, or prints what is not UTF-8.
    pub fn run(mut self) -> Output {
        let arguments: Vec<_> = self.command.get_args().map(OsStr::to_string_lossy).collect();
        let shown = format!("weft {}", arguments.join(" "));
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program starts");
        let mut input = child.stdin.take().expect("standard input is piped, three lines above");
        let bytes = self.stdin;
        // Beside the reading, so that neither side waits for the other. A command that does not
        // read its input closes it, and that is its right.
        let writer = thread::spawn(move || input.write_all(&bytes));
        let done = child.wait_with_output().expect("the program can be waited for");
        writer.join().map(Result::ok).expect("the writer does not panic");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Output { shown, status: done.status, stdout: text(done.stdout), stderr: text(done.stderr) }
    }
}

/// What a command left behind.
#[derive(Debug)]
#[must_use = "say what was expected: `success()` or `fails_with(code)`"]
pub struct Output {
    shown: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it answered.
    pub stdout: String,
    /// What it said beside the answer: warnings, errors, progress.
    pub stderr: String,
}

impl Output {
    /// Says that it ended well.
    ///
    /// # Panics
    ///
    /// When it did not, with everything it printed.
    #[track_caller]
    pub fn success(&self) -> &Self {
        assert!(self.status.success(), "should have succeeded:\n{self}");
        self
    }

    /// Says that it ended with this exit code.
    ///
    /// # Panics
    ///
    /// When it did not, with everything it printed.
    #[track_caller]
    pub fn fails_with(&self, code: i32) -> &Self {
        assert!(self.status.code() == Some(code), "should have failed with {code}:\n{self}");
        self
    }

    /// Returns the answer of a command with `--json`.
    ///
    /// # Panics
    ///
    /// When the answer is not one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(e) => panic!("should have answered JSON ({e}):\n{self}"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}\n{}", self.shown, self.status)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            writeln!(f, "--- {name}\n{}", text.trim_end())?;
        }
        Ok(())
    }
}

fn give(path: &Path, account: u32) {
    lchown(path, Some(account), Some(account)).expect("what is ours can be given");
    if fs::symlink_metadata(path).is_ok_and(|data| data.is_dir()) {
        for entry in fs::read_dir(path).expect("the folder can be read") {
            give(&entry.expect("the folder can be read").path(), account);
        }
    }
}

/// Makes a folder with a short name: the path of a door's socket may have about a hundred bytes.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("weft-").tempdir();
    folder.expect("the system's temporary folder takes a folder")
}

/// Returns the program that was built beside this test.
///
/// # Panics
///
/// When it is missing or older than one of its sources, with the command that builds it.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where its own program is");
    // target/<profile>/deps/it-0123456789abcdef
    let profile = test.parent().and_then(Path::parent).expect("a test is built below a profile");
    let program = profile.join(format!("weft{}", std::env::consts::EXE_SUFFIX));
    let advice = "run `cargo build --workspace --bins --tests`, or tests/run, which does";
    let Some(built) = modified(&program) else {
        panic!("the program `weft` is not built: {advice}");
    };
    // Cargo writes beside a program which files it was made of.
    let sources = fs::read_to_string(profile.join("weft.d")).unwrap_or_default();
    for source in sources_of(&sources) {
        let newer = modified(Path::new(&source)).is_some_and(|changed| changed > built);
        assert!(!newer, "the program `weft` is older than {source}: {advice}");
    }
    program
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// Returns the paths after the colon of a rule for make; a space in a path is escaped there.
fn sources_of(rule: &str) -> Vec<String> {
    let (_, sources) = rule.split_once(": ").unwrap_or_default();
    let whole = sources.trim().replace("\\ ", "\0");
    whole.split(' ').filter(|s| !s.is_empty()).map(|s| s.replace('\0', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_sees_its_home_and_nothing_of_ours() {
        let script = "echo \"$WEFT_HOME|$HOME|$TZ|$LANG|$CARGO_MANIFEST_DIR|$USER|$1\"";
        let sandbox = Sandbox::scripted(script);
        let output = sandbox.weft(["status"]).run();
        let parts: Vec<&str> = output.success().stdout.trim_end().split('|').collect();
        assert_eq!(parts[0], format!("{}/home", parts[1]));
        assert_eq!(parts[2..], ["UTC", "C", "", "", "status"]);
    }

    #[test]
    fn a_command_reads_its_input_and_added_variables() {
        let sandbox = Sandbox::scripted("read line; echo \"{\\\"$line\\\": $N}\"");
        let output = sandbox.weft([""; 0]).stdin("a\n").env("N", "7").run();
        assert_eq!(output.success().json()["a"], 7);
    }

    #[test]
    fn a_failure_is_told_with_its_code() {
        Sandbox::scripted("exit 4").weft(["call"]).run().fails_with(4);
    }

    #[test]
    fn the_rule_of_a_program_names_its_sources() {
        let rule = "/t/debug/weft: /s/a.rs /s/b\\ c.rs\n";
        assert_eq!(sources_of(rule), ["/s/a.rs", "/s/b c.rs"]);
    }
}
