//! The log of a node that runs, on standard error.
//!
//! **Invariant:** nobody who says a line waits for whoever reads the log. What there is no room for is left
//! out, and how much that was is said in the log as soon as it is read again.
//!
//! **Invariant:** no line tells where a peer is: only our own rooms and the index speak here, whatever the
//! filter says.
//!
//! **Invariant:** of lines of one kind so many are written in a while, whoever causes them.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tracing::callsite::Identifier;
use tracing::field::Field;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};
use weft_node::config::LogSection;

use crate::exit::Failure;
use crate::words::Speech;

/// Whose lines are written, and down to which level: each of these stands for all whose name begins with
/// it. The libraries of the transport say where peers are, and of a library that comes later nobody knows
/// what it says.
const SPEAKERS: [(&str, LevelFilter); 2] =
    [("weft", LevelFilter::TRACE), ("sled", LevelFilter::WARN)];

/// The lines that wait to be read: some seconds of a node that says all it can, half a megabyte.
const LINES_WAITING_MAX: usize = 2048;

/// How many lines of one kind are written in [`WHILE`].
const ALIKE_MAX: u32 = 40;

/// The time in which lines of one kind are counted, and after which it is said how many are missing.
const WHILE: Duration = Duration::from_secs(10);

/// How long a node that ends waits for its last lines to be read.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// An open log. Who drops it gives the last lines up.
#[derive(Debug)]
pub(crate) struct Log(SyncSender<Said>);

/// What the writing thread is told.
#[derive(Debug)]
enum Said {
    /// A line to write.
    Line(Vec<u8>),
    /// There is no more; whoever waits for that is told.
    All(SyncSender<()>),
}

/// What is missing in the log, and not said yet.
#[derive(Debug, Default)]
struct Missing {
    /// Lines that nobody has read in time.
    unread: AtomicU64,
    /// Lines beyond those of one kind.
    alike: AtomicU64,
}

impl Log {
    /// Opens the log of this process.
    ///
    /// # Errors
    /// The level is none, or there is a log already.
    pub(crate) fn open(log: &LogSection, speech: Speech) -> Result<Self> {
        let why = |e: &dyn std::fmt::Display| Failure::usage(format!("log level {}", log.level), e);
        let filter = EnvFilter::builder()
            .with_default_directive(LevelFilter::WARN.into())
            .parse(directives(&log.level))
            .map_err(|e| why(&e))?;
        let (said, heard) = sync_channel(LINES_WAITING_MAX);
        let missing = Arc::new(Missing::default());
        let told = Arc::clone(&missing);
        let writing = thread::Builder::new().name("log".to_owned());
        writing.spawn(move || write(&heard, &told, &mut io::stderr()))?;
        let queue = Queue { said: said.clone(), missing: Arc::clone(&missing) };
        let lines = tracing_subscriber::fmt::layer().with_writer(move || queue.clone());
        let log_lines = tracing_subscriber::registry().with(filter).with(speakers());
        let log_lines = log_lines.with(Measure { missing, kinds: Mutex::default() });
        let opened = if log.json {
            log_lines.with(lines.json()).try_init()
        } else if io::stderr().is_terminal() {
            // A person reads it: in their language, and without the room that says it.
            let fields = debug_fn(move |out: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
                let text = format!("{value:?}");
                match field.name() {
                    "message" => write!(out, "{}", speech.logged(&text)),
                    name => write!(out, "{name}={text}"),
                }
            });
            let lines = lines.with_ansi(false).with_target(false);
            log_lines.with(lines.fmt_fields(fields.delimited(" "))).try_init()
        } else {
            log_lines.with(lines.with_ansi(false)).try_init()
        };
        opened.context("the log cannot be opened")?;
        std::panic::set_hook(Box::new(panicked));
        Ok(Self(said))
    }

    /// Waits until all lines are written, and says whether they are: else nobody reads standard error,
    /// and whoever writes there waits for ever.
    pub(crate) fn finish(self) -> bool {
        let (done, is_done) = sync_channel(1);
        self.0.try_send(Said::All(done)).is_ok() && is_done.recv_timeout(LAST_WORDS).is_ok()
    }
}

/// A level alone is for our own rooms; the libraries below then say warnings only.
fn directives(level: &str) -> String {
    if level.contains(['=', ',']) {
        level.to_owned()
    } else {
        format!("warn,weft={level},weft_node={level},weft_protocol={level}")
    }
}

/// Lets our own rooms and the index speak. It stands beside the filter, so that no directive, however
/// narrow, lets others speak too.
fn speakers() -> Targets {
    Targets::new().with_targets(SPEAKERS)
}

/// Says where a thread has failed. What a panic was made of may name an address, unless the words
/// stand in the program as they are.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let words = panic.payload().downcast_ref::<&'static str>();
    let thread = thread::current().name().map(str::to_owned);
    tracing::error!(place, words, thread, "a thread has failed; this is a bug in weft");
}

/// Takes lines, and never waits.
#[derive(Debug, Clone)]
struct Queue {
    said: SyncSender<Said>,
    missing: Arc<Missing>,
}

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.said.try_send(Said::Line(line.to_vec())).is_err() {
            self.missing.unread.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines until there are no more, and says now and then how many are missing. That is a line like
/// all others: it is written in its turn, or is missing itself.
fn write(heard: &Receiver<Said>, missing: &Missing, out: &mut impl Write) {
    let mut due = Instant::now() + WHILE;
    loop {
        match heard.recv_timeout(due.saturating_duration_since(Instant::now())) {
            // Nobody is there to be told that nobody is there.
            Ok(Said::Line(line)) => drop(out.write_all(&line)),
            Ok(Said::All(done)) => {
                done.try_send(()).ok();
                return;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if Instant::now() >= due {
            missing.tell();
            due = Instant::now() + WHILE;
        }
    }
}

impl Missing {
    /// Says what is missing, if anything is.
    fn tell(&self) {
        let unread = self.unread.swap(0, Ordering::Relaxed);
        let alike = self.alike.swap(0, Ordering::Relaxed);
        if unread + alike > 0 {
            tracing::warn!(
                unread,
                alike,
                "lines are missing here: unread in time, or too many alike"
            );
        }
    }
}

/// Lets so many lines of one kind through in a while.
#[derive(Debug)]
struct Measure {
    missing: Arc<Missing>,
    /// Of each place in the program that says lines, since when they are counted and how many there were.
    kinds: Mutex<HashMap<Identifier, (Instant, u32)>>,
}

impl Measure {
    /// Says whether there is room for one more line of a kind.
    fn has_room(&self, kind: Identifier, now: Instant) -> bool {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = kinds.entry(kind).or_insert((now, 0));
        if now.saturating_duration_since(*since) >= WHILE {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= ALIKE_MAX
    }
}

impl<S: Subscriber> Layer<S> for Measure {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let room = self.has_room(event.metadata().callsite(), Instant::now());
        if !room {
            self.missing.alike.fetch_add(1, Ordering::Relaxed);
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use tracing::subscriber::with_default;

    use super::*;

    #[test]
    fn h14_of_lines_alike_so_many_are_written_and_the_rest_is_counted() {
        let (said, heard) = sync_channel(LINES_WAITING_MAX);
        let missing = Arc::new(Missing::default());
        let queue = Queue { said, missing: Arc::clone(&missing) };
        let lines = tracing_subscriber::fmt::layer().with_writer(move || queue.clone());
        let measure = Measure { missing: Arc::clone(&missing), kinds: Mutex::default() };
        let subscriber = tracing_subscriber::registry().with(measure).with(lines);
        with_default(subscriber, || {
            for n in 0..ALIKE_MAX + 7 {
                tracing::info!(n, "somebody came");
            }
            tracing::info!("something else");
        });
        let lines = heard.try_iter().count();
        assert_eq!(lines, usize::try_from(ALIKE_MAX).unwrap() + 1);
        assert_eq!(missing.alike.load(Ordering::Relaxed), 7);
    }

    #[test]
    fn h14_who_says_a_line_never_waits_and_what_is_lost_is_counted() {
        let (said, heard) = sync_channel(2);
        let missing = Arc::new(Missing::default());
        let mut queue = Queue { said, missing: Arc::clone(&missing) };
        for _ in 0..5 {
            assert_eq!(queue.write(b"line\n").unwrap(), 5);
        }
        assert_eq!(missing.unread.load(Ordering::Relaxed), 3);
        assert_eq!(heard.try_iter().count(), 2);
    }

    #[test]
    fn m14_only_our_own_rooms_speak() {
        let lets = |target: &str| speakers().would_enable(target, &tracing::Level::ERROR);
        assert!(lets("weft") && lets("weft_node::network::hear") && lets("sled::pagecache"));
        assert!(!lets("libp2p_swarm") && !lets("libp2p_tcp::provider") && !lets("netlink_proto"));
    }
}
