//! The words of fixed lists, as records spell them, for people.

use weft_protocol::body::values::ValueType;

/// Returns a word of a fixed list in Spanish; as records spell it, when it is not known here.
pub(super) fn spanish(word: &str) -> &str {
    KNOWN.iter().find(|(spelt, _)| *spelt == word).map_or(word, |(_, spanish)| spanish)
}

/// Returns the name of a kind of values.
pub(super) fn spanish_value(value: ValueType) -> &'static str {
    match value {
        ValueType::Un => "universalismo",
        ValueType::Sd => "autodirección",
        ValueType::St => "estimulación",
        ValueType::He => "hedonismo",
        ValueType::Ac => "logro",
        ValueType::Po => "poder",
        ValueType::Se => "seguridad",
        ValueType::Co => "conformidad",
        ValueType::Tr => "tradición",
        ValueType::Be => "benevolencia",
    }
}

/// Returns in Spanish what a power lets do, with the word by which it is given.
pub(super) fn spanish_power(word: &str) -> String {
    let known = POWERS.iter().find(|(spelt, _)| *spelt == word);
    known.map_or_else(|| word.to_owned(), |(_, spanish)| (*spanish).to_owned())
}

/// What powers are called that are not a word that Spanish has, too.
const POWERS: &[(&str, &str)] = &[
    ("profile", "perfil"),
    ("values", "valores"),
    ("delegate", "delegar"),
    ("call", "llamar y convocar"),
    ("respond", "responder"),
    ("endorse", "respaldar"),
    ("sign-tie", "firmar vínculos"),
    ("propose", "proponer"),
    ("vote", "votar"),
    ("minutes", "levantar actas"),
    ("disclose", "declarar"),
    ("end", "terminar"),
    ("bridge", "puente"),
    ("hosting", "alojar"),
];

/// Every word once: where two lists have the same, it means the same in both.
const KNOWN: &[(&str, &str)] = &[
    // Calls: what they are, how soon, at what risk, in which way.
    ("need", "necesidad"),
    ("offer", "oferta"),
    ("action", "acción"),
    ("alert", "alerta"),
    ("invitation", "invitación"),
    ("now", "ya"),
    ("days", "en días"),
    ("weeks", "en semanas"),
    ("open", "sin prisa"),
    ("none", "ninguno"),
    ("low", "bajo"),
    ("legal", "legal"),
    ("physical", "físico"),
    ("bridge", "puente"),
    ("hosting", "alojamiento"),
    ("block", "impedir"),
    ("build", "construir"),
    // How it is decided.
    ("consensus", "consenso"),
    ("consent", "consentimiento"),
    ("majority", "mayoría"),
    ("supermajority", "mayoría cualificada"),
    ("approval", "aprobación"),
    // Gatherings.
    ("forum", "foro"),
    ("call", "llamada"),
    ("assembly", "asamblea"),
    ("training", "formación"),
    ("circle", "círculo"),
    // Ties.
    ("member_of", "miembro de"),
    ("agreement", "acuerdo"),
    ("project", "proyecto"),
    ("anchor", "ancla"),
    ("fiscal_host", "anfitriona fiscal"),
    ("successor", "sucesora"),
    // Networks and roles.
    ("network", "red"),
    ("alliance", "alianza"),
    ("hub", "centro"),
    ("group", "grupo"),
    ("connector", "conectora"),
    ("forming", "en formación"),
    ("active", "activa"),
    ("dormant", "en reposo"),
    ("rep", "representante"),
    ("alternate", "suplente"),
    ("steward", "cuidadora"),
    ("member", "miembro"),
    ("facilitator", "facilitadora"),
    ("spokesperson", "portavoz"),
    ("chair", "presidencia"),
    ("scribe", "secretaría"),
    ("coach", "acompañante"),
    ("guardian", "guardián"),
    ("operator", "operadora"),
    // Openness.
    ("funding", "financiación"),
    ("conflict", "conflicto"),
    ("control", "control"),
    ("rationale", "razones"),
    ("report", "informe"),
    ("setback", "revés"),
    // How a node is, and what it has.
    ("ordinary", "corriente"),
    ("quiet", "discreto"),
    ("low-power", "poca energía"),
    ("crisis", "crisis"),
    ("all", "en total"),
    ("held", "retenidos"),
    ("valid", "válidos"),
    ("void", "que no valen"),
    ("identity", "identidad"),
    ("profile", "perfil"),
    ("role", "función"),
    ("values", "valores"),
    ("response", "respuesta"),
    ("proposal", "propuesta"),
    ("gathering", "encuentro"),
    ("tie", "vínculo"),
    ("disclosure", "declaración"),
    ("carriage", "traslado"),
    ("end", "final"),
    ("own", "propios"),
    ("others", "las demás"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_once_and_a_new_one_stays_as_it_is() {
        let mut words: Vec<&str> = KNOWN.iter().map(|(spelt, _)| *spelt).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
        assert_eq!(spanish("need"), "necesidad");
        assert_eq!(spanish("plea"), "plea");
    }
}
