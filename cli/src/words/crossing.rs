//! What a bridge decides, step by step, in Spanish. The English sentences are those of the rules
//! themselves.

use weft_protocol::bridge::{Answer, Check, Step};
use weft_protocol::record::Reach;
use weft_protocol::time::Timestamp;

/// Returns a step of a decision.
pub(super) fn spanish(step: &Step) -> String {
    let mark = match step.answer {
        Answer::Yes => "sí",
        Answer::NotYet => "todavía no",
        Answer::No => "no",
    };
    format!("{mark}: {}", check(&step.check))
}

fn check(check: &Check) -> String {
    match check {
        Check::Running => "la regla está en marcha".to_owned(),
        Check::Speaks { why: None } => "habla en nombre de su red".to_owned(),
        Check::Speaks { why: Some(why) } => {
            format!("tiene que hablar en nombre de su red, y no lo hace: {why}")
        }
        Check::Current => "nada ha ocupado su lugar".to_owned(),
        Check::Kind { kind } => format!("la regla lleva registros de la clase {kind}"),
        Check::Reach { reach } => {
            format!("su autor lo deja viajar (alcance {})", reach_word(*reach))
        }
        Check::Here { region } => format!("está en {region}"),
        Check::Echo { region } => format!("todavía no ha estado en {region}"),
        Check::Hops { hops, most } => format!("este es el puente {hops} de {most} como máximo"),
        Check::Age { days, most } => format!("tiene {days} días, como máximo {most}"),
        Check::Fields => "es de uno de los campos de la regla".to_owned(),
        Check::Languages => "está en uno de los idiomas de la regla".to_owned(),
        Check::Places => "es de uno de los lugares de la regla".to_owned(),
        Check::Networks => "es de una de las redes de la regla".to_owned(),
        Check::Policy { why: None } => "la política de este nodo lo deja cruzar".to_owned(),
        Check::Policy { why: Some(why) } => {
            format!("la política de este nodo lo deja cruzar: {why}")
        }
        Check::Endorsed { has, needs } => format!(
            "necesita {needs} apoyos independientes, tiene {} ({} en total, {} de redes reconocidas)",
            has.independent, has.all, has.recognised
        ),
        Check::Mandate => "este nodo tiene la función de puente de una red".to_owned(),
        Check::Entitled { tie: Some(tie) } => {
            format!("el vínculo {} da derecho a llevarlo allí", tie.short())
        }
        Check::Entitled { tie: None } => {
            "un vínculo de puente activo con una red de allí da derecho a llevarlo".to_owned()
        }
        Check::Carried { until: Some(until) } => {
            format!("se lleva hasta el {}", Timestamp::from_secs(*until))
        }
        Check::Carried { until: None } => "todavía no se lleva".to_owned(),
        Check::Rate { per_hour } => format!("cruzan como máximo {per_hour} por hora"),
    }
}

fn reach_word(reach: Reach) -> &'static str {
    match reach {
        Reach::Own => "propio",
        Reach::Region => "región",
        Reach::Movement => "movimiento",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_said_in_both_languages() {
        let step = Step { answer: Answer::NotYet, check: Check::Mandate };
        assert_eq!(step.to_string(), "not yet: this node holds a role as bridge of a network");
        assert_eq!(spanish(&step), "todavía no: este nodo tiene la función de puente de una red");
    }
}
