//! What is said of keys, and of the words that open them.

use super::Speech;

/// What a key is for, as its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// It speaks for a network.
    Network,
    /// It will sign only the network's next keys.
    Rotation,
    /// It opens what is sealed to the network.
    Sealing,
    /// It signs under a role of this label.
    Role(String),
    /// A guardian's, or one that the person has named otherwise.
    Named(String),
}

/// Which keys are about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Making {
    /// The three of a new network.
    Founding,
    /// The two that follow those of a network.
    Successors,
    /// One.
    One(KeyKind),
    /// None: one that is there gets another passphrase.
    Again(KeyKind),
}

/// What is wrong with the file of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyFault {
    /// Nothing is in it.
    Empty,
    /// It ends too early.
    Cut,
    /// It holds the public half.
    Public,
    /// It is a key of another kind or format.
    Foreign,
    /// What is in it is no text.
    NoText,
    /// It is a folder.
    Folder,
    /// It is the text of a key with something changed in it.
    Garbled,
    /// It is something else.
    NoKey,
    /// The system does not let it be read.
    Shut(String),
}

/// Something that is said of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locking {
    /// There is no such key; these there are.
    NoSuchKey { key: String, there: Vec<String> },
    /// The rotation key is not with the others.
    NoRotationKey { path: String },
    /// A file holds no key.
    Faulty { path: String, fault: KeyFault },
    /// The passphrase does not open the key.
    WrongPassphrase(KeyKind),
    /// The same, and it will be asked for again.
    NotThis,
    /// A passphrase is needed and nobody can be asked.
    NoPassphrase,
    /// Nodes elsewhere are not shown this key.
    NotShown { key: String },
    /// Several keys could be shown to a node elsewhere, and one is to be.
    WhichShown { keys: String },
    /// A new passphrase is too short.
    Short { letters: usize },
    /// A new passphrase was not typed the same twice.
    Differ,
    /// No key was made.
    GivenUp,
    /// Asks for the passphrase of a key.
    Ask(KeyKind),
    /// Asks for the words that open a key which only shows a node elsewhere who asks.
    AskAtDoor(KeyKind),
    /// Asks for the passphrase of what is about to be made.
    AskNew(Making),
    /// Asks to type it again.
    AskAgain,
    /// A key has another passphrase now.
    Changed { path: String },
    /// What follows a changed passphrase, when other keys still have the old one.
    ChangeOthers { keys: Vec<String> },
    /// An agent keeps the key for so long.
    Added { key: String, hours: u64 },
    /// No agent runs.
    NoAgent,
    /// The agent does not do what it is asked.
    AgentRefuses,
    /// A sealing key opens here, not in an agent.
    NotForAgents,
    /// There are no keys.
    NoKeysYet,
    /// How one need not type so often.
    HowToRemember { key: String },
}

impl Speech {
    /// Returns a sentence about keys.
    pub(crate) fn of_locking(self, said: &Locking) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }

    /// Returns what a key is for.
    pub(crate) fn key_kind(self, kind: &KeyKind) -> String {
        match (self, kind) {
            (Self::English, KeyKind::Network) => "your network's key".to_owned(),
            (Self::English, KeyKind::Rotation) => "your network's rotation key".to_owned(),
            (Self::English, KeyKind::Sealing) => "the key that opens what is sealed".to_owned(),
            (Self::English, KeyKind::Role(label)) => format!("the key of the role '{label}'"),
            (Self::English, KeyKind::Named(name)) => format!("the key '{name}'"),
            (Self::Spanish, KeyKind::Network) => "la clave de su red".to_owned(),
            (Self::Spanish, KeyKind::Rotation) => "la clave de rotación de su red".to_owned(),
            (Self::Spanish, KeyKind::Sealing) => "la clave que abre lo sellado".to_owned(),
            (Self::Spanish, KeyKind::Role(label)) => format!("la clave de la función '{label}'"),
            (Self::Spanish, KeyKind::Named(name)) => format!("la clave '{name}'"),
        }
    }

    /// Returns what is wrong with the file of a key.
    pub(crate) fn key_fault(self, fault: &KeyFault) -> String {
        let said = match (self, fault) {
            (Self::English, KeyFault::Empty) => "it is empty",
            (Self::English, KeyFault::Cut) => "it is cut off before its end",
            (Self::English, KeyFault::Public) => {
                "it holds the public half of a key, not the secret one"
            }
            (Self::English, KeyFault::Foreign) => "it holds a key of another kind or format",
            (Self::English, KeyFault::NoText) => "it is no text",
            (Self::English, KeyFault::Folder) => "it is a folder",
            (Self::English, KeyFault::Garbled) => "something in it was changed",
            (Self::English, KeyFault::NoKey) => "it holds something else",
            (Self::English, KeyFault::Shut(why)) => return format!("it cannot be read ({why})"),
            (Self::Spanish, KeyFault::Empty) => "está vacío",
            (Self::Spanish, KeyFault::Cut) => "está cortado antes del final",
            (Self::Spanish, KeyFault::Public) => {
                "contiene la mitad pública de una clave, no la secreta"
            }
            (Self::Spanish, KeyFault::Foreign) => "contiene una clave de otro tipo o formato",
            (Self::Spanish, KeyFault::NoText) => "no es texto",
            (Self::Spanish, KeyFault::Folder) => "es una carpeta",
            (Self::Spanish, KeyFault::Garbled) => "algo en él fue cambiado",
            (Self::Spanish, KeyFault::NoKey) => "contiene otra cosa",
            (Self::Spanish, KeyFault::Shut(why)) => return format!("no se puede leer ({why})"),
        };
        said.to_owned()
    }
}

fn english(said: &Locking) -> String {
    let kind = |kind: &KeyKind| Speech::English.key_kind(kind);
    match said {
        Locking::NoSuchKey { key, there } if there.is_empty() => format!(
            "There is no key {key}, and this home has none. Name the file in which it is, or another home with --home FOLDER."
        ),
        Locking::NoSuchKey { key, there } => format!(
            "There is no key {key}. The keys of this home: {}.\nName one of them, or the file in which it is.",
            there.join(", ")
        ),
        Locking::NoRotationKey { path } => format!(
            "There is no key {path}: the rotation key is kept elsewhere, as it should be.\n\
             Say where it is now with: --rotation-key FILE"
        ),
        Locking::Faulty { path, fault } => format!(
            "{path} holds no key that Weft can use: {}.\n\
             It should be an Ed25519 private key in OpenSSH's format. Put a saved copy of the file back.",
            Speech::English.key_fault(fault)
        ),
        Locking::WrongPassphrase(of) => {
            format!("This passphrase does not open {}. Nothing was done.\n{}", kind(of), english_loss(of))
        }
        Locking::NotThis => "That does not open it. Try again.".to_owned(),
        Locking::NotShown { key } => format!(
            "Nodes elsewhere are shown the key of a role, and '{key}' is none: whoever runs the node would \
             learn whose it is. Make one (weft member request), and let the network give it a role."
        ),
        Locking::WhichShown { keys } => format!(
            "That node is to see one of your keys, and not that you hold the others. Say which, once: \
             --node-key KEY. You have: {keys}."
        ),
        Locking::NoPassphrase => "A passphrase is needed, and there is no terminal to ask for it.\n\
             Use --passphrase-file FILE, or set WEFT_PASSPHRASE; or let ssh-agent keep the key: weft key add"
            .to_owned(),
        Locking::Short { letters } => {
            format!("This passphrase is too short: take at least {letters} letters, for example four words.")
        }
        Locking::Differ => "The two passphrases differ.".to_owned(),
        Locking::GivenUp => "No key was made or changed. Give the same command again.".to_owned(),
        Locking::Ask(of) => format!("Passphrase of {}:", kind(of)),
        Locking::AskAtDoor(of) => format!(
            "Your network's node answers those alone whom it knows, also when you only read: your key shows it who asks, and signs nothing yet. To be asked once for a while: weft key add\nPassphrase of {}:",
            kind(of)
        ),
        Locking::AskNew(Making::Founding) => {
            "Choose a passphrase for this network's three keys: the one that speaks, the rotation key, and the one that opens what is sealed (four words or more are good):".to_owned()
        }
        Locking::AskNew(Making::Successors) => {
            "Choose a passphrase for the network's two new keys (four words or more are good):".to_owned()
        }
        Locking::AskNew(Making::One(of)) => {
            format!("Choose a passphrase for {} (four words or more are good):", kind(of))
        }
        Locking::AskNew(Making::Again(of)) => format!("Choose a new passphrase for {}:", kind(of)),
        Locking::AskAgain => "And once more:".to_owned(),
        Locking::Changed { path } => format!("{path} has another passphrase now. Copies of the file still have the old one."),
        Locking::ChangeOthers { keys } => format!(
            "The other keys of this home keep theirs: {}. To change one: weft key change-passphrase NAME",
            keys.join(", ")
        ),
        Locking::Added { key, hours } => format!(
            "ssh-agent keeps the key '{key}' for {hours} hours, and nobody is asked for its passphrase until then. To end that: ssh-add -D"
        ),
        Locking::NoAgent => "No ssh-agent runs in this session. Start one, then say it again: eval \"$(ssh-agent)\"".to_owned(),
        Locking::AgentRefuses => "ssh-agent did not do it. It may be locked, or may have asked somebody who said no. Nothing was done.".to_owned(),
        Locking::NotForAgents => "This key opens what is sealed, which ssh-agent cannot do: its passphrase is asked for.".to_owned(),
        Locking::NoKeysYet => "There are no keys here yet. Found a network (weft network found), or ask one for a role (weft member request).".to_owned(),
        Locking::HowToRemember { key } => format!(
            "(To be asked once and not at every command: weft key add {key})"
        ),
    }
}

/// Says what can be done when the passphrase of such a key is lost.
fn english_loss(kind: &KeyKind) -> String {
    let way = match kind {
        KeyKind::Network => {
            "your rotation key names another key (weft id rotate), and so do your guardians (weft id recover)"
        }
        KeyKind::Rotation => {
            "your network's key still signs, and its guardians can name both keys anew (weft id recover)"
        }
        KeyKind::Sealing => {
            "what was sealed to it stays closed. Move its file away and publish another: weft profile set --sealing"
        }
        KeyKind::Role(_) => {
            "make another (weft member request), and ask your network for a new role and to take this one back"
        }
        KeyKind::Named(_) => {
            "make another (weft id guardian), and ask the network to name its hash (weft id rotate --guardian)"
        }
    };
    format!("Try again. Nobody can reset it. If it is lost: {way}.")
}

fn spanish(said: &Locking) -> String {
    let kind = |kind: &KeyKind| Speech::Spanish.key_kind(kind);
    match said {
        Locking::NoSuchKey { key, there } if there.is_empty() => format!(
            "No hay ninguna clave {key}, y esta casa no tiene ninguna. Nombre el archivo en que está, u otra casa con --home CARPETA."
        ),
        Locking::NoSuchKey { key, there } => format!(
            "No hay ninguna clave {key}. Las claves de esta casa: {}.\nNombre una de ellas, o el archivo en que está.",
            there.join(", ")
        ),
        Locking::NoRotationKey { path } => format!(
            "No hay ninguna clave {path}: la clave de rotación se guarda en otro sitio, como debe ser.\n\
             Diga dónde está ahora con: --rotation-key ARCHIVO"
        ),
        Locking::Faulty { path, fault } => format!(
            "{path} no contiene una clave que Weft pueda usar: {}.\n\
             Debe ser una clave privada Ed25519 en el formato de OpenSSH. Reponga una copia guardada del archivo.",
            Speech::Spanish.key_fault(fault)
        ),
        Locking::WrongPassphrase(of) => {
            format!("Esta frase de paso no abre {}. No se ha hecho nada.\n{}", kind(of), spanish_loss(of))
        }
        Locking::NotThis => "Con eso no se abre. Inténtelo otra vez.".to_owned(),
        Locking::NotShown { key } => format!(
            "A los nodos de otra parte se les muestra la clave de una función, y «{key}» no lo es: quien lleve \
             el nodo sabría de quién es. Haga una (weft member request) y pida a la red una función para ella."
        ),
        Locking::WhichShown { keys } => format!(
            "Ese nodo debe ver una de sus claves, y no que usted tiene las otras. Diga cuál, una vez: \
             --node-key CLAVE. Tiene: {keys}."
        ),
        Locking::NoPassphrase => "Hace falta una frase de paso y no hay terminal para pedirla.\n\
             Use --passphrase-file ARCHIVO o la variable WEFT_PASSPHRASE; o deje la clave a ssh-agent: weft key add"
            .to_owned(),
        Locking::Short { letters } => {
            format!("Esta frase es demasiado corta: use al menos {letters} letras, por ejemplo cuatro palabras.")
        }
        Locking::Differ => "Las dos frases no coinciden.".to_owned(),
        Locking::GivenUp => "No se ha hecho ni cambiado ninguna clave. Dé la misma orden otra vez.".to_owned(),
        Locking::Ask(of) => format!("Frase de paso de {}:", kind(of)),
        Locking::AskAtDoor(of) => format!(
            "El nodo de su red solo contesta a quienes conoce, también cuando usted solo lee: su clave le muestra quién pregunta, y todavía no firma nada. Para que se le pida una vez por un rato: weft key add\nFrase de paso de {}:",
            kind(of)
        ),
        Locking::AskNew(Making::Founding) => {
            "Elija una frase de paso para las tres claves de esta red: la que habla, la de rotación y la que abre lo sellado (cuatro palabras o más está bien):".to_owned()
        }
        Locking::AskNew(Making::Successors) => {
            "Elija una frase de paso para las dos claves nuevas de la red (cuatro palabras o más está bien):".to_owned()
        }
        Locking::AskNew(Making::One(of)) => {
            format!("Elija una frase de paso para {} (cuatro palabras o más está bien):", kind(of))
        }
        Locking::AskNew(Making::Again(of)) => format!("Elija una frase de paso nueva para {}:", kind(of)),
        Locking::AskAgain => "Otra vez:".to_owned(),
        Locking::Changed { path } => format!("{path} tiene ahora otra frase de paso. Las copias del archivo conservan la anterior."),
        Locking::ChangeOthers { keys } => format!(
            "Las demás claves de esta casa conservan la suya: {}. Para cambiar una: weft key change-passphrase NOMBRE",
            keys.join(", ")
        ),
        Locking::Added { key, hours } => format!(
            "ssh-agent guarda la clave «{key}» durante {hours} horas, y hasta entonces no se pide su frase de paso. Para acabar con eso: ssh-add -D"
        ),
        Locking::NoAgent => "En esta sesión no hay ningún ssh-agent en marcha. Arranque uno y repita la orden: eval \"$(ssh-agent)\"".to_owned(),
        Locking::AgentRefuses => "ssh-agent no lo ha hecho. Puede estar bloqueado, o alguien le ha dicho que no. No se ha hecho nada.".to_owned(),
        Locking::NotForAgents => "Esta clave abre lo sellado, y eso ssh-agent no lo puede hacer: se pide su frase de paso.".to_owned(),
        Locking::NoKeysYet => "Aquí no hay claves todavía. Funde una red (weft network found) o pida una función a una (weft member request).".to_owned(),
        Locking::HowToRemember { key } => format!(
            "(Para que se pida una vez y no en cada orden: weft key add {key})"
        ),
    }
}

/// Says what can be done when the passphrase of such a key is lost.
fn spanish_loss(kind: &KeyKind) -> String {
    let way = match kind {
        KeyKind::Network => {
            "su clave de rotación nombra otra clave (weft id rotate), y también sus guardianes (weft id recover)"
        }
        KeyKind::Rotation => {
            "la clave de su red sigue firmando, y sus guardianes pueden nombrar las dos de nuevo (weft id recover)"
        }
        KeyKind::Sealing => {
            "lo que se selló con ella queda cerrado. Aparte su archivo y publique otra: weft profile set --sealing"
        }
        KeyKind::Role(_) => {
            "haga otra (weft member request) y pida a su red una función nueva y que retire esta"
        }
        KeyKind::Named(_) => {
            "haga otra (weft id guardian) y pida a la red que nombre su huella (weft id rotate --guardian)"
        }
    };
    format!("Inténtelo otra vez. Nadie puede reponerla. Si se ha perdido: {way}.")
}
