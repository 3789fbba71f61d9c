//! What has happened, as lines that people read and a hash that machines compare.

use std::collections::VecDeque;
use std::fmt;

use sha2::{Digest, Sha256};
use weft_protocol::engine::Input;
use weft_protocol::id::NodeId;
use weft_protocol::sync::Frame;
use weft_protocol::time::Timestamp;

/// How many lines are kept for a failure: what a person reads before giving up.
const TAIL: usize = 120;

/// What has happened so far.
#[derive(Default)]
pub(super) struct Trace {
    hash: Sha256,
    tail: VecDeque<String>,
    lines: u64,
}

impl Trace {
    /// Notes a line.
    pub(super) fn note(&mut self, now: Timestamp, line: fmt::Arguments<'_>) {
        let line = format!("{now:?} {line}");
        self.hash.update(&line);
        self.hash.update(b"\n");
        self.lines += 1;
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    /// Notes bytes that the lines only name.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// Returns a hash of everything that has happened.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({} lines)", self.lines)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the last {} of {} lines:", self.tail.len(), self.lines)?;
        self.tail.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// An input as people read it: `alice ==> bob: Frame(Ask)`, or `bob: Persisted(3)`.
pub(super) struct Line<'a> {
    /// Who caused it, when it was another node.
    pub(super) from: Option<&'a str>,
    /// Whose engine gets it.
    pub(super) to: &'a str,
    /// What it gets.
    pub(super) input: &'a Input,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(from) = self.from {
            write!(f, "{from} ==> ")?;
        }
        write!(f, "{}: ", self.to)?;
        match self.input {
            Input::Wake => f.write_str("Wake"),
            Input::Met { region, .. } => write!(f, "Met({region})"),
            Input::Left { region, .. } => write!(f, "Left({region})"),
            Input::Parted(_) => f.write_str("Parted"),
            Input::Gossip { gossip, records, .. } => {
                write!(f, "Gossip({}, {} records)", gossip.0, records.len())
            }
            Input::Posted { request, records, .. } => {
                write!(f, "Posted({}, {} records)", request.0, records.len())
            }
            Input::Asked { request, asked } => write!(f, "Asked({}, {asked:?})", request.0),
            Input::More(request) => write!(f, "More({})", request.0),
            Input::Gone(request) => write!(f, "Gone({})", request.0),
            Input::Opened(session) => write!(f, "Opened({})", session.0),
            Input::Accepted { session, .. } => write!(f, "Accepted({})", session.0),
            Input::Frame { frame: Ok(frame), .. } => write!(f, "Frame({})", name(frame)),
            Input::Frame { frame: Err(error), .. } => write!(f, "Frame({error})"),
            Input::Delivered { records, bad, .. } => {
                write!(f, "Delivered({} records, {bad} bad)", records.len())
            }
            Input::Closed(session) => write!(f, "Closed({})", session.0),
            Input::Signed { record, .. } => write!(f, "Signed({})", record.is_some()),
            Input::Persisted(seq) => write!(f, "Persisted({})", seq.0),
            Input::PersistFailed(why) => write!(f, "PersistFailed({why})"),
            Input::PersistRecovered => f.write_str("PersistRecovered"),
            Input::Kept { request, .. } => write!(f, "Kept({})", request.0),
        }
    }
}

/// Returns who caused an input, when the input says so.
pub(super) fn sender(input: &Input) -> Option<NodeId> {
    match input {
        Input::Met { peer, .. }
        | Input::Left { peer, .. }
        | Input::Parted(peer)
        | Input::Accepted { peer, .. } => Some(*peer),
        Input::Gossip { from, .. } => Some(*from),
        _ => None,
    }
}

fn name(frame: &Frame) -> String {
    match frame {
        Frame::Hello(_) => "Hello".to_owned(),
        Frame::HelloAck(_) => "HelloAck".to_owned(),
        Frame::Ask { .. } => "Ask".to_owned(),
        Frame::Answer { .. } => "Answer".to_owned(),
        Frame::Want { .. } => "Want".to_owned(),
        Frame::Data { records, gone, .. } => format!("Data {records} records, {gone} gone"),
        Frame::Credit { bytes } => format!("Credit {bytes}"),
        Frame::Which { keys } => format!("Which of {}", keys.len()),
        Frame::Held { bits } => format!("Held {bits:02x?}"),
        Frame::Done => "Done".to_owned(),
        Frame::Fail { code } => format!("Fail {code}"),
    }
}
