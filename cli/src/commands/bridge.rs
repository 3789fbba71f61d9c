//! `weft bridge`: carrying records from one region into another.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::end::{End, EndKind, TARGETS_MAX, Target};
use weft_protocol::body::role::{Power, Role, RoleKind};
use weft_protocol::body::text::{List, Tag};
use weft_protocol::bridge::{Decision, LaneView};
use weft_protocol::control::{
    BridgeTask, BridgeView, CrossingView, RecordFilter, Request, Response,
};
use weft_protocol::fold::role::State;
use weft_protocol::id::{PublicKey, RecordId};
use weft_protocol::record::{Draft, Kind, Reach, Record};
use weft_protocol::region::Region;

use super::bridge_rule::RuleArgs;
use super::role::roles;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{DAY, Life, Pen, Signing, Voice, post};
use crate::exit::{self, Exit, Failure};
use crate::names::Names;
use crate::show::directory::{self, Directory};
use crate::show::json as shapes;
use crate::show::when::relative;
use crate::words::{Crossing, Say, Word};

/// Carry records from one region into another
///
/// A bridge is a node in two regions, which carries what its rules let through in the name of a
/// network that has made it its bridge. Whatever it carries it signs for.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make this node the bridge of your network
    ///
    /// It gives the key of the node's bridge a role with the power 'bridge' and nothing else, which
    /// the node accepts. Do it again before the role ends: the new role takes the place of the old one.
    Setup {
        #[command(flatten)]
        signing: Signing,
    },
    /// Follow one more rule
    ///
    /// For example: weft bridge add calls --from gb-bristol --to us-wa --kind call --endorsements 2
    Add(Box<RuleArgs>),
    /// List the rules, and how they are doing
    List,
    /// Show in whose name the node carries; of a rule, what it says and what waits, and why
    Show {
        /// Which rule
        rule: Option<Tag>,
    },
    /// Say what every rule would make of a record, step by step, and do nothing
    Test {
        /// Which record
        record: String,
    },
    /// Carry nothing by a rule for now
    Pause {
        /// Which rule
        rule: Tag,
    },
    /// Carry by a rule again
    Resume {
        /// Which rule
        rule: Tag,
    },
    /// Follow a rule no longer
    Remove {
        /// Which rule
        rule: Tag,
    },
    /// List what was carried in the name of the node's network, the oldest first
    Log,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let verb = match args.verb {
        Verb::Setup { signing } => return setup(desk, &signing),
        other => other,
    };
    let door = Door::open(desk)?;
    match verb {
        Verb::Setup { .. } => Ok(Exit::Done),
        Verb::Add(args) => {
            let rule = args.read(desk, &door)?;
            let said = Crossing::Follows(Box::new(rule.clone()));
            let name = rule.name.clone();
            done(desk, &door, BridgeTask::Add(Box::new(rule)), said)?;
            warn(desk, idle(&door)?.into_iter().filter(|rule| rule.name == name));
            Ok(Exit::Done)
        }
        Verb::List => list(desk, &door, &lanes(&door)?),
        Verb::Show { rule: None } => show(desk, &door),
        Verb::Show { rule: Some(rule) } => show_rule(desk, &door, &rule),
        Verb::Test { record } => test(desk, &door, &record),
        Verb::Pause { rule } => {
            let said = Crossing::Paused { name: rule.to_string() };
            done(desk, &door, BridgeTask::Pause { name: rule }, said)
        }
        Verb::Resume { rule } => {
            let said = Crossing::Resumed { name: rule.to_string() };
            done(desk, &door, BridgeTask::Resume { name: rule }, said)
        }
        Verb::Remove { rule } => {
            let said = Crossing::Removed { name: rule.to_string() };
            done(desk, &door, BridgeTask::Remove { name: rule }, said)
        }
        Verb::Log => log(desk, &door),
    }
}

/// Has a task done, and says so.
fn done(desk: &Desk, door: &Door, task: BridgeTask, said: Crossing) -> Result<Exit> {
    let name = match &task {
        BridgeTask::Pause { name } | BridgeTask::Resume { name } | BridgeTask::Remove { name } => {
            Some(name.to_string())
        }
        _ => None,
    };
    door.ask(&Request::Bridge(task)).map_err(|error| match name {
        Some(name) => exit::absent(error, Say::Crossing(Crossing::NoSuchRule { name })),
        None => error,
    })?;
    if desk.json {
        return list(desk, door, &lanes(door)?);
    }
    desk.line(desk.speech.of_bridges(&said))?;
    Ok(Exit::Done)
}

fn view(door: &Door) -> Result<BridgeView> {
    match door.ask(&Request::Bridge(BridgeTask::Show))? {
        Response::Bridge(view) => Ok(view),
        _ => Err(door::strange()),
    }
}

fn lanes(door: &Door) -> Result<Vec<LaneView>> {
    door.list(&Request::Bridge(BridgeTask::Lanes), |response| match response {
        Response::Lane(lane) => Some(lane),
        _ => None,
    })
}

fn crossings(door: &Door, task: BridgeTask) -> Result<Vec<CrossingView>> {
    door.list(&Request::Bridge(task), |response| match response {
        Response::Crossing(crossing) => Some(crossing),
        _ => None,
    })
}

/// Gives the node's bridge a role, and lets the node accept it.
fn setup(desk: &Desk, signing: &Signing) -> Result<Exit> {
    let pen = Pen::take(desk, signing)?;
    let holder = view(&pen.door)?.key;
    let voice = pen.voice(Power::Delegate)?;
    let life = pen.life(&voice, 180 * DAY, 400 * DAY)?;
    let body = Role {
        holder,
        label: "bridge".parse()?,
        kind: RoleKind::Operator,
        powers: vec![Power::Bridge].try_into()?,
        scope: None,
        from: life.now.as_secs(),
    };
    let draft = pen.draft(Body::Role(body), &voice, life)?;
    if pen.is_dry() {
        return pen.say(draft, &voice.key);
    }
    pen.check(&draft, voice.key.public())?;
    let signer = desk.unlocker.signer(&voice.key)?;
    let role = signer.record(draft)?;
    let exit = pen.hand_in(std::slice::from_ref(&role), None)?;
    let task = BridgeTask::Serve { net: voice.net, role: role.thing() };
    pen.door.ask(&Request::Bridge(task))?;
    if let Some(end) = earlier_roles(&pen, &voice, (holder, &role))? {
        post(&pen.door, signer.record(end)?.bytes().to_vec(), 1)?;
    }
    if !desk.json {
        show(desk, &pen.door)?;
    }
    Ok(exit)
}

/// Returns the end of the roles that the bridge's key had for the same before, so that they do not pile
/// up; none when it had none. What was carried under them stays carried.
fn earlier_roles(
    pen: &Pen<'_>,
    voice: &Voice,
    (holder, fresh): (PublicKey, &Record),
) -> Result<Option<Draft>> {
    let earlier = |record: &Record, state: &State| {
        let Body::Role(role) = record.body() else { return false };
        let ended =
            matches!(state, State::Expired | State::Resigned { .. } | State::Withdrawn { .. });
        let same = role.holder == holder && role.powers[..] == [Power::Bridge];
        same && !ended && record.thing() != fresh.thing()
    };
    let roles = roles(&pen.door, &Request::Roles { net: Some(voice.net) })?;
    let targets = roles.iter().filter(|(record, role)| earlier(record, &role.state));
    let targets =
        targets.map(|(record, _)| Target { thing: record.thing(), version: None, about: None });
    let targets: Vec<Target> = targets.take(TARGETS_MAX).collect();
    if targets.is_empty() {
        return Ok(None);
    }
    let end = End {
        kind: EndKind::Withdraw,
        targets: targets.try_into()?,
        text: None,
        key_reason: None,
        keep: List::default(),
    };
    let now = fresh.header().at + Duration::from_secs(1);
    let life = Life { now, length: 1127 * DAY };
    let mut draft = pen.draft(Body::End(end), voice, life)?;
    draft.header.home.iter_mut().for_each(|home| home.reach = Reach::Movement);
    Ok(Some(draft))
}

fn show(desk: &Desk, door: &Door) -> Result<Exit> {
    let view = view(door)?;
    if desk.json {
        let until = view.until.map(shapes::moment);
        let ties = view.entitled.iter();
        let ties = ties.map(|(from, into, tie)| json!({ "from": from, "into": into, "tie": tie }));
        let ties: Vec<Value> = ties.collect();
        let speaker = view.speaker.as_ref().map(shapes::plain);
        let all = json!({ "key": view.key, "speaker": speaker, "until": until, "entitled": ties });
        desk.answer(&all)?;
        return Ok(Exit::Done);
    }
    let say = |said: Crossing| desk.line(desk.speech.of_bridges(&said));
    let (Some(speaker), Some(until)) = (view.speaker, view.until) else {
        say(Crossing::Idle { key: view.key.to_string() })?;
        return Ok(Exit::Done);
    };
    let net = Directory::load(desk, door)?.name(speaker.net);
    say(Crossing::Serving { net, until: desk.date(until) })?;
    for (from, into, tie) in &view.entitled {
        let (from, into, tie) = (from.to_string(), into.to_string(), tie.short());
        say(Crossing::Entitled { from, into, tie })?;
    }
    // The other region does not know this network yet: only its whole id means it there.
    let net = speaker.net.to_string();
    let home = desk.settings()?.region;
    let not_entitled = |from: String, into: String| {
        let is_home = into == home.as_str();
        Crossing::NotEntitled { net: net.clone(), from, into, is_home }
    };
    let idle = idle(door)?;
    if view.entitled.is_empty() && idle.is_empty() {
        let (from, into) = ends(desk, door)?;
        say(not_entitled(from, into))?;
    }
    let lacking: BTreeSet<_> = idle.into_iter().map(|rule| (rule.from, rule.to)).collect();
    for (from, into) in lacking {
        say(not_entitled(from.to_string(), into.to_string()))?;
    }
    Ok(Exit::Done)
}

/// A rule that carries nothing, because nothing entitles it to.
pub(crate) struct Idle {
    /// What it is called.
    pub(crate) name: Tag,
    /// Out of which region it would carry.
    pub(crate) from: Region,
    /// Into which.
    pub(crate) to: Region,
    /// Whether the node carries in anybody's name.
    pub(crate) serves: bool,
}

/// Returns the rules that are followed and carry nothing, because nothing entitles them to.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn idle(door: &Door) -> Result<Vec<Idle>> {
    let lanes = lanes(door)?;
    if lanes.is_empty() {
        return Ok(Vec::new());
    }
    let view = view(door)?;
    let serves = view.until.is_some();
    let entitled = |lane: &LaneView| {
        let ends = |(from, into, _): &(_, _, _)| *from == lane.rule.from && *into == lane.rule.to;
        serves && view.entitled.iter().any(ends)
    };
    let idle = lanes.into_iter().filter(|lane| !lane.paused && !entitled(lane));
    let idle = idle.map(|lane| Idle {
        name: lane.rule.name,
        from: lane.rule.from,
        to: lane.rule.to,
        serves,
    });
    Ok(idle.collect())
}

/// Says which rules carry nothing, and what they lack.
fn warn(desk: &Desk, idle: impl IntoIterator<Item = Idle>) {
    for Idle { name, to, serves, .. } in idle {
        let (rule, into) = (name.to_string(), to.to_string());
        desk.note(&Say::Crossing(Crossing::RuleIdle { rule, into, serves }));
    }
}

/// Returns from where into where this node is to carry: as its first rule says, or else from its home
/// into the other region that it is in.
fn ends(desk: &Desk, door: &Door) -> Result<(String, String)> {
    if let Some(lane) = lanes(door)?.first() {
        return Ok((lane.rule.from.to_string(), lane.rule.to.to_string()));
    }
    let status = door.status()?;
    let home = desk.settings()?.region;
    let other = status.regions.iter().find(|region| **region != home);
    Ok((home.to_string(), other.map_or_else(|| "REGION".to_owned(), ToString::to_string)))
}

fn list(desk: &Desk, door: &Door, lanes: &[LaneView]) -> Result<Exit> {
    let mut idle = idle(door)?;
    idle.retain(|rule| lanes.iter().any(|lane| lane.rule.name == rule.name));
    let is_idle = |lane: &LaneView| idle.iter().any(|rule| rule.name == lane.rule.name);
    if desk.json {
        let shape = |lane: &LaneView| {
            let mut value = shapes::plain(lane);
            if let Value::Object(map) = &mut value {
                map.insert("idle".to_owned(), json!(is_idle(lane)));
            }
            value
        };
        desk.answer(&lanes.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if lanes.is_empty() {
        desk.note(&Say::Crossing(Crossing::NoRules));
        return Ok(Exit::Done);
    }
    let words = [Word::Rule, Word::From, Word::Into, Word::State, Word::Waiting, Word::Crossed];
    let rows = lanes.iter().map(|lane| {
        let state = desk.speech.word(match lane.paused {
            true => Word::Paused,
            false if is_idle(lane) => Word::Idle,
            false => Word::Running,
        });
        [
            lane.rule.name.to_string(),
            lane.rule.from.to_string(),
            lane.rule.to.to_string(),
            state.to_owned(),
            lane.waiting.to_string(),
            lane.crossed.to_string(),
        ]
    });
    desk.table(words, rows)?;
    warn(desk, idle);
    Ok(Exit::Done)
}

fn show_rule(desk: &Desk, door: &Door, name: &Tag) -> Result<Exit> {
    let lane = lanes(door)?.into_iter().find(|lane| lane.rule.name == *name);
    let none = || Say::Crossing(Crossing::NoSuchRule { name: name.to_string() });
    let lane = lane.ok_or_else(|| Failure::ending(Exit::NotFound, none()))?;
    let waiting = crossings(door, BridgeTask::Waiting { name: name.clone() })?;
    if desk.json {
        let mut value = shapes::plain(&lane);
        if let Value::Object(map) = &mut value {
            map.insert("held".to_owned(), waiting.iter().map(shape).collect());
        }
        desk.answer(&value)?;
        return Ok(Exit::Done);
    }
    list(desk, door, std::slice::from_ref(&lane))?;
    desk.line(desk.speech.of_bridges(&Crossing::Follows(Box::new(lane.rule))))?;
    for held in waiting {
        let step = held.decision.because().map(|step| desk.speech.crossing(step));
        let title = directory::title(desk, door, held.thing)?;
        desk.line(format!("{title}  {}", step.unwrap_or_default()))?;
    }
    Ok(Exit::Done)
}

fn test(desk: &Desk, door: &Door, word: &str) -> Result<Exit> {
    let id = Names::load(desk)?.find(door, word, None)?;
    let id = door.current(id)?.id();
    let tested = crossings(door, BridgeTask::Test { id })?;
    if desk.json {
        desk.answer(&tested.iter().map(shape).collect::<Vec<Value>>())?;
        return Ok(Exit::Done);
    }
    if tested.is_empty() {
        desk.note(&Say::Crossing(Crossing::NoRules));
    }
    say_crossings(desk, &tested)?;
    Ok(Exit::Done)
}

/// Says step by step what rules make of a record.
fn say_crossings(desk: &Desk, tested: &[CrossingView]) -> Result<()> {
    for CrossingView { rule, decision: Decision { verdict, steps }, .. } in tested {
        let said = Crossing::Comes { rule: rule.to_string(), verdict: *verdict };
        desk.line(desk.speech.of_bridges(&said))?;
        for step in steps {
            desk.line(format!("  {}", desk.speech.crossing(step)))?;
        }
    }
    Ok(())
}

/// Says what the rules of this node make of a stored record, for whoever asks why it is where it is.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn explain(desk: &Desk, door: &Door, id: RecordId) -> Result<()> {
    match crossings(door, BridgeTask::Test { id }) {
        // What was erased, or is kept beside what counts, is nothing to a bridge.
        Err(error) if exit::is_absence(&error) => Ok(()),
        tested => say_crossings(desk, &tested?),
    }
}

/// What a rule makes of a record; `words` says each step in English, as scripts have reasons.
fn shape(view: &CrossingView) -> Value {
    let mut value = shapes::plain(view);
    let words: Vec<String> = view.decision.steps.iter().map(ToString::to_string).collect();
    if let Value::Object(map) = &mut value {
        map.insert("words".to_owned(), json!(words));
    }
    value
}

fn log(desk: &Desk, door: &Door) -> Result<Exit> {
    let Some(speaker) = view(door)?.speaker else { return show(desk, door) };
    let filter = RecordFilter {
        net: Some(speaker.net),
        kind: Some(Kind::Carriage),
        ..RecordFilter::default()
    };
    let mut carriages: Vec<Record> = Vec::new();
    door.each(&Request::Records(filter), |response| {
        let Response::Record(view) = response else { return Err(door::strange()) };
        carriages.push(door::signed(&view.record)?);
        Ok(())
    })?;
    if !desk.wants_table(&carriages, shapes::record)? {
        return Ok(Exit::Done);
    }
    let words = [Word::Id, Word::Rule, Word::From, Word::Into, Word::Things, Word::When];
    let mut rows = Vec::new();
    for record in &carriages {
        let (Body::Carriage(body), Some(home)) = (record.body(), &record.header().home) else {
            continue;
        };
        let titles = body.things.iter().map(|carried| directory::title(desk, door, carried.thing));
        rows.push([
            record.thing().short(),
            body.rule.to_string(),
            body.from.to_string(),
            home.region.to_string(),
            titles.collect::<Result<Vec<_>>>()?.join(", "),
            relative(record.header().at, desk.now(), desk.speech),
        ]);
    }
    desk.table(words, rows)
}
