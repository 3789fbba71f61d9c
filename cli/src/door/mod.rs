//! The client's side of the control door: a unix socket in the node's home, or, at a node that is
//! somewhere else, a stream of the transport.
//!
//! Every question has a connection of its own, or one on which the question before was answered to its
//! end: an answer that breaks off can never be mistaken for the beginning of the next.
//!
//! **Invariant:** what a node answers is decoded and its signatures verified here again; a door
//! that lies can hide records, never make them up.

mod away;
mod shown;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use weft_node::archive::{Archive, ArchiveError};
use weft_node::frame::FRAME_BYTES_MAX;
use weft_node::store::{Holder, HomeLock};
use weft_protocol::control::{
    self, AnswerState, Failure as Refusal, Held, NetworkState, NodeStatus, REVISION, Request,
    Response, View,
};
use weft_protocol::id::RecordId;
use weft_protocol::record::{Record, Unverified};

use crate::desk::Desk;
use crate::exit::{self, Exit, Failure};
use crate::words::{Keeping, Say, Starting};

use away::Away;

/// How long a node may take to say hello: it answers in a millisecond, or it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A node that answers.
#[derive(Debug)]
pub(crate) struct Door {
    place: Place,
}

/// A thing with what it has come to, and the answers to it.
pub(crate) type Answered<S> = ((Record, S), Vec<(Record, AnswerState)>);

/// Where the door is.
#[derive(Debug)]
enum Place {
    Here(PathBuf),
    Away(Box<Away>),
    /// No node runs; what the home holds is read here.
    Shelf(Box<RefCell<Archive>>),
}

impl Door {
    /// Finds the node that was named, or else the one that runs in this home, and sees that it speaks
    /// our language.
    ///
    /// # Errors
    /// When none runs, or it speaks another revision.
    pub(crate) fn open(desk: &Desk) -> Result<Self> {
        if let Some(address) = desk.node_away()? {
            return Ok(Self { place: Place::Away(Box::new(Away::visit(desk, &address)?)) });
        }
        let door = Self { place: Place::Here(desk.home.node().door()) };
        let mut line = match door.line() {
            Ok(line) => line,
            Err(e) if desk.home.is_made() => return Err(doorless(desk, e)),
            Err(_) => return Err(Failure::failed(Say::NoHome { path: desk.home.shown() })),
        };
        if let Line::Here(stream) = &line {
            stream.set_read_timeout(Some(PATIENCE))?;
        }
        line.send(&Request::Hello { revision: REVISION })?;
        line.receive()?;
        Ok(door)
    }

    /// Says whether the node runs in this home, so that who asks is its operator.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self.place, Place::Here(_))
    }

    /// The same as [`Door::open`]; and where no node runs, reads what the home holds. Only records can be
    /// asked for then.
    ///
    /// # Errors
    /// As [`Door::open`], and when the home cannot be read.
    pub(crate) fn open_or_read(desk: &Desk) -> Result<Self> {
        match Self::open(desk) {
            Err(error) if is_no_node(&error) => {
                let archive = match Archive::open(desk.home.node(), &desk.settings()?) {
                    Err(ArchiveError::Format(format)) => {
                        return Err(desk.home.of_other_format(format));
                    }
                    archive => archive?,
                };
                desk.note(&Say::Keeping(Keeping::WithoutNode));
                Ok(Self { place: Place::Shelf(Box::new(RefCell::new(archive))) })
            }
            door => door,
        }
    }

    /// Asks a question that has one answer.
    ///
    /// # Errors
    /// What the node refuses, or that it has gone.
    pub(crate) fn ask(&self, request: &Request) -> Result<Response> {
        let mut line = self.line()?;
        line.send(request)?;
        let answer = line.receive()?.ok_or_else(gone)?;
        line.keep();
        Ok(answer)
    }

    /// Asks which other nodes have a record, by their own word; none where that is not to be had, as of
    /// what is over or where no node runs.
    pub(crate) fn who_has(&self, id: RecordId) -> Option<Held> {
        match self.ask(&Request::Held { id }) {
            Ok(Response::Held(held)) => Some(held),
            _ => None,
        }
    }

    /// Asks a question that has many answers, and hands over each as it comes.
    ///
    /// # Errors
    /// What the node refuses, that it has gone, or what the receiver returns.
    pub(crate) fn each(
        &self,
        request: &Request,
        mut receiver: impl FnMut(Response) -> Result<()>,
    ) -> Result<()> {
        let mut line = self.line()?;
        line.send(request)?;
        loop {
            match line.receive()? {
                None => return Err(gone()),
                Some(Response::End) => {
                    line.keep();
                    return Ok(());
                }
                Some(response) => receiver(response)?,
            }
        }
    }

    /// Asks a question that has many answers of one sort.
    ///
    /// # Errors
    /// As [`Door::each`], and when an answer is of another sort.
    pub(crate) fn list<T>(
        &self,
        request: &Request,
        pick: impl Fn(Response) -> Option<T>,
    ) -> Result<Vec<T>> {
        let mut items = Vec::new();
        self.each(request, |response| {
            items.push(pick(response).ok_or_else(strange)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// Asks for things of one sort, each with what it has come to.
    ///
    /// # Errors
    /// As [`Door::list`], and when a record among them is none.
    pub(crate) fn things<S>(
        &self,
        request: &Request,
        pick: impl Fn(Response) -> Option<View<S>>,
    ) -> Result<Vec<(Record, S)>> {
        self.list(request, pick)?.into_iter().map(viewed).collect()
    }

    /// Asks for one thing with what it has come to, and for the answers to it.
    ///
    /// # Errors
    /// As [`Door::things`].
    pub(crate) fn answered<S>(
        &self,
        request: &Request,
        pick: impl Fn(Response) -> Option<View<S>>,
    ) -> Result<Answered<S>> {
        let (mut things, mut answers) = (Vec::new(), Vec::new());
        self.each(request, |response| {
            match response {
                Response::Answer(view) => answers.push(viewed(view)?),
                other => things.push(viewed(pick(other).ok_or_else(strange)?)?),
            }
            Ok(())
        })?;
        Ok((things.pop().ok_or_else(strange)?, answers))
    }

    /// Asks a question that has this many answers of one sort.
    ///
    /// # Errors
    /// As [`Door::list`].
    pub(crate) fn some<T>(
        &self,
        request: &Request,
        count: usize,
        pick: impl Fn(Response) -> Option<T>,
    ) -> Result<Vec<T>> {
        let mut line = self.line()?;
        line.send(request)?;
        let mut next = || pick(line.receive()?.ok_or_else(gone)?).ok_or_else(strange);
        let answers = (0..count).map(|_| next()).collect::<Result<_>>()?;
        line.keep();
        Ok(answers)
    }

    /// Returns how the node is.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) fn status(&self) -> Result<NodeStatus> {
        match self.ask(&Request::Status)? {
            Response::Status(status) => Ok(*status),
            _ => Err(strange()),
        }
    }

    /// Returns the networks that the node knows, each with its profile if there is one.
    ///
    /// # Errors
    /// As [`Door::things`].
    pub(crate) fn networks(&self) -> Result<Vec<(Option<Record>, NetworkState)>> {
        let views = self.list(&Request::Networks, |response| match response {
            Response::Network(view) => Some(view),
            _ => None,
        })?;
        views.into_iter().map(perhaps).collect()
    }

    /// Returns a record by its id.
    ///
    /// # Errors
    /// When the node does not have it.
    pub(crate) fn record(&self, id: RecordId) -> Result<Record> {
        match self.ask(&Request::Record { id })? {
            Response::Record(view) => signed(&view.record),
            _ => Err(strange()),
        }
    }

    /// Returns the id of the record that is meant by an id: of a thing, the version that is shown.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn meant(&self, id: RecordId) -> Result<RecordId> {
        match self.record(id) {
            Ok(record) => Ok(record.id()),
            Err(error) if exit::is_absence(&error) => Ok(id),
            Err(error) => Err(error),
        }
    }

    /// Returns the version to answer or to follow: the current one of the thing that this record
    /// is a version of, or its head while none is current.
    ///
    /// # Errors
    /// When the node does not have it.
    pub(crate) fn current(&self, id: RecordId) -> Result<Record> {
        let record = self.record(id)?;
        match self.ask(&Request::Thing { thing: record.thing() })? {
            Response::Thing(thing) if !thing.current.is_empty() => signed(&thing.current),
            Response::Thing(thing) => thing.heads.first().map_or(Ok(record), |id| self.record(*id)),
            _ => Err(strange()),
        }
    }

    /// Returns the version of a thing that is newer than the current one and waits for acceptance, if
    /// there is one.
    ///
    /// # Errors
    /// When the node does not have it.
    pub(crate) fn offered(&self, record: &Record) -> Result<Option<Record>> {
        match self.ask(&Request::Thing { thing: record.thing() })? {
            Response::Thing(thing) => thing.offered.map(|id| self.record(id)).transpose(),
            _ => Err(strange()),
        }
    }

    fn line(&self) -> Result<Line<'_>> {
        let path = match &self.place {
            Place::Here(path) => path,
            Place::Away(away) => return Ok(Line::Away(Box::new(away.line()?))),
            Place::Shelf(archive) => return Ok(Line::Shelf(archive, VecDeque::new())),
        };
        match UnixStream::connect(path) {
            Ok(stream) => Ok(Line::Here(stream)),
            Err(e) if is_absence(&e) => Err(Failure::failed(Say::NoNode)),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                Err(Failure::failed(Say::DoorShut { path: path.display().to_string() }))
            }
            Err(e) => Err(e).with_context(|| path.display().to_string()),
        }
    }
}

/// One connection.
enum Line<'a> {
    Here(UnixStream),
    Away(Box<away::Line<'a>>),
    /// What the home holds, and what of the answer is still to be taken.
    Shelf(&'a RefCell<Archive>, VecDeque<Response>),
}

impl Line<'_> {
    fn send(&mut self, request: &Request) -> Result<()> {
        let stream = match self {
            Self::Here(stream) => stream,
            Self::Away(line) => return line.send(request),
            Self::Shelf(archive, answer) => {
                answer.extend(archive.borrow_mut().ask(request.clone())?);
                return Ok(());
            }
        };
        let bytes = control::encode(request)?;
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= FRAME_BYTES_MAX);
        let length = length.context("the request is too long for the door")?;
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend_from_slice(&bytes);
        stream.write_all(&frame).map_err(|_| gone())
    }

    /// Receives an answer; `None` when the node has closed.
    fn receive(&mut self) -> Result<Option<Response>> {
        let stream = match self {
            Self::Here(stream) => stream,
            Self::Away(line) => return line.receive(),
            Self::Shelf(_, answer) => {
                return match answer.pop_front() {
                    Some(Response::Failed(refusal)) => Err(refused(refusal)),
                    response => Ok(response),
                };
            }
        };
        let mut length = [0; 4];
        match stream.read_exact(&mut length) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Err(Failure::failed(Say::NodeHangs));
            }
            read => read.map_err(|_| gone())?,
        }
        let length = usize::try_from(u32::from_be_bytes(length))?;
        if length > FRAME_BYTES_MAX {
            return Err(strange());
        }
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).map_err(|_| gone())?;
        match control::decode(&bytes).map_err(|_| strange())? {
            Response::Failed(refusal) => Err(refused(refusal)),
            response => Ok(Some(response)),
        }
    }

    /// Keeps a connection that was dear to make; the question was answered to its end.
    fn keep(self) {
        if let Self::Away(line) = self {
            line.keep();
        }
    }
}

/// Decodes and verifies a record that came through the door.
///
/// # Errors
/// When it is none.
pub(crate) fn signed(bytes: &[u8]) -> Result<Record> {
    let unverified = Unverified::decode(bytes).map_err(|_| strange())?;
    unverified.verify().map_err(|_| strange())
}

/// Decodes and verifies the record of a view.
///
/// # Errors
/// When it is none.
pub(crate) fn viewed<S>(view: View<S>) -> Result<(Record, S)> {
    Ok((signed(&view.record)?, view.state))
}

/// The same where there may be no record.
///
/// # Errors
/// When there is one, and it is none.
pub(crate) fn perhaps<S>(view: View<S>) -> Result<(Option<Record>, S)> {
    let record = (!view.record.is_empty()).then(|| signed(&view.record)).transpose()?;
    Ok((record, view.state))
}

/// Says what a node refused, in our words and with our exit code.
pub(crate) fn refused(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::NotFound => Failure::ending(Exit::NotFound, Say::NotHere),
        Refusal::Over { kind, ended } => {
            Failure::ending(Exit::NotFound, Say::WasOver { kind, ended })
        }
        Refusal::Erased => Failure::ending(Exit::NotFound, Say::ErasedByAuthor),
        Refusal::Refused(why) => Failure::ending(Exit::Refused, Say::Refused { why }),
        Refusal::Unverified(why) => Failure::ending(Exit::NotVerified, Say::NotVerified { why }),
        Refusal::ReadOnly(why) => Failure::failed(Say::ReadOnly { why }),
        Refusal::Busy => Failure::failed(Say::NodeBusy),
        Refusal::Broken(what) => Failure::failed(Say::NodeBroke { what }),
        Refusal::Revision { .. } => Failure::failed(Say::StrangeAnswer),
        Refusal::BadRequest(why) => Failure::failed(Say::NodeSays { why }),
    }
}

/// Says more of a node that is not found, when somebody works in the home.
fn doorless(desk: &Desk, error: anyhow::Error) -> anyhow::Error {
    match HomeLock::holder(desk.home.path()) {
        Some(Holder { process }) if is_no_node(&error) => {
            Failure::failed(Say::Starting(Starting::DoorGone { process }))
        }
        _ => error,
    }
}

/// Says whether an error means that no node runs here.
pub(crate) fn is_no_node(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.say == Say::NoNode)
}

/// Makes the error of an answer that fits no question.
pub(crate) fn strange() -> anyhow::Error {
    Failure::failed(Say::StrangeAnswer)
}

fn gone() -> anyhow::Error {
    Failure::failed(Say::NodeGone)
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
