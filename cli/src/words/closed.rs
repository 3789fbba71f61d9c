//! What is said of a closed node: who came there in vain, and how to let somebody in.

use weft_protocol::admission::Mode;

use super::Speech;
use super::count::so_many;

/// A sentence about a closed node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Closed {
    /// So many nodes came and were not let in; which came last.
    Knocked { count: usize, last: String },
    /// The nodes follow that came and were not let in.
    TheyCame,
    /// One of them: how often it came, and when last.
    Came { node: String, times: u64, last: String },
    /// How to let one of them in.
    LetOneIn,
    /// Whoever uses an invite of a closed node has to be let in.
    Invited,
    /// How open the node is from now on.
    Mode { mode: Mode, announced: bool },
}

impl Speech {
    /// Returns a sentence about a closed node.
    pub(crate) fn of_closed(self, said: &Closed) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english(said: &Closed) -> String {
    match said {
        Closed::Knocked { count: 1, last } => format!(
            "1 node knocked and was not let in, for this node is closed. To let it in: weft policy allow --peer {last} --reason WHY"
        ),
        Closed::Knocked { count, last } => format!(
            "{count} nodes knocked and were not let in, for this node is closed. See them: weft newcomer list. To let the last one in: weft policy allow --peer {last} --reason WHY"
        ),
        Closed::TheyCame => "These nodes knocked and were not let in, for this node is closed:".to_owned(),
        Closed::Came { node, times, last } => {
            format!("  {node}\n    came {}, last {last}", so_many(*times, "time", "times"))
        }
        Closed::LetOneIn => "To let one in: weft policy allow --peer NODE --reason WHY".to_owned(),
        Closed::Invited => {
            "This node is closed. Whoever uses the invite is not let in before you have named their node: they tell you its name, or 'weft newcomer list' shows it once they have tried, and then: weft policy allow --peer NODE --reason WHY".to_owned()
        }
        Closed::Mode { mode: Mode::Open, .. } => {
            "This node is open now: it takes a little of what unknown networks say.".to_owned()
        }
        Closed::Mode { mode: Mode::Federation, .. } => {
            "This node lets unknown networks wait now until somebody welcomes them.".to_owned()
        }
        Closed::Mode { mode: Mode::Closed, announced } => format!(
            "This node is closed now: it speaks with nobody but the nodes that you have named, and those that the \
             profile of a network which you let in names. Who was put out comes again, and is then listed by: \
             weft newcomer list{}",
            if *announced { "\nIf it was announced on the local network, it is so until it starts anew: weft stop, then weft up" } else { "" }
        ),
    }
}

fn spanish(said: &Closed) -> String {
    match said {
        Closed::Knocked { count: 1, last } => format!(
            "1 nodo llamó a la puerta y no entró, pues este nodo está cerrado. Para dejarlo entrar: weft policy allow --peer {last} --reason PORQUÉ"
        ),
        Closed::Knocked { count, last } => format!(
            "{count} nodos llamaron a la puerta y no entraron, pues este nodo está cerrado. Véalos: weft newcomer list. Para dejar entrar al último: weft policy allow --peer {last} --reason PORQUÉ"
        ),
        Closed::TheyCame => {
            "Estos nodos llamaron a la puerta y no entraron, pues este nodo está cerrado:".to_owned()
        }
        Closed::Came { node, times, last } => {
            format!("  {node}\n    vino {}, la última {last}", so_many(*times, "vez", "veces"))
        }
        Closed::LetOneIn => {
            "Para dejar entrar a uno: weft policy allow --peer NODO --reason PORQUÉ".to_owned()
        }
        Closed::Invited => {
            "Este nodo está cerrado. Quien use la invitación no entra hasta que usted nombre su nodo: le dirá cómo se llama, o lo muestra «weft newcomer list» en cuanto lo haya intentado, y entonces: weft policy allow --peer NODO --reason PORQUÉ".to_owned()
        }
        Closed::Mode { mode: Mode::Open, .. } => {
            "Este nodo está abierto ahora: toma un poco de lo que dicen redes desconocidas.".to_owned()
        }
        Closed::Mode { mode: Mode::Federation, .. } => {
            "Este nodo hace esperar ahora a las redes desconocidas hasta que alguien les dé la bienvenida.".to_owned()
        }
        Closed::Mode { mode: Mode::Closed, announced } => format!(
            "Este nodo está cerrado ahora: no habla más que con los nodos que usted ha nombrado, y con los que nombra \
             el perfil de una red a la que dejó entrar. Quien quedó fuera vuelve, y entonces aparece en: \
             weft newcomer list{}",
            if *announced { "\nSi se anunciaba en la red local, lo hace hasta que arranque de nuevo: weft stop, y luego weft up" } else { "" }
        ),
    }
}
