//! What is found wrong with a node, or worth knowing, and what to do about it.

use super::{Say, Speech};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing is wrong.
    Well,
    /// The node cannot be asked.
    NoNode(Box<Say>),
    /// The disk takes no more.
    ReadOnly { why: String },
    /// No other node is connected.
    Nobody,
    /// Nodes are connected, and none of them is in this region; where they say that they are.
    Alone { region: String, theirs: Vec<String> },
    /// Catching up with a node went wrong.
    SyncFailed { node: String, why: String },
    /// No network lives here.
    NoNetwork,
    /// Nobody knows who speaks for a network.
    Disputed { name: String },
    /// A network has closed.
    Closed { name: String },
    /// The key of a network was taken back, and it has no other.
    Voiceless { name: String },
    /// A rule of the bridge carries nothing, because nothing entitles it to.
    IdleRule { rule: String, serves: bool },
    /// Networks wait to be let in.
    Newcomers { count: usize },
    /// Nobody can come to this node.
    Unreachable,
}

impl Finding {
    /// Says whether it keeps the node from its work; the rest is worth knowing.
    pub(crate) fn is_wrong(&self) -> bool {
        !matches!(
            self,
            Self::Well
                | Self::NoNetwork
                | Self::Closed { .. }
                | Self::Newcomers { .. }
                | Self::Unreachable
        )
    }

    /// Returns the name by which scripts know it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::NoNode(_) => "no-node",
            Self::ReadOnly { .. } => "read-only",
            Self::Nobody => "nobody",
            Self::Alone { .. } => "alone",
            Self::SyncFailed { .. } => "sync-failed",
            Self::NoNetwork => "no-network",
            Self::Disputed { .. } => "disputed",
            Self::Closed { .. } => "closed",
            Self::Voiceless { .. } => "voiceless",
            Self::IdleRule { .. } => "idle-rule",
            Self::Newcomers { .. } => "newcomers",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Speech {
    /// Returns what was found, and what to do about it.
    pub(crate) fn finding(self, finding: &Finding) -> String {
        match self {
            Self::English => english(finding),
            Self::Spanish => spanish(finding),
        }
    }
}

fn english(finding: &Finding) -> String {
    match finding {
        Finding::Well => "The node is well.".to_owned(),
        Finding::NoNode(say) => Speech::English.say(say),
        Finding::ReadOnly { why } => format!(
            "The disk takes no more: {why}. What is here can be read. Make room; the node then goes on by itself."
        ),
        Finding::Nobody => {
            "No other node is connected, so nothing comes and nothing goes. Join by an invite (weft join), \
             or name a node that you know: weft peers connect ADDRESS"
                .to_owned()
        }
        Finding::Alone { region, theirs } if theirs.is_empty() => format!(
            "Your region is {region}, and no connected node is in it. Ask those whom you know for an invite \
             into it, or for the name of theirs."
        ),
        Finding::Alone { region, theirs } => format!(
            "Your region is {region}, theirs is {}. Nodes share only what is of a region that they are both in. \
             To be in theirs as well: weft region join NAME",
            theirs.join(", ")
        ),
        Finding::SyncFailed { node, why } => {
            format!("Catching up with the node {node} went wrong: {why}. Try again: weft sync now")
        }
        Finding::NoNetwork => {
            "No network lives here yet. Found yours (weft network found), or become a member of one \
             (weft member request)."
                .to_owned()
        }
        Finding::Disputed { name } => format!(
            "Two statements say differently who speaks for {name}, so nothing new of it counts. \
             Its guardians settle that: weft id recover"
        ),
        Finding::Closed { name } => format!("{name} has closed. What it said stays until it ends."),
        Finding::Voiceless { name } => format!(
            "The key of {name} was taken back, and it has no other yet: weft id rotate, \
             or with its guardians: weft id recover"
        ),
        Finding::IdleRule { rule, serves: false } => format!(
            "The bridge's rule {rule} carries nothing, because this node carries in nobody's name yet. \
             A network that lives here makes it its bridge with: weft bridge setup"
        ),
        Finding::IdleRule { rule, serves: true } => format!(
            "The bridge's rule {rule} carries nothing, because no active tie of the kind 'bridge' with a network \
             of the other region entitles it to. See how to come to one: weft bridge show"
        ),
        Finding::Newcomers { count } => format!(
            "{count} networks that nobody here knows want to be heard. See them: weft newcomer list"
        ),
        Finding::Unreachable => {
            "This node listens nowhere: it goes to others, and nobody can come to it.".to_owned()
        }
    }
}

fn spanish(finding: &Finding) -> String {
    match finding {
        Finding::Well => "El nodo está bien.".to_owned(),
        Finding::NoNode(say) => Speech::Spanish.say(say),
        Finding::ReadOnly { why } => format!(
            "El disco no admite más: {why}. Lo que hay se puede leer. Haga sitio y el nodo seguirá solo."
        ),
        Finding::Nobody => {
            "No hay ningún otro nodo conectado: nada llega y nada sale. Entre con una invitación (weft join) \
             o nombre un nodo que conozca: weft peers connect DIRECCIÓN"
                .to_owned()
        }
        Finding::Alone { region, theirs } if theirs.is_empty() => format!(
            "Su región es {region} y ningún nodo conectado está en ella. Pida a quienes conozca una invitación \
             para entrar, o el nombre de la suya."
        ),
        Finding::Alone { region, theirs } => format!(
            "Su región es {region}, la de los demás es {}. Los nodos solo comparten lo de una región en la que \
             están los dos. Para estar también en la suya: weft region join NOMBRE",
            theirs.join(", ")
        ),
        Finding::SyncFailed { node, why } => {
            format!("Ponerse al día con el nodo {node} salió mal: {why}. Inténtelo otra vez: weft sync now")
        }
        Finding::NoNetwork => {
            "Aquí no vive todavía ninguna red. Funde la suya (weft network found) o hágase miembro de una \
             (weft member request)."
                .to_owned()
        }
        Finding::Disputed { name } => format!(
            "Dos declaraciones dicen cosas distintas sobre quién habla por {name}, así que nada nuevo suyo cuenta. \
             Lo resuelven sus guardianes: weft id recover"
        ),
        Finding::Closed { name } => {
            format!("{name} se ha cerrado. Lo que dijo sigue aquí hasta que termine.")
        }
        Finding::Voiceless { name } => format!(
            "La clave de {name} fue revocada y todavía no tiene otra: weft id rotate, \
             o con sus guardianes: weft id recover"
        ),
        Finding::IdleRule { rule, serves: false } => format!(
            "La regla {rule} del puente no lleva nada, porque este nodo no lleva todavía en nombre de nadie. \
             Una red que viva aquí lo hace su puente con: weft bridge setup"
        ),
        Finding::IdleRule { rule, serves: true } => format!(
            "La regla {rule} del puente no lleva nada, porque ningún vínculo activo de tipo 'bridge' con una red \
             de la otra región le da derecho. Vea cómo llegar a uno: weft bridge show"
        ),
        Finding::Newcomers { count } => format!(
            "Hay {count} redes que aquí nadie conoce y que quieren que se las oiga. Véalas: weft newcomer list"
        ),
        Finding::Unreachable => {
            "Este nodo no escucha en ningún sitio: va a los demás, y nadie puede venir a él.".to_owned()
        }
    }
}
