//! What is said of a command line that was not understood: what is wrong, and what to do next.

use super::{Speech, usage};

/// Why a command line was not understood. Options and arguments are written as help shows them:
/// `--title <TEXT>`, `<CALL>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slip {
    /// There is no such command; these are like it.
    NoCommand { word: String, near: Vec<String> },
    /// Settings are not changed by a command.
    NoSetting { word: String },
    /// One of these commands must follow.
    HalfCommand { verbs: Vec<String> },
    /// The command has no such option; these are like it.
    NoOption { option: String, near: Vec<String> },
    /// The command takes no further word.
    ExtraWord { word: String },
    /// Something that the command needs is not there.
    Missing { what: Vec<String> },
    /// Only these words can stand here; the word is empty when there is none.
    NotAmong { option: String, word: String, values: Vec<String> },
    /// What stands here means nothing.
    BadValue { option: String, word: String, why: String },
    /// It can be said once.
    Twice { option: String },
    /// It cannot be said beside the others.
    NotTogether { option: String, others: Vec<String> },
    /// One value more than the option takes.
    ExtraValue { option: String, word: String },
    /// Fewer values than the option takes.
    FewValues { option: String },
    /// Bytes that are no text.
    NoText,
    /// Something else.
    Unclear,
}

impl Speech {
    /// Returns what was not understood, and which help says how it goes.
    pub(crate) fn of_slip(self, slip: &Slip, command: &str) -> String {
        match self {
            Self::English => {
                format!("{}\nSee how it goes with: {command} --help", english(slip, command))
            }
            Self::Spanish => {
                format!("{}\nVea cómo se usa con: {command} --help", spanish(slip, command))
            }
        }
    }
}

fn english(slip: &Slip, command: &str) -> String {
    match slip {
        Slip::NoCommand { word, near } => {
            format!("There is no command '{command} {word}'.{}", meant("Did you mean", "or", near))
        }
        Slip::NoSetting { word } => format!(
            "There is no command '{command} {word}'. Settings are lines of config.toml in your home: change them with any editor, then start the node again. What they may say: weft config schema"
        ),
        Slip::HalfCommand { verbs } => {
            format!("Say what follows '{command}', one of: {}", verbs.join(", "))
        }
        Slip::NoOption { option, near } => {
            format!("'{command}' knows no '{option}'.{}", meant("Did you mean", "or", near))
        }
        Slip::ExtraWord { word } => format!(
            "'{command}' takes no further word, and there is '{word}'. Put words that belong together in \"quotation marks\"."
        ),
        Slip::Missing { what } => {
            format!("'{command}' cannot do without: {}", what.join(", "))
        }
        Slip::NotAmong { option, word, values } if word.is_empty() => {
            format!("Something must stand after {option}{}.", among(": one of", values))
        }
        Slip::NotAmong { option, word, values } => {
            format!("{option} cannot be '{word}'{}.", among(", only one of:", values))
        }
        Slip::BadValue { option, word, why } => {
            format!("'{word}' was not understood as {option}: {}.", usage::english(why))
        }
        Slip::Twice { option } => format!("{option} is said twice, and can be said once."),
        Slip::NotTogether { option, others } => {
            format!("{option} does not go together with {}. Leave one out.", others.join(", "))
        }
        Slip::ExtraValue { option, word } => {
            format!("'{word}' is one value more than {option} takes.")
        }
        Slip::FewValues { option } => format!("{option} wants more values."),
        Slip::NoText => "A word of the command is no text that this program can read.".to_owned(),
        Slip::Unclear => "The command was not understood.".to_owned(),
    }
}

fn spanish(slip: &Slip, command: &str) -> String {
    match slip {
        Slip::NoCommand { word, near } => {
            format!("No hay ninguna orden «{command} {word}».{}", meant("¿Quiso decir", "o", near))
        }
        Slip::NoSetting { word } => format!(
            "No hay ninguna orden «{command} {word}». Los ajustes son líneas de config.toml, en su casa: cámbielas con cualquier editor y ponga el nodo en marcha otra vez. Lo que pueden decir: weft config schema"
        ),
        Slip::HalfCommand { verbs } => {
            format!("Diga qué sigue a «{command}», una de estas órdenes: {}", verbs.join(", "))
        }
        Slip::NoOption { option, near } => {
            format!("«{command}» no conoce «{option}».{}", meant("¿Quiso decir", "o", near))
        }
        Slip::ExtraWord { word } => format!(
            "«{command}» no lleva más palabras, y sobra «{word}». Ponga entre \"comillas\" las palabras que van juntas."
        ),
        Slip::Missing { what } => format!("A «{command}» le falta: {}", what.join(", ")),
        Slip::NotAmong { option, word, values } if word.is_empty() => {
            format!("Falta algo detrás de {option}{}.", among(": una de estas palabras:", values))
        }
        Slip::NotAmong { option, word, values } => {
            format!(
                "{option} no puede ser «{word}»{}.",
                among("; solo una de estas palabras:", values)
            )
        }
        Slip::BadValue { option, word, why } => {
            format!("No se ha entendido «{word}» como {option}: {}.", usage::spanish(why))
        }
        Slip::Twice { option } => {
            format!("{option} está dos veces, y solo puede estar una.")
        }
        Slip::NotTogether { option, others } => {
            format!("{option} no va junto con {}. Quite una de las dos cosas.", others.join(", "))
        }
        Slip::ExtraValue { option, word } => format!("A {option} le sobra «{word}»."),
        Slip::FewValues { option } => format!("A {option} le faltan palabras."),
        Slip::NoText => {
            "Una palabra de la orden no es un texto que este programa pueda leer.".to_owned()
        }
        Slip::Unclear => "No se ha entendido la orden.".to_owned(),
    }
}

/// Asks whether one of these was meant, when there are any.
fn meant(asked: &str, or: &str, near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!(" {asked}: {}?", near.join(&format!(" {or} ")))
    }
}

fn among(said: &str, values: &[String]) -> String {
    if values.is_empty() { String::new() } else { format!("{said} {}", values.join(", ")) }
}
