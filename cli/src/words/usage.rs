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
    let known = KNOWN.iter().find_map(|(english, spanish)| {
        let filled = holes(english, why)?;
        let mut parts = spanish.split("{}");
        let mut said = parts.next().unwrap_or_default().to_owned();
        for (hole, part) in filled.iter().zip(parts) {
            said.push_str(hole);
            said.push_str(part);
        }
        Some(said)
    });
    known.unwrap_or_else(|| why.to_owned())
}

/// Returns what stands in a sentence in the places of each `{}`, if it is that sentence.
fn holes<'a>(sentence: &str, said: &'a str) -> Option<Vec<&'a str>> {
    let mut parts: Vec<&str> = sentence.split("{}").collect();
    let last = parts.pop().filter(|_| !parts.is_empty());
    let Some(last) = last else { return (sentence == said).then(Vec::new) };
    let mut rest = said.strip_prefix(*parts.first()?)?;
    let mut filled = Vec::new();
    for part in &parts[1..] {
        let at = rest.find(part)?;
        filled.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    filled.push(rest.strip_suffix(last)?);
    Some(filled)
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
    (
        "it has no column called {}; its first line is: {}",
        "no tiene ninguna columna llamada {}; su primera línea es: {}",
    ),
    (
        "in line {} a quotation mark is opened and not closed where the cell ends",
        "en la línea {} se abren unas comillas que no se cierran donde acaba la celda",
    ),
    (
        "line {} is neither in UTF-8 nor in Latin-1; save the table as 'CSV UTF-8'",
        "la línea {} no está en UTF-8 ni en Latin-1; guarde la tabla como «CSV UTF-8»",
    ),
    ("it begins as {} and goes on as something else", "empieza como {} y sigue como otra cosa"),
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
    ("it says nothing", "no dice nada"),
    ("it has characters that nobody can see", "tiene caracteres que nadie puede ver"),
    (
        "it stands in one line: leave out the line breaks and tabs",
        "va en una sola línea: quite los saltos de línea y los tabuladores",
    ),
    ("a text has at most {} languages", "un texto tiene {} idiomas como mucho"),
    (
        "it has {} letters, which take {} bytes, and at most {} bytes fit; a letter such as ñ takes two",
        "tiene {} letras, que ocupan {} bytes, y caben {} bytes como mucho; una letra como la ñ ocupa dos",
    ),
    (
        "'{}' could be a language or a word: begin with '={}=' if it is a word, or add --lang {} and leave it out",
        "«{}» puede ser un idioma o una palabra: empiece con '={}=' si es una palabra, o añada --lang {} y déjelo fuera",
    ),
    (
        "there is no such language; it is a code such as en, es or pt-br",
        "no hay tal idioma; es un código como en, es o pt-br",
    ),
    (
        "a geohash has one to five characters, 0-9 and a-z without a, i, l and o",
        "un geohash tiene de uno a cinco caracteres, 0-9 y a-z sin a, i, l ni o",
    ),
    (
        "it could be the country {} or the square {} of the map: write {}, or geohash:{}",
        "puede ser el país {} o el cuadro {} del mapa: escriba {}, o geohash:{}",
    ),
    (
        "countries have two letters here, and it could be the square {} of the map: then write geohash:{}",
        "los países tienen aquí dos letras, y puede ser el cuadro {} del mapa: entonces escriba geohash:{}",
    ),
    ("the code of the United Kingdom is GB", "el código del Reino Unido es GB"),
    (
        "there is no country {}; a square of the map is written geohash:gc",
        "no hay ningún país {}; un cuadro del mapa se escribe geohash:gc",
    ),
    ("it has neither letters nor digits", "no tiene letras ni cifras"),
    ("the shares together are {} %, and all of it is 100", "las partes suman {} %, y todo es 100"),
    (
        "an objection says why, so that others can answer it: add --text",
        "una objeción dice por qué, para que las demás puedan responder: añada --text",
    ),
    (
        "a name has a-z, 0-9 and '-', begins with a letter, is short and not 'us'",
        "un nombre lleva a-z, 0-9 y '-', empieza por una letra, es corto y no es 'us'",
    ),
    (
        "an ask is like beds, beds:20, beds:20:nights or tag=beds,amount=20,unit=nights,text=\"with a lift\"",
        "una petición es como camas, camas:20, camas:20:noches o tag=camas,amount=20,unit=noches,text=\"con ascensor\"",
    ),
    ("the call asks for: {}", "el llamamiento pide: {}"),
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
            (
                crate::input::code::place("us").unwrap_err(),
                "puede ser el país US o el cuadro us del mapa: escriba US, o geohash:us",
            ),
            (weft_node::network::ParseAddressError.to_string(), "una dirección"),
        ] {
            assert!(spanish(&why).starts_with(spanish_begins), "{why}: {}", spanish(&why));
        }
        assert_eq!(english("invalid digit found in string"), "it is not a whole number");
        assert_eq!(spanish("something new"), "something new");
    }
}
