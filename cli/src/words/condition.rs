//! What is said of how a node, its clock and its networks are.

use super::Speech;
use super::count::so_many;
use super::finding::apart;
use crate::examine::WrongClock;
use crate::show::when::length;

/// Something that is said of how things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// A network lives on this node from now on, or did before.
    LivesHere { name: String, was: bool },
    /// Asks whether a network is to live here of which no key is here.
    AskAdopt { name: String },
    /// No key of this home speaks for a network that the node knows.
    NobodyToAdopt,
    /// A network has no profile in force on which something could be changed.
    NoProfileToChange,
    /// A key may sign a profile, but not say which nodes are the network's own, nor how to seal to it.
    MayNotHost,
    /// The newest profile names nodes or a sealing key, and may not.
    HostingUnheard,
    /// Asks whether something is to be signed by a clock that is wrong; by that of others it is over
    /// already.
    ClockMinded { wrong: WrongClock, over: bool },
    /// How many records a node keeps, and how many of them do not count, yet or at all.
    RecordsHere { all: u64, held: u64, void: u64 },
    /// How many records wait in memory, and how many of them for their date.
    RecordsWait { waiting: u64, early: u64 },
    /// What a node is reached by leads to it from its own machine alone.
    HereAlone,
    /// So much more was found.
    MoreFound { more: usize },
}

impl Speech {
    /// Returns a sentence about how things are.
    pub(crate) fn of_condition(self, said: &Condition) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english(said: &Condition) -> String {
    match said {
        Condition::LivesHere { name, was: false } => {
            format!("{name} lives on this node from now on.")
        }
        Condition::LivesHere { name, was: true } => format!("{name} lives on this node already."),
        Condition::AskAdopt { name } => format!(
            "No key in this home speaks for {name}. What is for its own nodes comes here only when its profile \
             names this node, and its ties let others in here. Let it live here?"
        ),
        Condition::NobodyToAdopt => {
            "No key in this home speaks for a network that this node knows. Name the network, or bring first \
             what it has signed: weft import FILE"
                .to_owned()
        }
        Condition::NoProfileToChange => {
            "Your network has no profile in force, so there is nothing to change: a profile ends after 400 days, \
             and with the key that signed it when that is taken back. Say it anew, with your name: \
             weft profile set --name NAME"
                .to_owned()
        }
        Condition::MayNotHost => {
            "Only the network's own key, or a role with the power hosting, says which nodes are the network's own \
             and which key others seal to: the nodes it names get what is for its own nodes only. Have the \
             one who holds that key say it, or offer you a role with --power hosting"
                .to_owned()
        }
        Condition::HostingUnheard => {
            "The newest profile was signed by a role without the power hosting: the nodes and the sealing key are \
             those that were said before it"
                .to_owned()
        }
        Condition::ClockMinded { wrong, over } => english_clock(wrong, *over),
        Condition::RecordsHere { all: 0, .. } => "none yet".to_owned(),
        Condition::RecordsHere { all, held: 0, void: 0 } => format!("{all}, and all of them count"),
        Condition::RecordsHere { all, held, void } => {
            let counts = so_many(all.saturating_sub(held + void), "counts", "count");
            let mut said = format!("{all}, of which {counts}");
            if *held > 0 {
                said += &format!("; {held} may count later, when more is known");
            }
            if *void > 0 {
                said += &format!("; {}", so_many(*void, "does not count", "do not count"));
            }
            said
        }
        Condition::RecordsWait { waiting: 0, .. } => "nothing".to_owned(),
        Condition::RecordsWait { waiting, early: 0 } => {
            so_many(*waiting, "record, for what it refers to", "records, for what they refer to")
        }
        Condition::RecordsWait { waiting, early } if waiting == early => {
            let records = so_many(*waiting, "record, for its date", "records, for their dates");
            format!("{records} still to come")
        }
        Condition::RecordsWait { waiting, early } => format!(
            "{waiting} records: {early} for a date still to come, {} for what is referred to",
            waiting.saturating_sub(*early)
        ),
        Condition::HereAlone => "from this machine only".to_owned(),
        Condition::MoreFound { more: 1 } => "And 1 thing more: weft doctor".to_owned(),
        Condition::MoreFound { more } => format!("And {more} things more: weft doctor"),
    }
}

fn spanish(said: &Condition) -> String {
    match said {
        Condition::LivesHere { name, was: false } => {
            format!("{name} vive desde ahora en este nodo.")
        }
        Condition::LivesHere { name, was: true } => format!("{name} ya vive en este nodo."),
        Condition::AskAdopt { name } => format!(
            "Ninguna clave de esta casa habla por {name}. Lo que es para sus propios nodos solo llega aquí cuando su \
             perfil nombra este nodo, y sus vínculos abren aquí la puerta a otros. ¿Que viva aquí?"
        ),
        Condition::NobodyToAdopt => {
            "Ninguna clave de esta casa habla por una red que este nodo conozca. Nombre la red, o traiga antes \
             lo que ha firmado: weft import ARCHIVO"
                .to_owned()
        }
        Condition::NoProfileToChange => {
            "Su red no tiene ningún perfil en vigor, así que no hay nada que cambiar: un perfil termina a los 400 días, \
             y con la clave que lo firmó cuando esta se revoca. Dígalo de nuevo, con su nombre: \
             weft profile set --name NOMBRE"
                .to_owned()
        }
        Condition::MayNotHost => {
            "Solo la clave de la propia red, o una función con el poder hosting, dice qué nodos son los de la red \
             y con qué clave sellan los demás: los nodos que nombra reciben lo que es solo para los nodos \
             propios. Que lo diga quien tiene esa clave, o que le ofrezca una función con --power hosting"
                .to_owned()
        }
        Condition::HostingUnheard => {
            "El perfil más reciente lo firmó una función sin el poder hosting: los nodos y la clave para sellar \
             son los que se dijeron antes"
                .to_owned()
        }
        Condition::ClockMinded { wrong, over } => spanish_clock(wrong, *over),
        Condition::RecordsHere { all: 0, .. } => "ninguno todavía".to_owned(),
        Condition::RecordsHere { all, held: 0, void: 0 } => format!("{all}, y todos cuentan"),
        Condition::RecordsHere { all, held, void } => {
            let mut said = format!("{all}, de los que cuentan {}", all.saturating_sub(held + void));
            if *held > 0 {
                let held = so_many(*held, "quizá cuente", "quizá cuenten");
                said += &format!("; {held} después, cuando se sepa más");
            }
            if *void > 0 {
                said += &format!("; {}", so_many(*void, "no cuenta", "no cuentan"));
            }
            said
        }
        Condition::RecordsWait { waiting: 0, .. } => "nada".to_owned(),
        Condition::RecordsWait { waiting, early: 0 } => {
            so_many(*waiting, "registro, a lo que remite", "registros, a lo que remiten")
        }
        Condition::RecordsWait { waiting, early } if waiting == early => {
            let records = so_many(*waiting, "registro", "registros");
            format!("{records}, a su fecha, que está por llegar")
        }
        Condition::RecordsWait { waiting, early } => format!(
            "{waiting} registros: {early} a su fecha, que está por llegar, y {} a lo que remiten",
            waiting.saturating_sub(*early)
        ),
        Condition::HereAlone => "solo desde esta máquina".to_owned(),
        Condition::MoreFound { more: 1 } => "Y 1 cosa más: weft doctor".to_owned(),
        Condition::MoreFound { more } => format!("Y {more} cosas más: weft doctor"),
    }
}

/// Asks whether something is to be signed by a wrong clock, in English.
fn english_clock(wrong: &WrongClock, over: bool) -> String {
    let WrongClock { ahead, against, nodes } = wrong;
    let size = apart(*ahead, Speech::English);
    let whose = match nodes {
        1 => "that of the one node that says so".to_owned(),
        _ => format!("those of {against} of {nodes} nodes"),
    };
    let follows = match (wrong.held_back(), ahead.is_ahead(), over) {
        (Some(held), ..) => {
            let held = length(held, Speech::English);
            format!("ahead of {whose}. Others will hold back what you sign now for {held}")
        }
        (None, true, _) => {
            format!("ahead of {whose}. No other node compares records with yours until it is right")
        }
        (None, false, true) => format!(
            "behind {whose}. For others this would be over before it begins, and nobody would see it"
        ),
        (None, false, false) => format!(
            "behind {whose}. For others this would be dated {size} ago, and end {size} sooner than you think"
        ),
    };
    format!(
        "Your clock is {size} {follows}. Better set it first (weft doctor). Sign it all the same?"
    )
}

/// Asks whether something is to be signed by a wrong clock, in Spanish.
fn spanish_clock(wrong: &WrongClock, over: bool) -> String {
    let WrongClock { ahead, against, nodes } = wrong;
    let size = apart(*ahead, Speech::Spanish);
    let whose = match nodes {
        1 => "al del único nodo que lo dice".to_owned(),
        _ => format!("a los de {against} de {nodes} nodos"),
    };
    let follows = match (wrong.held_back(), ahead.is_ahead(), over) {
        (Some(held), ..) => {
            let held = length(held, Speech::Spanish);
            format!(
                "por delante respecto {whose}. Los demás retendrán lo que firme ahora durante {held}"
            )
        }
        (None, true, _) => format!(
            "por delante respecto {whose}. Ningún otro nodo compara registros con el suyo hasta que esté en hora"
        ),
        (None, false, true) => format!(
            "por detrás respecto {whose}. Para los demás esto habría terminado antes de empezar, y nadie lo vería"
        ),
        (None, false, false) => format!(
            "por detrás respecto {whose}. Para los demás esto llevaría fecha de hace {size}, y terminaría {size} antes de lo que usted cree"
        ),
    };
    format!(
        "Su reloj va {size} {follows}. Mejor póngalo antes en hora (weft doctor). ¿Firmarlo de todos modos?"
    )
}
