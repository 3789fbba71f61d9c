//! Why words on the command line mean nothing, in Spanish. The English sentences stand where the words
//! are read.

/// Returns a reason; in English, when it is not known here.
pub(super) fn spanish(why: &str) -> &str {
    KNOWN.iter().find(|(english, _)| *english == why).map_or(why, |(_, spanish)| spanish)
}

const KNOWN: &[(&str, &str)] = &[
    (
        "a time is like 14d, 2w, 36h, 2026-12-24 or 2026-12-24T18:00+01:00",
        "un momento es como 14d, 2w, 36h, 2026-12-24 o 2026-12-24T18:00+01:00",
    ),
    ("that is over already", "eso ya ha pasado"),
    ("it is needed", "hace falta"),
    ("it is before the start", "es antes del comienzo"),
    ("it is not after --opens", "no es después de --opens"),
    (
        "that is still to come, and minutes say what was",
        "eso está por venir, y un acta dice lo que fue",
    ),
    (
        "the call has ended; say until when it is to count",
        "el llamamiento ha terminado; diga hasta cuándo debe valer",
    ),
    ("a bridge says both, and no other tie does", "un puente dice los dos, y ningún otro vínculo"),
    ("your keys speak for several networks", "sus claves hablan por varias redes"),
    ("your keys speak for no network here", "sus claves no hablan aquí por ninguna red"),
    (
        "your keys speak for several networks; name one",
        "sus claves hablan por varias redes; nombre una",
    ),
    ("percent are at most 100", "los porcentajes son 100 como mucho"),
    ("a rating is a number from -1 to 7", "una valoración es un número de -1 a 7"),
    ("seats are like 1+1", "los puestos son como 1+1"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::moment::MomentError;

    #[test]
    fn what_is_no_time_is_said_in_spanish_too() {
        assert!(spanish(&MomentError.to_string()).starts_with("un momento"));
    }
}
