//! What a gathering and its minutes say, from the command line.

use anyhow::Result;
use weft_protocol::body::gathering::{ActionItem, Gathering, GatheringKind, Minutes, Times};
use weft_protocol::body::text::{Lang, List, Place, Tag};
use weft_protocol::fold::series;
use weft_protocol::id::NetId;
use weft_protocol::record::Kind;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::fields::fields;
use crate::input::moment::{Edge, span};
use crate::input::named::named;
use crate::input::text;
use crate::show::when::Clock;
use crate::words::{Bearing, NEEDED, Say};

/// What a gathering says. Lists that are given take the place of the old ones.
#[derive(Debug, clap::Args)]
pub(crate) struct GatheringArgs {
    /// forum, call, assembly, training, circle or action [default: forum]
    #[arg(long, value_parser = named::<GatheringKind>)]
    kind: Option<GatheringKind>,
    /// In one line (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    title: Vec<String>,
    /// In full (once for each language)
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// A network that hosts beside yours (may be given several times)
    #[arg(long = "host", value_name = "NETWORK")]
    hosts: Vec<String>,
    #[command(flatten)]
    times: TimesArgs,
    /// Where: GB, GB-BST, 154 or a geohash such as gcnhq [default: online]
    #[arg(long)]
    place: Option<Place>,
    /// A language that is spoken (may be given several times)
    #[arg(long)]
    language: Vec<Lang>,
    /// What is done for access (once for each language)
    #[arg(long, value_name = "TEXT")]
    access: Vec<String>,
    /// A movement field (may be given several times)
    #[arg(long)]
    field: Vec<Tag>,
    /// A network that facilitates, in turn with the others: us, or its name (may be given several
    /// times)
    #[arg(long = "facilitator", value_name = "NETWORK")]
    facilitators: Vec<String>,
    /// What is talked about (may be given several times)
    #[arg(long, value_name = "TEXT")]
    agenda: Vec<String>,
    /// The larger gathering that it is part of
    #[arg(long, value_name = "GATHERING")]
    part_of: Option<String>,
}

/// When it is.
#[derive(Debug, clap::Args)]
struct TimesArgs {
    /// When it begins, the first time
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// How long it lasts: 90m, 2h, 1d [default: 2h]
    #[arg(long, value_name = "SPAN")]
    length: Option<String>,
    /// The time zone that people meet in, in which times are read too, such as Europe/London
    /// [default: that of this machine]
    #[arg(long)]
    zone: Option<Tag>,
    /// How it repeats: a rule as calendars have it, such as FREQ=MONTHLY;BYDAY=1TH
    #[arg(long, value_name = "RULE")]
    repeat: Option<String>,
}

/// What was said and decided.
#[derive(Debug, clap::Args)]
pub(crate) struct MinutesArgs {
    /// In words (once for each language)
    #[arg(long, visible_alias = "text", value_name = "TEXT", required = true)]
    summary: Vec<String>,
    /// When it was held [default: now]
    #[arg(long, value_name = "TIME")]
    held: Option<String>,
    /// A network that came: us, or its name (may be given several times). Never people
    #[arg(long = "came", value_name = "NETWORK")]
    came: Vec<String>,
    /// How many other networks came
    #[arg(long, default_value_t = 0)]
    others: u16,
    /// Who does what until when: who=us,due=2026-12-24,text=… (may be given several times)
    #[arg(long, value_name = "ACTION")]
    action: Vec<String>,
}

fn networks(pen: &Pen<'_>, words: &[String], us: NetId) -> Result<Vec<NetId>> {
    // The network that speaks is meant, though the keys here may speak for several.
    let network = |word: &String| match word.as_str() {
        "us" => Ok(us),
        word => pen.names.network(&pen.door, word),
    };
    words.iter().map(network).collect()
}

/// Puts what was said of a gathering of this network above what the last version says.
///
/// # Errors
/// When something is missing, not understood, out of bounds, or names what is not here.
pub(crate) fn merged(
    pen: &Pen<'_>,
    args: &GatheringArgs,
    us: NetId,
    last: Option<&Gathering>,
) -> Result<Gathering> {
    let usual = pen.desk.settings()?.language;
    let item = |words: &String| text::needed("--agenda", std::slice::from_ref(words), &usual);
    let agenda = args.agenda.iter().map(item).collect::<Result<Vec<_>>>()?;
    let whole = args.part_of.as_ref();
    let whole = whole.map(|word| pen.names.thing(&pen.door, word, &Kind::Gathering)).transpose()?;
    let title = match (text::text("--title", &args.title, &usual)?, last) {
        (Some(title), _) => title,
        (None, Some(last)) => last.title.clone(),
        (None, None) => text::needed("--title", &args.title, &usual)?,
    };
    let words = text::text("--text", &args.text, &usual)?;
    let access = text::text("--access", &args.access, &usual)?;
    let (hosts, turns) = (networks(pen, &args.hosts, us)?, networks(pen, &args.facilitators, us)?);
    Ok(Gathering {
        kind: args.kind.or(last.map(|l| l.kind)).unwrap_or(GatheringKind::Forum),
        title,
        text: words.or_else(|| last.and_then(|l| l.text.clone())),
        hosts: text::list("--host", hosts, last.map(|l| &l.hosts))?,
        times: times(pen, &args.times, last.map(|l| &l.times))?,
        place: args.place.clone().or_else(|| last.and_then(|l| l.place.clone())),
        languages: text::list("--language", args.language.clone(), last.map(|l| &l.languages))?,
        access: access.or_else(|| last.and_then(|l| l.access.clone())),
        fields: text::list("--field", args.field.clone(), last.map(|l| &l.fields))?,
        facilitation: text::list("--facilitator", turns, last.map(|l| &l.facilitation))?,
        agenda: text::list("--agenda", agenda, last.map(|l| &l.agenda))?,
        part_of: whole.map(|whole| whole.thing()).or(last.and_then(|l| l.part_of)),
        minutes: None,
    })
}

fn times(pen: &Pen<'_>, args: &TimesArgs, last: Option<&Times>) -> Result<Times> {
    let zone = args.zone.clone().or(last.map(|l| l.zone.clone()));
    let zone = zone.map_or_else(|| Clock::here().zone_name().parse(), Ok);
    let zone = zone.map_err(|e| Failure::usage("--zone", e))?;
    let read = |words: &String| pen.desk.moment_in(zone.as_str(), "--start", words, Edge::Start);
    let start = args.start.as_ref().map(read).transpose()?;
    let start = start.map(|start| start.as_secs()).or(last.map(|l| l.start));
    let start = start.ok_or_else(|| Failure::usage("--start", NEEDED))?;
    let length = match (&args.length, last) {
        (Some(words), _) => {
            let why = "a length is like 90m, 2h or 1d";
            let unclear = |_| Failure::usage(format!("--length {words}"), why);
            span(words).map_err(unclear)?.as_secs()
        }
        (None, Some(last)) => last.end.saturating_sub(last.start),
        (None, None) => 2 * 3600,
    };
    let why = "a rule is as calendars have it, such as FREQ=WEEKLY;BYDAY=SU";
    let rule = args.repeat.clone().map(TryInto::try_into).transpose();
    let rule = rule.map_err(|_| Failure::usage("--repeat", why))?;
    Ok(Times {
        start,
        end: start.saturating_add(length),
        zone,
        rrule: rule.or_else(|| last.and_then(|l| l.rrule.clone())),
    })
}

/// Refuses a series that nobody could meet by.
///
/// # Errors
/// With the reason.
pub(crate) fn check(gathering: &Gathering, until: Timestamp) -> Result<()> {
    match series::meetings(&gathering.times, until) {
        Ok(_) => Ok(()),
        Err(e) => Err(Failure::usage("--repeat, --zone", e)),
    }
}

/// Says when a gathering is announced that is over: it is a slip, most often of the year.
pub(crate) fn say_over(desk: &Desk, gathering: &Gathering) {
    let ended = Timestamp::from_secs(gathering.times.end);
    if gathering.times.rrule.is_none() && ended < desk.now() {
        let ended = desk.date(ended);
        desk.note(&Say::Bearing(Bearing::OverAlready { ended }));
    }
}

/// Reads the minutes of a gathering that this network writes.
///
/// # Errors
/// When a word means nothing here.
pub(crate) fn minutes(pen: &Pen<'_>, args: &MinutesArgs, us: NetId) -> Result<Minutes> {
    let usual = pen.desk.settings()?.language;
    let held = args.held.as_ref().map(|words| pen.desk.moment("--held", words, Edge::Past));
    let held = held.transpose()?.unwrap_or(pen.desk.now());
    if held > pen.desk.now() {
        return Err(Failure::usage("--held", "that is still to come, and minutes say what was"));
    }
    let actions = args.action.iter().map(|words| action(pen, words, us, &usual));
    let actions = actions.collect::<Result<Vec<_>>>()?;
    Ok(Minutes {
        held_at: held.as_secs(),
        networks: networks(pen, &args.came, us)?
            .try_into()
            .map_err(|e| Failure::usage("--came", e))?,
        others: args.others,
        summary: text::needed("--summary", &args.summary, &usual)?,
        actions: actions.try_into().map_err(|e| Failure::usage("--action", e))?,
        files: List::default(),
    })
}

fn action(pen: &Pen<'_>, words: &str, us: NetId, usual: &Lang) -> Result<ActionItem> {
    let found = fields("--action", words, &["who", "due", "text"])?;
    let who = match found.get("who") {
        None | Some(&"us") => us,
        Some(word) => pen.names.network(&pen.door, word)?,
    };
    let due = found.get("due").map(|due| pen.desk.moment("--action due", due, Edge::End));
    let text = Vec::from_iter(found.get("text").map(|text| (*text).to_owned()));
    let text = text::needed("--action text", &text, usual)?;
    Ok(ActionItem { text, who, due: due.transpose()?.map(|due| due.as_secs()) })
}
