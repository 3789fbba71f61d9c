//! What stays of what a key signed, when the key is taken back.

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::end::{End, EndKind};
use weft_protocol::control::{Judgement, RecordFilter, Request, Response};
use weft_protocol::id::{IdPrefix, PublicKey, RecordId};
use weft_protocol::record::{Kind, Record};
use weft_protocol::time::Timestamp;

use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::moment::Edge;
use crate::words::{Leaving, Say};

/// What stays of what a compromised key signed.
#[derive(Debug, clap::Args)]
pub(crate) struct KeepArgs {
    /// What stays of what a compromised key signed: ids, or 'all-before' and a time in the past,
    /// such as 2026-11-20 or 3d
    #[arg(long, num_args = 1.., value_name = "WHAT")]
    keep: Vec<String>,
}

impl KeepArgs {
    /// Says whether nothing is to stay.
    pub(crate) fn is_empty(&self) -> bool {
        self.keep.is_empty()
    }

    /// Returns what is to stay of what a key signed, in lists of at most so many; one empty list
    /// when nothing is to stay.
    ///
    /// # Errors
    /// When an id or the time is none, or the time is still to come: whoever has the key signs
    /// until then, too.
    pub(crate) fn lists(
        &self,
        pen: &Pen<'_>,
        key: PublicKey,
        most: usize,
    ) -> Result<Vec<Vec<RecordId>>> {
        let hidden = if self.is_empty() { Vec::new() } else { hidden(pen, key)? };
        let mut kept = match self.keep.as_slice() {
            [first, time] if first == "all-before" => all_before(pen, key, time, &hidden)?,
            ids => {
                let meant = |word: &String| meant(pen, key, word, &hidden);
                ids.iter().map(meant).collect::<Result<Vec<_>>>()?.concat()
            }
        };
        kept.sort_unstable();
        kept.dedup();
        Ok(lists(&kept, most))
    }
}

/// Asks whether a key of a network, or of a role, is to be taken back, with a count of what that makes void:
/// all that it signed from a moment on, or ever, but for what is kept.
///
/// # Errors
/// When it is not, or there is nobody to ask.
pub(crate) fn ask(
    pen: &Pen<'_>,
    (name, role): (String, bool),
    key: PublicKey,
    (since, kept): (Option<Timestamp>, &[Vec<RecordId>]),
) -> Result<()> {
    let filter = RecordFilter { key: Some(key), valid: true, ..RecordFilter::default() };
    let mut records = pen.door.things(&Request::Records(filter), |response| match response {
        Response::Record(view) => Some(view),
        _ => None,
    })?;
    records.retain(|(record, _)| {
        let header = record.header();
        header.kind != Kind::Identity
            && since.is_none_or(|since| header.at >= since)
            && !kept.iter().any(|list| list.contains(&record.id()))
    });
    let profile = records.iter().any(|(record, _)| record.header().kind == Kind::Profile);
    let stolen = since.is_none() && kept.iter().all(Vec::is_empty);
    let count = records.len();
    pen.desk.confirm(&Say::Leaving(Leaving::AskRevoke { name, role, count, profile, stolen }))
}

/// Parts ids into lists of at most so many; one empty list when there are none.
pub(crate) fn lists(ids: &[RecordId], most: usize) -> Vec<Vec<RecordId>> {
    let lists: Vec<_> = ids.chunks(most).map(<[_]>::to_vec).collect();
    if lists.is_empty() { vec![Vec::new()] } else { lists }
}

/// Returns what a key signed before a moment, what was erased in the last days too; but not the erasures of
/// it: what a thief erases is dated as the thief likes.
fn all_before(
    pen: &Pen<'_>,
    key: PublicKey,
    time: &str,
    hidden: &[Record],
) -> Result<Vec<RecordId>> {
    let before = pen.desk.moment("--keep all-before", time, Edge::Past)?;
    if before > pen.desk.now() {
        let why = "that is still to come, and whoever has the key signs until then, too";
        return Err(Failure::usage(format!("--keep all-before {time}"), why));
    }
    let now = pen.desk.now();
    let signed = signed(pen, key)?.into_iter().map(|(record, _)| record);
    let (undone, rest): (Vec<Record>, Vec<Record>) = signed.partition(|record| {
        let erases = |end: &End| {
            let mut targets = end.targets.iter();
            end.kind == EndKind::Erase
                && targets.any(|target| hidden.iter().any(|h| h.thing() == target.thing))
        };
        matches!(record.body(), Body::End(end) if erases(end))
    });
    if !undone.is_empty() {
        let count = undone.len();
        pen.desk.note(&Say::Leaving(Leaving::ErasuresUndone { count }));
    }
    Ok(rest.iter().chain(hidden).filter(|r| is_kept(r, before, now)).map(Record::id).collect())
}

/// Returns what a key signed and what is erased, and can still come back. A node elsewhere does not tell.
fn hidden(pen: &Pen<'_>, key: PublicKey) -> Result<Vec<Record>> {
    if !pen.door.is_here() {
        return Ok(Vec::new());
    }
    let filter = RecordFilter { hidden: true, ..RecordFilter::default() };
    let hidden = pen.door.things(&Request::Records(filter), |response| match response {
        Response::Record(view) => Some(view),
        _ => None,
    })?;
    let hidden = hidden.into_iter().map(|(record, _): (Record, Judgement)| record);
    Ok(hidden.filter(|record| record.key() == key).collect())
}

/// Says whether a record that is to be kept was signed before a moment. What is over counts for nothing,
/// kept or not, and identity events need no keeping.
fn is_kept(record: &Record, before: Timestamp, now: Timestamp) -> bool {
    let header = record.header();
    header.at < before && header.until > now && header.kind != Kind::Identity
}

/// Returns what a word names of what a key signed: a record, or every version of a thing.
fn meant(pen: &Pen<'_>, key: PublicKey, word: &str, hidden: &[Record]) -> Result<Vec<RecordId>> {
    if let Ok(prefix) = word.parse::<IdPrefix>() {
        let (low, high) = prefix.bounds();
        let named = |id: [u8; 32]| (low..=high).contains(&id);
        let meant = hidden.iter().filter(|r| named(r.id().0) || named(r.thing().0));
        let meant: Vec<RecordId> = meant.map(Record::id).collect();
        if !meant.is_empty() {
            return Ok(meant);
        }
    }
    let id = pen.names.find(&pen.door, word, None)?;
    if pen.door.meant(id)? == id {
        return Ok(vec![id]);
    }
    let versions = signed(pen, key)?.into_iter().map(|(record, _)| record);
    let versions = versions.filter(|record| RecordId::from(record.thing()) == id);
    let kept: Vec<RecordId> = versions.map(|record| record.id()).collect();
    if kept.is_empty() {
        return Err(Failure::usage(format!("--keep {word}"), "that key signed no version of it"));
    }
    Ok(kept)
}

fn signed(pen: &Pen<'_>, key: PublicKey) -> Result<Vec<(Record, Judgement)>> {
    let filter = RecordFilter { key: Some(key), ..RecordFilter::default() };
    pen.door.things(&Request::Records(filter), |response| match response {
        Response::Record(view) => Some(view),
        _ => None,
    })
}

/// Returns what a key signed before a moment; identity events need no keeping.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn signed_before(
    pen: &Pen<'_>,
    key: PublicKey,
    before: Timestamp,
) -> Result<Vec<RecordId>> {
    let (records, now) = (signed(pen, key)?, pen.desk.now());
    let early = records.iter().map(|(record, _)| record).filter(|r| is_kept(r, before, now));
    Ok(early.map(Record::id).collect())
}
