//! A program at a node's door: for tests that post and ask much, and for those that misbehave.
//!
//! **Invariant:** nothing here waits for ever: a node that does not answer within `PATIENCE` is an
//! error.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use weft_node::frame::FRAME_BYTES_MAX;
use weft_protocol::control::{self, Fate, NodeStatus, RecordFilter, Request, Response};
use weft_protocol::id::RecordId;
use weft_protocol::record::{Record, Unverified};

/// How long a node may take to answer: many times what it needs, for machines on which everything
/// else runs too.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of records in one request, below what a frame takes.
const POST_BYTES_MAX: usize = FRAME_BYTES_MAX - 1024;

/// One connection.
#[derive(Debug)]
pub struct Door(UnixStream);

impl Door {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Sends bytes as they are, whatever they are.
    ///
    /// # Errors
    /// When the node has closed.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Sends bytes as a frame, whatever is in it.
    ///
    /// # Errors
    /// When the node has closed.
    ///
    /// # Panics
    /// When the bytes are too long to say how long they are.
    pub fn send_frame(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).expect("a test sends less than 4 GiB");
        self.0.write_all(&[&length.to_be_bytes()[..], bytes].concat())
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When the node has closed.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        self.send_frame(&control::encode(request).map_err(io::Error::other)?)
    }

    /// Receives a response; `None` when the node has closed.
    ///
    /// # Errors
    /// When it breaks off, takes too long, or is no response.
    pub fn receive(&mut self) -> io::Result<Option<Response>> {
        let mut length = [0; 4];
        match self.0.read_exact(&mut length) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
        self.0.read_exact(&mut bytes)?;
        control::decode(&bytes).map(Some).map_err(io::Error::other)
    }

    /// Asks a question that has one answer.
    ///
    /// # Errors
    /// When the node goes away.
    pub fn ask(&mut self, request: &Request) -> io::Result<Response> {
        self.send(request)?;
        self.receive()?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Asks a question that has many answers.
    ///
    /// # Errors
    /// When the node goes away, or refuses.
    pub fn list(&mut self, request: &Request) -> io::Result<Vec<Response>> {
        let mut answers = Vec::new();
        let mut next = self.ask(request)?;
        while next != Response::End {
            if let Response::Failed(failure) = next {
                return Err(io::Error::other(failure));
            }
            answers.push(next);
            next = self.receive()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        }
        Ok(answers)
    }

    /// Posts records, as many at once as a frame takes, and returns what became of each.
    ///
    /// # Errors
    /// When the node goes away, or refuses them all.
    pub fn post(&mut self, records: &[Record]) -> io::Result<Vec<Fate>> {
        let mut fates = Vec::with_capacity(records.len());
        let mut rest = records;
        while !rest.is_empty() {
            let mut bytes = Vec::new();
            let fits = |record: &&Record| {
                bytes.extend_from_slice(record.bytes());
                bytes.len() <= POST_BYTES_MAX
            };
            let count = rest.iter().take_while(fits).count();
            let (part, left) = rest.split_at(count);
            let sequence: Vec<u8> = part.iter().flat_map(|r| r.bytes().iter().copied()).collect();
            self.send(&Request::Post { records: sequence.into() })?;
            for _ in part {
                match self.receive()?.ok_or(io::ErrorKind::UnexpectedEof)? {
                    Response::Posted(posted) => fates.push(posted.fate),
                    Response::Failed(failure) => return Err(io::Error::other(failure)),
                    other => return Err(io::Error::other(format!("{other:?}"))),
                }
            }
            rest = left;
        }
        Ok(fates)
    }

    /// Returns the ids of the records that pass a filter.
    ///
    /// # Errors
    /// When the node goes away, or says what is no record.
    pub fn ids(&mut self, filter: RecordFilter) -> io::Result<Vec<RecordId>> {
        let answers = self.list(&Request::Records(filter))?;
        let id = |answer: Response| match answer {
            Response::Record(view) => Unverified::decode(&view.record)
                .map(|record| record.assume_verified().id())
                .map_err(io::Error::other),
            other => Err(io::Error::other(format!("{other:?}"))),
        };
        answers.into_iter().map(id).collect()
    }

    /// Returns a record.
    ///
    /// # Errors
    /// When the node goes away, or does not have it.
    pub fn record(&mut self, id: RecordId) -> io::Result<Record> {
        match self.ask(&Request::Record { id })? {
            Response::Record(view) => {
                let record = Unverified::decode(&view.record).map_err(io::Error::other)?;
                record.verify().map_err(io::Error::other)
            }
            other => Err(io::Error::other(format!("{other:?}"))),
        }
    }

    /// Returns how the node is.
    ///
    /// # Errors
    /// When the node goes away.
    pub fn status(&mut self) -> io::Result<NodeStatus> {
        match self.ask(&Request::Status)? {
            Response::Status(status) => Ok(*status),
            other => Err(io::Error::other(format!("{other:?}"))),
        }
    }
}
