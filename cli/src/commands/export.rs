//! `weft export`: all that networks of this home ever signed, and what it takes to judge it elsewhere.
//!
//! **Invariant:** with a record go its network's identity and the roles that it was signed under, what
//! it names, the acceptances of that, and the ends of that: so what is erased here stays erased there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::control::{RecordFilter, Request, Response};
use weft_protocol::id::{NetId, RecordId, ThingId};
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;

use crate::bundle::Bundle;
use crate::commands::record::pages;
use crate::commands::seal;
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{self, Exit, Failure};
use crate::groups::OfNetwork;
use crate::input::moment::Edge;
use crate::names::Names;
use crate::out::{self, Out};
use crate::sealed;
use crate::show::json as shapes;
use crate::words::{Leaving, Say};

/// Write all that your network ever signed to a file, to leave with or to keep
///
/// It takes along what that refers to and what judging it elsewhere needs. Any Weft node takes the
/// file with 'weft import'. Keys are not in it: see 'weft id kit'.
///
/// For example: weft export --out ours.weft, and a month later only what is new:
/// weft export --unless ours.weft --out since.weft
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    of: OfNetwork,
    /// Of what it signed only what is dated then or later: 30d is thirty days ago, or a date
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Of what it signed only what has this home region
    #[arg(long)]
    region: Option<Region>,
    /// Leave out what an earlier export holds (may be given several times)
    #[arg(long, value_name = "FILE")]
    unless: Vec<PathBuf>,
    /// Seal all of it, so that only this network can read it: your own, or one that you trust
    #[arg(long, value_name = "NETWORK")]
    seal_to: Option<String>,
    /// Where to; '-' is standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Collects the records and writes them to a file.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let had = args.unless.iter().map(|path| ids(desk, path)).collect::<Result<Vec<_>>>()?.concat();
    let had: BTreeSet<RecordId> = had.into_iter().collect();
    let door = Door::open_or_read(desk)?;
    let nets = match args.of.find(desk, &door)? {
        Some(net) => [net].into(),
        None => spoken_for(desk, &door)?,
    };
    let since = args.since.as_ref().map(|words| desk.moment("--since", words, Edge::Past));
    let mine = RecordFilter {
        region: args.region.clone(),
        since: since.transpose()?,
        ..RecordFilter::default()
    };
    let mut collection = Collection::new(&door);
    for net in nets {
        collection.take_of(net, &mine)?;
    }
    collection.complete()?;
    let mut records: Vec<Record> = collection.records.into_values().collect();
    records.retain(|record| !had.contains(&record.id()));
    records.sort_by_cached_key(turn);
    let bytes: Vec<u8> = records.iter().flat_map(|r| r.bytes().iter().copied()).collect();
    let bytes = match &args.seal_to {
        None => bytes,
        Some(word) => {
            let reader = Names::load(desk)?.network(&door, word)?;
            sealed::seal(&bytes, &[seal::key_of(&door, reader)?])?.into_bytes()
        }
    };
    let mut out = Out::begin(desk, &args.out)?;
    out.write_all(&bytes).with_context(|| args.out.display().to_string())?;
    let is_file = out.is_file();
    out.keep(&args.out)?;
    let (records, path) = (records.len(), args.out.display().to_string());
    if desk.json {
        desk.answer(&json!({ "records": records, "file": path }))?;
    } else if is_file {
        desk.line(desk.speech.say(&Say::Exported { records, path }))?;
    } else {
        desk.note(&if out::is_standard(&args.out) {
            Say::Passed { records }
        } else {
            Say::Exported { records, path }
        });
    }
    Ok(Exit::Done)
}

/// Returns the networks for which the keys of this home speak.
///
/// # Errors
/// When the node does not answer, or a key cannot be read.
pub(crate) fn spoken_for(desk: &Desk, door: &Door) -> Result<BTreeSet<NetId>> {
    let mut nets = BTreeSet::new();
    for key in desk.home.keys().all()? {
        let request = Request::Mandates { key: key.public() };
        nets.extend(door.list(&request, |response| match response {
            Response::Mandate(mandate) => Some(mandate.net),
            _ => None,
        })?);
    }
    if nets.is_empty() {
        return Err(Failure::ending(Exit::NotFound, Say::Leaving(Leaving::WhoseExport)));
    }
    Ok(nets)
}

/// Returns the ids of what a file holds.
fn ids(desk: &Desk, path: &Path) -> Result<Vec<RecordId>> {
    let (mut bundle, mut ids) = (Bundle::open(desk, path)?, Vec::new());
    loop {
        let items = bundle.next()?;
        if items.is_empty() {
            return Ok(ids);
        }
        ids.extend(items.into_iter().flatten().map(|record| record.id()));
    }
}

/// Returns when a record has its turn: what others rest on goes first, so that little waits.
fn turn(record: &Record) -> (bool, u64, u8, u16, RecordId) {
    let header = record.header();
    let rank = match header.kind {
        Kind::Role => 0,
        Kind::Response => 2,
        Kind::End => 3,
        _ => 1,
    };
    (header.kind != Kind::Identity, header.at.as_secs(), rank, record.rev(), record.id())
}

/// Records that are closed under what they need.
struct Collection<'a> {
    door: &'a Door,
    records: BTreeMap<RecordId, Record>,
    /// Every id that a record names, whether or not a record has it.
    named: BTreeSet<RecordId>,
    /// Those that nobody has looked at yet.
    unseen: Vec<RecordId>,
    /// The networks whose support is here.
    supported: BTreeSet<NetId>,
    /// Acceptances and ends that those networks signed.
    near: Vec<Record>,
}

impl<'a> Collection<'a> {
    fn new(door: &'a Door) -> Self {
        let (records, named, supported) = Default::default();
        Self { door, records, named, unseen: Vec::new(), supported, near: Vec::new() }
    }

    /// Takes what a network signed.
    fn take_of(&mut self, net: NetId, filter: &RecordFilter) -> Result<()> {
        let filter = RecordFilter { net: Some(net), ..filter.clone() };
        pages(self.door, filter, |record, _| {
            self.add(record.clone());
            Ok(())
        })?;
        self.name(net.into());
        Ok(())
    }

    fn add(&mut self, record: Record) {
        if self.records.contains_key(&record.id()) {
            return;
        }
        let mut names = vec![record.thing().into(), record.net().into()];
        names.extend(record.header().version.prev.iter().copied());
        ids_in(&shapes::record(&record), &mut names);
        self.records.insert(record.id(), record);
        names.into_iter().for_each(|id| self.name(id));
    }

    fn name(&mut self, id: RecordId) {
        if self.named.insert(id) {
            self.unseen.push(id);
        }
    }

    /// Fetches until nothing is missing that is on the node.
    fn complete(&mut self) -> Result<()> {
        loop {
            while let Some(id) = self.unseen.pop() {
                if self.records.contains_key(&id) {
                    continue;
                }
                match self.door.record(id) {
                    Ok(record) => self.add_thing(record)?,
                    // A key, a hash, what is erased, or what this node does not have.
                    Err(error) if exit::is_absence(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            let nets: BTreeSet<NetId> = self.records.values().map(Record::net).collect();
            for net in nets {
                if self.supported.insert(net) {
                    self.support(net)?;
                }
            }
            let named = |id: ThingId| self.named.contains(&id.into());
            let near = std::mem::take(&mut self.near).into_iter();
            let (about, rest): (Vec<_>, _) = near.partition(|record| targets(record).any(named));
            self.near = rest;
            if about.is_empty() && self.unseen.is_empty() {
                return Ok(());
            }
            about.into_iter().for_each(|record| self.add(record));
        }
    }

    /// Adds a record that another one names, and the versions of it that count now.
    fn add_thing(&mut self, record: Record) -> Result<()> {
        let thing = record.thing();
        self.add(record);
        match self.door.ask(&Request::Thing { thing }) {
            Ok(Response::Thing(view)) => view.heads.into_iter().for_each(|id| self.name(id)),
            Ok(_) => {}
            Err(error) if exit::is_absence(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Takes the identity of a network, and remembers what it accepted and ended.
    fn support(&mut self, net: NetId) -> Result<()> {
        for kind in [Kind::Identity, Kind::Response, Kind::End] {
            let filter = RecordFilter {
                net: Some(net),
                kind: Some(kind.clone()),
                ..RecordFilter::default()
            };
            pages(self.door, filter, |record, _| {
                match kind {
                    Kind::Identity => self.add(record.clone()),
                    _ => self.near.extend(targets(record).next().map(|_| record.clone())),
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Returns what an acceptance or an end is about; nothing for other records.
fn targets(record: &Record) -> impl Iterator<Item = ThingId> {
    let things: Vec<ThingId> = match record.body() {
        Body::Response(answer) if answer.kind == ResponseKind::Accept => vec![answer.to.thing],
        Body::End(end) => end.targets.iter().map(|target| target.thing).collect(),
        _ => Vec::new(),
    };
    things.into_iter()
}

/// Collects what could be ids in the shape of a record.
fn ids_in(value: &Value, into: &mut Vec<RecordId>) {
    match value {
        Value::String(text) => into.extend(text.parse::<RecordId>()),
        Value::Array(items) => items.iter().for_each(|item| ids_in(item, into)),
        Value::Object(map) => map.values().for_each(|item| ids_in(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
