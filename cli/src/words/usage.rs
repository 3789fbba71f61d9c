//! Why words on the command line mean nothing. The English sentences stand where the words are read.

/// Returns a reason, as it came, unless it is one of the parser's own, which only programmers know.
pub(super) fn english(why: &str) -> &str {
    let own = PARSER.iter().find(|(theirs, ..)| why.contains(theirs));
    own.map_or(why, |(_, english, _)| english)
}

/// Returns a reason in Spanish; in English, when it is not known here.
pub(super) fn spanish(why: &str) -> String {
    if let Some((.., spanish)) = PARSER.iter().find(|(theirs, ..)| why.contains(theirs)) {
        return (*spanish).to_owned();
    }
    let known = KNOWN.iter().find_map(|(english, spanish)| match english.split_once("{}") {
        None => (*english == why).then(|| (*spanish).to_owned()),
        Some((before, after)) => {
            let said = why.strip_prefix(before)?.strip_suffix(after)?;
            Some(spanish.replace("{}", said))
        }
    });
    known.unwrap_or_else(|| why.to_owned())
}

/// What numbers are refused with, by a part of the sentence: of Rust and of `clap`.
const PARSER: &[(&str, &str, &str)] = &[
    ("invalid digit", "it is not a whole number", "no es un número entero"),
    ("integer from empty string", "it is not a whole number", "no es un número entero"),
    ("number too large", "the number is too large", "el número es demasiado grande"),
    ("is not in 1..=3", "it is 1, 2 or 3", "es 1, 2 o 3"),
];

/// Reasons; `{}` stands for words that differ each time. The first that fits is said.
const KNOWN: &[(&str, &str)] = &[
    (
        "a time is like 14d, 2w, 36h, 3mo, 2026-12-24 or 2026-12-24T18:00+01:00",
        "un momento es como 14d, 2w, 36h, 3mo, 2026-12-24 o 2026-12-24T18:00+01:00",
    ),
    ("there is no such day or hour in the calendar", "ese día o esa hora no está en el calendario"),
    (
        "m could be minutes or months: write 90min for minutes, 3mo for months",
        "m podrían ser minutos o meses: escriba 90min para minutos, 3mo para meses",
    ),
    ("that is over already", "eso ya ha pasado"),
    ("a length is like 90min, 2h or 1d", "una duración es como 90min, 2h o 1d"),
    (
        "a rule is as calendars have it, such as FREQ=WEEKLY;BYDAY=SU",
        "una regla es como en los calendarios, por ejemplo FREQ=WEEKLY;BYDAY=SU",
    ),
    (
        "options go with --method approval, and it goes with nothing else",
        "las opciones van con --method approval, y este con nada más",
    ),
    ("a supermajority has it, and nothing else", "lo tiene una supermayoría, y nada más"),
    (
        "there is a home, and its config.toml says where",
        "ya hay una casa, y su config.toml dice dónde",
    ),
    ("it goes with --compromised", "va con --compromised"),
    (
        "records are not for a screen; name a file",
        "los registros no son para una pantalla; nombre un archivo",
    ),
    ("it has no column called name", "no tiene ninguna columna llamada name"),
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
    (
        "say consent, stand-aside, object or abstain; or --option NUMBER for an option",
        "diga consent (consiente), stand-aside (se aparta), object (objeta) o abstain (se abstiene); o --option NÚMERO para una opción",
    ),
    (
        "say own, region or movement",
        "diga own (solo los nodos propios), region (la región) o movement (todo el movimiento)",
    ),
    (
        "say open, federation or closed",
        "diga open (abierto), federation (federación) o closed (cerrado)",
    ),
    ("say one of {}", "diga una de estas palabras: {}"),
    ("say {}", "diga {}"),
    ("the kinds of records are {}", "las clases de registros son {}"),
    ("a power is one of {}", "un poder es uno de estos: {}"),
    (
        "a profile is ordinary, quiet, low-power or crisis",
        "un perfil es ordinary (corriente), quiet (discreto), low-power (poca energía) o crisis (crisis)",
    ),
    (
        "an amount is a whole number from 1, such as 5",
        "una cantidad es un número entero desde 1, como 5",
    ),
    ("the name of a node begins with 12D3Koo", "el nombre de un nodo empieza por 12D3Koo"),
    ("each of the ten is rated once", "cada uno de los diez se valora una vez"),
    ("this may live at most {} days", "esto puede durar {} días como mucho"),
    ("the proposal has {} options", "la propuesta tiene {} opciones"),
    ("it has two texts in '{}'", "tiene dos textos en '{}'"),
    (
        "a text has 1 to {} bytes in each language and no invisible characters",
        "un texto tiene de 1 a {} bytes en cada idioma y ningún carácter invisible",
    ),
    (
        "a name has a-z, 0-9 and '-', begins with a letter, is short and not 'us'",
        "un nombre lleva a-z, 0-9 y '-', empieza por una letra, es corto y no es 'us'",
    ),
    ("an ask is like {}", "una petición es como {}"),
    (
        "a language is a tag such as 'en' or 'pt-br'",
        "un idioma es una etiqueta como 'en' o 'pt-br'",
    ),
    (
        "the text is empty, too long, or has characters that cannot be shown",
        "el texto está vacío, es demasiado largo o tiene caracteres que no se pueden mostrar",
    ),
    ("the list is too long", "la lista es demasiado larga"),
    (
        "a short name has 1 to 64 bytes and no control characters or outer spaces",
        "un nombre corto tiene de 1 a 64 bytes, sin caracteres de control ni espacios en los extremos",
    ),
    (
        "a place is an ISO 3166 or UN M49 code or a geohash of at most five characters",
        "un lugar es un código ISO 3166 o UN M49, o un geohash de cinco letras como mucho",
    ),
    (
        "a link begins with https:// or http://, has no spaces and at most 300 bytes",
        "un enlace empieza por https:// o http://, no lleva espacios y tiene 300 bytes como mucho",
    ),
    (
        "a region's name has 2 to 32 of a-z, 0-9 and '-', such as gb-bristol",
        "el nombre de una región tiene de 2 a 32 de a-z, 0-9 y '-', como gb-bristol",
    ),
    (
        "an address looks like /ip4/192.0.2.7/tcp/8471 or {}",
        "una dirección es como /ip4/192.0.2.7/tcp/8471 o {}",
    ),
    (
        "an id has only the letters a-z and the digits 2-7",
        "un id solo lleva las letras a-z y las cifras 2-7",
    ),
    (
        "an id has 52 letters, a prefix at least 6",
        "un id tiene 52 letras, y su comienzo al menos 6",
    ),
    (
        "'{}' is not a time zone; write it as 'Europe/London'",
        "'{}' no es una zona horaria; escríbala como 'Europe/London'",
    ),
    (
        "this machine does not name its time zone; say it",
        "esta máquina no dice cómo se llama su huso horario; dígalo",
    ),
    ("it begins too far away", "empieza demasiado lejos"),
];

#[cfg(test)]
mod tests {
    use weft_protocol::body::text::BoundError;
    use weft_protocol::region::ParseRegionError;

    use super::*;
    use crate::input::moment::MomentError;
    use crate::input::named::{kind, named};

    #[test]
    fn what_is_no_value_is_said_in_spanish_too() {
        let word = named::<weft_protocol::body::call::CallKind>("plea").unwrap_err();
        for (why, spanish_begins) in [
            (MomentError::Form.to_string(), "un momento"),
            (MomentError::NoSuchDay.to_string(), "ese día"),
            (MomentError::Unclear.to_string(), "m podrían ser"),
            (word, "diga una de estas palabras: need, offer"),
            (kind("plea").unwrap_err(), "las clases de registros son "),
            (BoundError::Place.to_string(), "un lugar"),
            (BoundError::Tag.to_string(), "un nombre corto"),
            (ParseRegionError.to_string(), "el nombre de una región"),
            ("x".parse::<u8>().unwrap_err().to_string(), "no es un número entero"),
            ("it has two texts in 'es'".to_owned(), "tiene dos textos en 'es'"),
            (weft_node::network::ParseAddressError.to_string(), "una dirección"),
        ] {
            assert!(spanish(&why).starts_with(spanish_begins), "{why}: {}", spanish(&why));
        }
        assert_eq!(english("invalid digit found in string"), "it is not a whole number");
        assert_eq!(spanish("something new"), "something new");
    }
}
