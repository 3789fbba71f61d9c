//! Every sentence that people read, in one place for each language.
//!
//! **Invariant:** every language says everything, which the compiler sees to, and for help a test. No
//! sentence names what only programmers know.

mod answer;
mod bearing;
mod calendar;
mod closed;
mod condition;
mod count;
mod crossing;
mod empty;
mod english;
mod event;
mod fault;
mod finding;
mod first;
mod given_up;
mod help;
mod holding;
mod joining;
mod keeping;
mod leaving;
mod locking;
mod logged;
mod refusing;
mod repeating;
mod resting;
mod ruled;
mod ruling;
mod session;
mod slip;
mod spanish;
mod starting;
mod system;
mod term;
mod usage;
mod weighing;
mod why;
mod word;

use weft_node::network::peer_text;
use weft_protocol::admission::{Entry, Fate, Ruling, Subject};
use weft_protocol::authority::Why;
use weft_protocol::body::values::ValueType;
use weft_protocol::control::{Breakage, Fault, Flaw, Refusal, Whereabouts};
use weft_protocol::engine::Event;
use weft_protocol::id::NetId;
use weft_protocol::ledger::{Step, Waiting};
use weft_protocol::record::Kind;
use weft_protocol::time::Timestamp;

pub(crate) use bearing::Bearing;
pub(crate) use closed::Closed;
pub(crate) use condition::Condition;
pub(crate) use crossing::Crossing;
pub(crate) use empty::{Empty, Listed};
pub(crate) use finding::{Awaiting, Ending, Ends, Finding, Waits};
pub(crate) use first::First;
pub(crate) use holding::Holding;
pub(crate) use joining::Joining;
pub(crate) use keeping::{Keeping, Verdict};
pub(crate) use leaving::Leaving;
pub(crate) use locking::{KeyFault, KeyKind, Locking, Making};
pub(crate) use resting::{Resting, Rests};
pub(crate) use ruled::{How, Ruled};
pub(crate) use ruling::WELCOMED;
pub(crate) use session::Session;
pub(crate) use slip::Slip;
pub(crate) use starting::{Starting, by_reason};
pub(crate) use weighing::{Apart, Weighing};
pub(crate) use word::Word;

use crate::show::when::Unit;

/// Why something that was left out cannot be.
pub(crate) const NEEDED: &str = "it is needed";

/// A language that the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

impl Speech {
    /// Chooses by a tag such as `es`, `es-MX` or `es_ES.UTF-8`; English when it is none of ours.
    pub(crate) fn of(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("es") { Self::Spanish } else { Self::English }
    }

    /// Returns the language's tag.
    pub(crate) fn lang(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Returns a sentence in this language.
    pub(crate) fn say(self, say: &Say) -> String {
        match self {
            Self::English => english::sentence(say),
            Self::Spanish => spanish::sentence(say),
        }
    }

    /// Returns what happened at a node, with the names that networks have here.
    pub(crate) fn event(self, event: &Event, name: &dyn Fn(NetId) -> String) -> String {
        event::sentence(self, event, name)
    }

    /// Returns a step of a judgement.
    pub(crate) fn step(self, step: &Step) -> String {
        match self {
            Self::English => step.to_string(),
            Self::Spanish => why::spanish_step(step),
        }
    }

    /// Returns the name of a kind of values, of which the English one is given.
    pub(crate) fn value(self, value: ValueType, english: &str) -> String {
        match self {
            Self::English => english.to_lowercase(),
            Self::Spanish => term::spanish_value(value).to_owned(),
        }
    }

    /// Returns a step of how it was decided who is let in.
    pub(crate) fn ruling(self, ruling: &Ruling) -> String {
        match self {
            Self::English => ruling.to_string(),
            Self::Spanish => ruling::spanish(ruling),
        }
    }

    /// Returns what an operator has said of others.
    pub(crate) fn entry(self, entry: &Entry) -> String {
        let said = match self {
            Self::English => entry.to_string(),
            Self::Spanish => ruling::spanish_entry(entry),
        };
        // A node has one name for people, that of the transport.
        match &entry.subject {
            Subject::Peer(node) => said.replacen(&node.short(), &peer_text(*node), 1),
            _ => said,
        }
    }

    /// Returns a word of a fixed list, which records spell like this.
    pub(crate) fn term(self, spelt: &str) -> String {
        match self {
            Self::English => spelt.replace('_', " "),
            Self::Spanish => term::spanish(spelt).to_owned(),
        }
    }

    /// Returns what a power lets do, which English calls as it is given.
    pub(crate) fn power(self, spelt: &str) -> String {
        match self {
            Self::English => spelt.to_owned(),
            Self::Spanish => term::spanish_power(spelt),
        }
    }

    /// Returns the word for a kind of record.
    pub(crate) fn kind(self, kind: &Kind) -> String {
        event::kind(self, kind)
    }

    /// Returns why a record does not count.
    pub(crate) fn why(self, why: &Why) -> String {
        match self {
            Self::English => why.to_string(),
            Self::Spanish => why::spanish(why),
        }
    }

    /// Returns so many of a unit of time.
    pub(crate) fn count(self, count: u64, unit: Unit) -> String {
        match self {
            Self::English => english::counted(count, unit),
            Self::Spanish => spanish::counted(count, unit),
        }
    }

    /// Returns a word in this language.
    pub(crate) fn word(self, word: Word) -> &'static str {
        match self {
            Self::English => english::word(word),
            Self::Spanish => spanish::word(word),
        }
    }

    /// Says whether a person has agreed.
    pub(crate) fn is_yes(self, answer: &str) -> bool {
        let yes: &[&str] = match self {
            Self::English => &["y", "yes"],
            Self::Spanish => &["s", "si", "sí", "y", "yes"],
        };
        yes.contains(&answer.to_lowercase().as_str())
    }
}

/// Something that the program says. The fields are what a sentence is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// A home was made; the next steps follow.
    HomeMade { path: String, region: String, node: String },
    /// A home of a member without a node was made; the next steps follow.
    MemberHomeMade { path: String, region: String },
    /// There is a home already.
    HomeExists { path: String },
    /// Something is in the folder that is no home.
    NotOurFolder { path: String },
    /// There is no home.
    NoHome { path: String },
    /// The settings make no sense.
    BadSettings { why: String },
    /// A word on the command line means nothing.
    BadWords { what: String, why: String },
    /// A statement breaks the rules of its kind.
    AgainstRules { why: String },
    /// A file would be overwritten.
    FileExists { path: String },
    /// The disk takes no more.
    DiskFull,
    /// A sheet is asked for of a network of which no key is here.
    NotYourKit { net: String },
    /// A question needs an answer and nobody can be asked.
    NobodyToAsk { question: String },
    /// A person did not agree.
    NotConfirmed,
    /// The two answers to a question.
    YesOrNo,
    /// What a member hands to the network.
    MemberRequest { name: String, key: String, label: String },
    /// No node runs in this home.
    NoNode,
    /// The door may not be opened by this person.
    DoorShut { path: String },
    /// A node somewhere else was not reached, so nothing was asked or signed.
    NodeFar { fault: Fault },
    /// What should lead to a node does not.
    NoSuchNode { node: String },
    /// The node does not answer.
    NodeHangs,
    /// The node closed before it had answered.
    NodeGone,
    /// The node answered what was not asked.
    StrangeAnswer,
    /// The node says, in the words of programs, what it has not understood.
    NodeSays { why: String },
    /// The node has nothing of that name.
    NotHere,
    /// It was here, and its time is over.
    WasOver { kind: Kind, ended: Timestamp },
    /// It is of another kind than is meant.
    OtherKind { word: String, is: Kind, wanted: Kind },
    /// It is neither a name nor the beginning of an id.
    UnknownName { word: String },
    /// Nothing of the kind was said of others.
    NothingSaid,
    /// No organisation of this name is listed.
    NotListed { name: String },
    /// The own network, or one that lives here, would be kept out.
    OwnNetwork { name: String },
    /// Nothing begins like this.
    NothingNamed { word: String },
    /// No network has this name; some have names that begin like it. Who waits to be let in, the operator
    /// alone may ask.
    NoNetworkCalled { word: String, near: Vec<String>, operator: bool },
    /// No role has this label, or an id that begins like it.
    NoRoleCalled { word: String },
    /// What would be signed was shown, and nothing was; it may number the asks of a call.
    WouldBeSigned { asks: bool },
    /// It is a network that nobody here knows yet.
    ItIsNewcomer { word: String, net: String },
    /// A name means something else already.
    NameTaken { name: String, id: String },
    /// Several ids begin like this.
    Ambiguous { word: String, candidates: Vec<String> },
    /// It would not count if it were signed.
    WouldNotCount { why: Why },
    /// The node does not take it, or will not do it now.
    Refused { why: Refusal },
    /// The node has too much to do.
    NodeBusy,
    /// Something broke in the node's surroundings.
    NodeBroke { what: Breakage },
    /// A record is none, or its signature does not hold.
    NotVerified { why: Flaw },
    /// The disk takes no more.
    ReadOnly { why: String },
    /// There are no keys here.
    NoKeys,
    /// The keys of this home speak for these networks, and it was not said in whose name; the id of the
    /// first.
    ForWhichNetwork { names: Vec<String>, first: String },
    /// No key here may do this.
    NoMandate { keys: String, power: String },
    /// Words look like somebody's contact details.
    ContactsFound { found: String },
    /// A record is kept and does not count.
    Void { why: Why },
    /// It waits for what it refers to.
    Waiting { what: Waiting },
    /// No other node has it yet; the operator can connect with one.
    NoPeerYet { operator: bool },
    /// No node of the record's home region is connected, though others are.
    NobodyInRegion { region: String },
    /// A member cannot make a node compare with others.
    SyncIsOperators,
    /// No other node is connected.
    NobodyConnected,
    /// Less than a minute away.
    Now,
    /// It does not end.
    Never,
    /// In the past.
    Ago { count: u64, unit: Unit },
    /// In the future.
    Ahead { count: u64, unit: Unit },
    /// A list has nothing in it.
    NothingThere,
    /// So much of what a call had asked for that is gone.
    OfWhatWasAsked { amount: u32 },
    /// What two networks share, and on what they differ most.
    SharedValues { both: Vec<String>, differ: Option<String> },
    /// What an ally does that we do not.
    Elsewhere { differs: String },
    /// A draft appeals to values that weaken each other.
    AppealTorn { one: String, other: String },
    /// What a tie would bring.
    WouldGain { gain: usize, voices: usize, carriers: usize },
    /// Bridges that are not for these eyes.
    OtherBridges { count: usize },
    /// The node lets newcomers in.
    ModeOpen,
    /// The node lets in those to whom a chain of ties leads.
    ModeFederation,
    /// The node lets in only whom its people name.
    ModeClosed,
    /// Where something is on the node.
    Whereabouts(Whereabouts),
    /// Whose it is.
    OfNetwork { name: String },
    /// How much of a network is here.
    RecordCounts { stored: u64, waiting: u64, refused: u64 },
    /// By which chain of ties a network is known.
    Chain { chain: String },
    /// What would become of a record that came now.
    WouldBe(Fate),
    /// It is not shown, and why.
    Hidden { why: String },
    /// A network was founded.
    Founded { net: String, rotation: String },
    /// A network would be founded like this, with keys that were thrown away.
    FoundingRehearsed,
    /// A founding that was begun before was brought to its end.
    FoundingResumed,
    /// This home has the key of a network already.
    FoundedAlready { key: String },
    /// It is not known whether the node has taken it; the same command finishes it.
    Unfinished { why: String },
    /// An id has a name now.
    NameGiven { name: String, id: String },
    /// The node is in one more region.
    RegionJoined { region: String },
    /// The node is in a region no more.
    RegionLeft { region: String },
    /// The keys of a network have changed.
    Rotated { old: Option<String>, rotation: String },
    /// No network has committed to this rotation key.
    WrongRotationKey { path: String },
    /// A key was taken back, and the network has no other yet.
    RevokedKey { net: String },
    /// A recovery was prepared, and what guardians are to do.
    RecoverPrepared { net: String, key: String, next: String },
    /// The guardians have recovered the network, and its key is in its place.
    Recovered { net: String, rotation: String },
    /// So many guardians have signed.
    GuardiansSoFar { have: u8, need: u8 },
    /// A network has no guardians.
    NoGuardians,
    /// A guardian's key was made.
    GuardianMade { name: String, hash: String },
    /// What to keep beside the rotation key.
    KitSheet {
        name: String,
        net: String,
        key: String,
        next: String,
        guardians: Vec<(String, Option<String>)>,
        need: u8,
    },
    /// What the names of values stand for.
    ValuesLegend { legend: String },
    /// A network has declared no values.
    NothingDeclared { word: String },
    /// A kit was written.
    KitWritten { path: String },
    /// Who is to hold a role accepts it by this label.
    TellHolder { label: String },
    /// A network's name looks like that of another, which has this id.
    LooksLike { name: String, net: String, other: String },
    /// Records were written to standard output.
    Passed { records: usize },
    /// Records were written to a file.
    Exported { records: usize, path: String },
    /// Records were put in.
    Imported { new: usize, known: usize, waiting: usize, void: usize, refused: usize },
    /// A record counts.
    Counts,
    /// A record does not count.
    CountsNot { why: Why },
    /// Pages of the manual were written.
    ManWritten { pages: usize, path: String },
    /// Something around the program does not work: a file, a disk, a socket.
    Surroundings { why: String },
    /// Something about a node that starts or stops.
    Starting(Starting),
    /// A proposal is not to be closed before voting is.
    StillVoting { closes: String },
    /// A proposal is decided for good.
    AlreadyDecided,
    /// Asks whether ballots on the words before may lapse.
    BallotsWouldLapse { ballots: usize },
    /// A proposal has no ballot that counts.
    NobodyVoted,
    /// How many records of a file hold.
    Verified { good: usize, bad: usize },
    /// Something about how a node, its clock and its networks are.
    Condition(Condition),
    /// Something about how nodes come together.
    Joining(Joining),
    /// Something about files.
    Keeping(Keeping),
    /// Of who has a record.
    Holding(Holding),
    /// Something about a closed node.
    Closed(Closed),
    /// Something about keys.
    Locking(Locking),
    /// Something about leaving and forgetting.
    Leaving(Leaving),
    /// What would count for nothing.
    Bearing(Bearing),
    /// Something about the meetings of a gathering.
    Session(Session),
    /// Something about bridges.
    Crossing(Crossing),
    /// Why a list is empty.
    Empty(Empty),
    /// Something about values.
    Weighing(Weighing),
    /// A role ended so long ago, and who gave it.
    RoleEnded { label: String, ended: String, network: String },
    /// What is signed under a role ends with it, before it was meant to.
    CutToRole { until: String },
    /// A role is renewed once its holder accepts it.
    RoleRenewed { role: String },
    /// What an operator has just said of others, and what follows.
    Ruled(Ruled),
    /// It was here, and its author has erased it.
    ErasedByAuthor,
    /// How many guardians a network has, and how many of them a recovery needs.
    GuardiansNeeded { count: u8, need: u8 },
    /// One that does not.
    BadRecord { number: usize, why: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_system() {
        assert_eq!(Speech::of("es_MX.UTF-8"), Speech::Spanish);
        assert_eq!(Speech::of("C"), Speech::English);
        assert_eq!(Speech::of(""), Speech::English);
    }

    #[test]
    fn an_error_says_what_to_do_next_in_both_languages() {
        let say = Say::NoHome { path: "x".to_owned() };
        assert!(Speech::English.say(&say).contains("weft init"));
        assert!(Speech::Spanish.say(&say).contains("weft init"));
    }
}
