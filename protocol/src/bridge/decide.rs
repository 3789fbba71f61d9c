//! Whether a record crosses, and why, step by step.
//!
//! **Invariant:** a decision is a pure function of the rule, of what the record says, of what is
//! known about it and of the time. Every step that led to it is in it, also those that passed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::rule::{Rule, is_carriable};
use crate::body::carriage::Crossing;
use crate::body::text::Lang;
use crate::id::ThingId;
use crate::ledger;
use crate::record::{Kind, Reach};
use crate::region::Region;
use crate::time::Timestamp;

/// Who stands behind a record, its author aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endorsements {
    /// Networks that endorse the current version.
    pub all: u32,
    /// Of these, recognised at the bridge.
    pub recognised: u32,
    /// How many independent voices the recognised ones are, the author's own class aside.
    pub independent: u32,
}

/// What is known of a record at the bridge, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Why it does not speak; none when it does. The flag says whether more records may let it.
    pub silent: Option<(String, bool)>,
    /// Where it stands among its like.
    pub place: ledger::Place,
    /// The way by which it is in the region that the rule leads out of: empty when that is its
    /// home, none when it is not there at all.
    pub way: Option<Vec<Crossing>>,
    /// Until when carriages of this bridge's network carry it where the rule leads, over no more
    /// bridges than `way`; none when none does.
    pub carried: Option<Timestamp>,
    /// When this bridge's network last ended a carriage of it by this rule; none when it never did.
    pub ended: Option<Timestamp>,
    /// Until when a carriage that is signed now could last, by the end of the role it is signed
    /// under; none when the node may carry in nobody's name.
    pub lasts: Option<Timestamp>,
    /// The bridge tie that entitles this network to carry here.
    pub tie: Option<ThingId>,
    /// Who stands behind it.
    pub endorsements: Endorsements,
    /// Why the node's policy keeps it from crossing; none when it does not.
    pub blocked: Option<String>,
}

/// What comes of a record at a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It crosses now.
    Cross,
    /// It has crossed, and the carriage lasts as long as it does.
    Carried,
    /// It may cross later, when something is different.
    Wait,
    /// It does not cross.
    Refuse,
}

/// What one step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Nothing stands against it.
    Yes,
    /// Not now.
    NotYet,
    /// No.
    No,
}

/// What was looked at in a step, with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "kebab-case")]
pub enum Check {
    /// The rule is being followed.
    Running,
    /// The record speaks for its network, or else why not.
    Speaks {
        /// Why not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// No later version, end or erasure has taken its place.
    Current,
    /// Its kind can be carried, and the rule is about that kind.
    Kind {
        /// Its kind.
        kind: Kind,
    },
    /// Its author lets it travel.
    Reach {
        /// How far.
        reach: Reach,
    },
    /// It is in the region that the rule leads out of.
    Here {
        /// Which region.
        region: Region,
    },
    /// It does not come back to where it has been.
    Echo {
        /// Into which region.
        region: Region,
    },
    /// It has crossed few enough bridges.
    Hops {
        /// How many with this one.
        hops: u8,
        /// How many may be.
        most: u8,
    },
    /// It is young enough.
    Age {
        /// How many days old.
        days: u64,
        /// How many may be.
        most: u16,
    },
    /// It has one of the rule's movement fields.
    Fields,
    /// It is in one of the rule's languages.
    Languages,
    /// It is at one of the rule's places.
    Places,
    /// It is of one of the rule's networks.
    Networks,
    /// The node's policy lets it cross, or else why not.
    Policy {
        /// Why not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Enough independent networks stand behind it.
    Endorsed {
        /// Who does.
        has: Endorsements,
        /// How many independent ones must.
        needs: u8,
    },
    /// The node may carry in the name of a network.
    Mandate,
    /// The bridge's network has not ended a carriage of this version by this rule.
    Ended {
        /// When it did, seconds since the epoch.
        at: u64,
    },
    /// A bridge tie entitles this network to carry here.
    Entitled {
        /// Which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tie: Option<ThingId>,
    },
    /// It is not carried yet, or not for long enough.
    Carried {
        /// Until when it is carried, seconds since the epoch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<u64>,
    },
    /// The rule's rate has room.
    Rate {
        /// How many may cross in an hour.
        per_hour: u32,
    },
}

impl Check {
    /// Returns the word by which programs know it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Speaks { .. } => "speaks",
            Self::Current => "current",
            Self::Kind { .. } => "kind",
            Self::Reach { .. } => "reach",
            Self::Here { .. } => "here",
            Self::Echo { .. } => "echo",
            Self::Hops { .. } => "hops",
            Self::Age { .. } => "age",
            Self::Fields => "fields",
            Self::Languages => "languages",
            Self::Places => "places",
            Self::Networks => "networks",
            Self::Policy { .. } => "policy",
            Self::Endorsed { .. } => "endorsed",
            Self::Mandate => "mandate",
            Self::Ended { .. } => "ended",
            Self::Entitled { .. } => "entitled",
            Self::Carried { .. } => "carried",
            Self::Rate { .. } => "rate",
        }
    }
}

/// One step of a decision, in the order in which it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was found.
    pub answer: Answer,
    /// What was looked at.
    #[serde(flatten)]
    pub check: Check,
}

/// What comes of a record at a rule, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What comes of it.
    pub verdict: Verdict,
    /// Every step, in order. The first that did not pass with the gravest answer decided.
    pub steps: Vec<Step>,
}

impl Decision {
    /// Returns the step that decided, when it was not that all passed.
    pub fn because(&self) -> Option<&Step> {
        let gravest = self.steps.iter().map(|step| step.answer).max();
        self.steps.iter().find(|s| Some(s.answer) == gravest && s.answer != Answer::Yes)
    }

    /// Adds what only the machine knows: that the rule is paused, or its rate used up.
    pub(super) fn and(mut self, answer: Answer, check: Check) -> Self {
        self.steps.push(Step { answer, check });
        if answer == Answer::NotYet && self.verdict == Verdict::Cross {
            self.verdict = Verdict::Wait;
        }
        self
    }
}

fn yes_or(passes: bool, otherwise: Answer) -> Answer {
    if passes { Answer::Yes } else { otherwise }
}

/// Decides whether a record crosses by a rule.
pub fn decide(rule: &Rule, item: &Item, situation: &Situation, now: Timestamp) -> Decision {
    // Every check is made, so that a person who asks learns all that stands in the way at once.
    let mut steps = Vec::with_capacity(16);
    let mut step = |answer, check| steps.push(Step { answer, check });
    let (silent, place) = (&situation.silent, situation.place);
    let speaks = match silent {
        None => Answer::Yes,
        Some((_, true)) => Answer::NotYet,
        Some((_, false)) => Answer::No,
    };
    step(speaks, Check::Speaks { why: silent.as_ref().map(|(why, _)| why.clone()) });
    step(is_current(place), Check::Current);
    let kinds = &rule.only.kinds;
    let known = kinds.is_empty() && !matches!(item.kind, Kind::Other(_));
    let kind = is_carriable(&item.kind) && (known || kinds.contains(&item.kind));
    step(yes_or(kind, Answer::No), Check::Kind { kind: item.kind.clone() });
    let reach = item.home.reach;
    step(yes_or(reach == Reach::Movement, Answer::No), Check::Reach { reach });
    let way = situation.way.as_deref();
    step(yes_or(way.is_some(), Answer::NotYet), Check::Here { region: rule.from.clone() });
    let way = way.unwrap_or_default();
    let been = item.home.region == rule.to || way.iter().any(|c| c.region == rule.to);
    step(yes_or(!been, Answer::No), Check::Echo { region: rule.to.clone() });
    let (hops, most) = (u8::try_from(way.len() + 1).unwrap_or(u8::MAX), rule.limits.hops);
    step(yes_or(hops <= most, Answer::No), Check::Hops { hops, most });
    let (days, most) = (now.since(item.life.0).as_secs() / 86_400, rule.limits.days);
    step(yes_or(days <= u64::from(most), Answer::No), Check::Age { days, most });
    for (passes, check) in subject(rule, item) {
        step(yes_or(passes, Answer::No), check);
    }
    let blocked = situation.blocked.clone();
    step(yes_or(blocked.is_none(), Answer::No), Check::Policy { why: blocked });
    let (has, needs) = (situation.endorsements, rule.endorsements);
    let enough = has.independent >= u32::from(needs);
    step(yes_or(enough, Answer::NotYet), Check::Endorsed { has, needs });
    step(yes_or(situation.lasts.is_some(), Answer::NotYet), Check::Mandate);
    if let Some(at) = situation.ended.filter(|at| *at >= item.life.0) {
        step(Answer::No, Check::Ended { at: at.as_secs() });
    }
    let tie = situation.tie;
    step(yes_or(tie.is_some(), Answer::NotYet), Check::Entitled { tie });
    conclude(steps, item, situation)
}

fn is_current(place: ledger::Place) -> Answer {
    match place {
        // Only ties wait for acceptance, and who is to accept one may be where it would go.
        ledger::Place::Current | ledger::Place::Forked | ledger::Place::Unaccepted => Answer::Yes,
        ledger::Place::Silent => Answer::NotYet,
        ledger::Place::Superseded | ledger::Place::Ended | ledger::Place::Erased => Answer::No,
    }
}

/// Compares what the rule is about with what the record is about.
fn subject<'a>(rule: &'a Rule, item: &'a Item) -> impl Iterator<Item = (bool, Check)> + 'a {
    let (only, about) = (&rule.only, &item.about);
    let fields = || about.fields.iter().any(|field| only.fields.contains(field));
    let spoken =
        || about.languages.iter().any(|lang| only.languages.iter().any(|w| is_in(w, lang)));
    let placed = || about.places.iter().any(|place| only.places.iter().any(|w| w.holds(place)));
    let checks = [
        (!only.fields.is_empty(), only.fields.is_empty() || fields(), Check::Fields),
        (!only.languages.is_empty(), only.languages.is_empty() || spoken(), Check::Languages),
        (!only.places.is_empty(), only.places.is_empty() || placed(), Check::Places),
        (!only.networks.is_empty(), only.networks.contains(&item.net), Check::Networks),
    ];
    checks.into_iter().filter(|(asked, ..)| *asked).map(|(_, passes, check)| (passes, check))
}

/// Says whether a language is the wanted one, or a variety of it.
fn is_in(wanted: &Lang, lang: &Lang) -> bool {
    let rest = lang.as_str().strip_prefix(wanted.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Sums up: what stands against it counts before what is missing, and that before what is done.
fn conclude(mut steps: Vec<Step>, item: &Item, situation: &Situation) -> Decision {
    let gravest = steps.iter().map(|step| step.answer).max().unwrap_or(Answer::Yes);
    let wanted = situation.lasts.map_or(item.life.1, |lasts| lasts.min(item.life.1));
    let covered = situation.carried.is_some_and(|until| until >= wanted);
    if let Some(until) = situation.carried {
        let check = Check::Carried { until: Some(until.as_secs()) };
        steps.push(Step { answer: Answer::Yes, check });
    }
    let verdict = match gravest {
        Answer::No => Verdict::Refuse,
        _ if covered => Verdict::Carried,
        Answer::NotYet => Verdict::Wait,
        Answer::Yes => Verdict::Cross,
    };
    Decision { verdict, steps }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.answer {
            Answer::Yes => "yes",
            Answer::NotYet => "not yet",
            Answer::No => "no",
        };
        write!(f, "{mark}: {}", self.check)
    }
}

impl fmt::Display for Check {
    /// Says in plain words what the step asks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("the rule is being followed"),
            Self::Speaks { why: None } => f.write_str("it speaks for its network"),
            Self::Speaks { why: Some(why) } => {
                write!(f, "it must speak for its network, and does not: {why}")
            }
            Self::Current => f.write_str("nothing has taken its place"),
            Self::Kind { kind } => write!(f, "the rule carries records of kind {kind}"),
            Self::Reach { reach } => {
                write!(f, "its author lets it travel (reach {})", reach.as_str())
            }
            Self::Here { region } => write!(f, "it is in {region}"),
            Self::Echo { region } => write!(f, "it has not been in {region} before"),
            Self::Hops { hops, most } => write!(f, "this is bridge {hops} of at most {most}"),
            Self::Age { days, most } => write!(f, "it is {days} days old, at most {most}"),
            Self::Fields => f.write_str("it has one of the rule's movement fields"),
            Self::Languages => f.write_str("it is in one of the rule's languages"),
            Self::Places => f.write_str("it is at one of the rule's places"),
            Self::Networks => f.write_str("it is of one of the rule's networks"),
            Self::Policy { why: None } => f.write_str("this node's policy lets it cross"),
            Self::Policy { why: Some(why) } => write!(f, "this node's policy lets it cross: {why}"),
            Self::Endorsed { has, needs } => write!(
                f,
                "it needs {needs} independent endorsements, has {} ({} in all, {} of recognised networks)",
                has.independent, has.all, has.recognised
            ),
            Self::Mandate => f.write_str("this node holds a role as bridge of a network"),
            Self::Ended { at } => write!(
                f,
                "its network must not have ended a carriage of it, and did at {}",
                Timestamp::from_secs(*at)
            ),
            Self::Entitled { tie: Some(tie) } => {
                write!(f, "the bridge tie {} entitles to carry here", tie.short())
            }
            Self::Entitled { tie: None } => {
                f.write_str("an active bridge tie with another network of the region it goes into entitles to carry")
            }
            Self::Carried { until: Some(until) } => {
                write!(f, "it is carried until {}", Timestamp::from_secs(*until))
            }
            Self::Carried { until: None } => f.write_str("it is not carried yet"),
            Self::Rate { per_hour } => write!(f, "at most {per_hour} an hour cross"),
        }
    }
}
