//! Spanish: what is said most often. The rest is said in English.

use super::{Say, Word};
use crate::show::when::Unit;

/// Returns a sentence, if this language has it.
pub(super) fn sentence(say: &Say) -> Option<String> {
    let words = match say {
        Say::HomeExists { path } => format!(
            "Ya hay una casa en {path}, y se queda como está.\n\
             Elija otra con --home CARPETA, o siga con: weft up"
        ),
        Say::NoHome { path } => format!(
            "No hay ninguna casa en {path}.\n\
             Haga una con: weft init --region gb-bristol (con su propia región), o indique otra con --home CARPETA."
        ),
        Say::DiskFull => {
            "El disco está lleno y no se ha escrito nada. Libere espacio y repita la orden."
                .to_owned()
        }
        Say::NoSuchKey { key } => {
            format!("No hay ninguna clave {key}. Indique otra con --as NOMBRE.")
        }
        Say::WrongPassphrase { key } => format!(
            "Esta frase no abre la clave '{key}'. No se ha firmado nada. Inténtelo otra vez."
        ),
        Say::NoPassphrase => "Hace falta una frase de paso y no hay terminal para pedirla.\n\
             Use --passphrase-file ARCHIVO o la variable WEFT_PASSPHRASE."
            .to_owned(),
        Say::ShortPassphrase { letters } => {
            format!("Esta frase es demasiado corta: use al menos {letters} letras.")
        }
        Say::PassphrasesDiffer => "Las dos frases no coinciden. Inténtelo otra vez.".to_owned(),
        Say::AskPassphrase { key } => format!("Frase de paso de la clave '{key}':"),
        Say::AskNewPassphrase { key } => format!("Elija una frase de paso para la clave '{key}':"),
        Say::AskAgain => "Otra vez:".to_owned(),
        Say::NotConfirmed => "No se ha hecho nada.".to_owned(),
        Say::YesOrNo => "s/N".to_owned(),
        Say::NodeFar { why } => format!(
            "No se puede preguntar al nodo: {why}. Inténtelo de nuevo; si no, pida su dirección a quien lo opera."
        ),
        Say::NoNode => "Aquí no hay ningún nodo en marcha. Arránquelo con: weft up".to_owned(),
        Say::NotHere => {
            "Eso no está aquí. Puede estar en camino: pruebe 'weft sync now' y repita.".to_owned()
        }
        Say::NothingNamed { word } => format!("Aquí no hay nada que empiece por '{word}'."),
        Say::Ambiguous { word, candidates } => format!(
            "'{word}' puede ser varias cosas. Escriba más letras:\n  {}",
            candidates.join("\n  ")
        ),
        Say::Refused { why } => format!("Se ha rechazado y no ha cambiado nada: {why}."),
        Say::NoKeys => "Aquí no hay claves, así que no se puede firmar nada.\n\
             Funde una red: weft network found --name \"Nuestro nombre\", o pida una función: weft member request --label rep-1"
            .to_owned(),
        Say::ContactsFound { found } => format!(
            "Esto será público y parece un dato de contacto de alguien: {found}.\n\
             Lo que se publica no se puede retirar. ¿Publicarlo?"
        ),
        Say::Void { why } => format!("Se guarda, pero no vale: {why}."),
        Say::Signed { kind, id, peers: 0 } => format!("Firmado y guardado: {kind} {id}"),
        Say::Signed { kind, id, peers } => {
            format!("Firmado, guardado y comunicado a otros nodos ({peers}): {kind} {id}")
        }
        Say::NoPeerYet => "Ningún otro nodo lo tiene todavía. Saldrá solo en cuanto haya uno conectado: weft peers connect DIRECCIÓN".to_owned(),
        Say::Now => "ahora".to_owned(),
        Say::Never => "nunca".to_owned(),
        Say::Ago { count, unit } => format!("hace {}", counted(*count, *unit)),
        Say::Ahead { count, unit } => format!("en {}", counted(*count, *unit)),
        Say::NothingThere => "Todavía no hay nada.".to_owned(),
        Say::Stopping => "El nodo se está parando.".to_owned(),
        Say::Stopped => "El nodo se ha parado.".to_owned(),
        _ => return None,
    };
    Some(words)
}

fn counted(count: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Minutes => ("minuto", "minutos"),
        Unit::Hours => ("hora", "horas"),
        Unit::Days => ("día", "días"),
        Unit::Months => ("mes", "meses"),
        Unit::Years => ("año", "años"),
    };
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Returns a word.
pub(super) fn word(word: Word) -> &'static str {
    match word {
        Word::Accepted => "aceptado",
        Word::Active => "activo",
        Word::AllClear => "todo bien",
        Word::Answers => "respuestas",
        Word::Asked => "se pide",
        Word::Broken => "roto",
        Word::By => "de",
        Word::Claimed => "declarado por una parte",
        Word::Closed => "cerrada",
        Word::Concerns => "inquietudes",
        Word::Confirmed => "confirmado",
        Word::Delivered => "entregado",
        Word::Disputed => "en disputa",
        Word::EarlierVersion => "de una versión anterior",
        Word::Ended => "terminado",
        Word::Endorsed => "respaldado por",
        Word::Ends => "termina",
        Word::Expired => "vencido",
        Word::Fields => "campos",
        Word::From => "de",
        Word::Guardians => "guardianes",
        Word::Id => "id",
        Word::Key => "clave",
        Word::Kind => "tipo",
        Word::Languages => "idiomas",
        Word::Listening => "escucha en",
        Word::Met => "cubierto",
        Word::Missing => "falta la firma de",
        Word::Name => "nombre",
        Word::Needs => "aún falta",
        Word::Networks => "redes",
        Word::Node => "nodo",
        Word::Nodes => "nodos",
        Word::Offered => "ofrecido",
        Word::Open => "abierto",
        Word::PartMet => "cubierto en parte",
        Word::Parties => "partes",
        Word::Places => "lugares",
        Word::Powers => "puede",
        Word::Purpose => "propósito",
        Word::Received => "recibidos",
        Word::Records => "registros",
        Word::Regions => "regiones",
        Word::Remaining => "aún falta",
        Word::Resigned => "renunciado",
        Word::ReviewDue => "toca revisarlo",
        Word::Risk => "riesgo",
        Word::Role => "función",
        Word::Sent => "enviados",
        Word::Since => "desde",
        Word::State => "estado",
        Word::Status => "situación",
        Word::Text => "texto",
        Word::Title => "título",
        Word::Unconfirmed => "sin confirmar",
        Word::Urgency => "urgencia",
        Word::Values => "valores",
        Word::Version => "versión",
        Word::Waiting => "en espera",
        Word::When => "cuándo",
        Word::Withdrawn => "retirado",
    }
}
