//! English.

use super::{Say, Speech, Word};
use crate::show::when::Unit;

/// Returns a sentence.
#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn sentence(say: &Say) -> String {
    match say {
        Say::Crossing(said) => Speech::English.of_bridges(said),
        Say::Leaving(said) => Speech::English.of_leaving(said),
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
             The keys of this home are in its folder 'keys'. Name one of them, or the file in which it is."
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
        Say::WouldNotCount { why } => format!(
            "Refused, and nothing was signed: {why}.\n\
             See what your keys may do with: weft role list"
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
        Say::Stopping => "The node is stopping.".to_owned(),
        Say::Connecting => {
            "Trying to connect. Look with: weft peers list".to_owned()
        }
        Say::RegionJoined { region } => format!(
            "This node is in {region} now, and will be after every start. Look with: weft region status"
        ),
        Say::RegionLeft { region } => format!(
            "This node is in {region} no more. What it has stored of it stays until it ends."
        ),
        Say::InviteMade => {
            "Hand this to an operator whom you trust; they say: weft join 'weft:…'\n\
             It tells where your node is, and who vouches. It lets nobody in who could not come anyway."
                .to_owned()
        }
        Say::InviteSays { node, region, addresses, net } => {
            let vouches = net.as_ref().map_or_else(
                || "Nobody vouches in it.".to_owned(),
                |net| format!("The network {net} vouches in it: recognition may start from there."),
            );
            format!(
                "An invite to the node {node} in the region {region}, which is reached at\n  {}\n{vouches}",
                addresses.join("\n  ")
            )
        }
        Say::NowhereToReach => {
            "Nobody could reach this node by an invite: it listens nowhere, and no relay has taken it in.\n\
             Say where others reach it with --address, or wait until 'weft status' shows an address."
                .to_owned()
        }
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
             Name another file with --rotation-key FILE, or let the node catch up: weft sync now"
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
            format!("{have} of the {need} guardians that are needed have signed.")
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
        Say::KitSheet { net, key, next, guardians, need } => format!(
            "RECOVERY SHEET. It holds no secret. Keep it with the rotation key.\n\n\
             Network:              {net}\n\
             Key that speaks now:  {key}\n\
             Rotation key (hash):  {next}\n\
             Guardians needed:     {need} of {count}\n{list}\n\
             The key was stolen:   weft id revoke NETWORK --reason compromised --keep all-before TIME --rotation-key FILE\n                      \
             weft id rotate NETWORK --rotation-key FILE\n\
             The key was lost:     weft id rotate NETWORK --rotation-key FILE\n\
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
        Say::ManWritten { pages, path } => {
            format!("{pages} pages of the manual are in {path}. Read one with: man {path}/weft.1")
        }
        Say::Surroundings { why } => format!(
            "It could not be done: {why}\n\
             Look at the path, at who may write there, and at the space on the disk; then do it again."
        ),
        Say::HomeLocked { path } => format!(
            "Another program uses the home in {path}. If a node runs there, use it, or end it with: weft stop"
        ),
        Say::Ready { node, listen } => format!("The node {node} is ready.\n{listen}"),
        Say::StillVoting { closes } => format!(
            "Nothing was signed: voting is not over. It closes {closes}."
        ),
        Say::NobodyVoted => {
            "Nothing was signed: no ballot counts, so there is nothing to list.".to_owned()
        }
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
#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn word(word: Word) -> &'static str {
    match word {
        Word::About => "about",
        Word::Abstain => "abstain",
        Word::Accepted => "accepted",
        Word::Access => "access",
        Word::Actions => "to do",
        Word::Active => "active",
        Word::Adopted => "adopted",
        Word::Agenda => "agenda",
        Word::Agreed => "minutes agreed",
        Word::AllClear => "all is well",
        Word::Alternates => "alternates",
        Word::Announced => "announced",
        Word::Answers => "answers",
        Word::Asked => "asked for",
        Word::Ballots => "ballots",
        Word::Broken => "broken",
        Word::Carriages => "carriages",
        Word::Home => "home",
        Word::Profile => "profile",
        Word::Region => "region",
        Word::By => "by",
        Word::Came => "who came",
        Word::Cancelled => "cancelled",
        Word::Changed => "changed",
        Word::Claimed => "claimed by one side",
        Word::Closed => "closed",
        Word::Closes => "voting closes",
        Word::Commitments => "commitments",
        Word::Concerns => "concerns",
        Word::Confirmed => "confirmed",
        Word::Consent => "consent",
        Word::Crossed => "crossed",
        Word::DecisionRights => "who decides",
        Word::Deferred => "deferred",
        Word::Deliberation => "talked about",
        Word::Delivered => "delivered",
        Word::Disclosures => "to disclose",
        Word::Disputed => "disputed",
        Word::Due => "due",
        Word::EarlierVersion => "of an earlier version",
        Word::Effect => "its effect",
        Word::Electors => "who votes",
        Word::Ended => "ended",
        Word::Endorsed => "endorsed by",
        Word::Ends => "ends",
        Word::Expired => "expired",
        Word::Facilitates => "facilitates",
        Word::Fields => "fields",
        Word::From => "from",
        Word::GaveWay => "gave way to a better seat",
        Word::Guardians => "guardians",
        Word::Held => "held",
        Word::Hosts => "also hosted by",
        Word::Id => "id",
        Word::InForce => "in force",
        Word::Into => "into",
        Word::Key => "key",
        Word::Kind => "kind",
        Word::Languages => "languages",
        Word::Lapsed => "over, without minutes",
        Word::LargestSource => "largest source",
        Word::Late => "late",
        Word::Leaving => "leaving",
        Word::Links => "links",
        Word::ListAcceptedBy => "list accepted by",
        Word::Listening => "listens at",
        Word::MaxMembers => "members at most",
        Word::Met => "met",
        Word::Method => "decided by",
        Word::Minutes => "minutes",
        Word::Missing => "not signed yet by",
        Word::Name => "name",
        Word::Needs => "still needed",
        Word::Networks => "networks",
        Word::Next => "next",
        Word::NoQuorum => "no quorum",
        Word::Node => "node",
        Word::Nodes => "nodes",
        Word::NonNegotiables => "nobody gives up",
        Word::NotCounted => "not counted",
        Word::NotTakenUp => "answered, not taken up",
        Word::NoticeDays => "days of notice",
        Word::Object => "object",
        Word::Offered => "offered",
        Word::Offers => "always offers",
        Word::OneHand => "under one hand",
        Word::Open => "open",
        Word::Opens => "voting opens",
        Word::Options => "options",
        Word::Overdue => "overdue since",
        Word::PartMet => "part met",
        Word::Parties => "parties",
        Word::Pending => "not yet",
        Word::Paused => "paused",
        Word::Places => "places",
        Word::Powers => "may",
        Word::Provisional => "provisional",
        Word::Purpose => "purpose",
        Word::Quorum => "quorum",
        Word::Received => "received",
        Word::Records => "records",
        Word::Regions => "regions",
        Word::Rejected => "rejected",
        Word::Remaining => "still needed",
        Word::Representatives => "representatives",
        Word::Resigned => "laid down",
        Word::Result => "result",
        Word::Review => "review",
        Word::ReviewDue => "review due",
        Word::Revoked => "key taken back",
        Word::Risk => "risk",
        Word::Role => "role",
        Word::Rule => "rule",
        Word::Running => "running",
        Word::Seats => "seats",
        Word::Sectors => "sectors",
        Word::Sent => "sent",
        Word::Since => "since",
        Word::Size => "people",
        Word::StandAside => "stand aside",
        Word::Standing => "stands",
        Word::State => "state",
        Word::Status => "status",
        Word::Summary => "summary",
        Word::TakenUp => "answered, taken up",
        Word::Text => "text",
        Word::Tie => "tie",
        Word::Things => "carried",
        Word::Title => "title",
        Word::Topic => "topic",
        Word::Unconfirmed => "unconfirmed",
        Word::Unseated => "without a seat",
        Word::Unsigned => "waits for its own signatures",
        Word::Urgency => "urgency",
        Word::Values => "values",
        Word::Version => "version",
        Word::Voting => "voting",
        Word::Waiting => "waiting",
        Word::WaitsFor => "waits for",
        Word::When => "when",
        Word::Withdrawn => "withdrawn",
    }
}
