//! What is said of who has a record: this node, and others by their own word.

use super::Speech;

/// A sentence about who has a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holding {
    /// A record was signed and kept, and so many other nodes say that they have it.
    Signed { kind: String, id: String, has: u32 },
    /// A record was handed to other nodes, and none has said that it has it.
    NoneHasSaid { peers: u32, id: String },
    /// A record is for the nodes of its network alone, and no other of them is there.
    OwnNodesAlone,
    /// How many of the connected nodes that were asked say that they have it.
    Elsewhere { has: u32, asked: u32 },
    /// Nodes that did not answer when records were to be compared.
    NoAnswer { nodes: Vec<String> },
}

impl Speech {
    /// Returns a sentence about who has a record.
    pub(crate) fn of_holding(self, said: &Holding) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english(said: &Holding) -> String {
    match said {
        Holding::Signed { kind, id, has: 0 } => format!("Signed and kept: {kind} {id}"),
        Holding::Signed { kind, id, has: 1 } => {
            format!("Signed and kept, and 1 other node has it: {kind} {id}")
        }
        Holding::Signed { kind, id, has } => {
            format!("Signed and kept, and {has} other nodes have it: {kind} {id}")
        }
        Holding::NoneHasSaid { peers: 1, id } => format!(
            "Handed to 1 other node; it has not said yet that it has it. Who has it later: weft record show {id}"
        ),
        Holding::NoneHasSaid { peers, id } => format!(
            "Handed to {peers} other nodes; none has said yet that it has it. Who has it later: weft record show {id}"
        ),
        Holding::OwnNodesAlone => {
            "It is for the nodes of your network alone, and no other of them is connected."
                .to_owned()
        }
        Holding::Elsewhere { asked: 0, .. } => {
            "No node that could have it is connected, so who else has it is not known.".to_owned()
        }
        Holding::Elsewhere { has, asked } => {
            format!("Connected nodes that say they have it, asked just now: {has} of {asked}.")
        }
        Holding::NoAnswer { nodes } => format!(
            "No answer from: {}\n\
             What is new there is not known here. What is new here goes there by itself once the line stands again. See: weft peers list",
            nodes.join(", ")
        ),
    }
}

fn spanish(said: &Holding) -> String {
    match said {
        Holding::Signed { kind, id, has: 0 } => format!("Firmado y guardado: {kind} {id}"),
        Holding::Signed { kind, id, has: 1 } => {
            format!("Firmado y guardado, y otro nodo lo tiene: {kind} {id}")
        }
        Holding::Signed { kind, id, has } => {
            format!("Firmado y guardado, y otros {has} nodos lo tienen: {kind} {id}")
        }
        Holding::NoneHasSaid { peers: 1, id } => format!(
            "Entregado a otro nodo, que no ha dicho todavía que lo tiene. Quién lo tiene más tarde: weft record show {id}"
        ),
        Holding::NoneHasSaid { peers, id } => format!(
            "Entregado a otros {peers} nodos; ninguno ha dicho todavía que lo tiene. Quién lo tiene más tarde: weft record show {id}"
        ),
        Holding::OwnNodesAlone => {
            "Es solo para los nodos de su red, y no hay ningún otro conectado.".to_owned()
        }
        Holding::Elsewhere { asked: 0, .. } => {
            "No hay conectado ningún nodo que pueda tenerlo, así que no se sabe quién más lo tiene."
                .to_owned()
        }
        Holding::Elsewhere { has, asked } => {
            format!("Nodos conectados que dicen tenerlo, preguntados ahora: {has} de {asked}.")
        }
        Holding::NoAnswer { nodes } => format!(
            "Sin respuesta de: {}\n\
             No se sabe aquí qué hay de nuevo allí. Lo nuevo de aquí saldrá solo cuando vuelva la conexión. Véase: weft peers list",
            nodes.join(", ")
        ),
    }
}
