//! Why comparing records with another node was given up.

use weft_protocol::sync::{GivenUp, Reason};

use super::Speech;

impl Speech {
    /// Returns why a comparison was given up, and by whom where that is not plain.
    pub(crate) fn given_up(self, GivenUp { reason, by_peer }: GivenUp) -> String {
        match self {
            Self::English => english(reason, by_peer),
            Self::Spanish => spanish(reason, by_peer),
        }
    }
}

fn english(reason: Reason, by_peer: bool) -> String {
    let (who, whom) = if by_peer { ("it", "this node") } else { ("this node", "it") };
    match reason {
        Reason::Frame => format!("{who} could not read what {whom} said"),
        Reason::Revision => "the two programs are too far apart; update the older one".to_owned(),
        Reason::Clocks => "the clocks of the two are more than five minutes apart".to_owned(),
        Reason::NothingShared => "the two have no region in common".to_owned(),
        Reason::TooLarge => "there are more records than can be compared at once".to_owned(),
        Reason::Unexpected => format!("{whom} said what had no place there"),
        Reason::Outside => format!("{whom} answered what was not asked"),
        Reason::Greedy => format!("{whom} asked for more than it can need"),
        Reason::Flood => format!("{whom} sent more than {who} had asked for"),
        Reason::Silent if by_peer => "it got no answer from this node".to_owned(),
        Reason::Silent => "no answer".to_owned(),
        Reason::Overlong => "it took too long; it goes on where it was".to_owned(),
        Reason::Other(code) => {
            format!("it gave the reason {code}, which a newer version of Weft understands")
        }
    }
}

fn spanish(reason: Reason, by_peer: bool) -> String {
    let (who, whom) = if by_peer { ("aquel", "este nodo") } else { ("este nodo", "aquel") };
    match reason {
        Reason::Frame => format!("{who} no pudo leer lo que dijo {whom}"),
        Reason::Revision => {
            "los dos programas son demasiado distintos; actualice el más antiguo".to_owned()
        }
        Reason::Clocks => "los relojes de los dos difieren en más de cinco minutos".to_owned(),
        Reason::NothingShared => "los dos no tienen ninguna región en común".to_owned(),
        Reason::TooLarge => "hay más registros de los que se pueden comparar a la vez".to_owned(),
        Reason::Unexpected => format!("{whom} dijo algo fuera de lugar"),
        Reason::Outside => format!("{whom} respondió a lo que nadie preguntó"),
        Reason::Greedy => format!("{whom} pidió más de lo que puede necesitar"),
        Reason::Flood => format!("{whom} envió más de lo que {who} había pedido"),
        Reason::Silent if by_peer => "no recibió respuesta de este nodo".to_owned(),
        Reason::Silent => "sin respuesta".to_owned(),
        Reason::Overlong => "tardó demasiado; seguirá donde estaba".to_owned(),
        Reason::Other(code) => {
            format!("dio la razón {code}, que entiende una versión más nueva de Weft")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_said_in_words_in_both_languages() {
        for reason in Reason::NAMED {
            for by_peer in [false, true] {
                let why = GivenUp { reason, by_peer };
                let said = [Speech::English, Speech::Spanish].map(|speech| speech.given_up(why));
                assert!(said[0] != said[1] && said.iter().all(|said| !said.contains("reason")));
            }
        }
    }
}
