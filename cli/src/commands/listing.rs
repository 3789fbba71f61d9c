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
use csv::StringRecord;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_node::file::{self, Readers};
use weft_protocol::id::NetId;

use crate::commands::profile;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::Signing;
use crate::exit::{Exit, Failure};
use crate::input::table::{Table, unclosed};
use crate::looks::alike;
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
    /// Read organisations from a table (CSV) with a heading
    ///
    /// Columns called name (or label, nombre), id, place (or city, lugar, ciudad), country (or país),
    /// website (or url, link, web) and purpose (or theme, objetivo) are kept. All others are left out,
    /// such as people's addresses.
    ///
    /// Commas, semicolons and tabs are understood, and UTF-8, UTF-16 and Latin-1.
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
    /// Take one, or all, off the list again
    Remove {
        /// Its name, or its id in the table
        #[arg(required_unless_present = "all")]
        name: Option<String>,
        /// All that are listed
        #[arg(long, conflicts_with = "name")]
        all: bool,
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
        Verb::Remove { name, .. } => remove(desk, name.as_deref()),
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
    let (read, nameless, encoding) =
        read(&bytes).map_err(|why| Failure::usage(file.display(), why))?;
    let mut listings = load(desk)?;
    let before = listings.len();
    let rows = read.len();
    listings.extend(read);
    let path = path(desk);
    let kept = file::replace(&path, &serde_json::to_vec_pretty(&listings)?, Readers::Owner);
    kept.with_context(|| path.display().to_string())?;
    let new = listings.len() - before;
    if desk.json {
        let encoding = encoding.unwrap_or("UTF-8");
        desk.answer(
            &json!({ "new": new, "known": rows - new, "nameless": nameless, "encoding": encoding }),
        )?;
    } else {
        if let Some(encoding) = encoding {
            desk.note(&Say::Leaving(Leaving::ReadAs { encoding: encoding.to_owned() }));
        }
        let listed = Leaving::Listed { new, known: rows - new, nameless };
        desk.line(desk.speech.say(&Say::Leaving(listed)))?;
    }
    Ok(Exit::Done)
}

/// Takes one listing off the list, or all.
fn remove(desk: &Desk, name: Option<&str>) -> Result<Exit> {
    let mut listings = load(desk)?;
    let before = listings.len();
    match name {
        Some(name) => {
            listings.remove(&one(desk, name)?);
        }
        None => {
            desk.confirm(&Say::Leaving(Leaving::RemovesAll { count: before }))?;
            listings.clear();
        }
    }
    let path = path(desk);
    let kept = file::replace(&path, &serde_json::to_vec_pretty(&listings)?, Readers::Owner);
    kept.with_context(|| path.display().to_string())?;
    let removed = before - listings.len();
    if desk.json {
        desk.answer(&json!({ "removed": removed }))?;
    } else {
        let left = listings.len();
        desk.line(desk.speech.say(&Say::Leaving(Leaving::Unlisted { removed, left })))?;
    }
    Ok(Exit::Done)
}

/// What the columns are called that are kept, in the languages of those who write tables; the first
/// of each is its own name.
const NAME: &[&str] = &[
    "name",
    "label",
    "organisation",
    "organization",
    "nombre",
    "organización",
    "organizacion",
    "entidad",
];
const ID: &[&str] = &["id", "identifier", "identificador"];
const PLACE: &[&str] = &[
    "place",
    "location",
    "city",
    "town",
    "lugar",
    "ciudad",
    "localidad",
    "municipio",
    "ubicación",
    "ubicacion",
];
const COUNTRY: &[&str] = &["country", "país", "pais"];
const WEBSITE: &[&str] = &[
    "website",
    "url",
    "link",
    "web",
    "sitio",
    "sitio web",
    "página",
    "pagina",
    "página web",
    "enlace",
];
const PURPOSE: &[&str] = &[
    "purpose",
    "theme",
    "mission",
    "propósito",
    "proposito",
    "objetivo",
    "tema",
    "misión",
    "mision",
];

/// What was read of a table: the organisations, how many rows have no name, and the encoding where
/// it is not the usual one.
type Read = (Vec<Listing>, usize, Option<&'static str>);

/// Reads organisations from a table.
fn read(bytes: &[u8]) -> Result<Read, String> {
    let table = Table::read(bytes, NAME)?;
    let columns = [NAME, ID, PLACE, COUNTRY, WEBSITE, PURPOSE].map(|names| table.column(names));
    let cell = |row: &StringRecord, at: usize| row.get(at).unwrap_or_default().trim().to_owned();
    let (mut listings, mut nameless) = (Vec::new(), 0);
    for (line, row) in table.rows() {
        let [name, id, place, country, website, purpose] =
            columns.map(|at| at.map(|at| cell(row, at)).unwrap_or_default());
        if name.contains('\n') {
            return Err(unclosed(*line));
        }
        if name.is_empty() {
            nameless += 1;
        } else {
            listings.push(Listing { name, id, place, country, website, purpose });
        }
    }
    Ok((listings, nameless, table.encoding))
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
        .map(|listing| [listing.name.clone(), places(listing), adopted(desk, listing, &joined)]);
    desk.table(headings, rows)?;
    desk.note(&Say::Leaving(Leaving::OnlyListed));
    Ok(Exit::Done)
}

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
        let (read, nameless, _) = read(table.as_bytes()).unwrap();
        assert_eq!((read.len(), nameless), (1, 1));
        assert_eq!((read[0].name.as_str(), read[0].place.as_str()), ("Beds, \"Ltd\"", "Bristol"));
        assert!(!serde_json::to_string(&read).unwrap().contains("ana"));
        assert!(super::read(b"a,b\n1,2\n").is_err());
        let swallowed = b"name,city\n\"Bakers,Bristol\nHarbour,Leith\nTenants\",York\n";
        assert!(super::read(swallowed).unwrap_err().contains("line 2 "));
    }
}
