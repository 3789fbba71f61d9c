//! What is said of values: how far apart networks are, and why some cannot be compared.

use super::Speech;
use super::count::so_many;

/// How far two numbers on the scale of ratings are from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apart {
    /// Less than half a step.
    Hardly,
    /// Less than a step and a half.
    Somewhat,
    /// More.
    Far,
}

/// Something that is said of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Weighing {
    /// A network has rated too few of the ten to be compared.
    RatedFew { name: String, rated: usize, least: usize },
    /// A network has rated all alike.
    RatedAlike { name: String },
    /// A network has used another instrument.
    OtherInstrument { name: String },
    /// What is about to be declared is too little to be compared.
    DeclaresFew { rated: usize, least: usize },
    /// What is about to be declared rates all alike.
    DeclaresAlike,
    /// Ratings of the network itself.
    OfItself,
    /// Ratings of the others.
    OfOthers,
    /// Ratings of the others in a field, a region or a tie.
    OfOthersIn { what: String },
    /// How a network sees the others, beside what they say; the steps are those of the scale.
    OwnGap { others: usize, under: bool, apart: Apart, steps: String },
    /// How networks see each other.
    Gap { declared: usize, views: usize, under: usize, apart: Apart, steps: String },
    /// Too few have declared to say anything.
    TooFewForGap { least: usize, declared: usize, views: usize },
}

impl Speech {
    /// Returns a sentence about values.
    pub(crate) fn of_values(self, said: &Weighing) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english_apart(apart: Apart) -> &'static str {
    match apart {
        Apart::Hardly => "hardly apart",
        Apart::Somewhat => "somewhat apart",
        Apart::Far => "far apart",
    }
}

fn spanish_apart(apart: Apart) -> &'static str {
    match apart {
        Apart::Hardly => "muy cerca",
        Apart::Somewhat => "algo lejos",
        Apart::Far => "muy lejos",
    }
}

fn english(said: &Weighing) -> String {
    match said {
        Weighing::RatedFew { name, rated, least } => format!(
            "{name} has rated {rated} of the ten kinds of values, which is too little to compare: it takes at least {least}. See what it declared with: weft values show"
        ),
        Weighing::RatedAlike { name } => format!(
            "{name} has rated all kinds of values alike, which does not say what comes first, so there is nothing to compare. See what it declared with: weft values show"
        ),
        Weighing::OtherInstrument { name } => {
            format!("{name} has rated other things than these ten kinds of values, so they cannot be compared.")
        }
        Weighing::DeclaresFew { rated, least } => format!(
            "A hint: of the ten kinds of values {rated} {} rated, and it takes at least {least} to compare or to find allies. Rate more whenever you like; what you leave out stays.",
            if *rated == 1 { "is" } else { "are" }
        ),
        Weighing::DeclaresAlike => {
            "A hint: all are rated alike, which does not say what comes first: nobody can compare it.".to_owned()
        }
        Weighing::OfItself => "itself".to_owned(),
        Weighing::OfOthers => "the others".to_owned(),
        Weighing::OfOthersIn { what } => format!("the others in {what}"),
        Weighing::OwnGap { others, under: true, apart, steps } => format!(
            "Compared with {others} others: they care more about what lies beyond themselves than you think. What you think and what they say are {} ({steps} steps of the scale).",
            english_apart(*apart)
        ),
        Weighing::OwnGap { others, under: false, apart, steps } => format!(
            "Compared with {others} others: they do not care more about what lies beyond themselves than you think. What you think and what they say are {} ({steps} steps of the scale).",
            english_apart(*apart)
        ),
        Weighing::Gap { declared, views, under, apart, steps } => format!(
            "{declared} networks have declared what they value. Of {views} that said what they think of the others, {} less of them than they say of themselves. In the middle, what is thought and what is said are {} ({steps} steps of the scale).",
            so_many(*under, "thinks", "think"),
            english_apart(*apart)
        ),
        Weighing::TooFewForGap { least, declared, views } => format!(
            "Too few have declared: at least {least} have to say what they value, and {least} what they think of the others. So far it is {declared} and {views}."
        ),
    }
}

fn spanish(said: &Weighing) -> String {
    match said {
        Weighing::RatedFew { name, rated, least } => format!(
            "{name} ha valorado {rated} de las diez clases de valores, que es muy poco para comparar: hacen falta al menos {least}. Vea lo que declaró con: weft values show"
        ),
        Weighing::RatedAlike { name } => format!(
            "{name} ha valorado igual todas las clases de valores, y eso no dice qué va primero, así que no hay nada que comparar. Vea lo que declaró con: weft values show"
        ),
        Weighing::OtherInstrument { name } => {
            format!("{name} ha valorado otras cosas que estas diez clases de valores, así que no se pueden comparar.")
        }
        Weighing::DeclaresFew { rated, least } => format!(
            "Una observación: de las diez clases de valores están valoradas {rated}, y hacen falta al menos {least} para comparar o encontrar aliadas. Valore más cuando quiera; lo que no diga se queda como está."
        ),
        Weighing::DeclaresAlike => {
            "Una observación: todas están valoradas igual, y eso no dice qué va primero: nadie puede compararlo.".to_owned()
        }
        Weighing::OfItself => "de sí misma".to_owned(),
        Weighing::OfOthers => "de las demás".to_owned(),
        Weighing::OfOthersIn { what } => format!("de las demás en {what}"),
        Weighing::OwnGap { others, under: true, apart, steps } => format!(
            "Frente a otras {others}: les importa más de lo que ustedes creen lo que va más allá de ellas mismas. Lo que ustedes creen y lo que ellas dicen están {} ({steps} pasos de la escala).",
            spanish_apart(*apart)
        ),
        Weighing::OwnGap { others, under: false, apart, steps } => format!(
            "Frente a otras {others}: no les importa más de lo que ustedes creen lo que va más allá de ellas mismas. Lo que ustedes creen y lo que ellas dicen están {} ({steps} pasos de la escala).",
            spanish_apart(*apart)
        ),
        Weighing::Gap { declared, views, under, apart, steps } => format!(
            "{declared} redes han declarado lo que valoran. De {views} que dijeron qué piensan de las demás, {} menos de ellas de lo que ellas dicen de sí. En el medio, lo que se piensa y lo que se dice están {} ({steps} pasos de la escala).",
            so_many(*under, "piensa", "piensan"),
            spanish_apart(*apart)
        ),
        Weighing::TooFewForGap { least, declared, views } => format!(
            "Han declarado muy pocas: al menos {least} tienen que decir lo que valoran, y {least} lo que piensan de las demás. Hasta ahora son {declared} y {views}."
        ),
    }
}
