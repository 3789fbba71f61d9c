//! A rule of a bridge, as it is written on the command line.

use anyhow::Result;
use weft_protocol::body::text::{Lang, Place, Tag};
use weft_protocol::bridge::{Limits, Only, Rule};
use weft_protocol::record::Kind;
use weft_protocol::region::Region;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Failure;
use crate::input::code::{lang, place, tag};
use crate::input::named::{kind, region};
use crate::names::Names;

/// A rule.
#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// What you call it; every carriage says so
    name: Tag,
    /// Out of which region
    #[arg(long, value_parser = region)]
    from: Region,
    /// Into which region
    #[arg(long, value_parser = region)]
    to: Region,
    #[command(flatten)]
    only: OnlyArgs,
    /// How many independent networks must stand behind a record, beside its author
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    endorsements: u8,
    #[command(flatten)]
    limits: LimitArgs,
    /// Let the author's members at this node see what is held back, and why
    #[arg(long)]
    tell: bool,
}

/// What a rule is about; each may be given several times.
#[derive(Debug, clap::Args)]
struct OnlyArgs {
    /// Only records of this kind, such as call [default: all that may travel]
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    kinds: Vec<Kind>,
    /// Only with this movement field
    #[arg(long = "field", value_name = "FIELD", value_parser = tag)]
    fields: Vec<Tag>,
    /// Only in this language
    #[arg(long = "in-language", value_name = "LANGUAGE", value_parser = lang)]
    languages: Vec<Lang>,
    /// Only of this network
    #[arg(long = "network", value_name = "NETWORK")]
    networks: Vec<String>,
    /// Only at this place, or in it
    #[arg(long = "place", value_name = "PLACE", value_parser = place)]
    places: Vec<Place>,
}

/// How far, how old, how fast.
#[derive(Debug, clap::Args)]
struct LimitArgs {
    /// Over how many bridges a record may have come with this one
    #[arg(long, default_value_t = Limits::default().hops)]
    hops: u8,
    /// How many days old it may be
    #[arg(long, default_value_t = Limits::default().days)]
    days: u16,
    /// How many records an hour
    #[arg(long, default_value_t = Limits::default().per_hour, value_name = "COUNT")]
    per_hour: u32,
}

impl RuleArgs {
    /// Returns the rule.
    ///
    /// # Errors
    /// A usage failure, when it cannot be followed, or something that it names is not known here.
    pub(crate) fn read(&self, desk: &Desk, door: &Door) -> Result<Rule> {
        let names = Names::load(desk)?;
        let only = Only {
            kinds: self.only.kinds.clone(),
            fields: self.only.fields.clone(),
            languages: self.only.languages.clone(),
            networks: {
                let words = self.only.networks.iter();
                words.map(|word| names.network(door, word)).collect::<Result<_>>()?
            },
            places: self.only.places.clone(),
        };
        let LimitArgs { hops, days, per_hour } = self.limits;
        let rule = Rule {
            name: self.name.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            only,
            endorsements: self.endorsements,
            limits: Limits { hops, days, per_hour },
            tell: self.tell,
        };
        rule.check().map_err(|error| Failure::usage(&self.name, error))?;
        Ok(rule)
    }
}
