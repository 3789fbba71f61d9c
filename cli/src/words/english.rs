//! English.

use super::Say;

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
        Say::Verified { good, bad: 0 } => format!("All {good} signatures hold."),
        Say::Verified { good, bad } => format!("{good} signatures hold, {bad} do not:"),
        Say::BadRecord { number, why } => format!("  record {number}: {why}"),
    }
}
