//! The instrument `schwartz10@1`: ten value types in a circle, and 57 items with our own glosses.
//!
//! **Invariant:** the data of one version never changes; another wording, order or angle is another
//! version with another name.
//!
//! The types and their order are those of Schwartz ("Universals in the content and structure of
//! values", 1992). Placing them 36° apart is **our model**: in surveys neighbours and opposites
//! hold and equal spacing does not quite (Schwartz and Boehnke, "Evaluating the structure of human
//! values with confirmatory factor analysis", 2004). The frames *intrinsic* and *extrinsic* are
//! those of Common Cause's teaching; most types are neither, and neither is good or bad by itself.
//! Names of values are ordinary words and the glosses are ours: no sentence of a survey is used,
//! and a network's rating of itself is no psychometric test.

use crate::body::values::ValueType;

/// A version of the ten types.
#[derive(Debug, PartialEq, Eq)]
pub struct Instrument {
    /// What a declaration calls it.
    pub id: &'static str,
    /// The types, in the order of the circle: `36°` from each to the next, the first at `0°`.
    pub types: [Entry; 10],
}

/// What a type of values is about.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which type.
    pub value: ValueType,
    /// Its code in lower case, with which the codes of its items begin.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// What it strives for, in our words.
    pub goal: &'static str,
    /// The wider aims that it belongs to.
    pub aims: &'static [HigherOrder],
    /// Its frame.
    pub frame: Frame,
    /// Its items. The code of the `n`th, from 1, is the type's code and `n`: `un-1`.
    pub items: &'static [Item],
}

/// One of the four aims that the types serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HigherOrder {
    /// Beyond oneself.
    SelfTranscendence,
    /// Openness to change.
    Openness,
    /// Oneself before others.
    SelfEnhancement,
    /// Keeping what is.
    Conservation,
}

/// Whether a type rewards by itself or through what others think and give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// By itself.
    Intrinsic,
    /// Through others.
    Extrinsic,
    /// Neither, or both.
    Neither,
}

/// A single value.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: &'static str,
    /// What it means, in our words.
    pub gloss: &'static str,
    /// Whether it is one of the 46 of 57 that Schwartz counts towards its type. Our scores are of
    /// the ten types as declared and count no item.
    pub scored: bool,
}

const fn scored(name: &'static str, gloss: &'static str) -> Item {
    Item { name, gloss, scored: true }
}

const fn beside(name: &'static str, gloss: &'static str) -> Item {
    Item { name, gloss, scored: false }
}

/// The instrument that declarations use today.
pub const SCHWARTZ10: Instrument = Instrument {
    id: "schwartz10@1",
    types: [
        Entry {
            value: ValueType::Un,
            code: "un",
            name: "Universalism",
            goal: "understanding, tolerance and care for all people and for nature",
            aims: &[HigherOrder::SelfTranscendence],
            frame: Frame::Intrinsic,
            items: &[
                scored("equality", "same chances and standing for everyone"),
                scored("a world at peace", "no war or armed conflict"),
                scored("unity with nature", "living as one part of the living world"),
                scored("wisdom", "a rounded, mature grasp of life"),
                scored("a world of beauty", "room for beauty in nature and the arts"),
                scored("social justice", "putting wrongs right and backing those with least power"),
                scored("broadminded", "at ease with other beliefs and ways of living"),
                scored("protecting the environment", "keeping nature from harm"),
                beside("inner harmony", "being at peace with oneself"),
            ],
        },
        Entry {
            value: ValueType::Sd,
            code: "sd",
            name: "Self-direction",
            goal: "independent thought and action",
            aims: &[HigherOrder::Openness],
            frame: Frame::Intrinsic,
            items: &[
                scored("freedom", "thinking and acting as one chooses"),
                scored("creativity", "making something new and one's own"),
                scored("independent", "relying on oneself"),
                scored("choosing own goals", "setting one's own purposes"),
                scored("curious", "wanting to find out and explore"),
                beside("self-respect", "believing in one's own worth"),
                beside("privacy", "a sphere of life that is one's own"),
            ],
        },
        Entry {
            value: ValueType::St,
            code: "st",
            name: "Stimulation",
            goal: "novelty, excitement, challenge",
            aims: &[HigherOrder::Openness],
            frame: Frame::Neither,
            items: &[
                scored("an exciting life", "strong, stirring experiences"),
                scored("a varied life", "change, novelty and challenge"),
                scored("daring", "seeking risk and adventure"),
            ],
        },
        Entry {
            value: ValueType::He,
            code: "he",
            name: "Hedonism",
            goal: "pleasure for oneself",
            aims: &[HigherOrder::Openness, HigherOrder::SelfEnhancement],
            frame: Frame::Neither,
            items: &[
                scored("pleasure", "having one's desires met"),
                scored("enjoying life", "delight in food, love, leisure"),
                scored("self-indulgent", "treating oneself to pleasant things"),
            ],
        },
        Entry {
            value: ValueType::Ac,
            code: "ac",
            name: "Achievement",
            goal: "success shown by others' standards",
            aims: &[HigherOrder::SelfEnhancement],
            frame: Frame::Extrinsic,
            items: &[
                scored("ambitious", "striving hard to get ahead"),
                scored("influential", "having an effect on people and events"),
                scored("capable", "being competent and effective"),
                scored("successful", "reaching one's goals"),
                beside("intelligent", "being sharp and logical"),
            ],
        },
        Entry {
            value: ValueType::Po,
            code: "po",
            name: "Power",
            goal: "status, control over people and resources",
            aims: &[HigherOrder::SelfEnhancement],
            frame: Frame::Extrinsic,
            items: &[
                scored("social power", "having command over other people"),
                scored("wealth", "money and possessions"),
                scored("authority", "the right to lead and give orders"),
                scored("preserving public image", "keeping face"),
                beside("social recognition", "being looked up to and approved of"),
            ],
        },
        Entry {
            value: ValueType::Se,
            code: "se",
            name: "Security",
            goal: "safety and stability of self, relations, society",
            aims: &[HigherOrder::Conservation],
            frame: Frame::Neither,
            items: &[
                scored("social order", "a stable, orderly society"),
                scored("national security", "one's country safe from enemies"),
                scored("reciprocation of favours", "not staying in anyone's debt"),
                scored("family security", "safety of the people one loves"),
                scored("clean", "being neat and tidy"),
                beside("sense of belonging", "feeling that others care about one"),
                beside("healthy", "not being ill in body or mind"),
            ],
        },
        Entry {
            value: ValueType::Co,
            code: "co",
            name: "Conformity",
            goal: "restraint from upsetting others or breaking norms",
            aims: &[HigherOrder::Conservation],
            frame: Frame::Neither,
            items: &[
                scored("politeness", "courtesy and good manners"),
                scored("self-discipline", "holding back, resisting temptation"),
                scored("honouring parents and elders", "showing respect to older generations"),
                scored("obedient", "doing one's duty"),
            ],
        },
        Entry {
            value: ValueType::Tr,
            code: "tr",
            name: "Tradition",
            goal: "commitment to customs of culture or religion",
            aims: &[HigherOrder::Conservation],
            frame: Frame::Neither,
            items: &[
                scored("respect for tradition", "keeping long-held customs"),
                scored("moderate", "avoiding extremes of feeling or act"),
                scored("humble", "modest, not putting oneself forward"),
                scored("accepting my portion in life", "taking life's circumstances as they are"),
                scored("devout", "holding to a faith"),
            ],
        },
        Entry {
            value: ValueType::Be,
            code: "be",
            name: "Benevolence",
            goal: "the good of the people close to one",
            aims: &[HigherOrder::SelfTranscendence],
            frame: Frame::Intrinsic,
            items: &[
                scored("loyal", "true to friends and group"),
                scored("honest", "genuine and sincere"),
                scored("helpful", "working for other people's good"),
                scored("responsible", "someone others can rely on"),
                scored("forgiving", "ready to pardon"),
                beside("a spiritual life", "weight on spirit rather than things"),
                beside("meaning in life", "having a purpose"),
                beside("mature love", "deep closeness with another person"),
                beside("true friendship", "close friends who stand by one"),
            ],
        },
    ],
};

impl Instrument {
    /// Returns what a type is about.
    pub fn entry(&self, value: ValueType) -> &Entry {
        &self.types[value as usize]
    }

    /// Returns an item by its code.
    pub fn item(&self, code: &str) -> Option<&'static Item> {
        self.types.iter().find_map(|entry| {
            let number = code.strip_prefix(entry.code)?.strip_prefix('-')?;
            let number: usize = number.parse().ok()?;
            entry.items.get(number.checked_sub(1)?)
        })
    }
}
