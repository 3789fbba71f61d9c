//! What follows from what an operator has just said of others.

use super::Speech;

/// How a network is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum How {
    /// It has a tie with a network that lives here.
    Tied,
    /// It vouches in the invite by which we joined, or was let in by name.
    Vouches,
    /// A chain of ties leads to it; through whom.
    Through { name: String },
}

/// What was said, of whom, and how many records it touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruled {
    /// A newcomer is let in, with what was kept of it.
    Welcomed { name: String, records: u64 },
    /// A network that was kept out is let in; why it was not.
    WelcomedBack { name: String, reason: String },
    /// Asks whether a network is to be kept out that is known here; by which word it is let in again, and
    /// which tie it has with one that lives here.
    AskKeepOut { name: String, word: String, how: How, records: u64, tie: Option<String> },
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
            format!("{name} is let in: what it signs is taken from now on.")
        }
        Ruled::Welcomed { name, records: 1 } => format!("{name} is let in, with its 1 record."),
        Ruled::Welcomed { name, records } => {
            format!("{name} is let in, with its {records} records.")
        }
        Ruled::WelcomedBack { name, reason } => {
            format!(
                "{name} is let in again, and what is here of it is shown. Why it was kept out: {reason}"
            )
        }
        Ruled::AskKeepOut { name, word, how, records, tie } => {
            let here = match records {
                0 => "",
                _ => {
                    " What is here of it stays until it ends, out of sight: only lists with --all show it."
                }
            };
            let tie = tie.as_ref().map_or_else(String::new, |tie| {
                format!(" Your tie with it stays as it is; to end that: weft tie end {tie}.")
            });
            format!(
                "{} Nothing that it signs from now on is taken here.{here}{tie} To let it in again: weft newcomer welcome {word}\nKeep it out?",
                english_how(name, how)
            )
        }
        Ruled::Refused { name, records: 0 } => format!(
            "{name} is kept out: nothing that it signs from now on is taken. To let it in again: weft newcomer list"
        ),
        Ruled::Refused { name, records: 1 } => {
            format!("{name} is kept out; the 1 record of it that waited is forgotten.")
        }
        Ruled::Refused { name, records } => {
            format!("{name} is kept out; the {records} records of it that waited are forgotten.")
        }
        Ruled::Allowed { what } => format!("Let in from now on: {what}."),
        Ruled::Muted { what, records } => format!(
            "Muted: {what} is kept and passed on, and not shown here.{}",
            english_here(*records, "are out of sight from now on")
        ),
        Ruled::Blocked { what, records } => format!(
            "Kept out from now on: {what}.{}",
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

/// Says how a network is known.
pub(super) fn english_how(name: &str, how: &How) -> String {
    match how {
        How::Tied => format!("{name} has a tie with you."),
        How::Vouches => {
            format!("{name} is let in here by name, or vouches in the invite by which you joined.")
        }
        How::Through { name: through } => {
            format!("{name} is known here by its ties with {through}.")
        }
    }
}

/// The same in Spanish.
pub(super) fn spanish_how(name: &str, how: &How) -> String {
    match how {
        How::Tied => format!("{name} tiene un vínculo con usted."),
        How::Vouches => format!(
            "A {name} se la deja entrar aquí por su nombre, o es quien responde en la invitación con la que usted entró."
        ),
        How::Through { name: through } => {
            format!("A {name} se la conoce aquí por sus vínculos con {through}.")
        }
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
            format!("{name} entra: lo que firme se toma desde ahora.")
        }
        Ruled::Welcomed { name, records: 1 } => {
            format!("{name} entra, con su único registro.")
        }
        Ruled::Welcomed { name, records } => {
            format!("{name} entra, con sus {records} registros.")
        }
        Ruled::WelcomedBack { name, reason } => format!(
            "{name} entra de nuevo, y lo que hay aquí de ella se muestra. Por qué estaba fuera: {reason}"
        ),
        Ruled::AskKeepOut { name, word, how, records, tie } => {
            let here = match records {
                0 => "",
                _ => {
                    " Lo que ya hay aquí de ella queda hasta que termine, sin mostrarse: solo lo enseñan las listas con --all."
                }
            };
            let tie = tie.as_ref().map_or_else(String::new, |tie| {
                format!(
                    " Su vínculo con ella queda como está; para terminarlo: weft tie end {tie}."
                )
            });
            format!(
                "{} Nada de lo que firme desde ahora se toma aquí.{here}{tie} Para dejarla entrar de nuevo: weft newcomer welcome {word}\n¿Dejarla fuera?",
                spanish_how(name, how)
            )
        }
        Ruled::Refused { name, records: 0 } => format!(
            "{name} se queda fuera: nada de lo que firme desde ahora se toma. Para dejarla entrar de nuevo: weft newcomer list"
        ),
        Ruled::Refused { name, records: 1 } => {
            format!("{name} se queda fuera; su único registro, que esperaba, se olvida.")
        }
        Ruled::Refused { name, records } => {
            format!("{name} se queda fuera; sus {records} registros, que esperaban, se olvidan.")
        }
        Ruled::Allowed { what } => format!("Entra desde ahora: {what}."),
        Ruled::Muted { what, records } => format!(
            "Silenciado: {what} se guarda y se pasa, y aquí no se muestra.{}",
            spanish_here(*records, "a la vista")
        ),
        Ruled::Blocked { what, records } => format!(
            "Se queda fuera desde ahora: {what}.{}",
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
