//! The stage: a home for each network in one temporary folder, the nodes that run in them, and
//! what a story does there: act, see, be refused.
//!
//! **Invariant:** everything is done with `weft` commands that a person could type; what is said
//! to be seen was asked of the node that is named.
//!
//! **Invariant:** nothing sleeps. Who waits looks again when any node said something, and gives up
//! at a deadline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use tempfile::TempDir;
use weft_node::file::{self, Readers};
use zeroize::Zeroizing;

use super::cast::Actor;
use super::line::Line;
use super::node::{Bell, Node, Starting};
use super::words::{Frame, Text, frame};
use crate::desk::Desk;
use crate::exit::Exit;
use crate::keys;

/// How long something may take to be seen on another node: a second is much, but machines on which
/// everything else runs too exist.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// The longest a wait looks away without news: some changes, such as a connection of the
/// transport, are told by nobody.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How a node of the story is started: on a free port of this machine, found only by who is told.
const UP: &str = "up --jsonl --no-mdns";

/// Where the story plays.
pub(super) struct Stage<'a> {
    desk: &'a Desk,
    program: PathBuf,
    folder: TempDir,
    passphrase: Zeroizing<String>,
    nodes: BTreeMap<Actor, Node>,
    names: BTreeMap<String, String>,
    bell: Arc<Bell>,
    /// The number of the step that is played, and its sentence.
    step: (usize, &'static str),
}

impl<'a> Stage<'a> {
    /// Sets an empty stage, on which this program is run.
    ///
    /// # Errors
    /// When the system's temporary folder takes no folder.
    pub(super) fn new(desk: &'a Desk, program: PathBuf, bell: Arc<Bell>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("weft-demo-").tempdir()?;
        let mut secret = [0; 16];
        keys::random(&mut secret)?;
        let letters = secret.iter().map(|byte| format!("{byte:02x}"));
        let passphrase = Zeroizing::new(letters.collect::<String>());
        file::write_new(&folder.path().join("passphrase"), passphrase.as_bytes())?;
        Ok(Self {
            desk,
            program,
            folder,
            passphrase,
            nodes: BTreeMap::new(),
            names: BTreeMap::new(),
            bell,
            step: (0, ""),
        })
    }

    /// Returns the folder that holds the homes.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the step that is played, and its sentence.
    pub(super) fn step(&self) -> (usize, &'static str) {
        self.step
    }

    /// Begins the next step.
    ///
    /// # Errors
    /// When the person wants to end it.
    pub(super) fn begin(&mut self, sentence: Text) -> Result<()> {
        self.step = (self.step.0 + 1, sentence.in_speech(self.desk.speech));
        let (number, sentence) = self.step;
        self.tell(
            || format!("\n{} {}", format!("{number:>2}.").bold(), sentence.bold()),
            || json!({ "step": number, "sentence": sentence }),
        )?;
        self.go_on()
    }

    /// Makes homes, starts their nodes all at once, and waits until each is ready.
    ///
    /// # Errors
    /// When one does not get ready.
    pub(super) fn raise(&mut self, actors: &[Actor]) -> Result<()> {
        for actor in actors {
            let line = Line::of("init --mode open --listen /ip4/127.0.0.1/tcp/0 --region");
            let line = line.word(actor.region());
            if !self.home(*actor).exists() {
                self.act(*actor, &line)?;
            }
        }
        let mut starting = Vec::new();
        for actor in actors {
            let line = Line::of(UP);
            self.show(*actor, &line)?;
            let log = self.folder().join(format!("{}.log", actor.key()));
            starting.push((*actor, Starting::new(self.weft(*actor, &line), &log, &self.bell)?));
        }
        for (actor, node) in starting {
            let watch = self.weft(actor, &Line::of("watch --jsonl"));
            self.nodes.insert(actor, node.ready(watch, &self.bell)?);
        }
        Ok(())
    }

    /// Kills a node at once, as a power cut would.
    ///
    /// # Errors
    /// When standard output is closed.
    pub(super) fn kill(&mut self, actor: Actor) -> Result<()> {
        if let Some(node) = self.nodes.remove(&actor) {
            self.tell(
                || format!("    {}", format!("kill -9 ({})", actor.key()).dimmed()),
                || json!({ "step": self.step.0, "killed": actor.key() }),
            )?;
            node.kill();
        }
        Ok(())
    }

    /// Returns the address by which a node is reached.
    ///
    /// # Errors
    /// When it does not run.
    pub(super) fn address(&self, actor: Actor) -> Result<&str> {
        let node = self.nodes.get(&actor).with_context(|| format!("{} is down", actor.key()))?;
        Ok(&node.address)
    }

    /// Runs a command at somebody's home and returns its answer.
    ///
    /// # Errors
    /// When the command does not end well.
    pub(super) fn act(&self, actor: Actor, line: &Line) -> Result<Value> {
        self.show(actor, line)?;
        let output = self.run(actor, line)?;
        if !output.status.success() {
            bail!("{} $ {}\n{}", actor.key(), line.shown(), last_words(&output));
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    /// Runs a command that must be refused, and shows the reason.
    ///
    /// # Errors
    /// When it is done, or fails otherwise.
    pub(super) fn refused(&self, actor: Actor, line: &Line) -> Result<()> {
        self.show(actor, line)?;
        let output = self.run(actor, line)?;
        let why = last_words(&output);
        if output.status.code() != Some(Exit::Refused as i32) {
            bail!("{} $ {} ended with {}\n{why}", actor.key(), line.shown(), output.status);
        }
        self.tell(
            || frame(self.desk.speech, &Frame::Refused { why: &why }),
            || json!({ "step": self.step.0, "refused": why }),
        )
    }

    /// Waits until the answer to a question is as it should be at each of these nodes, and says so.
    ///
    /// # Errors
    /// When it is not in time, with the last answer.
    pub(super) fn see(
        &self,
        on: &[Actor],
        question: &Line,
        what: Text,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<()> {
        let what = what.in_speech(self.desk.speech);
        for actor in on {
            self.wait_for(*actor, question, &holds).map_err(|answer| {
                let missing = Frame::NotInTime { on: *actor, what, answer: &format!("{answer:#}") };
                anyhow!(frame(self.desk.speech, &missing))
            })?;
        }
        let on: Vec<&str> = on.iter().map(|actor| actor.key()).collect();
        self.tell(
            || frame(self.desk.speech, &Frame::Seen { on: &on.join(", "), what }),
            || json!({ "step": self.step.0, "seen_at": on, "what": what }),
        )
    }

    /// Asks a node, and shows what it answers to a person.
    ///
    /// # Errors
    /// When the command does not end well.
    pub(super) fn hear(&self, actor: Actor, line: &Line) -> Result<()> {
        self.show(actor, line)?;
        let output = self.weft(actor, line).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            bail!("{} $ {}\n{}", actor.key(), line.shown(), last_words(&output));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let shown = said.lines().map(|line| format!("      {line}")).collect::<Vec<_>>();
        self.tell(|| shown.join("\n"), || json!({ "step": self.step.0, "answer": said }))
    }

    /// Waits until an answer is as it should be, and says nothing.
    ///
    /// # Errors
    /// When it is not in time, with what was answered last.
    pub(super) fn wait_for(
        &self,
        on: Actor,
        question: &Line,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + SEEN_WITHIN;
        loop {
            self.go_on()?;
            let rung = self.bell.rung();
            let output = self.run(on, question)?;
            let answer: Option<Value> = serde_json::from_slice(&output.stdout).ok();
            if answer.is_some_and(|answer| holds(&answer)) {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("{}\n{}", question.shown(), last_words(&output));
            }
            self.bell.wait_beyond(rung, left.min(LOOK_AGAIN));
        }
    }

    /// Waits until a node has this record, because the next command there is about it.
    ///
    /// # Errors
    /// When it does not come in time.
    pub(super) fn await_thing(&self, at: Actor, thing: &str) -> Result<()> {
        self.wait_for(at, &Line::of("record show").word(thing), |answer| answer.is_object())
    }

    /// Gives an id a short name in all homes, as each person would with `weft network name`.
    ///
    /// # Errors
    /// When it is no id, or a file cannot be written.
    pub(super) fn name(&mut self, name: &str, id: &Value) -> Result<()> {
        let id = id.as_str().with_context(|| format!("{name} has no id"))?;
        self.names.insert(name.to_owned(), id.to_owned());
        self.share_names()
    }

    /// Writes the short names that were given into every home that there is.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn share_names(&self) -> Result<()> {
        let text = toml::to_string(&self.names)?;
        let homes = Actor::ALL.map(|actor| self.home(actor));
        for home in homes.iter().filter(|home| home.exists()) {
            file::replace(&home.join("names.toml"), text.as_bytes(), Readers::Owner)?;
        }
        Ok(())
    }

    /// Stops all nodes in good order, or else kills them, and returns the folder.
    pub(super) fn end(self) -> TempDir {
        for actor in self.nodes.keys() {
            let mut stop = self.weft(*actor, &Line::of("stop"));
            // Where it cannot be asked to stop, it is killed below.
            stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
        }
        for (_, node) in self.nodes {
            node.ends(&self.bell);
        }
        self.folder
    }

    fn home(&self, actor: Actor) -> PathBuf {
        self.folder().join(actor.key())
    }

    /// Prepares a command at somebody's home, with nothing of our own settings around it.
    fn weft(&self, actor: Actor, line: &Line) -> Command {
        let mut command = Command::new(&self.program);
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("WEFT_")) {
            command.env_remove(name);
        }
        command
            .args(line.words())
            .env("WEFT_HOME", self.home(actor))
            .env("WEFT_PASSPHRASE", self.passphrase.as_str())
            .env("LC_ALL", self.desk.speech.lang());
        command
    }

    fn run(&self, actor: Actor, line: &Line) -> Result<Output> {
        let mut command = self.weft(actor, &Line::of("--json"));
        let output = command.args(line.words()).stdin(Stdio::null()).output();
        output.with_context(|| format!("{} cannot be run", self.program.display()))
    }

    /// Shows a command, and goes on unless the person wants to end it.
    fn show(&self, actor: Actor, line: &Line) -> Result<()> {
        self.go_on()?;
        let (who, shown) = (actor.key(), line.shown());
        self.tell(
            || format!("    {}", format!("{who} $ {shown}").dimmed()),
            || json!({ "step": self.step.0, "at": who, "command": shown }),
        )
    }

    /// Writes a line for people, or with `--json` one for programs.
    fn tell(&self, people: impl Fn() -> String, program: impl Fn() -> Value) -> Result<()> {
        if self.desk.json { self.desk.answer_line(&program()) } else { self.desk.line(people()) }
    }

    fn go_on(&self) -> Result<()> {
        if self.bell.is_over() {
            bail!(frame(self.desk.speech, &Frame::Interrupted));
        }
        Ok(())
    }
}

/// Returns what a command said beside its answer, or else its answer.
fn last_words(output: &Output) -> String {
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    String::from_utf8_lossy(said).trim().to_owned()
}
