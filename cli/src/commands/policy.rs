//! `weft policy`: whom this node lets in, and why something is here or not.

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::admission::{Action, Entry, Mode, Subject};
use weft_protocol::control::{Explanation, PolicyTask, PolicyView, Request, Response, Whereabouts};
use weft_protocol::id::{NetId, NodeId};
use weft_protocol::record::Kind;
use weft_protocol::region::Region;

use crate::commands::bridge;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{self, Exit, Failure};
use crate::input::moment::Edge;
use crate::input::named::region;
use crate::names::Names;
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::words::Say;

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
    /// Let in what a network, a kind, a region or a node brings
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
        /// What was said: allow, mute or block
        #[arg(long, value_parser = action)]
        action: Action,
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
}

impl AboutArgs {
    fn subject(self, desk: &Desk, door: &Door) -> Result<Subject> {
        if let Some(word) = self.network {
            return Ok(Subject::Network(Names::load(desk)?.network(door, &word)?));
        }
        let other = self.kind.map(Subject::Kind).or(self.region.map(Subject::Region));
        let none =
            || Failure::usage("--network", "say of what: a network, a kind, a region, a node");
        other.or(self.peer.map(Subject::Peer)).ok_or_else(none)
    }
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
        Verb::Remove { about, action } => {
            let subject = about.subject(desk, &door)?;
            let removed = done(desk, &door, PolicyTask::Remove { subject, action });
            removed.map_err(|error| exit::absent(error, Say::NothingSaid))
        }
        Verb::Explain { what } => explain(desk, &door, &what),
    }
}

fn say(desk: &Desk, door: &Door, args: SayArgs, action: Action) -> Result<Exit> {
    let subject = args.about.subject(desk, door)?;
    if let (Subject::Network(net), Action::Block | Action::Mute) = (&subject, action) {
        keeps_its_own(desk, door, *net)?;
    }
    let until = args.until.map(|until| desk.moment("--until", &until, Edge::End)).transpose()?;
    let entry =
        Entry { subject, action, reason: args.reason, until: until.map(|until| until.as_secs()) };
    done(desk, door, PolicyTask::Add(Box::new(entry)))
}

/// Refuses to keep out a network that lives on this node.
fn keeps_its_own(desk: &Desk, door: &Door, net: NetId) -> Result<()> {
    let status = door.status()?;
    if !status.hosted.contains(&net) {
        return Ok(());
    }
    let name = Directory::load(desk, door)?.name(net);
    Err(Failure::ending(Exit::Refused, Say::OwnNetwork { name }))
}

fn done(desk: &Desk, door: &Door, task: PolicyTask) -> Result<Exit> {
    door.ask(&Request::Policy(task))?;
    if desk.json {
        desk.answer(&json!({}))?
    } else {
        desk.note(&Say::PolicyKept)
    }
    Ok(Exit::Done)
}

fn show(desk: &Desk, door: &Door) -> Result<Exit> {
    let Response::Policy(policy) = door.ask(&Request::Policy(PolicyTask::Show))? else {
        return Err(door::strange());
    };
    let PolicyView { mode, entries } = policy;
    if desk.json {
        desk.answer(&json!({ "mode": mode, "entries": entries }))?;
        return Ok(Exit::Done);
    }
    desk.line(desk.speech.say(&match mode {
        Mode::Open => Say::ModeOpen,
        Mode::Federation => Say::ModeFederation,
        Mode::Closed => Say::ModeClosed,
    }))?;
    if entries.is_empty() {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    for entry in &entries {
        desk.line(format!("- {}", directory.named(&desk.speech.entry(entry))))?;
    }
    Ok(Exit::Done)
}

fn explain(desk: &Desk, door: &Door, what: &str) -> Result<Exit> {
    let id = Names::load(desk)?.find(door, what, None).or_else(|error| {
        // What was refused has no name here; its whole id says it as well.
        let whole = what.parse().map_err(|_| error);
        whole.or_else(|error| {
            Names::load(desk)?.network(door, what).map(Into::into).map_err(|_| error)
        })
    })?;
    let answer = door.ask(&Request::Policy(PolicyTask::Explain { id }))?;
    let Response::Explained(explanation) = answer else { return Err(door::strange()) };
    if desk.json {
        desk.answer(&shape(&explanation))?;
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
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
