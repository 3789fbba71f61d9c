//! `weft profile`: what a network says of itself.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::profile::{
    Address, Link, NetworkKind, Profile, PublishedNode, Size, StandingOffer, Status, Url,
};
use weft_protocol::body::role::Power;
use weft_protocol::body::text::{Lang, Place, Tag};
use weft_protocol::record::Record;

use crate::commands::network::{self, Known};
use crate::commands::seal::ContactArgs;
use crate::desk::Desk;
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::input::code::{lang, place, tag};
use crate::input::named::{named, spelt};
use crate::input::text;
use crate::sealed;
use crate::words::{Condition, Say, Speech, Word};

/// Say who your network is
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Change what your network says of itself; what you leave out stays as it is
    ///
    /// A profile is renewed once a year, so that the directory stays honest.
    Set(Box<SetArgs>),
    /// Show what a network says of itself
    Show {
        /// Which: its name, 'us', or the beginning of its id
        #[arg(default_value = "us")]
        network: String,
    },
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    #[command(flatten)]
    profile: ProfileArgs,
    /// Publish the key that others seal to for you; it is made when this home has none
    #[arg(long)]
    sealing: bool,
    #[command(flatten)]
    contact: ContactArgs,
    #[command(flatten)]
    signing: Signing,
}

/// What a profile says. Lists that are given take the place of the old ones.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ProfileArgs {
    /// The network's name (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    name: Vec<String>,
    /// network, alliance, hub, group, project, connector or observer
    #[arg(long, value_parser = named::<NetworkKind>)]
    kind: Option<NetworkKind>,
    /// What it is for (once for each language)
    #[arg(long, value_name = "TEXT")]
    purpose: Vec<String>,
    /// A sector: civic, cultural, labour, academic, faith, media … (may be given several times)
    #[arg(long, value_parser = tag)]
    sector: Vec<Tag>,
    /// A movement field: political-reform, civic-engagement, bridging, racial-social-justice,
    /// economic-justice, climate-environment or another (may be given several times)
    #[arg(long, value_parser = tag)]
    field: Vec<Tag>,
    /// A place: GB, GB-BST, 154 or a geohash such as gcnhq (may be given several times)
    #[arg(long, value_parser = place)]
    place: Vec<Place>,
    /// A language that it works in (may be given several times)
    #[arg(long, value_parser = lang)]
    language: Vec<Lang>,
    /// How many people: 1-9, 10-99, 100-999, 1k-9k or 10k+
    #[arg(long, value_parser = named::<Size>)]
    size: Option<Size>,
    /// forming, active or dormant
    #[arg(long, value_parser = named::<Status>)]
    status: Option<Status>,
    /// Something that it always offers: rooms="A hall on Sundays", and rooms=es="Una sala" for
    /// another language (may be given several times)
    #[arg(long = "offer", value_name = "TAG=TEXT")]
    offers: Vec<String>,
    /// A page: `home=https://example.org` (may be given several times)
    #[arg(long, value_name = "REL=URL")]
    link: Vec<String>,
    /// A node to publish: its name, and an address after '=' if others may know it
    #[arg(long, value_name = "NODE")]
    publish: Vec<String>,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Set(args) => set(desk, &args),
        Verb::Show { network } => network::show(desk, &network),
    }
}

/// Takes the name and the page of an organisation into the profile of the network that it now is.
///
/// # Errors
/// As every command that signs.
pub(crate) fn adopt(
    desk: &Desk,
    (name, website): (String, String),
    signing: Signing,
) -> Result<Exit> {
    let link =
        Vec::from_iter(Url::try_from(website).ok().map(|url| format!("home={}", url.as_str())));
    let profile = ProfileArgs { name: vec![name], link, ..ProfileArgs::default() };
    set(desk, &SetArgs { profile, sealing: false, contact: ContactArgs::default(), signing })
}

fn set(desk: &Desk, args: &SetArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let voice = pen.voice(Power::Profile)?;
    if !voice.hosts && (args.sealing || !args.profile.publish.is_empty()) {
        return Err(Failure::ending(Exit::Refused, Say::Condition(Condition::MayNotHost)));
    }
    let known = network::known(&pen.door, voice.net)?;
    let said = last_said(&known, voice.hosts)?;
    let (last, _) = known;
    if last.is_none() && args.profile.name.is_empty() {
        let say = Say::Condition(Condition::NoProfileToChange);
        return Err(Failure::ending(Exit::Usage, say));
    }
    let mut body = merged(desk, &args.profile, said.as_ref())?;
    // A rehearsal makes no key.
    if args.sealing && !pen.is_dry() {
        body.sealing = Some(sealed::published(desk)?);
    }
    if let Some(contact) = args.contact.read(&pen, voice.net)? {
        body.contact = contact;
    }
    let life = pen.life(&voice, 400 * DAY, 400 * DAY)?;
    let draft = pen.go_on(last.as_ref(), pen.draft(Body::Profile(body), &voice, life)?)?;
    pen.say(draft, &voice.key)
}

/// Returns what the next profile goes on from: the one that is shown, with the nodes and the sealing key
/// that count, if its signer may say them.
fn last_said(known: &Known, hosts: bool) -> Result<Option<Profile>> {
    let hosting = network::hosting(known)?;
    let hosting = hosting.as_ref().and_then(body_of).filter(|_| hosts);
    let shown = known.0.as_ref().and_then(body_of);
    Ok(shown.map(|shown| Profile {
        sealing: hosting.and_then(|profile| profile.sealing),
        nodes: hosting.map(|profile| profile.nodes.clone()).unwrap_or_default(),
        ..shown.clone()
    }))
}

/// Returns the profile that a record is.
pub(crate) fn body_of(record: &Record) -> Option<&Profile> {
    match record.body() {
        Body::Profile(profile) => Some(profile),
        _ => None,
    }
}

/// Puts what was said above what the last profile says.
///
/// # Errors
/// When there is no name yet, or something is out of bounds.
pub(crate) fn merged(desk: &Desk, args: &ProfileArgs, last: Option<&Profile>) -> Result<Profile> {
    let usual = desk.language()?;
    let name = match text::text("--name", &args.name, &usual)? {
        Some(name) => name,
        None => match last {
            Some(last) => last.name.clone(),
            None => text::needed("--name", &args.name, &usual)?,
        },
    };
    let purpose = text::text("--purpose", &args.purpose, &usual)?;
    Ok(Profile {
        kind: args.kind.or(last.map(|l| l.kind)).unwrap_or(NetworkKind::Network),
        name,
        purpose: purpose.or_else(|| last.and_then(|l| l.purpose.clone())),
        sectors: text::list("--sector", args.sector.clone(), last.map(|l| &l.sectors))?,
        fields: text::list("--field", args.field.clone(), last.map(|l| &l.fields))?,
        places: text::list("--place", args.place.clone(), last.map(|l| &l.places))?,
        languages: text::list("--language", args.language.clone(), last.map(|l| &l.languages))?,
        size: args.size.or(last.and_then(|l| l.size)),
        status: args.status.or(last.map(|l| l.status)).unwrap_or_default(),
        offers: text::list("--offer", offers(&args.offers, &usual)?, last.map(|l| &l.offers))?,
        links: text::list("--link", all(&args.link, link)?, last.map(|l| &l.links))?,
        sealing: last.and_then(|l| l.sealing),
        nodes: text::list("--publish", all(&args.publish, node)?, last.map(|l| &l.nodes))?,
        contact: last.map(|l| l.contact.clone()).unwrap_or_default(),
    })
}

fn all<T>(words: &[String], read: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    words.iter().map(|word| read(word)).collect()
}

/// Reads standing offers; texts of one tag are of one offer, in several languages.
fn offers(words: &[String], usual: &Lang) -> Result<Vec<StandingOffer>> {
    let mut texts: BTreeMap<Tag, Vec<String>> = BTreeMap::new();
    for word in words {
        let bad = || Failure::usage(format!("--offer {word}"), "say rooms=\"A hall on Sundays\"");
        let (tag, text) = word.split_once('=').ok_or_else(bad)?;
        texts.entry(tag.parse().map_err(|_| bad())?).or_default().push(text.to_owned());
    }
    let offer = |(tag, pieces): (Tag, Vec<String>)| {
        Ok(StandingOffer { tag, text: text::needed("--offer", &pieces, usual)? })
    };
    texts.into_iter().map(offer).collect()
}

fn link(word: &str) -> Result<Link> {
    let (rel, url) = word.split_once('=').unwrap_or(("home", word));
    let bad = |why: String| Failure::usage(format!("--link {word}"), why);
    let rel = rel.parse().map_err(|e: weft_protocol::body::text::BoundError| bad(e.to_string()))?;
    let url = Url::try_from(url.to_owned()).map_err(|e| bad(e.to_string()))?;
    Ok(Link { rel, url })
}

fn node(word: &str) -> Result<PublishedNode> {
    let bad = || Failure::usage(format!("--publish {word}"), "say 12D3KooW… or 12D3KooW…=ADDRESS");
    let (name, address) = word.split_once('=').map_or((word, None), |(n, a)| (n, Some(a)));
    let node = weft_node::network::parse_peer(name).ok_or_else(bad)?;
    let addresses: Option<Address> =
        address.map(|text| Address::try_from(text.to_owned())).transpose().map_err(|_| bad())?;
    let addresses = Vec::from_iter(addresses).try_into().map_err(|_| bad())?;
    Ok(PublishedNode { node, addresses })
}

/// Returns the names of the nodes that a profile lists, one on a line.
pub(crate) fn nodes(profile: &Profile) -> Option<String> {
    let names = profile.nodes.iter().map(|own| weft_node::network::peer_text(own.node));
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| names.join("\n"))
}

/// Returns what a profile says, line by line.
pub(crate) fn rows(profile: &Profile, languages: &[Lang], speech: Speech) -> Vec<(Word, String)> {
    fn joined<T: ToString>(items: &[T]) -> String {
        items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
    let purpose = profile.purpose.as_ref().map(|text| text.in_any(languages).1.to_owned());
    let offer =
        |offer: &StandingOffer| format!("{}: {}", offer.tag, offer.text.in_any(languages).1);
    let offers: Vec<String> = profile.offers.iter().map(offer).collect();
    let link = |link: &Link| format!("{} {}", link.rel, link.url.as_str());
    let links: Vec<String> = profile.links.iter().map(link).collect();
    let rows = [
        (Word::Kind, speech.term(&spelt(&profile.kind))),
        (Word::Purpose, purpose.unwrap_or_default()),
        (Word::Size, profile.size.as_ref().map(spelt).unwrap_or_default()),
        (Word::Offers, offers.join("\n")),
        (Word::Links, links.join("\n")),
        (Word::Sectors, joined(&profile.sectors)),
        (Word::Fields, joined(&profile.fields)),
        (Word::Places, joined(&profile.places)),
        (Word::Languages, joined(&profile.languages)),
        (Word::Status, speech.term(&spelt(&profile.status))),
    ];
    rows.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}
