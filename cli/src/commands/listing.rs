//! `weft listing`: organisations that have not joined, as somebody else has listed them.
//!
//! **Invariant:** a listing is a note of this home. It is never signed, sent or counted; what an
//! organisation says of itself, it says in a profile of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use csv::{ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_node::home::write_private;
use weft_protocol::id::NetId;

use crate::commands::profile;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::Signing;
use crate::exit::{Exit, Failure};
use crate::names::alike;
use crate::words::{Leaving, Say, Word};

/// Keep lists of organisations that have not joined, apart from the networks that have
///
/// They stay on this machine: they are never counted, and nothing is signed in their name. One that
/// founds a network of the same name is shown with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Read organisations from a table of comma-separated values with a heading
    ///
    /// Columns called name (or label), id, place (or location, city), country, website (or url, link)
    /// and purpose (or theme) are kept. All others are left out, such as people's addresses.
    Import {
        /// The table
        file: PathBuf,
    },
    /// List them, and those that have joined with their network
    List,
    /// Show one
    Show {
        /// Its name, or its id in the table
        name: String,
    },
    /// Say that your network is this organisation, by a profile with its name and page
    ///
    /// The network must be founded, and speaks for itself from then on.
    Adopt {
        /// Its name, or its id in the table
        name: String,
        #[command(flatten)]
        signing: Signing,
    },
}

/// An organisation as somebody has listed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Listing {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    place: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    country: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    website: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    purpose: String,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Import { file } => import(desk, &file),
        Verb::List => list(desk),
        Verb::Show { name } => show(desk, &name),
        Verb::Adopt { name, signing } => {
            let Listing { name, website, .. } = one(desk, &name)?;
            profile::adopt(desk, (name, website), signing)
        }
    }
}

fn path(desk: &Desk) -> PathBuf {
    desk.home.path().join("listings.json")
}

fn load(desk: &Desk) -> Result<BTreeSet<Listing>> {
    let path = path(desk);
    match fs::read(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        bytes => {
            let shown = || path.display().to_string();
            serde_json::from_slice(&bytes.with_context(shown)?).with_context(shown)
        }
    }
}

fn import(desk: &Desk, file: &Path) -> Result<Exit> {
    if !desk.home.path().is_dir() {
        return Err(Failure::failed(Say::NoHome { path: desk.home.shown() }));
    }
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    let (read, nameless) = read(&bytes).map_err(|why| Failure::usage(file.display(), why))?;
    let mut listings = load(desk)?;
    let before = listings.len();
    let rows = read.len();
    listings.extend(read);
    write_private(&path(desk), &serde_json::to_vec_pretty(&listings)?)?;
    let new = listings.len() - before;
    if desk.json {
        desk.answer(&json!({ "new": new, "known": rows - new, "nameless": nameless }))?;
    } else {
        let listed = Leaving::Listed { new, known: rows - new, nameless };
        desk.line(desk.speech.say(&Say::Leaving(listed)))?;
    }
    Ok(Exit::Done)
}

/// Reads a table, and counts the rows without a name. Bytes that are no UTF-8 are shown as such.
fn read(bytes: &[u8]) -> Result<(Vec<Listing>, usize), String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut table = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let heading = table.headers().map_err(|e| e.to_string())?.clone();
    let place = |names: &[&str]| {
        let is = |cell: &str| names.contains(&cell.trim().to_lowercase().as_str());
        heading.iter().position(is)
    };
    let name = place(&["name", "label"]).ok_or("it has no column called name")?;
    let rest = [
        place(&["id"]),
        place(&["place", "location", "city", "town"]),
        place(&["country"]),
        place(&["website", "url", "link"]),
        place(&["purpose", "theme"]),
    ];
    let cell = |row: &StringRecord, at: usize| row.get(at).unwrap_or_default().trim().to_owned();
    let (mut listings, mut nameless) = (Vec::new(), 0);
    for row in table.records() {
        let row = row.map_err(|e| e.to_string())?;
        let [id, place, country, website, purpose] =
            rest.map(|at| at.map(|at| cell(&row, at)).unwrap_or_default());
        let name = cell(&row, name);
        if name.is_empty() {
            nameless += 1;
        } else {
            listings.push(Listing { name, id, place, country, website, purpose });
        }
    }
    Ok((listings, nameless))
}

/// A network that has the name of an organisation, and the pages that it calls its own.
#[derive(Debug, Clone)]
struct Namesake {
    net: NetId,
    pages: Vec<String>,
}

impl Namesake {
    /// Says whether it is the organisation, as far as a note can tell: the page is its own too.
    fn is(&self, listing: &Listing) -> bool {
        let page = listing.website.trim_end_matches('/');
        !page.is_empty() && self.pages.iter().any(|own| own.trim_end_matches('/') == page)
    }
}

/// Returns the networks by their names, in every language that they have them in; none when no node
/// runs here.
fn joined(desk: &Desk) -> Result<BTreeMap<String, Namesake>> {
    let mut networks = BTreeMap::new();
    let door = match Door::open(desk) {
        Err(error) if door::is_no_node(&error) => return Ok(networks),
        door => door?,
    };
    for (record, state) in door.networks()? {
        let Some(own) = record.as_ref().and_then(profile::body_of) else { continue };
        let pages = own.links.iter().map(|link| link.url.as_str().to_owned()).collect();
        let network = Namesake { net: state.net, pages };
        for (_, name) in own.name.iter() {
            networks.insert(alike(name), network.clone());
        }
    }
    Ok(networks)
}

fn shape(listing: &Listing, joined: &BTreeMap<String, Namesake>) -> Value {
    let network = joined.get(&alike(&listing.name));
    let (adopted, certain) = (network.map(|n| n.net), network.map(|n| n.is(listing)));
    json!({ "listing": listing, "adopted": adopted, "certain": certain })
}

/// Returns the network that an organisation has founded, by its id; perhaps, when only the name says
/// so.
fn adopted(desk: &Desk, listing: &Listing, joined: &BTreeMap<String, Namesake>) -> String {
    match joined.get(&alike(&listing.name)) {
        None => String::new(),
        Some(network) if network.is(listing) => network.net.short(),
        Some(network) => format!("{} {}", desk.speech.word(Word::Perhaps), network.net.short()),
    }
}

fn list(desk: &Desk) -> Result<Exit> {
    let (listings, joined) = (Vec::from_iter(load(desk)?), joined(desk)?);
    if !desk.wants_table(&listings, |listing| shape(listing, &joined))? {
        return Ok(Exit::Done);
    }
    let headings = [Word::Name, Word::Places, Word::Adopted];
    let rows = listings
        .iter()
        .map(|listing| [brief(&listing.name), places(listing), adopted(desk, listing, &joined)]);
    desk.table(headings, rows)?;
    desk.note(&Say::Leaving(Leaving::OnlyListed));
    Ok(Exit::Done)
}

/// Returns a name that leaves room for what stands beside it; `weft listing show` has the whole.
fn brief(name: &str) -> String {
    match name.char_indices().nth(BRIEF_LETTERS) {
        Some((end, _)) => format!("{}…", name[..end].trim_end()),
        None => name.to_owned(),
    }
}

/// Nine of ten names that people list are shorter, and places still fit beside them on a screen.
const BRIEF_LETTERS: usize = 60;

fn places(listing: &Listing) -> String {
    let parts = [&listing.place, &listing.country];
    let parts: Vec<&str> =
        parts.into_iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    parts.join(", ")
}

/// Finds the one that is meant.
fn one(desk: &Desk, word: &str) -> Result<Listing> {
    let is = |listing: &Listing| listing.id == word || alike(&listing.name) == alike(word);
    let mut found: Vec<Listing> = load(desk)?.into_iter().filter(is).collect();
    let word = word.to_owned();
    match (found.pop(), found.is_empty()) {
        (Some(listing), true) => Ok(listing),
        (None, _) => Err(Failure::ending(Exit::NotFound, Say::NotListed { name: word })),
        (Some(last), false) => {
            found.push(last);
            let candidates = found.iter().map(|l| format!("{}  {}", l.id, l.name)).collect();
            Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates }))
        }
    }
}

fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let (listing, joined) = (one(desk, word)?, joined(desk)?);
    if desk.json {
        desk.answer(&shape(&listing, &joined))?;
        return Ok(Exit::Done);
    }
    let net = adopted(desk, &listing, &joined);
    let rows = [
        (Word::Name, listing.name.clone()),
        (Word::Places, places(&listing)),
        (Word::Links, listing.website),
        (Word::Purpose, listing.purpose),
        (Word::Adopted, net),
    ];
    desk.facts(rows)?;
    desk.note(&Say::Leaving(Leaving::OnlyListed));
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_its_heading_and_what_is_personal_is_left_out() {
        let table = "\u{feff}Email,Label,City\nana@example.org,\"Beds, \"\"Ltd\"\"\",Bristol\n,,\n";
        let (read, nameless) = read(table.as_bytes()).unwrap();
        assert_eq!((read.len(), nameless), (1, 1));
        assert_eq!((read[0].name.as_str(), read[0].place.as_str()), ("Beds, \"Ltd\"", "Bristol"));
        assert!(!serde_json::to_string(&read).unwrap().contains("ana"));
        assert!(super::read(b"a,b\n1,2\n").is_err());
        assert_eq!(alike(" River  Care"), alike("river care"));
    }
}
