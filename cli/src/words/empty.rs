//! Why a list has nothing in it, and what to do about that.

use super::Speech;

/// A list that is empty, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Empty {
    /// Nothing of the kind fits: of all that is here, or of what is not over.
    Listed { of: Listed, all: bool },
    /// No mandate ends soon.
    RolesDue,
    /// No network has declared enough to be placed.
    Circle,
    /// The own network has declared nothing that can be compared.
    AlliesUndeclared,
    /// No other network has.
    AlliesAlone,
    /// The own network says nowhere in which fields it works, and all live in one region.
    AlliesNoFields,
    /// Of so many others none shares enough and works on something else, or elsewhere.
    Allies { others: usize },
    /// The own network is not in the weave.
    SuggestOutside,
    /// All networks that are known live in one region.
    SuggestOneRegion { region: String },
    /// No tie would let more join.
    Suggest,
    /// No tie leads into another region.
    Bridges,
    /// No network with a profile is known.
    Weave,
}

/// What is listed without what is over, unless all is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Calls.
    Calls,
    /// Offers to calls.
    Offers,
    /// Roles.
    Roles,
    /// What networks have declared that they value.
    Declarations,
    /// Disclosures.
    Disclosures,
    /// Ties.
    Ties,
    /// Proposals.
    Proposals,
    /// Gatherings.
    Gatherings,
    /// Concerns.
    Concerns,
}

impl Speech {
    /// Returns why a list is empty.
    pub(crate) fn of_empty(self, empty: &Empty) -> String {
        match self {
            Self::English => english(empty),
            Self::Spanish => spanish(empty),
        }
    }
}

fn english(empty: &Empty) -> String {
    let said = match empty {
        Empty::Listed { of, all } => return english_listed(*of, *all),
        Empty::RolesDue => "No mandate ends within 30 days.",
        Empty::Circle => {
            "Nobody whom this node knows has rated enough to stand on the circle: at least 8 of the ten, and not all alike. Begin with: weft values declare"
        }
        Empty::AlliesUndeclared => {
            "Your network has not rated enough to compare: at least 8 of the ten, and not all alike. Rate them with: weft values declare"
        }
        Empty::AlliesAlone => {
            "No other network that this node knows has rated enough to compare, so nobody can be found yet."
        }
        Empty::AlliesNoFields => {
            "Allies work on something else or live elsewhere: everybody here lives in your region, and your profile names no field. Name yours with: weft profile set --field"
        }
        Empty::Allies { others: 1 } => {
            "The one other that has rated enough has a tie with you, or does not share your values, or works in your fields and in your region."
        }
        Empty::Allies { others } => {
            return format!(
                "None of the {others} others that have rated enough shares your values, has no tie with you, and works in other fields or another region."
            );
        }
        Empty::SuggestOutside => {
            "Your network is not in the weave, because it has no profile here. Say who you are with: weft profile set --name"
        }
        Empty::SuggestOneRegion { region } => {
            return format!(
                "Ties are suggested between regions only, and every network that this node knows lives in {region}. Within a region look at: weft values allies"
            );
        }
        Empty::Suggest => "No tie of your network with another region would let more of them join.",
        Empty::Bridges => {
            "No tie that both sides have signed leads from your region into another. See whom you know with: weft weave show"
        }
        Empty::Weave => {
            "No network with a profile is known here yet. Found yours with: weft network found"
        }
    };
    said.to_owned()
}

fn english_listed(of: Listed, all: bool) -> String {
    let (what, open, begin) = match of {
        Listed::Calls => ("call", "is open", "Ask for what you need with: weft call new"),
        Listed::Offers => ("offer", "is open", "Offer with: weft offer new CALL"),
        Listed::Roles => ("role", "is in force", "Give one with: weft role offer"),
        Listed::Declarations => {
            ("declaration of values", "is in force", "Begin with: weft values declare")
        }
        Listed::Disclosures => ("disclosure", "is in force", "Begin with: weft disclosure new"),
        Listed::Ties => ("tie", "is in force", "Propose one with: weft tie propose"),
        Listed::Proposals => ("proposal", "is open", "Make one with: weft proposal new"),
        Listed::Gatherings => ("gathering", "is to come", "Announce one with: weft gathering new"),
        Listed::Concerns => ("concern", "is open", "Raise one with: weft concern raise"),
    };
    if all {
        format!("No such {what} is here. {begin}")
    } else {
        format!("No such {what} {open}. {begin}\nAdd --all to see also what is over.")
    }
}

fn spanish(empty: &Empty) -> String {
    let said = match empty {
        Empty::Listed { of, all } => return spanish_listed(*of, *all),
        Empty::RolesDue => "Ningún mandato termina en los próximos 30 días.",
        Empty::Circle => {
            "Ninguna red que este nodo conozca ha valorado lo bastante para estar en el círculo: al menos 8 de las diez, y no todas igual. Empiecen con: weft values declare"
        }
        Empty::AlliesUndeclared => {
            "Su red no ha valorado lo bastante para comparar: al menos 8 de las diez, y no todas igual. Valórenlas con: weft values declare"
        }
        Empty::AlliesAlone => {
            "Ninguna otra red que este nodo conozca ha valorado lo bastante para comparar, así que todavía no se puede encontrar a nadie."
        }
        Empty::AlliesNoFields => {
            "Las aliadas trabajan en otra cosa o viven en otro sitio: aquí todas viven en su región, y su perfil no nombra ningún campo. Nombre los suyos con: weft profile set --field"
        }
        Empty::Allies { others: 1 } => {
            "La única otra que ha valorado lo bastante tiene un vínculo con ustedes, o no comparte sus valores, o trabaja en sus campos y en su región."
        }
        Empty::Allies { others } => {
            return format!(
                "Ninguna de las otras {others} que han valorado lo bastante comparte sus valores, no tiene vínculo con ustedes y trabaja en otros campos o en otra región."
            );
        }
        Empty::SuggestOutside => {
            "Su red no está en el tejido, porque aquí no tiene perfil. Diga quiénes son con: weft profile set --name"
        }
        Empty::SuggestOneRegion { region } => {
            return format!(
                "Solo se proponen vínculos entre regiones, y todas las redes que este nodo conoce viven en {region}. Dentro de una región mire: weft values allies"
            );
        }
        Empty::Suggest => "Ningún vínculo de su red con otra región haría que se sumaran más.",
        Empty::Bridges => {
            "Ningún vínculo firmado por las dos partes lleva de su región a otra. Vea a quién conocen con: weft weave show"
        }
        Empty::Weave => {
            "Aquí no se conoce todavía ninguna red con perfil. Funde la suya con: weft network found"
        }
    };
    said.to_owned()
}

fn spanish_listed(of: Listed, all: bool) -> String {
    let (what, open, begin) = match of {
        Listed::Calls => {
            ("ningún llamamiento", "abierto", "Pidan lo que necesitan con: weft call new")
        }
        Listed::Offers => ("ninguna oferta", "abierta", "Ofrezcan con: weft offer new LLAMAMIENTO"),
        Listed::Roles => ("ninguna función", "en vigor", "Dé una con: weft role offer"),
        Listed::Declarations => {
            ("ninguna declaración de valores", "en vigor", "Empiecen con: weft values declare")
        }
        Listed::Disclosures => {
            ("ninguna declaración", "en vigor", "Empiecen con: weft disclosure new")
        }
        Listed::Ties => ("ningún vínculo", "en vigor", "Propongan uno con: weft tie propose"),
        Listed::Proposals => ("ninguna propuesta", "abierta", "Hagan una con: weft proposal new"),
        Listed::Gatherings => {
            ("ningún encuentro", "por venir", "Anuncien uno con: weft gathering new")
        }
        Listed::Concerns => {
            ("ninguna inquietud", "abierta", "Planteen una con: weft concern raise")
        }
    };
    if all {
        format!("Aquí no hay {what} así. {begin}")
    } else {
        format!(
            "No hay {what} así {open}. {begin}\nAñada --all para ver también lo que ha terminado."
        )
    }
}
