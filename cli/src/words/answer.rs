//! What the answers to a record are called, by their kind and by what they answer.

use weft_protocol::body::response::ResponseKind;

use super::Speech;

impl Speech {
    /// Returns what an answer of this kind is called.
    pub(crate) fn answer(self, kind: ResponseKind) -> &'static str {
        match self {
            Self::English => english(kind).1,
            Self::Spanish => spanish(kind).1,
        }
    }

    /// The same with its article, as it stands in a sentence.
    pub(crate) fn an_answer(self, kind: ResponseKind) -> String {
        let (article, noun, _) = match self {
            Self::English => english(kind),
            Self::Spanish => spanish(kind),
        };
        format!("{article} {noun}").trim_start().to_owned()
    }

    /// The same with the id of what it answers.
    pub(crate) fn answer_to(self, kind: ResponseKind, id: &str) -> String {
        let (_, noun, to) = match self {
            Self::English => english(kind),
            Self::Spanish => spanish(kind),
        };
        format!("{noun} {to} {id}")
    }
}

/// The article, the noun, and the word between it and what is answered.
type Noun = (&'static str, &'static str, &'static str);

fn english(kind: ResponseKind) -> Noun {
    match kind {
        ResponseKind::Endorse => ("an", "endorsement", "of"),
        ResponseKind::Offer => ("an", "offer", "to"),
        ResponseKind::Accept => ("an", "acceptance", "of"),
        ResponseKind::Decline => ("a", "refusal", "of"),
        ResponseKind::Deliver => ("a", "delivery", "on"),
        ResponseKind::Confirm => ("a", "confirmation", "of"),
        ResponseKind::Contest => ("a", "denial", "of"),
        ResponseKind::Thanks => ("", "thanks", "for"),
        ResponseKind::Learn => ("a", "lesson", "from"),
        ResponseKind::Concern => ("a", "concern", "about"),
        ResponseKind::Ballot => ("a", "ballot", "on"),
        ResponseKind::Minutes => ("", "minutes", "of"),
    }
}

fn spanish(kind: ResponseKind) -> Noun {
    match kind {
        ResponseKind::Endorse => ("un", "respaldo", "a"),
        ResponseKind::Offer => ("una", "oferta", "a"),
        ResponseKind::Accept => ("una", "aceptación", "de"),
        ResponseKind::Decline => ("un", "rechazo", "de"),
        ResponseKind::Deliver => ("una", "entrega", "de"),
        ResponseKind::Confirm => ("una", "confirmación", "de"),
        ResponseKind::Contest => ("una", "impugnación", "de"),
        ResponseKind::Thanks => ("", "gracias", "por"),
        ResponseKind::Learn => ("un", "aprendizaje", "de"),
        ResponseKind::Concern => ("una", "inquietud", "sobre"),
        ResponseKind::Ballot => ("un", "voto", "sobre"),
        ResponseKind::Minutes => ("un", "acta", "de"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_called_by_what_it_does_and_to_what() {
        use ResponseKind::{Accept, Thanks};
        assert_eq!(Speech::English.answer_to(Accept, "abc"), "acceptance of abc");
        assert_eq!(Speech::Spanish.answer_to(Thanks, "abc"), "gracias por abc");
        assert_eq!(Speech::English.an_answer(Thanks), "thanks");
        assert_eq!(Speech::Spanish.an_answer(Accept), "una aceptación");
    }
}
