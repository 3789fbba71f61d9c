//! What is said before somebody signs what would count for nothing.

use weft_protocol::body::response::ResponseKind;

use super::Speech;
use weft_protocol::advice::Absence;

/// Why an answer, an end or a version would change nothing. Networks stand here by the names that
/// they have for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bearing {
    /// Only the network that said something may change it or take it back.
    OnlyAuthor { name: String },
    /// Only the network that called may say this.
    OnlyCaller { name: String },
    /// Only the network that made the offer may say this.
    OnlyGiver { name: String },
    /// A call or something else is withdrawn, met or over, as this word says.
    Over { phase: String },
    /// It is withdrawn already.
    WithdrawnAlready,
    /// Nothing was delivered on an offer yet.
    NotDelivered { offer: String },
    /// Several deliveries could be meant.
    SeveralDeliveries { deliveries: Vec<String> },
    /// The offer was not accepted yet.
    NotAccepted { name: String },
    /// A delivery of more than is left of what was accepted of the offer.
    MoreThanLeft { left: u64 },
    /// Of an offer more is accepted than was offered, or of a delivery more confirmed than was delivered.
    MoreThanIs { answered: String, most: u64 },
    /// What was named is a call, and an answer to one is meant.
    IsCall { call: String },
    /// Another offer or delivery has taken the place of this one.
    Outdone { kind: ResponseKind },
    /// What it answers, or what that rests on, is gone.
    Gone { thing: String, why: Absence },
    /// The same was said already.
    SaidAlready { earlier: String },
    /// More would be offered or accepted than was asked for.
    MoreThanAsked { wanted: u64, would: u64 },
    /// The network is no party of the tie.
    NoParty { name: String },
    /// A delivery on the offer was confirmed, which would no longer count.
    Confirmed,
    /// What was named is an answer of another kind.
    OtherAnswer { is: Option<ResponseKind>, wanted: ResponseKind },
    /// Takes the place of an earlier answer of this kind: of an offer that nobody has accepted, or of a
    /// concern about the same.
    Replaces { kind: ResponseKind, earlier: String },
    /// Stands beside an earlier offer, which was accepted.
    Beside { offer: String },
    /// A concern that others are to answer.
    NotConcerned { name: String },
    /// It lives this long already, and no version ends sooner.
    LivesLonger { until: String },
    /// One's own call, which only others answer.
    OwnCall,
    /// One's own concern.
    OwnConcern,
    /// Voting has not begun; when it does, if that is known.
    NotVotingYet { opens: Option<String> },
    /// Voting is over since then.
    VotingOver { closed: String },
    /// The network has no vote.
    NoElector { name: String },
    /// The proposal asks which option, and the ballot names none.
    NamesNoOption,
    /// The proposal does not ask which option, and the ballot names some.
    OptionsConsent,
    /// A proposal is decided, as this word says.
    Decided { phase: String },
    /// The gathering was cancelled.
    GatheringCancelled,
    /// A gathering is announced that is over.
    OverAlready { ended: String },
    /// The network does not host the gathering.
    NoHost { name: String },
}

impl Speech {
    /// Returns a sentence about what bears on nothing.
    pub(crate) fn of_bearing(self, said: &Bearing) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn english(said: &Bearing) -> String {
    match said {
        Bearing::OnlyAuthor { name } => {
            format!("Nothing was signed: only {name}, who has said it, may change it or take it back.")
        }
        Bearing::OnlyCaller { name } => {
            format!("Nothing was signed: only {name}, who made the call, may say this.")
        }
        Bearing::OnlyGiver { name } => {
            format!("Nothing was signed: only {name}, who made the offer, may say this.")
        }
        Bearing::Over { phase } => {
            format!("The call is '{phase}', as this node knows it: this would count for nothing. Sign it all the same?")
        }
        Bearing::WithdrawnAlready => {
            "Nothing was signed: it is withdrawn already, and what is withdrawn stays so. Say it anew if you mean it again."
                .to_owned()
        }
        Bearing::NotDelivered { offer } => format!(
            "Nothing was signed: no delivery on the offer {offer} is here yet. Whoever made it says so with: weft offer deliver {offer}"
        ),
        Bearing::SeveralDeliveries { deliveries } => format!(
            "Nothing was signed: there are several deliveries on this offer. Name one of them:\n  {}",
            deliveries.join("\n  ")
        ),
        Bearing::NotAccepted { name } => {
            format!("{name} has not accepted this offer yet: the delivery counts from then on.")
        }
        Bearing::MoreThanLeft { left: 0 } => {
            "All that was accepted of this offer is delivered and confirmed already: this would count on top of it. Sign it all the same?"
                .to_owned()
        }
        Bearing::MoreThanLeft { left } => {
            format!("Of what was accepted of this offer {left} are left: this is more. Sign it all the same?")
        }
        Bearing::MoreThanIs { answered, most } => {
            format!("Nothing was signed: {answered} is of {most}, so it cannot be for more. Say --amount {most} or less, or leave it out for all of it.")
        }
        Bearing::IsCall { call } => {
            format!("Nothing was signed: '{call}' is a call, and an offer to it, or what came of one, is meant here. See them with: weft offer list --call {call}")
        }
        Bearing::Outdone { kind: ResponseKind::Deliver } => {
            "Another delivery has taken the place of this one: confirmed by itself, it counts beside that one. Sign it all the same?"
                .to_owned()
        }
        Bearing::Outdone { .. } => {
            "Another offer of the same network has taken the place of this one, or it was taken back: with this both may count. Sign it all the same?"
                .to_owned()
        }
        Bearing::Gone { thing, why } => {
            let why = match why {
                Absence::Missing => "is not here",
                Absence::Expired => "is over",
                Absence::Erased => "was erased",
                Absence::Ended => "was taken back",
                Absence::Silent => "does not count",
            };
            format!("What this rests on, {thing}, {why}, as this node knows it: this would count for nothing. Sign it all the same?")
        }
        Bearing::SaidAlready { earlier } => {
            format!("You have said this already, and it stands: {earlier}. Said twice it counts once. Sign it all the same?")
        }
        Bearing::MoreThanAsked { wanted, would } => {
            format!("The call asks for {wanted}, and with this it would be {would}. Sign it all the same?")
        }
        Bearing::NoParty { name } => {
            format!("{name} is no party of this tie, so its word on it does not count. Sign it all the same?")
        }
        Bearing::Confirmed => {
            "A delivery on this offer was confirmed: with the offer taken back, that counts no more, and the call needs it again. Take it back?"
                .to_owned()
        }
        Bearing::OtherAnswer { is: Some(is), wanted } => {
            format!("Nothing was signed: that is {}, and {} is meant here.", Speech::English.an_answer(*is), Speech::English.an_answer(*wanted))
        }
        Bearing::OtherAnswer { is: None, wanted } => {
            format!("Nothing was signed: that is no answer, and {} is meant here.", Speech::English.an_answer(*wanted))
        }
        Bearing::Replaces { kind: ResponseKind::Concern, earlier } => {
            format!("It takes the place of your earlier concern {earlier} about the same, words and all.")
        }
        Bearing::Replaces { earlier, .. } => {
            format!("It takes the place of your earlier offer {earlier} to the same ask, which counts no more.")
        }
        Bearing::Beside { offer } => {
            format!("Your earlier offer {offer} to the same ask was accepted and stays; this one stands beside it.")
        }
        Bearing::NotConcerned { name } => {
            format!("{name} has not said, hosts or agreed to what this concern is about, so its answer does not count. Sign it all the same?")
        }
        Bearing::LivesLonger { until } => {
            format!("Nothing was signed: it lives until {until} already, and what was said cannot be made to end sooner. You can take it back: weft call withdraw")
        }
        Bearing::OwnCall => {
            "Nothing was signed: it is your own call, and only what others answer to it counts. Change what it asks for with: weft call edit"
                .to_owned()
        }
        Bearing::OwnConcern => {
            "Nothing was signed: it is your own concern. Others answer it; you take it back with: weft concern withdraw"
                .to_owned()
        }
        Bearing::NotVotingYet { opens: Some(opens) } => {
            format!("Voting opens {opens}: a ballot before that does not count. Sign it all the same?")
        }
        Bearing::NotVotingYet { opens: None } => {
            "Voting has not opened, because a required voice was not heard yet: a ballot before that does not count. Sign it all the same?"
                .to_owned()
        }
        Bearing::VotingOver { closed } => {
            format!("Voting closed {closed}: a ballot after that does not count. Sign it all the same?")
        }
        Bearing::NoElector { name } => {
            format!("{name} is not among the electors, so its ballot does not count. Sign it all the same?")
        }
        Bearing::NamesNoOption => {
            "The proposal asks which option: this counts for the quorum and for none of them. Name one with --option NUMBER. Sign it all the same?"
                .to_owned()
        }
        Bearing::OptionsConsent => {
            "The proposal does not ask which option: a ballot for any of them consents to all of it. Sign it all the same?"
                .to_owned()
        }
        Bearing::Decided { phase } => {
            format!("Nothing was signed: the proposal is '{phase}' and cannot be taken back.")
        }
        Bearing::GatheringCancelled => {
            "Nothing was signed: the gathering was cancelled, and has no minutes.".to_owned()
        }
        Bearing::OverAlready { ended } => {
            format!("It was over {ended}: nobody can come any more. If that is a slip: weft gathering edit")
        }
        Bearing::NoHost { name } => {
            format!("{name} does not host this gathering, so its word on it does not count. Sign it all the same?")
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn spanish(said: &Bearing) -> String {
    match said {
        Bearing::OnlyAuthor { name } => {
            format!("No se ha firmado nada: solo {name}, que lo dijo, puede cambiarlo o retirarlo.")
        }
        Bearing::OnlyCaller { name } => {
            format!("No se ha firmado nada: solo {name}, que hizo el llamamiento, puede decir esto.")
        }
        Bearing::OnlyGiver { name } => {
            format!("No se ha firmado nada: solo {name}, que hizo la oferta, puede decir esto.")
        }
        Bearing::Over { phase } => {
            format!("El llamamiento está «{phase}», que sepa este nodo: esto no contaría para nada. ¿Firmarlo de todos modos?")
        }
        Bearing::WithdrawnAlready => {
            "No se ha firmado nada: ya está retirado, y lo retirado así se queda. Dígalo de nuevo si lo quiere otra vez."
                .to_owned()
        }
        Bearing::NotDelivered { offer } => format!(
            "No se ha firmado nada: aquí no hay todavía ninguna entrega de la oferta {offer}. Quien la hizo lo dice con: weft offer deliver {offer}"
        ),
        Bearing::SeveralDeliveries { deliveries } => format!(
            "No se ha firmado nada: hay varias entregas de esta oferta. Nombre una:\n  {}",
            deliveries.join("\n  ")
        ),
        Bearing::NotAccepted { name } => {
            format!("{name} todavía no ha aceptado esta oferta: la entrega cuenta desde entonces.")
        }
        Bearing::MoreThanLeft { left: 0 } => {
            "Todo lo aceptado de esta oferta está ya entregado y confirmado: esto contaría además. ¿Firmarlo de todos modos?"
                .to_owned()
        }
        Bearing::MoreThanLeft { left } => {
            format!("De lo aceptado de esta oferta quedan {left}: esto es más. ¿Firmarlo de todos modos?")
        }
        Bearing::MoreThanIs { answered, most } => {
            format!("No se ha firmado nada: {answered} es de {most}, así que no puede ser por más. Diga --amount {most} o menos, o no diga nada y será por todo.")
        }
        Bearing::IsCall { call } => {
            format!("No se ha firmado nada: «{call}» es un llamamiento, y aquí hace falta una oferta a él, o lo que salió de una. Véalas con: weft offer list --call {call}")
        }
        Bearing::Outdone { kind: ResponseKind::Deliver } => {
            "Otra entrega ha ocupado el lugar de esta: confirmada por sí sola, cuenta además de aquella. ¿Firmarlo de todos modos?"
                .to_owned()
        }
        Bearing::Outdone { .. } => {
            "Otra oferta de la misma red ha ocupado el lugar de esta, o se retiró: con esto pueden contar las dos. ¿Firmarlo de todos modos?"
                .to_owned()
        }
        Bearing::Gone { thing, why } => {
            let why = match why {
                Absence::Missing => "no está aquí",
                Absence::Expired => "ya terminó",
                Absence::Erased => "se borró",
                Absence::Ended => "se retiró",
                Absence::Silent => "no cuenta",
            };
            format!("Aquello en que esto se apoya, {thing}, {why}, que sepa este nodo: esto no contaría para nada. ¿Firmarlo de todos modos?")
        }
        Bearing::SaidAlready { earlier } => {
            format!("Ya lo ha dicho, y sigue en pie: {earlier}. Dicho dos veces cuenta una. ¿Firmarlo de todos modos?")
        }
        Bearing::MoreThanAsked { wanted, would } => {
            format!("El llamamiento pide {wanted}, y con esto serían {would}. ¿Firmarlo de todos modos?")
        }
        Bearing::NoParty { name } => {
            format!("{name} no es parte de este vínculo, así que su palabra sobre él no cuenta. ¿Firmarla de todos modos?")
        }
        Bearing::Confirmed => {
            "Se confirmó una entrega de esta oferta: retirada la oferta, deja de contar y el llamamiento vuelve a necesitarla. ¿Retirarla?"
                .to_owned()
        }
        Bearing::OtherAnswer { is: Some(is), wanted } => {
            format!("No se ha firmado nada: eso es {}, y aquí hace falta {}.", Speech::Spanish.an_answer(*is), Speech::Spanish.an_answer(*wanted))
        }
        Bearing::OtherAnswer { is: None, wanted } => {
            format!("No se ha firmado nada: eso no es una respuesta, y aquí hace falta {}.", Speech::Spanish.an_answer(*wanted))
        }
        Bearing::Replaces { kind: ResponseKind::Concern, earlier } => {
            format!("Ocupa el lugar de su inquietud anterior {earlier} sobre lo mismo, con sus palabras.")
        }
        Bearing::Replaces { earlier, .. } => {
            format!("Ocupa el lugar de su oferta anterior {earlier} a lo mismo, que deja de contar.")
        }
        Bearing::Beside { offer } => {
            format!("Su oferta anterior {offer} a lo mismo fue aceptada y se queda; esta se suma a ella.")
        }
        Bearing::NotConcerned { name } => {
            format!("{name} no ha dicho, ni acoge, ni acordó aquello de lo que trata esta inquietud, así que su respuesta no cuenta. ¿Firmarla de todos modos?")
        }
        Bearing::LivesLonger { until } => {
            format!("No se ha firmado nada: ya vive hasta {until}, y lo dicho no puede acabar antes. Puede retirarlo: weft call withdraw")
        }
        Bearing::OwnCall => {
            "No se ha firmado nada: es su propio llamamiento, y solo cuenta lo que contestan otras. Cambie lo que pide con: weft call edit"
                .to_owned()
        }
        Bearing::OwnConcern => {
            "No se ha firmado nada: es su propia inquietud. La contestan otras; usted la retira con: weft concern withdraw"
                .to_owned()
        }
        Bearing::NotVotingYet { opens: Some(opens) } => {
            format!("La votación se abre {opens}: antes, un voto no cuenta. ¿Firmarlo de todos modos?")
        }
        Bearing::NotVotingYet { opens: None } => {
            "La votación no se ha abierto, porque falta oír una voz necesaria: antes, un voto no cuenta. ¿Firmarlo de todos modos?"
                .to_owned()
        }
        Bearing::VotingOver { closed } => {
            format!("La votación se cerró {closed}: después, un voto no cuenta. ¿Firmarlo de todos modos?")
        }
        Bearing::NoElector { name } => {
            format!("{name} no está entre las que votan, así que su voto no cuenta. ¿Firmarlo de todos modos?")
        }
        Bearing::NamesNoOption => {
            "La propuesta pregunta por una opción: esto cuenta para el quórum y para ninguna de ellas. Nombre una con --option NÚMERO. ¿Firmarlo de todos modos?"
                .to_owned()
        }
        Bearing::OptionsConsent => {
            "La propuesta no pregunta por una opción: un voto por cualquiera de ellas consiente en todo. ¿Firmarlo de todos modos?"
                .to_owned()
        }
        Bearing::Decided { phase } => {
            format!("No se ha firmado nada: la propuesta está «{phase}» y ya no se puede retirar.")
        }
        Bearing::GatheringCancelled => {
            "No se ha firmado nada: el encuentro se canceló y no tiene acta.".to_owned()
        }
        Bearing::OverAlready { ended } => {
            format!("Terminó {ended}: ya nadie puede venir. Si es un error: weft gathering edit")
        }
        Bearing::NoHost { name } => {
            format!("{name} no acoge este encuentro, así que su palabra sobre él no cuenta. ¿Firmarla de todos modos?")
        }
    }
}
