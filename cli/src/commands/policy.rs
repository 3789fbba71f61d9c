//! `weft policy`: whom this node lets in, and why something is here or not.

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::admission::{Action, Entry, Mode, Subject};
use weft_protocol::control::{Explanation, PolicyTask, PolicyView, Request, Response, Whereabouts};
use weft_protocol::id::{NetId, NodeId, PublicKey, RecordId};
use weft_protocol::record::Kind;
use weft_protocol::region::Region;

use crate::commands::{bridge, keeping_out, newcomer};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{self, Exit, Failure, failure};
use crate::input::moment::Edge;
use crate::input::named::region;
use crate::names::{ID_BEGINS, Names};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::words::{Closed, Joining, Ruled, Say};

/// Say whom this node lets in, and ask why something is here or not
///
/// What you say here is for this node alone; nobody else hears of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what was said
    Show,
    /// Let in what a network, a key, a role, a kind, a region or a node brings
    ///
    /// A closed node speaks with a node that is let in.
    ///
    /// For example: weft policy allow --network choir --reason "we sing together"
    Allow(SayArgs),
    /// Keep and pass on, and do not show
    Mute(SayArgs),
    /// Do not keep: nothing but a name stays
    ///
    /// What was kept before stays until it ends, and is not shown. A node that is blocked is put out:
    /// there is no connection with it at all.
    Block(SayArgs),
    /// Take back what was said
    Remove {
        #[command(flatten)]
        about: AboutArgs,
        /// What was said: allow, mute or block [default: all of it]
        #[arg(long, value_parser = action)]
        action: Option<Action>,
    },
    /// Say how open this node is, now and after the next start, whatever its settings say
    ///
    /// A closed node speaks only with its own network's nodes and those that you have named: allowed with
    /// 'weft policy allow --peer', or told it to dial. All others are put out, and find only the door at which
    /// a member proves who they are.
    Mode {
        /// One of open, federation and closed
        mode: Mode,
    },
    /// Ask why a record is here or not, and what is made of a network
    Explain {
        /// A record or a network: its name, its id or the beginning of it
        what: String,
    },
}

#[derive(Debug, clap::Args)]
struct SayArgs {
    #[command(flatten)]
    about: AboutArgs,
    /// Why, for those who run this node after you
    #[arg(long)]
    reason: String,
    /// Until when, such as 30d or 2026-12-24; for good when not said
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct AboutArgs {
    /// All that a network signs
    #[arg(long)]
    network: Option<String>,
    /// All records of a kind, such as call or gathering
    #[arg(long, value_parser = crate::input::named::kind)]
    kind: Option<Kind>,
    /// All records whose home is a region
    #[arg(long, value_parser = region)]
    region: Option<Region>,
    /// A node, and all that it brings; its name begins with 12D3Koo
    #[arg(long, value_parser = node)]
    peer: Option<NodeId>,
    /// All that is signed with a key, such as one that was stolen
    #[arg(long)]
    key: Option<PublicKey>,
    /// All that is signed under a role: its name, its id or the beginning of it
    #[arg(long)]
    role: Option<String>,
}

impl AboutArgs {
    fn subject(self, desk: &Desk, door: &Door) -> Result<Subject> {
        if let Some(word) = self.network {
            return Ok(Subject::Network(network(desk, door, &word)?));
        }
        if let Some(word) = self.role {
            let role = Names::load(desk)?.thing(door, &word, &Kind::Role)?;
            return Ok(Subject::Role(role.thing()));
        }
        let other = self.kind.map(Subject::Kind).or(self.region.map(Subject::Region));
        let other = other.or(self.peer.map(Subject::Peer)).or(self.key.map(Subject::Key));
        let none = || {
            let of = "say of what: a network, a kind, a region, a node, a key, a role";
            Failure::usage("--network", of)
        };
        other.ok_or_else(none)
    }
}

/// Says whether an id begins like a word.
pub(crate) fn begins(net: NetId, word: &str) -> bool {
    word.len() >= ID_BEGINS && net.to_string().starts_with(word)
}

/// Finds a network, one too of which nothing is shown here for what was said of it.
///
/// # Errors
/// When there is none of that name, or there are several.
pub(crate) fn network(desk: &Desk, door: &Door, word: &str) -> Result<NetId> {
    let found = Names::load(desk)?.network(door, word);
    if !found.as_ref().is_err_and(exit::is_absence) {
        return found;
    }
    let entries = said(door)?.entries;
    let directory = names(desk, door, &entries)?;
    let is_meant = |net: NetId| directory.is_called(net, word) || begins(net, word);
    let hidden = entries.iter().find_map(|entry| match entry.subject {
        Subject::Network(net) if is_meant(net) => Some(net),
        _ => None,
    });
    hidden.map_or(found, Ok)
}

fn action(word: &str) -> Result<Action, String> {
    crate::input::named::named(word)
}

fn node(word: &str) -> Result<NodeId, String> {
    weft_node::network::parse_peer(word)
        .ok_or_else(|| "the name of a node begins with 12D3Koo".to_owned())
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    match args.verb {
        Verb::Show => show(desk, &door),
        Verb::Allow(args) => say(desk, &door, args, Action::Allow),
        Verb::Mute(args) => say(desk, &door, args, Action::Mute),
        Verb::Block(args) => say(desk, &door, args, Action::Block),
        Verb::Remove { about, action } => remove(desk, &door, about, action),
        Verb::Mode { mode } => change(desk, &door, mode),
        Verb::Explain { what } => explain(desk, &door, &what),
    }
}

fn say(desk: &Desk, door: &Door, args: SayArgs, action: Action) -> Result<Exit> {
    let subject = args.about.subject(desk, door)?;
    match (&subject, action) {
        (Subject::Network(net), Action::Block) => keeping_out::agreed(desk, door, *net)?,
        (Subject::Network(net), Action::Mute) => shows_its_own(desk, door, *net)?,
        _ => {}
    }
    let until = args.until.map(|until| desk.moment("--until", &until, Edge::End)).transpose()?;
    let until = until.map(|until| until.as_secs());
    let entry = Entry { subject, action, reason: args.reason, until, name: None };
    let subject = entry.subject.clone();
    let same = |known: &&Entry| known.subject == subject && known.action == action;
    let before = said(door)?.entries;
    let replaced = before.iter().find(same).filter(|known| known.until != entry.until);
    let what = what(desk, door, &subject)?;
    let records = here(door, &subject)?;
    door.ask(&Request::Policy(PolicyTask::Add(Box::new(entry))))?;
    let stronger = match action {
        Action::Allow => kept_out(desk, door, &subject)?,
        _ => None,
    };
    match (action, stronger) {
        (Action::Allow, Some(stronger)) => done(desk, &Say::Joining(stronger))?,
        (Action::Allow, None) => done(desk, &Say::Ruled(Ruled::Allowed { what }))?,
        (Action::Mute, _) => done(desk, &Say::Ruled(Ruled::Muted { what, records }))?,
        (Action::Block, _) => done(desk, &Say::Ruled(Ruled::Blocked { what, records }))?,
    };
    if let (Some(replaced), false) = (replaced, desk.json) {
        let what = names(desk, door, &before)?.named(&desk.speech.entry(replaced));
        desk.note(&Say::Joining(Joining::Replaces { what }));
    }
    Ok(Exit::Done)
}

/// Returns the word that keeps out of sight, or out, what is let in, and how to take it back.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn kept_out(desk: &Desk, door: &Door, subject: &Subject) -> Result<Option<Joining>> {
    let entries = said(door)?.entries;
    let keeps = |entry: &&Entry| entry.subject == *subject && entry.action != Action::Allow;
    let Some(entry) = entries.iter().filter(keeps).max_by_key(|entry| entry.action) else {
        return Ok(None);
    };
    let what = names(desk, door, &entries)?.named(&desk.speech.entry(entry));
    let of = match subject {
        Subject::Network(net) => format!("--network {}", net.short()),
        Subject::Kind(kind) => format!("--kind {kind}"),
        Subject::Region(region) => format!("--region {region}"),
        Subject::Peer(node) => format!("--peer {}", weft_node::network::peer_text(*node)),
        Subject::Key(key) => format!("--key {key}"),
        Subject::Role(role) => format!("--role {role}"),
    };
    let action = if entry.action == Action::Block { "block" } else { "mute" };
    let undo = format!("weft policy remove {of} --action {action}");
    Ok(Some(Joining::StillKeptOut { what, undo }))
}

/// Returns of what something is said.
fn what(desk: &Desk, door: &Door, subject: &Subject) -> Result<String> {
    let said = match subject {
        Subject::Network(net) => {
            let mut directory = Directory::load(desk, door)?;
            directory.learn(desk, door, *net)?;
            Ruled::OfNetwork { name: directory.name(*net) }
        }
        Subject::Kind(kind) => Ruled::OfKind { kind: desk.speech.kind(kind) },
        Subject::Region(region) => Ruled::OfRegion { region: region.to_string() },
        Subject::Peer(peer) => Ruled::OfNode { node: weft_node::network::peer_text(*peer) },
        Subject::Key(key) => Ruled::OfKey { key: key.short() },
        Subject::Role(role) => Ruled::OfRole { role: role.short() },
    };
    Ok(desk.speech.say(&Say::Ruled(said)))
}

/// Returns how many records of a network are stored here; none of what cannot be counted.
fn here(door: &Door, subject: &Subject) -> Result<Option<u64>> {
    let Subject::Network(net) = subject else { return Ok(None) };
    match door.ask(&Request::Policy(PolicyTask::Explain { id: (*net).into() }))? {
        Response::Explained(explained) => Ok(explained.counts.map(|(stored, ..)| stored)),
        _ => Err(door::strange()),
    }
}

/// Refuses to hide a network that lives on this node.
fn shows_its_own(desk: &Desk, door: &Door, net: NetId) -> Result<()> {
    let status = door.status()?;
    if !status.hosted.contains(&net) {
        return Ok(());
    }
    let name = Directory::load(desk, door)?.name(net);
    Err(Failure::ending(Exit::Refused, Say::OwnNetwork { name }))
}

fn done(desk: &Desk, said: &Say) -> Result<Exit> {
    if desk.json {
        desk.answer(&json!({}))?
    } else {
        desk.note(said)
    }
    Ok(Exit::Done)
}

/// Returns what was said of others.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn said(door: &Door) -> Result<PolicyView> {
    match door.ask(&Request::Policy(PolicyTask::Show))? {
        Response::Policy(policy) => Ok(policy),
        _ => Err(door::strange()),
    }
}

/// Returns what networks are called, those too of which nothing is shown here.
fn names(desk: &Desk, door: &Door, entries: &[Entry]) -> Result<Directory> {
    let mut directory = Directory::load(desk, door)?;
    for entry in entries {
        if let Subject::Network(net) = entry.subject {
            directory.learn(desk, door, net)?;
            if let Some(name) = &entry.name {
                directory.remember(net, name);
            }
        }
    }
    Ok(directory)
}

fn remove(desk: &Desk, door: &Door, about: AboutArgs, action: Option<Action>) -> Result<Exit> {
    let subject = about.subject(desk, door)?;
    let entries = said(door)?.entries;
    let meant = |entry: &&Entry| {
        entry.subject == subject && action.is_none_or(|action| action == entry.action)
    };
    let meant: Vec<Action> = entries.iter().filter(meant).map(|entry| entry.action).collect();
    if meant.is_empty() {
        return Err(Failure::ending(Exit::NotFound, Say::NothingSaid));
    }
    for action in meant {
        let subject = subject.clone();
        door.ask(&Request::Policy(PolicyTask::Remove { subject, action }))?;
    }
    done(desk, &Say::Ruled(Ruled::TakenBack { what: what(desk, door, &subject)? }))
}

fn show(desk: &Desk, door: &Door) -> Result<Exit> {
    let PolicyView { mode, seeds, entries } = said(door)?;
    let regions = door.status()?.regions;
    if desk.json {
        let all = json!({ "mode": mode, "seeds": seeds, "regions": regions, "entries": entries });
        desk.answer(&all)?;
        return Ok(Exit::Done);
    }
    desk.line(desk.speech.say(&match mode {
        Mode::Open => Say::ModeOpen,
        Mode::Federation => Say::ModeFederation,
        Mode::Closed => Say::ModeClosed,
    }))?;
    let regions = regions.iter().map(ToString::to_string).collect();
    desk.line(desk.speech.of_joining(&Joining::Regions { regions }))?;
    let directory = names(desk, door, &entries)?;
    if !seeds.is_empty() {
        let nets = seeds.into_iter().map(|net| directory.name(net)).collect();
        desk.line(desk.speech.of_joining(&Joining::StartsFrom { nets }))?;
    }
    for entry in &entries {
        desk.line(format!("- {}", directory.named(&desk.speech.entry(entry))))?;
    }
    Ok(Exit::Done)
}

/// Lets the node be so open, now and after the next start.
fn change(desk: &Desk, door: &Door, mode: Mode) -> Result<Exit> {
    let was_open = said(door)?.mode != Mode::Closed;
    door.ask(&Request::Policy(PolicyTask::Mode(mode)))?;
    let announced = was_open && desk.settings().is_ok_and(|settings| settings.network.mdns);
    done(desk, &Say::Closed(Closed::Mode { mode, announced }))
}

fn explain(desk: &Desk, door: &Door, what: &str) -> Result<Exit> {
    let id = Names::load(desk)?.find(door, what, None).or_else(|error| {
        // What was refused has no name here; its whole id says it as well.
        let whole = what.parse().map_err(|_| error);
        whole.or_else(|error| {
            let found = network(desk, door, what).or_else(|_| newcomer::find(desk, door, what));
            // What can be no id was meant as a name.
            let is_name = matches!(failure(&error), Some(Say::UnknownName { .. }));
            found.map(Into::into).map_err(|absent| if is_name { absent } else { error })
        })
    })?;
    let id = current(door, id)?;
    let answer = door.ask(&Request::Policy(PolicyTask::Explain { id }))?;
    let Response::Explained(explanation) = answer else { return Err(door::strange()) };
    if desk.json {
        desk.answer(&shape(&explanation))?;
        return Ok(Exit::Done);
    }
    let mut directory = Directory::load(desk, door)?;
    if let Some(net) = explanation.net {
        directory.learn(desk, door, net)?;
    }
    let Explanation { whereabouts, net, chain, fate, rulings, steps, hidden, counts } =
        *explanation;
    let speech = desk.speech;
    desk.line(speech.say(&Say::Whereabouts(whereabouts)))?;
    if let Some(net) = net {
        desk.line(speech.say(&Say::OfNetwork { name: directory.name(net) }))?;
    }
    if let Some((stored, waiting, refused)) = counts {
        desk.line(speech.say(&Say::RecordCounts { stored, waiting, refused }))?;
    }
    if chain.len() > 1 {
        let chain: Vec<String> = chain.into_iter().map(|net| directory.name(net)).collect();
        desk.line(speech.say(&Say::Chain { chain: chain.join(" → ") }))?;
    }
    for ruling in &rulings {
        desk.line(format!("- {}", directory.named(&speech.ruling(ruling))))?;
    }
    if let Some(fate) = fate {
        desk.line(speech.say(&Say::WouldBe(fate)))?;
    }
    for step in &steps {
        desk.line(format!("- {}", directory.named(&speech.step(step))))?;
    }
    if let Some(entry) = &hidden {
        desk.line(speech.say(&Say::Hidden { why: directory.named(&speech.entry(entry)) }))?;
    }
    if whereabouts == Whereabouts::Stored && counts.is_none() {
        bridge::explain(desk, door, id)?;
    }
    Ok(Exit::Done)
}

/// An explanation; `words` says each ruling and each step in English, as scripts have reasons.
fn shape(explanation: &Explanation) -> Value {
    let mut value = shapes::plain(explanation);
    let rulings = explanation.rulings.iter().map(ToString::to_string);
    let words: Vec<String> =
        rulings.chain(explanation.steps.iter().map(ToString::to_string)).collect();
    if let Value::Object(map) = &mut value {
        map.insert("words".to_owned(), json!(words));
    }
    value
}

/// Returns the version that counts of a thing, when the thing is named; else what was named.
fn current(door: &Door, id: RecordId) -> Result<RecordId> {
    match door.current(id) {
        Ok(record) if record.header().kind == Kind::Identity => Ok(id),
        Ok(record) if RecordId::from(record.thing()) == id => Ok(record.id()),
        Err(error) if !exit::is_absence(&error) => Err(error),
        _ => Ok(id),
    }
}
