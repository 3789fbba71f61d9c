//! What a gathering and its minutes say, from the command line.

use anyhow::Result;
use weft_protocol::body::gathering::{ActionItem, Gathering, GatheringKind, Minutes, Times};
use weft_protocol::body::text::{Lang, List, Place, Tag};
use weft_protocol::fold::series;
use weft_protocol::id::NetId;
use weft_protocol::record::Kind;
use weft_protocol::time::Timestamp;

use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::fields::fields;
use crate::input::moment::{Edge, span};
use crate::input::named::named;
use crate::input::text;
use crate::show::when::Clock;

/// What a gathering says.
#[derive(Debug, clap::Args)]
pub(crate) struct GatheringArgs {
    /// forum, call, assembly, training, circle or action
    #[arg(long, value_parser = named::<GatheringKind>, default_value = "forum")]
    kind: GatheringKind,
    /// In one line (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT", required = true)]
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
    start: String,
    /// How long it lasts: 90m, 2h, 1d
    #[arg(long, value_name = "SPAN", default_value = "2h")]
    length: String,
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
    #[arg(long, value_name = "TEXT", required = true)]
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

fn networks<const MAX: usize>(
    pen: &Pen<'_>,
    flag: &str,
    words: &[String],
    us: NetId,
) -> Result<List<NetId, MAX>> {
    // The network that speaks is meant, though the keys here may speak for several.
    let network = |word: &String| match word.as_str() {
        "us" => Ok(us),
        word => pen.names.network(&pen.door, word),
    };
    let nets = words.iter().map(network).collect::<Result<Vec<_>>>()?;
    nets.try_into().map_err(|e| Failure::usage(flag, e))
}

/// Reads a gathering of this network.
///
/// # Errors
/// When something is not understood, out of bounds, or names what is not here.
pub(crate) fn read(pen: &Pen<'_>, args: &GatheringArgs, us: NetId) -> Result<Gathering> {
    let usual = pen.desk.settings()?.language;
    let item = |words: &String| text::needed("--agenda", std::slice::from_ref(words), &usual);
    let agenda = args.agenda.iter().map(item).collect::<Result<Vec<_>>>()?;
    let whole = args.part_of.as_ref();
    let whole = whole.map(|word| pen.names.thing(&pen.door, word, &Kind::Gathering)).transpose()?;
    let over = |flag: &'static str| move |e| Failure::usage(flag, e);
    Ok(Gathering {
        kind: args.kind,
        title: text::needed("--title", &args.title, &usual)?,
        text: text::text("--text", &args.text, &usual)?,
        hosts: networks(pen, "--host", &args.hosts, us)?,
        times: times(pen, &args.times)?,
        place: args.place.clone(),
        languages: args.language.clone().try_into().map_err(over("--language"))?,
        access: text::text("--access", &args.access, &usual)?,
        fields: args.field.clone().try_into().map_err(over("--field"))?,
        facilitation: networks(pen, "--facilitator", &args.facilitators, us)?,
        agenda: agenda.try_into().map_err(over("--agenda"))?,
        part_of: whole.map(|whole| whole.thing()),
        minutes: None,
    })
}

fn times(pen: &Pen<'_>, args: &TimesArgs) -> Result<Times> {
    let zone = args.zone.clone().map_or_else(|| Clock::here().zone_name().parse(), Ok);
    let zone = zone.map_err(|e| Failure::usage("--zone", e))?;
    let start = pen.desk.moment_in(zone.as_str(), "--start", &args.start, Edge::Start)?;
    let unclear = |e| Failure::usage(format!("--length {}", args.length), e);
    let length = span(&args.length).map_err(unclear)?;
    let rule = args.repeat.clone().map(TryInto::try_into).transpose();
    Ok(Times {
        start: start.as_secs(),
        end: (start + length).as_secs(),
        zone,
        rrule: rule.map_err(|e| Failure::usage("--repeat", e))?,
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

/// Reads the minutes of a gathering that this network writes.
///
/// # Errors
/// As [`read`].
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
        networks: networks(pen, "--came", &args.came, us)?,
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
