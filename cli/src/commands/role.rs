//! `weft role`: mandates from a network to a key.

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::end::{End, EndKind, KEEP_MAX, Target};
use weft_protocol::body::identity::Reason;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::{Power, Role, RoleKind, Scope};
use weft_protocol::body::text::{List, Tag};
use weft_protocol::control::{Request, Response, RoleState};
use weft_protocol::fold::role::State;
use weft_protocol::id::PublicKey;
use weft_protocol::record::{Kind, Reach, Record};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use crate::commands::answer;
use crate::commands::keep::{self, KeepArgs};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{DAY, Pen, Signing, Voice, lives_longer};
use crate::exit::{Exit, Failure, failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::code::tag;
use crate::input::moment::Edge;
use crate::input::named::{named, region, spelt};
use crate::input::text;
use crate::keys::KeyFile;
use crate::looks::alike;
use crate::show::directory::Directory;
use crate::show::json;
use crate::show::when::relative;
use crate::words::{Bearing, Empty, Listed, Locking, Say, Word};

/// Give and take mandates
///
/// A role lets a key act in the network's name: with these powers, within this scope, until this
/// day. It counts when its holder has accepted it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Offer a role to a key, as 'weft member request' shows it
    ///
    /// For example: weft role offer KEY --label rep-2 --kind rep --power call --power respond --until 90d
    Offer(OfferArgs),
    /// Accept a role that was offered to a key of yours
    Accept {
        /// Which role
        role: String,
        #[command(flatten)]
        signing: Signing,
    },
    /// List roles that are offered or in force
    List {
        #[command(flatten)]
        of: OfNetwork,
        /// Also those that have ended
        #[arg(long)]
        all: bool,
    },
    /// Let a role that you gave last longer: its holder accepts it anew
    Renew {
        /// Which role
        role: String,
        #[command(flatten)]
        signing: Signing,
    },
    /// List mandates that end within 30 days, so that somebody can follow
    Due(OfNetwork),
    /// Take a role back, or lay down your own
    ///
    /// When the key was stolen, say --compromised: then everything that it signed is void, whatever
    /// date it claims, except for what you --keep.
    Withdraw(WithdrawArgs),
}

#[derive(Debug, clap::Args)]
struct OfferArgs {
    /// The key that may act
    #[arg(value_name = "KEY")]
    holder: PublicKey,
    /// What the role is called: a pseudonym, never a person's name [default: its kind]
    #[arg(long, value_parser = tag)]
    label: Option<Tag>,
    /// rep, alternate, steward, member, facilitator, spokesperson, anchor, chair, scribe, coach,
    /// guardian or operator
    #[arg(long, value_parser = named::<RoleKind>, default_value = "member")]
    kind: RoleKind,
    /// A power: profile, values, delegate, call (calls and gatherings), respond, endorse, sign-tie, propose, vote,
    /// minutes, disclose, end, bridge, hosting (may be given several times)
    #[arg(long = "power", required = true)]
    powers: Vec<Power>,
    /// Only for records of this region
    #[arg(long, group = "scope", value_parser = region)]
    region: Option<Region>,
    /// Only for records with this field
    #[arg(long, group = "scope", value_parser = tag)]
    topic: Option<Tag>,
    /// Only for what concerns this tie or call
    #[arg(long, group = "scope")]
    about: Option<String>,
    /// When it begins [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct WithdrawArgs {
    /// Which role
    role: String,
    /// Somebody else has, or may have, the key
    #[arg(long, group = "why")]
    compromised: bool,
    /// Nobody has the key any more
    #[arg(long, group = "why")]
    lost: bool,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    words: WordsArgs,
}

/// How many days before its end a mandate is due: time to find who follows, and for them to learn.
const DUE_DAYS: u32 = 30;

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Offer(args) => offer(desk, &args),
        Verb::Accept { role, signing } => accept(desk, &role, &signing),
        Verb::List { of, all } => list(desk, &of, if all { Which::All } else { Which::Living }),
        Verb::Renew { role, signing } => renew(desk, &role, &signing),
        Verb::Due(of) => list(desk, &of, Which::EndingBefore(desk.now() + DAY * DUE_DAYS)),
        Verb::Withdraw(args) => withdraw(desk, &args),
    }
}

fn offer(desk: &Desk, args: &OfferArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let voice = pen.voice(Power::Delegate)?;
    let life = pen.life(&voice, 180 * DAY, 400 * DAY)?;
    let from = match &args.from {
        None => life.now,
        Some(words) => desk.moment("--from", words, Edge::Start)?,
    };
    let about = args.about.as_ref().map(|word| pen.names.find(&pen.door, word, None));
    let scope = match (&args.region, &args.topic, about.transpose()?) {
        (Some(region), ..) => Some(Scope::Region(region.clone())),
        (_, Some(topic), _) => Some(Scope::Topic(topic.clone())),
        (_, _, Some(id)) => Some(Scope::Thing(pen.door.record(id)?.thing())),
        _ => None,
    };
    let mut powers = args.powers.clone();
    powers.sort_unstable();
    powers.dedup();
    let body = Role {
        holder: args.holder,
        label: args.label.clone().map_or_else(|| spelt(&args.kind).parse(), Ok)?,
        kind: args.kind,
        powers: powers.try_into().map_err(|e| Failure::usage("--power", e))?,
        scope,
        from: from.as_secs(),
    };
    let label = body.label.to_string();
    let draft = pen.draft(Body::Role(body), &voice, life)?;
    let exit = pen.say(draft, &voice.key)?;
    if !pen.is_dry() {
        desk.note(&Say::TellHolder { label });
    }
    Ok(exit)
}

fn accept(desk: &Desk, role: &str, signing: &Signing) -> Result<Exit> {
    let pen = Pen::take(desk, signing)?;
    let waits = |state: &State| matches!(state, State::Offered);
    let record = find(&pen, role, waits)?;
    // What is offered anew waits beside what was accepted before.
    let record = pen.door.offered(&record)?.unwrap_or(record);
    let Body::Role(body) = record.body() else { return Err(door::strange()) };
    let Some(key) = desk.home.keys().holding(&body.holder)? else {
        let key = body.holder.to_string();
        let there = desk.home.keys().all()?.iter().map(KeyFile::name).collect();
        let say = Say::Locking(Locking::NoSuchKey { key, there });
        return Err(Failure::ending(Exit::NotFound, say));
    };
    let voice = Voice::of_role(key, &record);
    answer::say(&pen, &voice, &record, answer::bare(ResponseKind::Accept))
}

/// Finds a role by its id, by a name that was given to it, or by its label: of several that are called
/// so, the one in the state that is meant.
fn find(pen: &Pen<'_>, word: &str, meant: impl Fn(&State) -> bool) -> Result<Record> {
    let error = match pen.names.thing(&pen.door, word, &Kind::Role) {
        Ok(record) => return Ok(record),
        Err(error) => error,
    };
    let roles = roles(&pen.door, &Request::Roles { net: None })?;
    let called = |record: &Record| match record.body() {
        Body::Role(role) => alike(role.label.as_str()) == alike(word),
        _ => false,
    };
    let mut called: Vec<_> = roles.into_iter().filter(|(record, _)| called(record)).collect();
    if called.iter().any(|(_, role)| meant(&role.state)) {
        called.retain(|(_, role)| meant(&role.state));
    }
    match called.as_slice() {
        [] if matches!(
            failure(&error),
            Some(Say::UnknownName { .. } | Say::NothingNamed { .. })
        ) =>
        {
            let word = word.to_owned();
            Err(Failure::ending(Exit::NotFound, Say::NoRoleCalled { word }))
        }
        [] => Err(error),
        [(record, _)] => Ok(record.clone()),
        many => {
            let candidate = |(record, role): &(Record, RoleState)| {
                let state = pen.desk.speech.word(phase(&role.state));
                format!("{}  {state}", record.thing())
            };
            let candidates = many.iter().map(candidate).collect();
            let word = word.to_owned();
            Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates }))
        }
    }
}

/// Signs the version of a role that follows the last one and ends later.
fn renew(desk: &Desk, role: &str, signing: &Signing) -> Result<Exit> {
    let pen = Pen::take(desk, signing)?;
    let meant = |state: &State| {
        matches!(state, State::Accepted { .. } | State::Active { .. } | State::Expired)
    };
    let last = find(&pen, role, meant)?;
    let Body::Role(body) = last.body() else { return Err(door::strange()) };
    let known = roles(&pen.door, &Request::Roles { net: Some(last.net()) })?;
    let state = known.iter().find(|(record, _)| record.thing() == last.thing());
    if let Some((_, RoleState { state: State::Resigned { .. } | State::Withdrawn { .. }, .. })) =
        state
    {
        return Err(Failure::ending(Exit::Refused, Say::Bearing(Bearing::WithdrawnAlready)));
    }
    let voice = pen.voice(Power::Delegate)?;
    let life = pen.life(&voice, 180 * DAY, 400 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Role(body.clone()), &voice, life)?)?;
    if draft.header.until <= last.header().until && last.header().until > desk.now() {
        return Err(lives_longer(desk, &last));
    }
    let exit = pen.say(draft, &voice.key)?;
    if !pen.is_dry() {
        desk.note(&Say::RoleRenewed { role: last.thing().short() });
    }
    Ok(exit)
}

/// Which roles are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// All that the node knows.
    All,
    /// Those that are offered or in force.
    Living,
    /// Those in force that end before a moment.
    EndingBefore(Timestamp),
}

impl Which {
    fn has(self, state: &State) -> bool {
        match self {
            Self::All => true,
            Self::Living => {
                matches!(state, State::Offered | State::Accepted { .. } | State::Active { .. })
            }
            Self::EndingBefore(end) => {
                matches!(state, State::Active { until } if *until < end)
            }
        }
    }
}

/// Returns the roles that the node knows.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn roles(door: &Door, request: &Request) -> Result<Vec<(Record, RoleState)>> {
    door.things(request, |response| match response {
        Response::Role(view) => Some(view),
        _ => None,
    })
}

/// Shows roles, one a line.
fn list(desk: &Desk, of: &OfNetwork, which: Which) -> Result<Exit> {
    let door = Door::open(desk)?;
    let mut roles = roles(&door, &Request::Roles { net: of.find(desk, &door)? })?;
    roles.retain(|(_, role)| which.has(&role.state));
    let shape = |(record, state): &(Record, RoleState)| json::with_state(record, json::role(state));
    let why = match which {
        Which::EndingBefore(_) => Empty::RolesDue,
        Which::All | Which::Living => Empty::Listed { of: Listed::Roles, all: which == Which::All },
    };
    if !desk.wants_list(&roles, shape, &Say::Empty(why))? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, &door)?;
    let headings =
        [Word::Id, Word::Role, Word::Kind, Word::Powers, Word::From, Word::State, Word::Ends];
    let now = desk.now();
    let rows = roles.iter().filter_map(|(record, state)| {
        let Body::Role(role) = record.body() else { return None };
        let powers: Vec<String> =
            role.powers.iter().map(|power| desk.speech.power(power.as_str())).collect();
        Some([
            record.thing().short(),
            role.label.to_string(),
            desk.speech.term(&spelt(&role.kind)),
            powers.join(", "),
            directory.name(record.net()),
            desk.speech.word(phase(&state.state)).to_owned(),
            relative(record.header().until, now, desk.speech),
        ])
    });
    desk.table(headings, rows)
}

fn phase(state: &State) -> Word {
    match state {
        State::Offered => Word::Offered,
        State::Accepted { .. } => Word::Accepted,
        State::Active { .. } => Word::Active,
        State::Expired => Word::Expired,
        State::Resigned { .. } => Word::Resigned,
        State::Withdrawn { .. } => Word::Withdrawn,
    }
}

fn withdraw(desk: &Desk, args: &WithdrawArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.words.signing)?;
    let in_force = |state: &State| {
        matches!(state, State::Offered | State::Accepted { .. } | State::Active { .. })
    };
    let record = find(&pen, &args.role, in_force)?;
    let Body::Role(body) = record.body() else { return Err(door::strange()) };
    let own = desk.home.keys().holding(&body.holder)?;
    // Its holder lays it down, its granter takes it back.
    let (kind, voice) = match own {
        Some(key) if !args.compromised && !args.lost && pen.may_mean(&key)? => {
            (EndKind::Resign, Voice::of_role(key, &record))
        }
        _ => (EndKind::Withdraw, pen.voice(Power::Delegate)?),
    };
    let reason = match (args.compromised, args.lost) {
        (true, _) => Some(Reason::Compromised),
        (_, true) => Some(Reason::Lost),
        _ => None,
    };
    if !args.keep.is_empty() && !args.compromised {
        return Err(Failure::usage("--keep", "it goes with --compromised"));
    }
    let words = text::text("--text", &args.words.text, &desk.language()?)?;
    // One end keeps so many records; more ends keep more, and together they keep them all.
    let lists = args.keep.lists(&pen, body.holder, KEEP_MAX)?;
    if args.compromised && !pen.is_dry() {
        keep::ask(&pen, (body.label.to_string(), true), body.holder, (None, &lists))?;
    }
    let drafts = lists.into_iter().map(|keep| {
        let end = End {
            kind,
            targets: target(&record)?,
            text: words.clone(),
            key_reason: reason,
            keep: keep.try_into().map_err(|e| Failure::usage("--keep", e))?,
        };
        let life = pen.life(&voice, 1127 * DAY, 1127 * DAY)?;
        let mut draft = pen.draft(Body::End(end), &voice, life)?;
        draft.header.home.iter_mut().for_each(|home| home.reach = Reach::Movement);
        Ok(draft)
    });
    let exit = pen.say_all(drafts.collect::<Result<Vec<_>>>()?, &voice.key)?;
    answer::say_ended(
        &pen,
        (kind, &record),
        format!("{} ({})", body.label, record.thing().short()),
    );
    Ok(exit)
}

/// Returns the list that names this role as what is ended.
fn target<const MAX: usize>(record: &Record) -> Result<List<Target, MAX>> {
    Ok(vec![Target { thing: record.thing(), version: None, about: None }].try_into()?)
}
