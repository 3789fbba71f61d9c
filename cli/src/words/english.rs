//! English.

mod word;

use weft_protocol::admission::Fate;
use weft_protocol::control::{Fault, Whereabouts};

use super::count::{joined, so_many};
use super::{Joining, Say, Speech};
use crate::names::ID_BEGINS;
use crate::show::when::{Unit, date};

pub(super) use word::word;

/// Returns how an operator connects with another node; members have no say in that.
fn connect(operator: bool) -> &'static str {
    if operator { ": weft peers connect ADDRESS" } else { "." }
}

/// Why something may not be here that was asked for.
const ABSENT: &str = "It may not have come yet (look again in a minute), it may be over and kept no longer, or it may be of a region that this node is not in.";

/// Returns a sentence.
#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn sentence(say: &Say) -> String {
    match say {
        Say::Condition(said) => Speech::English.of_condition(said),
        Say::Bearing(said) => Speech::English.of_bearing(said),
        Say::Session(said) => Speech::English.of_session(said),
        Say::Crossing(said) => Speech::English.of_bridges(said),
        Say::Starting(said) => Speech::English.of_starting(said),
        Say::Keeping(said) => Speech::English.of_keeping(said),
        Say::Holding(said) => Speech::English.of_holding(said),
        Say::Closed(said) => Speech::English.of_closed(said),
        Say::Locking(said) => Speech::English.of_locking(said),
        Say::Leaving(said) => Speech::English.of_leaving(said),
        Say::Joining(said) => Speech::English.of_joining(said),
        Say::HomeMade { path, region, node } => format!(
            "A home for your node is ready in {path}, region {region}.\n\
             Your node's name is {node}.\n\n\
             Next:\n  \
             1. weft up                                 start the node; leave it running\n  \
             2. weft network found --name \"Our name\"    make your network and its keys\n  \
             3. weft peers connect ADDRESS              meet a node that you know\n  \
             4. weft status                             see how your node is\n  \
             5. weft call new --title \"Beds wanted\"     ask others for solidarity\n  \
             6. weft call list                          read what others ask for"
        ),
        Say::MemberHomeMade { path, region } => format!(
            "Your home is ready in {path}, region {region}. Commands ask the node that you named.\n\n\
             Next:\n  \
             1. weft member request --label rep-2    make a key; give them what it says\n  \
             2. weft role accept rep-2               accept the role that they offer you\n  \
             3. weft call list                       read what others ask for\n  \
             4. weft call new --title \"Beds wanted\"  ask in your network's name"
        ),
        Say::HomeExists { path } => format!(
            "There is a home in {path} already, and it stays as it is.\n\
             Choose another with --home FOLDER, or go on with: weft up"
        ),
        Say::NotOurFolder { path } => format!(
            "{path} holds something else and no settings, so no home is made there.\n\
             Choose another folder with --home FOLDER; or, if it was a home, put its config.toml back."
        ),
        Say::NoHome { path } => format!(
            "There is no home in {path}.\n\
             Make one with: weft init --region gb-bristol (use your own region), or name another with --home FOLDER."
        ),
        Say::BadSettings { why } => format!(
            "The settings cannot be read: {why}\n\
             Correct config.toml in your home; weft config schema tells what it may say."
        ),
        Say::BadWords { what, why } if why == super::NEEDED => {
            format!("'{what}' is needed.\nSee the examples with --help.")
        }
        Say::BadWords { what, why } => {
            format!("'{what}' cannot be taken: {why}.\nSee the examples with --help.")
        }
        Say::AgainstRules { why } => format!("Refused, and nothing was signed: {why}."),
        Say::FileExists { path } => {
            format!("{path} exists already, and nothing is overwritten. Choose another name.")
        }
        Say::DiskFull => {
            "The disk is full, so nothing was written. Free some space, then do it again."
                .to_owned()
        }
        Say::NotYourKit { net } => format!(
            "No key here belongs to {net}, so there is nothing to make a recovery sheet of. Nothing was written.\n\
             Do it where the network's key is, or name its rotation key with --rotation-key FILE."
        ),
        Say::NobodyToAsk { question } => {
            format!("{question}\nNothing was done. If you are sure, say it again with --yes.")
        }
        Say::NotConfirmed => "Nothing was done.".to_owned(),
        Say::YesOrNo => "y/N".to_owned(),
        Say::MemberRequest { name, key, label } => format!(
            "A fresh key is ready; its secret half stays here, under the name '{name}'.\n\n\
             Hand this to the network, by any way you trust:\n\n  {key}\n\n\
             They answer with:\n\n  \
               weft role offer {key} \\\n      --label \"{label}\" --power call\n\n\
             Then accept it with: weft role accept \"{label}\""
        ),
        Say::NoNode => {
            "No node is running here. Start it with: weft up".to_owned()
        }
        Say::DoorShut { path } => format!(
            "The node runs, but {path} is not yours to open. Use the account that runs the node."
        ),
        Say::NodeFar { fault } => {
            let why = Speech::English.of_joining(&Joining::Why(fault.clone()));
            let next = match fault {
                Fault::Other { name } => format!("If you mean that node, end its address in /p2p/{name}"),
                _ => "Try again in a moment".to_owned(),
            };
            format!(
                "The node cannot be asked: {why}. Nothing was done.\n\
                 {next}; else ask its operator for its address, as 'weft status' shows it there."
            )
        }
        Say::NoSuchNode { node } => format!(
            "'{node}' leads to no node. Say an address that ends in /p2p/ and the node's name, or a name that stands under [nodes] in config.toml."
        ),
        Say::NodeHangs => {
            "The node does not answer. See its log; if it stays so, stop and start it.".to_owned()
        }
        Say::NodeGone => {
            "The node stopped before it had answered. Start it with: weft up, then look whether it was done."
                .to_owned()
        }
        Say::StrangeAnswer => {
            "The node's answer makes no sense. The node and this program may be of different versions: update the older one."
                .to_owned()
        }
        Say::NodeSays { why } => format!("The node has not understood the request. For who writes programs: {why}."),
        Say::RoleEnded { label, ended, network } => format!(
            "Your role '{label}' ended {ended}, so nothing can be signed under it. Ask {network} to renew it: weft role renew {label}"
        ),
        Say::CutToRole { until } => {
            format!("It counts until {until}, and no longer: that is when your role ends.")
        }
        Say::RoleRenewed { role } => {
            format!("It is renewed once its holder has said: weft role accept {role}")
        }
        Say::Ruled(said) => Speech::English.of_ruled(said),
        Say::Empty(empty) => Speech::English.of_empty(empty),
        Say::Weighing(said) => Speech::English.of_values(said),
        Say::ErasedByAuthor => {
            "That was here, and its author has erased it. If it was yours and a thief of your key did that, take the key back within three days, and it comes back: weft id revoke --help".to_owned()
        }
        Say::GuardiansNeeded { count: 1, .. } => "1 guardian, who is needed".to_owned(),
        Say::GuardiansNeeded { count: 2, need: 2 } => "2 guardians, both needed".to_owned(),
        Say::GuardiansNeeded { count, need } if count == need => {
            format!("{count} guardians, all needed")
        }
        Say::GuardiansNeeded { count, need: 1 } => {
            format!("{count} guardians, any one of whom is enough")
        }
        Say::GuardiansNeeded { count, need } => {
            format!("{count} guardians, any {need} of whom are enough")
        }
        Say::NotHere => {
            format!("That is not here. {ABSENT}")
        }
        Say::OtherKind { word, is, wanted } => format!(
            "'{word}' is of the kind '{}', and one of the kind '{}' is meant here. See it with: weft record show {word}",
            Speech::English.kind(is),
            Speech::English.kind(wanted)
        ),
        Say::UnknownName { word } => format!(
            "'{word}' is neither a name that you have given here (weft network name) nor the beginning of an id, which has at least 6 of the letters a-z and 2-7."
        ),
        Say::NothingSaid => {
            "Nothing of the kind was said, so nothing was taken back. See what was with: weft policy show".to_owned()
        }
        Say::NotListed { name } => {
            format!("No organisation called '{name}' is listed here. See all with: weft listing list")
        }
        Say::OwnNetwork { name } => {
            format!("{name} is your own network, or lives on this node: it is not kept out. Nothing was changed.")
        }
        Say::NothingNamed { word } => format!("Nothing here begins with '{word}'. {ABSENT}"),
        Say::WasOver { kind, ended } => format!(
            "That is over: it was of the kind '{}', and its time ended on {}. Nothing more can be said to it, and only the node of who signed it still shows it.",
            Speech::English.kind(kind),
            date(*ended, Speech::English)
        ),
        Say::NoNetworkCalled { word, near, operator } if near.is_empty() => format!(
            "No network here is called '{word}'{}\n\
             See those that this node knows with: weft network list{}",
            if word.chars().count() < ID_BEGINS {
                ". If it is the beginning of an id: at least 6 letters of it are needed."
            } else {
                ", and no id of one begins so."
            },
            if *operator { ", and who waits to be let in: weft newcomer list" } else { "" }
        ),
        Say::NoRoleCalled { word } => format!(
            "No role here is called '{word}', and no id of one begins so. See all with: weft role list --all"
        ),
        Say::WouldBeSigned { asks } => format!(
            "Nothing was signed. This is how it would be kept{}.",
            if *asks { "; there the first ask has the number 0" } else { "" }
        ),
        Say::ItIsNewcomer { word, net } => format!(
            "'{word}' is a newcomer, and what it says is not heard here yet. See it with: weft newcomer list\n\
             To let it in: weft newcomer welcome {net}"
        ),
        Say::NoNetworkCalled { word, near, .. } => format!(
            "No network here is called just '{word}'. Did you mean one of these? Write the whole name, or the beginning of the id:\n  {}",
            near.join("\n  ")
        ),
        Say::NameTaken { name, id } => {
            format!("'{name}' means {id} until now. Give that name to the other one instead?")
        }
        Say::Ambiguous { word, candidates } => format!(
            "'{word}' could be several. Write more letters of the one that you mean:\n  {}",
            candidates.join("\n  ")
        ),
        Say::WouldNotCount { why } => format!(
            "Refused, and nothing was signed: {why}.\n\
             See what your keys may do with: weft role list"
        ),
        Say::Refused { why } => format!("Refused, and nothing was changed: {why}."),
        Say::NodeBusy => "The node is busy, and nothing was changed. Try again in a moment.".to_owned(),
        Say::NodeBroke { what } => {
            format!("It could not be done at the node: {}.", Speech::English.breakage(what))
        }
        Say::NotVerified { why } => format!("It does not hold: {}.", Speech::English.flaw(why)),
        Say::ReadOnly { why } => format!(
            "The node cannot write now, so nothing was kept: {}.\n\
             Free some space on its disk; it goes on by itself.",
            Speech::English.system(why)
        ),
        Say::NoKeys => {
            "There are no keys here: nothing can be signed, and no node somewhere else lets you in.\n\
             Make a network with: weft network found --name \"Our name\", or ask one for a role: weft member request --label rep-1"
                .to_owned()
        }
        Say::ForWhichNetwork { names, first } => format!(
            "Your keys speak for several networks: {}. Say in whose name: --for {first}",
            joined(names, "and")
        ),
        Say::NoMandate { keys, power } => format!(
            "No network has given your keys ({keys}) the power '{power}', as far as this node knows.\n\
             Ask your network for a role with that power (weft role offer … --power {power}). If it has just given you one, look again in a minute."
        ),
        Say::ContactsFound { found } => format!(
            "This will be public, and it looks like somebody's contact details: {found}.\n\
             What is public once cannot be taken back. Publish it?"
        ),
        Say::Void { why } => format!("It is kept, and it does not count: {why}."),
        Say::Waiting { what } => format!("It waits for something that is not here yet: {what}."),
        Say::NoPeerYet { operator } => format!(
            "No other node is connected yet; it goes out by itself as soon as one is{}",
            connect(*operator)
        ),
        Say::NobodyInRegion { region } => format!(
            "No node of {region} is connected yet, though others are; it goes out by itself as soon as one is. \
             What can be done: weft doctor"
        ),
        Say::SyncIsOperators => {
            "The node of your network compares with others by itself; only the operator, at the node, can have it done now. \
             What it has, you see at once, for example with: weft call list"
                .to_owned()
        }
        Say::NobodyConnected => {
            "No other node is connected. Connect with one that you know: weft peers connect ADDRESS"
                .to_owned()
        }
        Say::Now => "now".to_owned(),
        Say::Never => "never".to_owned(),
        Say::Ago { count, unit } => format!("{} ago", counted(*count, *unit)),
        Say::Ahead { count, unit } => format!("in {}", counted(*count, *unit)),
        Say::NothingThere => "Nothing there yet.".to_owned(),
        Say::OfWhatWasAsked { amount } => format!("{amount} of what was asked for"),
        Say::SharedValues { both, differ } => match (&both[..], differ) {
            ([], None) => "You have rated nothing in common.".to_owned(),
            ([], Some(differ)) => format!("You differ most on {differ}."),
            (both, None) => format!("You both put {} above the rest.", both.join(", ")),
            (both, Some(differ)) => {
                format!("You both put {} above the rest; you differ most on {differ}.", both.join(", "))
            }
        },
        Say::Elsewhere { differs } => format!("They are where you are not: {differs}."),
        Say::AppealTorn { one, other } => format!(
            "A hint: this appeals to {one} and to {other}, and what strengthens one of them tends to weaken the other. It is your text, and stays as you wrote it."
        ),
        Say::WouldGain { gain, voices, carriers } => {
            let networks = so_many(*gain, "network", "networks");
            let more = so_many(*carriers, "more carrier", "more carriers");
            let more = if *carriers > 0 { format!(", and the bridge {more}") } else { String::new() };
            let voices = so_many(*voices, "voice", "voices");
            format!("With it {networks} more would have {voices} to follow{more}.")
        }
        Say::OtherBridges { count } => {
            let bridges = so_many(*count, "bridge between other regions is", "bridges between other regions are");
            format!("{bridges} shown to those regions only.")
        }
        Say::ModeOpen => "This node is open: newcomers are let in too, a few records an hour.".to_owned(),
        Say::ModeFederation => {
            "This node lets in networks to which a chain of ties leads. Newcomers wait: weft newcomer list".to_owned()
        }
        Say::ModeClosed => {
            "This node is closed: it speaks with its own nodes and those you name, and takes only what networks say that its settings name or you allow.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Stored) => "It is stored here.".to_owned(),
        Say::Whereabouts(Whereabouts::Waiting) => {
            "It waits here for what it refers to.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Newcomer) => {
            "It is kept among the newcomers, outside of what is shared.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Refused) => {
            "It was refused here, and nothing but its name is kept.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Past) => {
            "Its time is over. It is kept here, because its network lives here, and counts no more.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Absent) => {
            format!("Nothing here knows it. {ABSENT}")
        }
        Say::OfNetwork { name } => format!("Network: {name}"),
        Say::RecordCounts { stored, waiting, refused } => format!(
            "Of this network: {} stored, {waiting} among the newcomers, {refused} refused.",
            so_many(*stored, "record", "records")
        ),
        Say::Chain { chain } => format!("Known through: {chain}"),
        Say::WouldBe(Fate::Take) => "If it came now, it would be let in.".to_owned(),
        Say::WouldBe(Fate::Newcomer) => {
            "If it came now, it would wait among the newcomers.".to_owned()
        }
        Say::WouldBe(Fate::Stub) => "If it came now, it would be refused.".to_owned(),
        Say::WouldBe(Fate::Later { ready }) => {
            format!("If it came now, it would have to come again after {ready}.")
        }
        Say::Hidden { why } => format!("It is not shown here: {why}"),
        Say::Founded { net, rotation } => format!(
            "Your network is founded. Its name among networks, for ever, is\n\n  {net}\n\n\
             Now move the rotation key off this machine, for example to a memory stick in a drawer:\n  {rotation}\n\
             Who has it decides who speaks for the network after a theft. See also: weft id kit --out FILE"
        ),
        Say::FoundingRehearsed => {
            "A rehearsal: nothing was signed or kept, and the keys above were thrown away."
                .to_owned()
        }
        Say::FoundingResumed => {
            "A founding was begun here before and not finished. It is finished now, as it was begun."
                .to_owned()
        }
        Say::FoundedAlready { key } => format!(
            "This home has the key of a network already: {key}. It stays as it is.\n\
             Change what the network says with: weft profile set. Found another one in another home: --home FOLDER"
        ),
        Say::Unfinished { why } => format!(
            "{why}\nThe keys are kept. Give the same command again: it goes on where it stopped."
        ),
        Say::NameGiven { name, id } => format!("From now on '{name}' means {id}, on this machine."),
        Say::RegionJoined { region } => format!(
            "This node is in {region} now, and will be after every start. Look with: weft region status"
        ),
        Say::RegionLeft { region } => format!(
            "This node is in {region} no more. What it has stored of it stays until it ends."
        ),
        Say::Rotated { old: None, rotation } => format!(
            "The network has a new key.\n\
             Move the new rotation key off this machine: {rotation}"
        ),
        Say::Rotated { old: Some(old), rotation } => format!(
            "The network has a new key. The old one is kept as '{old}' and signs nothing any more.\n\
             Move the new rotation key off this machine: {rotation}"
        ),
        Say::WrongRotationKey { path } => format!(
            "No network that this node knows has committed to the rotation key in {path}. Nothing was signed.\n\
             Name another file with --rotation-key FILE, or wait until the node knows what your network has signed."
        ),
        Say::RevokedKey { net } => format!(
            "The key is taken back. The network cannot speak until it has a new one:\n  \
             weft id rotate {net} --rotation-key FILE"
        ),
        Say::Recovered { net, rotation } => format!(
            "The guardians have recovered the network {net}: the new key speaks for it and is in its place.\n\
             Move the new rotation key off this machine: {rotation}"
        ),
        Say::GuardiansSoFar { have, need } => {
            let have = so_many(*have, "guardian has signed", "guardians have signed");
            format!("{have}, of the {need} that are needed.")
        }
        Say::NoGuardians => {
            "The network has named no guardians, so nobody can recover it. With the rotation key it can still change its key: weft id rotate --rotation-key FILE"
                .to_owned()
        }
        Say::RecoverPrepared { net, key, next } => format!(
            "New keys are ready. Ask each guardian to run this, on their own machine:\n\n  \
             weft id recover {net} --key {key} --next {next} --guardian-key FILE\n\n\
             When enough of them have, run here once more: weft id recover {net}\n\
             It puts the new key in its place."
        ),
        Say::GuardianMade { name, hash } => format!(
            "A guardian's key is ready, under the name '{name}'. Keep it as long as the network lives.\n\
             Hand this to the network, which names it with --guardian:\n\n  {hash}\n"
        ),
        Say::KitSheet { name, net, key, next, guardians, need } => format!(
            "RECOVERY SHEET. It holds no secret. Keep it with the rotation key.\n\n\
             Network:              {name}\n\
             Its name for ever:    {net}\n\
             Key that speaks now:  {key}\n\
             Rotation key (hash):  {next}\n\
             Guardians needed:     {need} of {count}\n{list}\n\
             The key was stolen:   weft id revoke {net} --reason compromised --keep all-before TIME --rotation-key FILE\n                      \
             weft id rotate {net} --rotation-key FILE\n\
             The key was lost:     weft id rotate {net} --rotation-key FILE\n\
             Both are lost:        {both}",
            both = if *need > 0 {
                format!("weft id recover {net}   (and follow what it says)")
            } else {
                "nobody can speak for the network again: it has no guardians. Name some with: weft id rotate --guardian HASH".to_owned()
            },
            count = guardians.len(),
            list = guardians
                .iter()
                .map(|(hash, label)| match label {
                    Some(label) => format!("  {hash}   kept by: {label}\n"),
                    None => format!("  {hash}   kept by: ____________________\n"),
                })
                .collect::<String>(),
        ),
        Say::ValuesLegend { legend } => format!("From -1 (opposed) to 7 (most of all). {legend}."),
        Say::NothingDeclared { word } => format!("{word} has not declared its values yet."),
        Say::KitWritten { path } => format!(
            "The kit is in {path}. It holds no secret: print it, and keep it with your rotation key."
        ),
        Say::LooksLike { name, net, other } => format!("{name} ({net}, looks like {other})"),
        Say::TellHolder { label } => {
            format!("It counts once its holder has said: weft role accept {label}")
        }
        Say::Passed { records } => format!("{} written.", so_many(*records, "record", "records")),
        Say::Exported { records, path } => {
            format!("{} written to {path}.", so_many(*records, "record", "records"))
        }
        Say::Imported { new, known, waiting, void, refused } => format!(
            "{new} new, {known} known already, {waiting} waiting for others, {void} kept and not counting, {refused} not taken."
        ),
        Say::Counts => "It counts.".to_owned(),
        Say::CountsNot { why } => format!("It does not count: {why}."),
        Say::ManWritten { pages, path } => {
            format!("{pages} pages of the manual are in {path}. Read one with: man {path}/weft.1")
        }
        Say::Surroundings { why } => format!(
            "It could not be done: {}\n\
             Look at the path, at who may write there, and at the space on the disk; then do it again.",
            Speech::English.system(why)
        ),
        Say::StillVoting { closes } => format!(
            "Nothing was signed: voting is not over. It closes {closes}."
        ),
        Say::AlreadyDecided => {
            "It is decided for good: most electors have accepted the list of ballots. Make another proposal."
                .to_owned()
        }
        Say::BallotsWouldLapse { ballots } => format!(
            "{} on the words as they are, and will count no longer. Change the words?",
            so_many(*ballots, "ballot is", "ballots are")
        ),
        Say::NobodyVoted => {
            "Nothing was signed: no ballot counts, so there is nothing to list.".to_owned()
        }
        Say::Verified { good: 1, bad: 0 } => "The one signature holds.".to_owned(),
        Say::Verified { good, bad: 0 } => format!("All {good} signatures hold."),
        Say::Verified { good, bad } => {
            let good = so_many(*good, "signature holds", "signatures hold");
            format!("{good}, {}:", so_many(*bad, "does not", "do not"))
        }
        Say::BadRecord { number, why } => format!("  record {number}: {why}"),
    }
}

pub(super) fn counted(count: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Minutes => ("minute", "minutes"),
        Unit::Hours => ("hour", "hours"),
        Unit::Days => ("day", "days"),
        Unit::Months => ("month", "months"),
        Unit::Years => ("year", "years"),
    };
    so_many(count, one, many)
}
