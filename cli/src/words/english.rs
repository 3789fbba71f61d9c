//! English.

use super::{Say, Word};
use crate::show::when::Unit;

/// Returns a sentence.
#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn sentence(say: &Say) -> String {
    match say {
        Say::HomeMade { path, region, node } => format!(
            "A home for your node is ready in {path}, region {region}.\n\
             Your node's name is {node}.\n\n\
             Next:\n  \
             1. weft up                                 start the node, and leave it running\n  \
             2. weft network found --name \"Our name\"    make your network and its keys\n  \
             3. weft peers connect ADDRESS              meet a node that you know\n  \
             4. weft status                             see how your node is\n  \
             5. weft call new --title \"Beds wanted\"     ask others for solidarity\n  \
             6. weft call list                          read what others ask for"
        ),
        Say::HomeExists { path } => format!(
            "There is a home in {path} already, and it stays as it is.\n\
             Choose another with --home FOLDER, or go on with: weft up"
        ),
        Say::NoHome { path } => format!(
            "There is no home in {path}.\n\
             Make one with: weft init --region gb-bristol (use your own region), or name another with --home FOLDER."
        ),
        Say::BadSettings { why } => format!(
            "The settings cannot be read: {why}\n\
             Correct config.toml in your home; weft config show tells what is understood."
        ),
        Say::BadWords { what, why } => {
            format!("'{what}' was not understood: {why}.\nSee the examples with --help.")
        }
        Say::FileExists { path } => {
            format!("{path} exists already, and nothing is overwritten. Choose another name.")
        }
        Say::DiskFull => {
            "The disk is full, so nothing was written. Free some space, then do it again."
                .to_owned()
        }
        Say::NoSuchKey { key } => format!(
            "There is no key {key}.\n\
             The keys of this home are in its folder 'keys'; name one with --as NAME."
        ),
        Say::NotAKey { path } => format!(
            "{path} holds no key that Weft can use: it wants an Ed25519 private key in OpenSSH's format."
        ),
        Say::WrongPassphrase { key } => format!(
            "This passphrase does not open the key '{key}'. Nothing was signed.\n\
             Try again. Nobody can reset it: if it is lost, use your rotation key (weft id rotate) or your guardians."
        ),
        Say::NoPassphrase => "A passphrase is needed, and there is no terminal to ask for it.\n\
             Use --passphrase-file FILE, or set WEFT_PASSPHRASE."
            .to_owned(),
        Say::ShortPassphrase { letters } => format!(
            "This passphrase is too short: take at least {letters} letters, for example four words."
        ),
        Say::PassphrasesDiffer => {
            "The two passphrases differ, so no key was made. Try again.".to_owned()
        }
        Say::AskPassphrase { key } => format!("Passphrase of the key '{key}':"),
        Say::AskNewPassphrase { key } => {
            format!("Choose a passphrase for the key '{key}' (four words or more are good):")
        }
        Say::AskAgain => "And once more:".to_owned(),
        Say::NobodyToAsk { question } => {
            format!("{question}\nNothing was done. If you are sure, say it again with --yes.")
        }
        Say::NotConfirmed => "Nothing was done.".to_owned(),
        Say::YesOrNo => "y/N".to_owned(),
        Say::MemberRequest { name, key, label } => format!(
            "A fresh key is ready; its secret half stays here, under the name '{name}'.\n\n\
             Hand this to the network, by any way you trust:\n\n  {key}\n\n\
             They answer with: weft role offer {key} --label \"{label}\" --power call\n\
             Then accept it with: weft role accept ROLE"
        ),
        Say::NoNode => {
            "No node is running here. Start it with: weft up".to_owned()
        }
        Say::DoorShut { path } => format!(
            "The node runs, but {path} is not yours to open. Use the account that runs the node."
        ),
        Say::NodeFar { why } => format!(
            "The node cannot be asked: {why}. Try again in a moment; else ask its operator for its address, as 'weft status' shows it there."
        ),
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
        Say::NodeSays { why } => format!("The node says: {why}."),
        Say::NotHere => {
            "That is not here. It may be on its way: try 'weft sync now', then ask again."
                .to_owned()
        }
        Say::NothingNamed { word } => format!(
            "Nothing here begins with '{word}'. It may be on its way: try 'weft sync now', then ask again."
        ),
        Say::Ambiguous { word, candidates } => format!(
            "'{word}' could be several. Write more letters of the one that you mean:\n  {}",
            candidates.join("\n  ")
        ),
        Say::Refused { why } => format!("Refused, and nothing was changed: {why}."),
        Say::NotVerified { why } => format!("It does not hold: {why}."),
        Say::ReadOnly { why } => format!(
            "The node cannot write now, so nothing was kept: {why}.\n\
             Free some space on its disk; it goes on by itself."
        ),
        Say::NoKeys => {
            "There are no keys here, so nothing can be signed.\n\
             Make a network with: weft network found --name \"Our name\", or ask one for a role: weft member request --label rep-1"
                .to_owned()
        }
        Say::NoMandate { keys, power } => format!(
            "No network has given your keys ({keys}) the power '{power}', as far as this node knows.\n\
             Ask your network for a role, or wait until the node has caught up: weft sync now"
        ),
        Say::ContactsFound { found } => format!(
            "This will be public, and it looks like somebody's contact details: {found}.\n\
             What is public once cannot be taken back. Publish it?"
        ),
        Say::Void { why } => format!("It is kept, and it does not count: {why}."),
        Say::Signed { kind, id, peers: 0 } => format!("Signed and kept: {kind} {id}"),
        Say::Signed { kind, id, peers: 1 } => {
            format!("Signed, kept, and told to 1 other node: {kind} {id}")
        }
        Say::Signed { kind, id, peers } => {
            format!("Signed, kept, and told to {peers} other nodes: {kind} {id}")
        }
        Say::Waiting { what } => format!("It waits for something that is not here yet: {what}."),
        Say::NoPeerYet => {
            "No other node has it yet. It goes out by itself as soon as one is connected: weft peers connect ADDRESS"
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
        Say::Founded { net, rotation } => format!(
            "Your network is founded. Its name among networks, for ever, is\n\n  {net}\n\n\
             Now move the rotation key off this machine, for example to a memory stick in a drawer:\n  {rotation}\n\
             Who has it decides who speaks for the network after a theft. See also: weft id kit"
        ),
        Say::NameGiven { name, id } => format!("From now on '{name}' means {id}, on this machine."),
        Say::Stopping => "The node is stopping.".to_owned(),
        Say::Connecting => {
            "Trying to connect. Look with: weft peers list".to_owned()
        }
        Say::Rotated { old, rotation } => format!(
            "The network has a new key. The old one is kept as '{old}' and signs nothing any more.\n\
             Move the new rotation key off this machine: {rotation}"
        ),
        Say::RecoverPrepared { net, key, next } => format!(
            "New keys are ready. Ask each guardian to run this, on their own machine:\n\n  \
             weft id recover {net} --key {key} --next {next} --guardian-key FILE\n\n\
             When enough of them have, the new key speaks for the network."
        ),
        Say::GuardianMade { name, hash } => format!(
            "A guardian's key is ready, under the name '{name}'. Keep it as long as the network lives.\n\
             Hand this to the network, which names it with --guardian:\n\n  {hash}\n"
        ),
        Say::KitSheet { net, key, next, guardians, need } => format!(
            "RECOVERY SHEET. It holds no secret. Keep it with the rotation key.\n\n\
             Network:              {net}\n\
             Key that speaks now:  {key}\n\
             Rotation key (hash):  {next}\n\
             Guardians needed:     {need} of {count}\n{list}\n\
             The key was stolen:   weft id revoke NETWORK --reason compromised --keep all-before TIME --rotation-key FILE\n                      \
             weft id rotate --rotation-key FILE\n\
             The key was lost:     weft id rotate --rotation-key FILE\n\
             Both are lost:        weft id recover NETWORK   (and follow what it says)",
            count = guardians.len(),
            list = guardians.iter().map(|hash| format!("  {hash}\n")).collect::<String>(),
        ),
        Say::NothingDeclared { word } => format!("{word} has not declared its values yet."),
        Say::KitWritten { path } => format!(
            "The kit is in {path}. It holds no secret: print it, and keep it with your rotation key."
        ),
        Say::Exported { records, path } => format!("{records} records written to {path}."),
        Say::Imported { new, known, waiting, void, refused } => format!(
            "{new} new, {known} known already, {waiting} waiting for others, {void} kept that do not count, {refused} not taken."
        ),
        Say::Counts => "It counts.".to_owned(),
        Say::CountsNot { why } => format!("It does not count: {why}."),
        Say::HomeLocked { path } => format!(
            "Another program uses the home in {path}. If a node runs there, use it, or end it with: weft stop"
        ),
        Say::Ready { node, listen } => format!("The node {node} is ready.\n{listen}"),
        Say::Stopped => "The node has stopped.".to_owned(),
        Say::Verified { good, bad: 0 } => format!("All {good} signatures hold."),
        Say::Verified { good, bad } => format!("{good} signatures hold, {bad} do not:"),
        Say::BadRecord { number, why } => format!("  record {number}: {why}"),
    }
}

fn counted(count: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Minutes => ("minute", "minutes"),
        Unit::Hours => ("hour", "hours"),
        Unit::Days => ("day", "days"),
        Unit::Months => ("month", "months"),
        Unit::Years => ("year", "years"),
    };
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Returns a word.
pub(super) fn word(word: Word) -> &'static str {
    match word {
        Word::Accepted => "accepted",
        Word::Active => "active",
        Word::AllClear => "all is well",
        Word::Answers => "answers",
        Word::Asked => "asked for",
        Word::Broken => "broken",
        Word::By => "by",
        Word::Claimed => "claimed by one side",
        Word::Closed => "closed",
        Word::Concerns => "concerns",
        Word::Confirmed => "confirmed",
        Word::Delivered => "delivered",
        Word::Disputed => "disputed",
        Word::EarlierVersion => "of an earlier version",
        Word::Ended => "ended",
        Word::Endorsed => "endorsed by",
        Word::Ends => "ends",
        Word::Expired => "expired",
        Word::Fields => "fields",
        Word::From => "from",
        Word::Guardians => "guardians",
        Word::Id => "id",
        Word::Key => "key",
        Word::Kind => "kind",
        Word::Languages => "languages",
        Word::Listening => "listens at",
        Word::Met => "met",
        Word::Missing => "not signed yet by",
        Word::Name => "name",
        Word::Needs => "still needed",
        Word::Networks => "networks",
        Word::Node => "node",
        Word::Nodes => "nodes",
        Word::Offered => "offered",
        Word::Open => "open",
        Word::PartMet => "part met",
        Word::Parties => "parties",
        Word::Places => "places",
        Word::Powers => "may",
        Word::Purpose => "purpose",
        Word::Received => "received",
        Word::Records => "records",
        Word::Regions => "regions",
        Word::Remaining => "still needed",
        Word::Resigned => "laid down",
        Word::ReviewDue => "review due",
        Word::Risk => "risk",
        Word::Role => "role",
        Word::Sent => "sent",
        Word::Since => "since",
        Word::State => "state",
        Word::Status => "status",
        Word::Text => "text",
        Word::Title => "title",
        Word::Unconfirmed => "unconfirmed",
        Word::Urgency => "urgency",
        Word::Values => "values",
        Word::Version => "version",
        Word::Waiting => "waiting",
        Word::When => "when",
        Word::Withdrawn => "withdrawn",
    }
}
