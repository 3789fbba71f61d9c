//! Spanish: what is said most often. The rest is said in English.

use super::Say;

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
        _ => return None,
    };
    Some(words)
}
