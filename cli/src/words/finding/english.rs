//! Findings in English.

use super::super::count::{joined, only, so_many};
use super::super::ruled::english_how;
use super::super::{Closed, Joining, Locking};
use super::{Awaiting, Ending, Ends, Finding, Speech, Waits, apart};
use crate::examine::WrongClock;

/// How a clock is set and kept right.
const SET_CLOCK: &str = "Set it, and let the network keep it right (NTP): timedatectl set-ntp true";

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Well => "The node is well.".to_owned(),
        Finding::NoNode(say) => Speech::English.say(say),
        Finding::Starting(said) => Speech::English.of_starting(said),
        Finding::ReadOnly { why } => format!(
            "The disk takes no more: {}. What is here can be read. Make room; the node then goes on by itself.",
            Speech::English.system(why)
        ),
        Finding::OwnClock(WrongClock { ahead, against, nodes }) => {
            let (size, way) = (apart(*ahead, Speech::English), way(ahead.is_ahead()));
            let follows = if ahead.is_ahead() {
                "what you sign is held back there until its date comes"
            } else {
                "what they sign waits here until its date comes"
            };
            let whose = match nodes {
                1 => "that of the one node that has said (if yours is right, tell its operator)"
                    .to_owned(),
                _ => format!("those of {against} of {nodes} nodes"),
            };
            format!(
                "Your clock is {size} {way} {whose}. Until it is right nothing is compared with them, and {follows}. {SET_CLOCK}"
            )
        }
        Finding::Full { whose, behind, records } => {
            let whose = match (whose, behind) {
                (None, _) => "networks that nobody here knows".to_owned(),
                (Some(name), true) => format!("those who are known through {name}"),
                (Some(name), false) => name.clone(),
            };
            format!(
                "There is no room for more of {whose}: {} here, and of what comes only the name is kept. If it floods: weft policy block. If there is memory: raise [admission.stock] in config.toml",
                so_many(*records, "record is", "records are")
            )
        }
        Finding::DoubtedClock { shown, now } => format!(
            "The clock of this machine says that it is {shown}; by what went before it is {now}, and the node goes on by that. Nothing is let go meanwhile. If the clock is wrong, set it. If it is right: weft doctor --clock-is-right"
        ),
        Finding::FarClock { ahead } => {
            let (size, way) = (apart(*ahead, Speech::English), way(ahead.is_ahead()));
            format!("The clock of this machine is {size} {way} that of the node. {SET_CLOCK}")
        }
        Finding::OtherClocks { nodes, agree } => {
            let clocks: Vec<String> = nodes
                .iter()
                .map(|(node, ahead)| {
                    let size = apart(*ahead, Speech::English);
                    let way = if ahead.is_ahead() { "ahead" } else { "behind" };
                    format!("{node} ({size} {way})")
                })
                .collect();
            let yours = match agree {
                0 => "Nobody else has said which clock is right".to_owned(),
                1 => "Yours agrees with that of 1 node".to_owned(),
                more => format!("Yours agrees with those of {more} nodes"),
            };
            format!(
                "The clocks of these nodes are not yours: {}. {yours}. Nothing is compared with them until their operators set them.",
                clocks.join(", ")
            )
        }
        Finding::Guardians { name, have, need } => format!(
            "Somebody is changing who speaks for {name}, or who guards it: {have} of {need} guardians have signed. If your network knows \
             nothing of it, speak with your guardians today, by another way than this. See: weft id show"
        ),
        Finding::KeyReplaced { name, when, by_guardians } => {
            let who = if *by_guardians { "The guardians have" } else { "The rotation key has" };
            format!(
                "{who} given {name} another key, {when}; the one in this home speaks for it no more. If your network \
                 did that on another machine, bring its keys here. If it did not, speak with your guardians \
                 today, by another way than this. See: weft id show"
            )
        }
        Finding::Nobody { tried, knows: true, unnamed } => format!(
            "No other node is connected now, so nothing comes and nothing goes. Is this machine on a network? \
             The node goes on trying those that it knows{}{}",
            if *tried > 0 { ", and why it fails is in: weft peers list" } else { ", and those who know it try as well." },
            english_unnamed(*unnamed)
        ),
        Finding::Nobody { unnamed, .. } => format!(
            "No other node is connected, so nothing comes and nothing goes. Join by an invite (weft join), \
             or name a node that you know: weft peers connect ADDRESS{}",
            english_unnamed(*unnamed)
        ),
        Finding::TurnedAway { peer, fault } => format!(
            "No other node is connected, so nothing comes and nothing goes. Of {peer}: {}. It is tried again by itself",
            Speech::English.of_joining(&Joining::Why(fault.clone()))
        ),
        Finding::Secluded => {
            "No other node is connected. This node is closed: it speaks with those alone that you have named, and \
             none of them is there. To name one: weft policy allow --peer NODE --reason WHY"
                .to_owned()
        }
        Finding::Alone { region, theirs } if theirs.is_empty() => format!(
            "Your region is {region}, and no connected node is in it. Ask those whom you know for an invite \
             into it, or for the name of theirs."
        ),
        Finding::Alone { region, theirs } => format!(
            "Your region is {region}, {} {}. Nodes share only what is of a region that they are both in. \
             To be in theirs as well: weft region join {}",
            if theirs.len() == 1 { "theirs is" } else { "theirs are" },
            joined(theirs, "and"),
            only(theirs).unwrap_or("NAME")
        ),
        Finding::Elsewhere { region, met } => format!(
            "Your region is {region}, and no connected node is in it: what is signed here is at home there, and \
             waits for one. Those that are connected meet you in {}. To be at home where they are, put \
             region = \"{}\" into config.toml, start again (weft stop, weft up), and sign your profile and \
             what they shall read anew",
            joined(met, "and"),
            only(met).unwrap_or("NAME")
        ),
        Finding::Deserted { region } => format!(
            "This node is in {region} as well, and no connected node is. To be in it no more: \
             weft region leave {region}"
        ),
        Finding::SyncFailed { nodes, why } => {
            let whom = match nodes.as_slice() {
                [node] => format!("the node {node}"),
                nodes => format!("{} nodes ({})", nodes.len(), nodes.join(", ")),
            };
            let why = Speech::English.given_up(*why);
            format!("Catching up with {whom} went wrong: {why}. It tries again by itself; at once: weft sync now")
        }
        Finding::NoNetwork => {
            "No network lives here yet. Found yours (weft network found), become a member of one \
             (weft member request), or bring yours from another machine (weft import FILE)."
                .to_owned()
        }
        Finding::FoundingBroke => {
            "The founding of your network broke off. Nothing is lost; the same command finishes it: weft network found"
                .to_owned()
        }
        Finding::NotAtHome { name, id } => format!(
            "A key in this home speaks for {name}, and the network does not live here: what is for its own nodes \
             is not kept, and its ties let nobody in. To let it live here: weft network adopt {id}"
        ),
        Finding::UnknownKey { path } => format!(
            "{path} is the key of a network that this node does not know. Bring what your network has signed: \
             weft import FILE (as 'weft export' wrote it), or, when others have it: weft network adopt ID"
        ),
        Finding::Awaited { name } => format!(
            "The network {name} is to live here, and nothing of it is here yet. Bring it (weft import FILE), or \
             meet a node that has it (weft peers connect ADDRESS)."
        ),
        Finding::Disputed { name } => format!(
            "Two statements say differently who speaks for {name}, so nothing new of it counts. \
             Its guardians settle that: weft id recover"
        ),
        Finding::Closed { name } => format!("{name} has closed. What it said stays until it ends."),
        Finding::Voiceless { name } => format!(
            "The key of {name} was taken back, and it has no other yet: weft id rotate, \
             or with its guardians: weft id recover"
        ),
        Finding::Nameless { name } => format!(
            "Your network {name} has no profile in force, so others see no name. A profile ends after 400 days, and \
             with the key that signed it when that is taken back. Say who you are: weft profile set --name NAME"
        ),
        Finding::IdleRule { rule, serves: false, .. } => format!(
            "The bridge's rule {rule} carries nothing, because this node carries in nobody's name yet. \
             A network that lives here makes it its bridge with: weft bridge setup"
        ),
        Finding::IdleRule { rule, into, serves: true } => format!(
            "The bridge's rule {rule} carries nothing, because no active tie of the kind 'bridge' with another \
             network of {into} entitles it to. See how to come to one: weft bridge show"
        ),
        Finding::Waits(waits) => waiting(waits),
        Finding::Ends(ends) => ending(ends),
        Finding::Early { count } => {
            let (records, their) = if *count == 1 { ("record waits", "its") } else { ("records wait", "their") };
            format!(
                "{count} {records} for {their} date, which is in the future by the clock of this node. They come in by themselves."
            )
        }
        Finding::NotReached { peer, fault } => format!(
            "This node is to be connected with {peer} and is not: {}. It goes on trying. \
             If that node is gone or has moved: weft peers forget {peer}",
            Speech::English.of_joining(&Joining::Why(fault.clone()))
        ),
        Finding::FaultyKey { path, fault } => {
            let (path, fault) = (path.clone(), fault.clone());
            Speech::English.of_locking(&Locking::Faulty { path, fault })
        }
        Finding::Skipped { places } => format!(
            "When the node started, nothing could be read at {} of its store. What stood there comes \
             again from other nodes. Look whether the disk is failing, keep a copy of your keys elsewhere, and check \
             again with: weft store verify",
            so_many(*places, "place", "places")
        ),
        Finding::Newcomers { count, is_full: true } => format!(
            "All places for networks that nobody here knows are taken ({count}), so those heard of longest ago make room. See them: weft newcomer list, then: weft newcomer welcome NAME, or weft newcomer refuse NAME. For more room, raise networks under [admission.newcomers] in config.toml."
        ),
        Finding::Newcomers { count: 1, .. } => {
            "1 network that nobody here knows wants to be heard. See it: weft newcomer list, then: weft newcomer welcome NAME".to_owned()
        }
        Finding::Newcomers { count, .. } => format!(
            "{count} networks that nobody here knows want to be heard. See them: weft newcomer list, then: weft newcomer welcome NAME"
        ),
        Finding::Knocked { count, last } => {
            let (count, last) = (*count, last.clone());
            Speech::English.of_closed(&Closed::Knocked { count, last })
        }
        Finding::KeptOut { name, word, how } => format!(
            "{} And it is kept out: nothing that it signs is taken. To let it in again: weft newcomer welcome {word}",
            english_how(name, how)
        ),
        Finding::Unreachable => {
            "This node listens nowhere: it goes to others, and nobody can come to it.".to_owned()
        }
    }
}

/// Says of connections that nodes may still be behind them, after a sentence.
fn english_unnamed(count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    format!("\n{}", Speech::English.of_joining(&Joining::Unnamed { count }))
}

fn way(ahead: bool) -> &'static str {
    if ahead { "ahead of" } else { "behind" }
}

fn waiting(Waits { what, count, first, when }: &Waits) -> String {
    let one = *count == 1;
    let of = |single: &str, many: &str| so_many(*count, single, many);
    let by = when.as_ref().map(|when| format!(" ({when})")).unwrap_or_default();
    match what {
        Awaiting::Signature if one => {
            format!(
                "1 tie waits for your signature. Read it: weft tie show {first}, then: weft tie accept {first}"
            )
        }
        Awaiting::Signature => format!("{count} ties wait for your signature: weft tie due"),
        Awaiting::Offer => {
            let what = of("offer to your calls waits", "offers to your calls wait");
            format!(
                "{what} for your word. See the first: weft call show {first}, then, with the id that stands before it there: weft offer accept ID"
            )
        }
        Awaiting::Delivery => {
            let what = of("delivery waits", "deliveries wait");
            format!(
                "{what} to be confirmed. See the first: weft call show {first}, then, with the id that stands before it there: weft offer confirm ID"
            )
        }
        Awaiting::Vote => {
            let what = of("vote is open", "votes are open");
            format!(
                "{what} in which you have not voted{by}. See the first: weft proposal show {first}"
            )
        }
        Awaiting::Closing => {
            let what = of("result waits", "results wait");
            format!(
                "{what} for you to accept the list of ballots. See the first: weft proposal show {first}"
            )
        }
        Awaiting::Hosting => {
            let what = of("gathering, or its minutes, waits", "gatherings, or their minutes, wait");
            format!("{what} for you as a host. See the first: weft gathering show {first}")
        }
        Awaiting::Concern => {
            let what = of("concern waits", "concerns wait");
            format!("{what} for your answer: weft concern list")
        }
        Awaiting::Disclosure => {
            let what = of("disclosure is", "disclosures are");
            format!("{what} overdue by your ties: weft disclosure due")
        }
        Awaiting::Review => {
            let what = of("tie is", "ties are");
            format!("{what} to be looked at again by its parties: weft tie due")
        }
        Awaiting::Role => {
            let what = of("role is offered", "roles are offered");
            format!("{what} to a key of yours. Take the first: weft role accept {first}")
        }
    }
}

fn ending(Ends { what, count, name, first, when }: &Ends) -> String {
    let one = *count == 1;
    match what {
        Ending::Profile => format!(
            "The profile of {name} ends {when}; then nobody sees its name. Renew it, as it is: weft profile set"
        ),
        Ending::Tie if one => format!(
            "1 tie of {name} ends {when}. Renew it, or ask who proposed it to: weft tie renew {first}; \
             an acceptance that ends is given again by: weft tie accept {first}"
        ),
        Ending::Tie => format!("{count} ties of {name} end soon, the first {when}: weft tie due"),
        Ending::Role if one => {
            format!("1 mandate of {name} ends {when}. See who follows: weft role due")
        }
        Ending::Role => {
            format!(
                "{count} mandates of {name} end soon, the first {when}. See who follows: weft role due"
            )
        }
        Ending::Bridge => format!(
            "The mandate of the bridge of {name} ends {when}; then it carries nothing. Renew it: weft bridge setup"
        ),
    }
}
