//! What is said of the meetings of a gathering, and of their minutes.

use super::Speech;

/// A sentence about meetings. These stand here by the day and the hour at which they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Session {
    /// No meeting has begun of which minutes could be.
    ToCome { meeting: String },
    /// No meeting begins then; those nearest to it.
    NoneThen { words: String, near: Vec<String> },
    /// Of which meeting the minutes are; whether they replace others of this network, and whether
    /// another host's stand beside them.
    MinutesOf { meeting: String, replace: bool, beside: bool },
    /// Of that meeting there are no minutes for this network to accept.
    NoMinutes { meeting: String },
    /// Of which meeting the minutes are that are accepted.
    AcceptsMinutes { meeting: String },
    /// There is no such time zone; those most like it.
    NoZone { word: String, near: Vec<String> },
    /// The machine has no time zone of its own.
    InUtc,
    /// No meeting begins before the record ends, or none at all.
    NeverMeets { start: String, until: String },
    /// The first meeting is not when it was said to be.
    FirstIs { meeting: String },
    /// What a call is for is over.
    CallOver { ended: String },
    /// A call ends before what it is for begins.
    CallEndsBefore { until: String, start: String },
    /// A concern about a gathering leaves its minutes, which are named, as they are.
    AboutMinutes { minutes: Vec<String> },
}

impl Speech {
    /// Returns a sentence about meetings.
    pub(crate) fn of_session(self, said: &Session) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english(said: &Session) -> String {
    match said {
        Session::ToCome { meeting } => format!(
            "Nothing was signed: minutes say what was, and that meeting is still to come: {meeting}."
        ),
        Session::NoneThen { words, near } => format!(
            "Nothing was signed: no meeting of this gathering begins {words}. Name one by its day. Nearest to it:\n  {}",
            near.join("\n  ")
        ),
        Session::MinutesOf { meeting, replace, beside } => {
            let mut said = format!("These are the minutes of {meeting}.");
            if *replace {
                said.push_str(" They take the place of those that your network wrote before.");
            }
            if *beside {
                said.push_str(" Another host has written minutes of it, too: both are shown.");
            }
            said
        }
        Session::NoMinutes { meeting } => format!(
            "Nothing was signed: of the meeting of {meeting} there are no minutes that wait for your network."
        ),
        Session::AcceptsMinutes { meeting } => format!("You accept the minutes of {meeting}."),
        Session::NoZone { word, near } => format!(
            "'{word}' is not a time zone. Zones are named by their cities, such as Europe/London. Most like it:\n  {}",
            near.join("\n  ")
        ),
        Session::InUtc => {
            "This machine has no time zone of its own, so the hour is taken as UTC. To say where people meet: --zone Europe/London"
                .to_owned()
        }
        Session::NeverMeets { start, until } => format!(
            "Nothing was signed: nobody would meet. It begins {start}, and no meeting of it comes before it ends, {until}. A gathering is announced at most 400 days ahead; look at --start, --until and --repeat."
        ),
        Session::FirstIs { meeting } => {
            format!("By this rule the first meeting is {meeting}, not when --start says.")
        }
        Session::CallOver { ended } => {
            format!("It was over {ended}: nobody can come any more. If that is a slip: weft call edit")
        }
        Session::CallEndsBefore { until, start } => format!(
            "The call ends {until}, before that for which it calls begins, {start}: then nobody would see it any more. --until says when it ends. Sign it all the same?"
        ),
        Session::AboutMinutes { minutes } => format!(
            "This is about the gathering as a whole, and its minutes become agreed all the same. About minutes, name them:\n  {}",
            minutes.join("\n  ")
        ),
    }
}

fn spanish(said: &Session) -> String {
    match said {
        Session::ToCome { meeting } => format!(
            "No se ha firmado nada: un acta dice lo que fue, y esa reunión está por venir: {meeting}."
        ),
        Session::NoneThen { words, near } => format!(
            "No se ha firmado nada: ninguna reunión de este encuentro empieza {words}. Nombre una por su día. Las más cercanas:\n  {}",
            near.join("\n  ")
        ),
        Session::MinutesOf { meeting, replace, beside } => {
            let mut said = format!("Esta es el acta de {meeting}.");
            if *replace {
                said.push_str(" Ocupa el lugar de la que su red escribió antes.");
            }
            if *beside {
                said.push_str(
                    " Otra red que acoge también ha escrito un acta: se muestran las dos.",
                );
            }
            said
        }
        Session::NoMinutes { meeting } => format!(
            "No se ha firmado nada: de la reunión de {meeting} no hay ningún acta que espere a su red."
        ),
        Session::AcceptsMinutes { meeting } => format!("Acepta el acta de {meeting}."),
        Session::NoZone { word, near } => format!(
            "«{word}» no es un huso horario. Los husos se llaman por sus ciudades, como Europe/London. Los más parecidos:\n  {}",
            near.join("\n  ")
        ),
        Session::InUtc => {
            "Esta máquina no tiene huso horario propio, así que la hora se toma como UTC. Para decir dónde se reúne la gente: --zone Europe/London"
                .to_owned()
        }
        Session::NeverMeets { start, until } => format!(
            "No se ha firmado nada: nadie se reuniría. Empieza {start}, y ninguna reunión llega antes de que termine, {until}. Un encuentro se anuncia con 400 días de antelación como mucho; mire --start, --until y --repeat."
        ),
        Session::FirstIs { meeting } => {
            format!("Según esta regla la primera reunión es {meeting}, no cuando dice --start.")
        }
        Session::CallOver { ended } => {
            format!("Terminó {ended}: ya nadie puede venir. Si es un error: weft call edit")
        }
        Session::CallEndsBefore { until, start } => format!(
            "El llamamiento termina {until}, antes de que empiece aquello a lo que llama, {start}: entonces ya nadie lo vería. --until dice cuándo termina. ¿Firmarlo de todos modos?"
        ),
        Session::AboutMinutes { minutes } => format!(
            "Esto es sobre el encuentro en su conjunto, y sus actas quedan firmes de todos modos. Sobre un acta, nómbrela:\n  {}",
            minutes.join("\n  ")
        ),
    }
}
