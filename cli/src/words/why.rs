//! Why records do not count, and how that was found, in Spanish. The English sentences are those
//! of the rules themselves.

use weft_protocol::authority::{Standing, Why};
use weft_protocol::body::identity::Reason;
use weft_protocol::ledger::{Step, Waiting};

/// Returns a reason.
pub(super) fn spanish(why: &Why) -> String {
    match why {
        Why::Expired => "ya ha vencido".to_owned(),
        Why::Future => "tiene una fecha futura".to_owned(),
        Why::KeyUnnamed => "la red nunca nombró la clave que lo firmó".to_owned(),
        Why::BeforeInception => "su fecha es anterior a la fundación de la red".to_owned(),
        Why::KeyNotInForce => "en esa fecha la clave no era la de la red".to_owned(),
        Why::KeyRevoked { reason: Reason::Compromised, .. } => {
            "la red revocó la clave por robada y no conservó este registro".to_owned()
        }
        Why::KeyRevoked { since, .. } => format!("la red revocó la clave desde {since}"),
        Why::Disputed { since } => format!("la identidad está en disputa desde {since}"),
        Why::Closed { at } => format!("la red se cerró el {at}"),
        Why::NotOnLog => "no continúa la historia de claves de la red".to_owned(),
        Why::RotationKeySigns => "una clave de rotación no puede firmar lo demás".to_owned(),
        Why::GuardiansMissing { have, need } => {
            format!("han firmado {have} de los {need} guardianes que hacen falta")
        }
        Why::GuardiansNotAsked => {
            "solo los guardianes pueden decir quiénes son los guardianes".to_owned()
        }
        Why::RoleMissing => "la función con la que se firmó no está aquí".to_owned(),
        Why::RoleVoid => "la función con la que se firmó no vale".to_owned(),
        Why::RoleNotAccepted => "quien tiene la función no la ha aceptado".to_owned(),
        Why::BeforeRole { from } => format!("la función no empieza hasta el {from}"),
        Why::RoleEnded { at, .. } => format!("la función se retiró el {at}"),
        Why::RoleKeyCompromised { .. } => {
            "la clave de la función fue robada y este registro no se conservó".to_owned()
        }
        Why::NotTheHolder => "la función es de otra clave".to_owned(),
        Why::OutlivesRole { until } => format!("duraría más que la función, que acaba el {until}"),
        Why::PowerMissing { any_of } => {
            let powers: Vec<&str> = any_of.iter().map(|power| power.as_str()).collect();
            format!("a la función le falta el poder {}", powers.join(" o "))
        }
        Why::NetworkKeyOnly => "solo la clave de la propia red puede firmar esto".to_owned(),
        Why::OutOfScope => "la función está limitada a otra cosa".to_owned(),
        Why::MoreThanGranter => "la función da más de lo que tiene quien la dio".to_owned(),
        Why::ChainTooLong => "una función se puede delegar dos veces como mucho".to_owned(),
        Why::NotTheGranter => "esta función la dio otra clave".to_owned(),
        Why::TargetMissing { thing } => {
            format!("aquello a lo que responde, {}, no está aquí", thing.short())
        }
        Why::Elsewhere { region, reach } => format!(
            "aquello a lo que responde vive en {region} y llega a {}: solo cuenta allí, y si llega igual de lejos",
            reach.as_str()
        ),
        Why::SupportIsNeverOwn => {
            "las funciones y sus aceptaciones tienen que llegar a los demás".to_owned()
        }
        Why::OtherElectors => {
            "una versión posterior de una propuesta mantiene el vínculo que decide y el momento de sus puestos"
                .to_owned()
        }
        Why::OtherThing => "sigue a una versión de otra cosa".to_owned(),
        Why::Surplus => {
            "ya se guardan tantos iguales como puede haber; empiece algo nuevo".to_owned()
        }
        Why::EndsNothing => "el final no alcanza a nada de lo que nombra".to_owned(),
        Why::EndsBeforePredecessor { until } => {
            format!("la versión a la que sustituye dura más, hasta el {until}")
        }
    }
}

/// Returns what a record waits for.
pub(super) fn spanish_waiting(waiting: &Waiting) -> String {
    match waiting {
        Waiting::Due(at) => {
            format!("su fecha es futura, {at}; compruebe los relojes de las dos máquinas")
        }
        Waiting::Missing(id) => format!("remite a {}, que todavía no está aquí", id.short()),
        Waiting::Unnamed => "la red que nombra no ha nombrado su clave".to_owned(),
    }
}

/// Returns a step of a judgement.
pub(super) fn spanish_step(step: &Step) -> String {
    match step {
        Step::Absent => "no está aquí".to_owned(),
        Step::Waits(waiting) => format!("espera: {}", spanish_waiting(waiting)),
        Step::Signed { kind, net, key } => {
            format!("{kind} de la red {}, firmado por la clave {}", net.short(), key.short())
        }
        Step::UnderRole(role) => format!("firmado con la función {}", role.short()),
        Step::UnderNetworkKey => "firmado por la propia red".to_owned(),
        Step::Judged(Standing::Valid) => "vale".to_owned(),
        Step::Judged(Standing::Held(why)) => format!("en espera: {}", spanish(why)),
        Step::Judged(Standing::Void(why)) => format!("no vale: {}", spanish(why)),
        Step::EndedBy(id) => format!("terminado por el registro {}", id.short()),
        Step::Superseded => "sustituido por otro posterior".to_owned(),
        Step::Erased => "borrado".to_owned(),
        Step::InSet(scope) => format!("se comparte en {scope}"),
        Step::Carries => "lleva a su región lo que nombra".to_owned(),
        Step::LeadsBack => {
            "no lleva nada: vuelve a una región por la que dice haber pasado".to_owned()
        }
        Step::NotEntitled(tie) => format!(
            "no lleva nada: el vínculo {} no da derecho a su red a llevar registros allí",
            tie.short()
        ),
    }
}

#[cfg(test)]
mod tests {
    use weft_protocol::body::role::Power;
    use weft_protocol::id::{RecordId, ThingId};
    use weft_protocol::record::Reach;
    use weft_protocol::time::Timestamp;

    use super::*;

    /// Every reason; the compiler holds [`spanish`] to the same list.
    fn all() -> Vec<Why> {
        let (at, by) = (Timestamp::from_secs(1_800_000_000), RecordId([1; 32]));
        vec![
            Why::Expired,
            Why::Future,
            Why::KeyUnnamed,
            Why::BeforeInception,
            Why::KeyNotInForce,
            Why::KeyRevoked { reason: Reason::Compromised, since: at },
            Why::KeyRevoked { reason: Reason::Lost, since: at },
            Why::Disputed { since: at },
            Why::Closed { at },
            Why::NotOnLog,
            Why::RotationKeySigns,
            Why::GuardiansMissing { have: 1, need: 2 },
            Why::GuardiansNotAsked,
            Why::RoleMissing,
            Why::RoleVoid,
            Why::RoleNotAccepted,
            Why::BeforeRole { from: at },
            Why::RoleEnded { at, by },
            Why::RoleKeyCompromised { by },
            Why::NotTheHolder,
            Why::OutlivesRole { until: at },
            Why::PowerMissing { any_of: vec![Power::Call] },
            Why::NetworkKeyOnly,
            Why::OutOfScope,
            Why::MoreThanGranter,
            Why::ChainTooLong,
            Why::NotTheGranter,
            Why::TargetMissing { thing: ThingId([1; 32]) },
            Why::Elsewhere { region: "gb-bristol".parse().unwrap(), reach: Reach::Movement },
            Why::SupportIsNeverOwn,
            Why::OtherElectors,
            Why::OtherThing,
            Why::Surplus,
            Why::EndsNothing,
            Why::EndsBeforePredecessor { until: at },
        ]
    }

    #[test]
    fn every_reason_has_both_languages() {
        for why in all() {
            let (english, spanish) = (why.to_string(), spanish(&why));
            assert!(!english.is_empty() && !spanish.is_empty(), "{why:?}");
            assert_ne!(english, spanish, "{why:?}");
        }
    }
}
