//! What follows from what an operator has just said of others.

use super::Speech;

/// What was said, of whom, and how many records it touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruled {
    /// A newcomer is let in, with what was kept of it.
    Welcomed { name: String, records: u64 },
    /// A newcomer is kept out, and what was kept of it is forgotten.
    Refused { name: String, records: u64 },
    /// It is let in.
    Allowed { what: String },
    /// It is kept and not shown.
    Muted { what: String, records: Option<u64> },
    /// It is not kept.
    Blocked { what: String, records: Option<u64> },
    /// What was said is said no more.
    TakenBack { what: String },
    /// What a network signs.
    OfNetwork { name: String },
    /// What is of a kind.
    OfKind { kind: String },
    /// What is at home in a region.
    OfRegion { region: String },
    /// What a node brings.
    OfNode { node: String },
    /// What is signed with a key.
    OfKey { key: String },
    /// What is signed under a role.
    OfRole { role: String },
}

impl Speech {
    /// Returns what follows from what was said.
    pub(crate) fn of_ruled(self, said: &Ruled) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english(said: &Ruled) -> String {
    match said {
        Ruled::Welcomed { name, records: 0 } => {
            format!("{name} is welcome: what it signs is let in from now on.")
        }
        Ruled::Welcomed { name, records: 1 } => format!("{name} is welcome; its 1 record is in."),
        Ruled::Welcomed { name, records } => {
            format!("{name} is welcome; its {records} records are in.")
        }
        Ruled::Refused { name, records: 0 } => format!("{name} is kept out from now on."),
        Ruled::Refused { name, records: 1 } => {
            format!("{name} is kept out; the 1 record of it that waited is forgotten.")
        }
        Ruled::Refused { name, records } => {
            format!("{name} is kept out; the {records} records of it that waited are forgotten.")
        }
        Ruled::Allowed { what } => format!("Allowed: {what} is let in from now on."),
        Ruled::Muted { what, records } => format!(
            "Muted: {what} is kept and passed on, and not shown here.{}",
            english_here(*records, "are out of sight from now on")
        ),
        Ruled::Blocked { what, records } => format!(
            "Blocked: {what} is not kept from now on.{}",
            english_here(*records, "stay until their end, out of sight")
        ),
        Ruled::TakenBack { what } => {
            format!("Taken back: nothing of that is said of {what} any more.")
        }
        Ruled::OfNetwork { name } => format!("what {name} signs"),
        Ruled::OfKind { kind } => format!("every {kind}"),
        Ruled::OfRegion { region } => format!("what is at home in {region}"),
        Ruled::OfNode { node } => format!("what the node {node} brings"),
        Ruled::OfKey { key } => format!("what the key {key} signs"),
        Ruled::OfRole { role } => format!("what is signed under the role {role}"),
    }
}

fn english_here(records: Option<u64>, fate: &str) -> String {
    match records {
        None | Some(0) => String::new(),
        Some(n) => format!(" Records that are here already and {fate}: {n}."),
    }
}

fn spanish(said: &Ruled) -> String {
    match said {
        Ruled::Welcomed { name, records: 0 } => {
            format!("{name} es bienvenida: lo que firme entra desde ahora.")
        }
        Ruled::Welcomed { name, records: 1 } => {
            format!("{name} es bienvenida; su único registro ya está dentro.")
        }
        Ruled::Welcomed { name, records } => {
            format!("{name} es bienvenida; sus {records} registros ya están dentro.")
        }
        Ruled::Refused { name, records: 0 } => format!("{name} se queda fuera desde ahora."),
        Ruled::Refused { name, records: 1 } => {
            format!("{name} se queda fuera; su único registro, que esperaba, se olvida.")
        }
        Ruled::Refused { name, records } => {
            format!("{name} se queda fuera; sus {records} registros, que esperaban, se olvidan.")
        }
        Ruled::Allowed { what } => format!("Admitido: {what} entra desde ahora."),
        Ruled::Muted { what, records } => format!(
            "Silenciado: {what} se guarda y se pasa, y aquí no se muestra.{}",
            spanish_here(*records, "a la vista")
        ),
        Ruled::Blocked { what, records } => format!(
            "Bloqueado: {what} no se guarda desde ahora.{}",
            spanish_here(*records, "a la vista, y siguen en el disco hasta su final")
        ),
        Ruled::TakenBack { what } => {
            format!("Retirado: eso ya no se dice de {what}.")
        }
        Ruled::OfNetwork { name } => format!("lo que firma {name}"),
        Ruled::OfKind { kind } => format!("todo registro de la clase «{kind}»"),
        Ruled::OfRegion { region } => format!("lo que tiene su sede en {region}"),
        Ruled::OfNode { node } => format!("lo que trae el nodo {node}"),
        Ruled::OfKey { key } => format!("lo que firma la clave {key}"),
        Ruled::OfRole { role } => format!("lo que se firma con la función {role}"),
    }
}

fn spanish_here(records: Option<u64>, sight: &str) -> String {
    match records {
        None | Some(0) => String::new(),
        Some(n) => format!(" Registros que ya están aquí y dejan de estar {sight}: {n}."),
    }
}
