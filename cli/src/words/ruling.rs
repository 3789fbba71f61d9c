//! Who is let in, and why, in Spanish. The English sentences are those of the rules themselves.

use std::borrow::Cow;

use weft_protocol::admission::{Action, Entry, Resource, Ruling, Subject};
use weft_protocol::time::Timestamp;

use super::{Joining, Speech};

/// What is written down as the reason of who welcomes a network and gives none.
pub(crate) const WELCOMED: &str = "welcomed";

/// Returns what the operator has said.
pub(super) fn spanish_entry(entry: &Entry) -> String {
    let action = match entry.action {
        Action::Allow => "se deja entrar",
        Action::Mute => "no se muestra",
        Action::Block => "se deja fuera",
    };
    let subject = match &entry.subject {
        Subject::Network(net) => format!("lo de la red {}", net.short()),
        Subject::Kind(kind) => format!("todo {kind}"),
        Subject::Region(region) => format!("lo de {region}"),
        Subject::Peer(node) => format!("lo que trae el nodo {}", node.short()),
        Subject::Key(key) => format!("lo que firma la clave {}", key.short()),
        Subject::Role(role) => format!("lo que se firma con la función {}", role.short()),
    };
    let until = entry.until.map(|until| format!(" hasta el {}", Timestamp::from_secs(until)));
    let reason = spanish_reason(&entry.reason);
    format!("{action} {subject}{}: {reason}", until.unwrap_or_default())
}

/// Returns why something was said, where nobody has given a reason and the program wrote one down.
fn spanish_reason(reason: &str) -> Cow<'_, str> {
    if reason == WELCOMED {
        "bienvenida".into()
    } else if reason == Speech::English.of_joining(&Joining::Vouched) {
        Speech::Spanish.of_joining(&Joining::Vouched).into()
    } else {
        reason.into()
    }
}

/// Returns a step of a ruling.
pub(super) fn spanish(ruling: &Ruling) -> String {
    match ruling {
        Ruling::Door => "entró por la puerta de este mismo nodo".to_owned(),
        Ruling::Said { entry } => format!("la política de este nodo: {}", spanish_entry(entry)),
        Ruling::Recognised { distance: 0, .. } => {
            "su red es una de las que este nodo toma como punto de partida".to_owned()
        }
        Ruling::Recognised { distance: 1, .. } => {
            "su red tiene un vínculo con una de las que este nodo toma como punto de partida"
                .to_owned()
        }
        Ruling::Recognised { distance, payer } => format!(
            "una cadena de {distance} vínculos lleva a su red; comparte el cupo de {}",
            payer.short()
        ),
        Ruling::Unknown => "ninguna cadena de vínculos lleva a su red".to_owned(),
        Ruling::Carried { by } => {
            format!("lo lleva el puente de {}, que responde por ello", by.short())
        }
        Ruling::Wanted => "algo que está guardado se refiere a ello".to_owned(),
        Ruling::Answers => "responde a algo que está guardado, o dice quién responde".to_owned(),
        Ruling::Unnamed => {
            "su red no ha nombrado la clave que lo firmó; cuenta en el cupo de quien lo trajo"
                .to_owned()
        }
        Ruling::Idle => {
            "su red no respalda la clave que lo firmó; cuenta en el cupo de quien lo trajo"
                .to_owned()
        }
        Ruling::Open => "este nodo deja entrar a recién llegadas".to_owned(),
        Ruling::Closed => "este nodo solo deja entrar a quien se nombra".to_owned(),
        Ruling::Waits => {
            "se guarda entre las recién llegadas hasta que su red tenga un vínculo con una \
                          conocida, o se la deje entrar"
                .to_owned()
        }
        Ruling::Full => {
            "de su red, o de quienes comparten su sitio, hay guardado tanto como cabe en este nodo"
                .to_owned()
        }
        Ruling::Short { resource, ready } => {
            let what = match resource {
                Resource::Records => "demasiados registros",
                Resource::Bytes => "demasiados bytes",
                Resource::SyncTime => "demasiado tiempo",
                Resource::Stubs => "demasiados registros rechazados",
            };
            format!("{what} en una hora; vuelve a haber sitio el {ready}")
        }
    }
}

#[cfg(test)]
mod tests {
    use weft_protocol::id::NetId;

    use super::*;

    #[test]
    fn a_ruling_is_said_in_both_languages() {
        let entry = Entry {
            subject: Subject::Network(NetId([0; 32])),
            action: Action::Block,
            reason: "spam".to_owned(),
            until: None,
            name: None,
        };
        assert_eq!(entry.to_string(), "keep out the network aaaaaaaaaa: spam");
        assert_eq!(
            spanish(&Ruling::Said { entry }),
            "la política de este nodo: se deja fuera lo de la red aaaaaaaaaa: spam"
        );
        let vouched = Speech::English.of_joining(&Joining::Vouched);
        for (said, words) in [
            (WELCOMED, "bienvenida"),
            (&vouched, "responde por nosotras en la invitación con la que entramos"),
            ("welcomed by all", "welcomed by all"),
        ] {
            assert_eq!(spanish_reason(said), words);
        }
    }
}
