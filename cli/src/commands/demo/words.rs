//! What the story and its frame say, in the languages that the program speaks.

use owo_colors::OwoColorize;

use super::cast::Actor;
use crate::words::Speech;

/// A text in both languages; networks write theirs in both, too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// In English.
    pub(super) en: &'static str,
    /// In Spanish.
    pub(super) es: &'static str,
}

impl Text {
    /// Returns the text in this language.
    pub(super) fn in_speech(self, speech: Speech) -> &'static str {
        match speech {
            Speech::English => self.en,
            Speech::Spanish => self.es,
        }
    }
}

/// Returns a text.
pub(super) const fn text(en: &'static str, es: &'static str) -> Text {
    Text { en, es }
}

/// What the frame around the story says; each with what a sentence is filled with.
#[derive(Debug)]
pub(super) enum Frame<'a> {
    /// Above the story.
    Opening,
    /// A step was seen on another node, and what was seen.
    Seen { on: &'a str, what: &'a str },
    /// Something was refused, as it had to be, and why.
    Refused { why: &'a str },
    /// The story is told, in so many steps.
    Told { steps: usize },
    /// A step was not seen, or could not be done.
    Failed { step: usize, sentence: &'a str, why: &'a str, logs: &'a str },
    /// What to try while the nodes run; the folder holds their homes.
    Try { folder: &'a str },
    /// The homes stay.
    Kept { folder: &'a str },
    /// A condition did not come true in time.
    NotInTime { on: Actor, what: &'a str, answer: &'a str },
    /// The person ended the story.
    Interrupted,
}

/// Says it.
pub(super) fn frame(speech: Speech, frame: &Frame<'_>) -> String {
    match speech {
        Speech::English => english(frame),
        Speech::Spanish => spanish(frame),
    }
}

fn english(frame: &Frame<'_>) -> String {
    match frame {
        Frame::Opening => "The six alliances of the Inter-Alliance Dialogue, and the Dialogue itself. \
             Who they are, what they anchor and what they planned for 2010 is theirs; what they say \
             to each other and sign here was made up for this story, and so was the network across \
             the border. Every node is a program of its own on this machine, and nothing leaves it.\n"
            .to_owned(),
        Frame::Seen { on, what } => format!("    {} {on}: {what}", "seen at".green()),
        Frame::Refused { why } => format!("    {}: {why}", "refused".yellow()),
        Frame::Told { steps } => {
            format!("\nThat is the story. Each of its {steps} steps was seen on another node.")
        }
        Frame::Failed { step, sentence, why, logs } => format!(
            "\nStep {step} failed: {sentence}\n{why}\nWhat the nodes wrote is in {logs}/*.log"
        ),
        Frame::Try { folder } => format!(
            "\nThe nodes stay up until you press Ctrl-C. In another terminal, try:\n\n{}\n\nEvery \
             home is a folder: {}. The call is named no-enforcement in each.\n",
            attempts(folder, ["A call of yours, on NDWA", "has reached everyone"]),
            homes(folder),
        ),
        Frame::Kept { folder } => format!("The homes stay in {folder}"),
        Frame::NotInTime { on, what, answer } => {
            format!("It was not seen at {}: {what}. The last answer there was:\n{answer}", on.key())
        }
        Frame::Interrupted => "You have ended it.".to_owned(),
    }
}

fn spanish(frame: &Frame<'_>) -> String {
    match frame {
        Frame::Opening => "Las seis alianzas del Diálogo Inter-Alianzas, y el propio Diálogo. \
             Quiénes son, qué anclan y qué planearon para 2010 es suyo; lo que aquí se dicen y \
             firman fue inventado para esta historia, y también la red del otro lado de la frontera. \
             Cada nodo es un programa aparte en esta máquina, y nada sale de ella.\n"
            .to_owned(),
        Frame::Seen { on, what } => format!("    {} {on}: {what}", "visto en".green()),
        Frame::Refused { why } => format!("    {}: {why}", "rechazado".yellow()),
        Frame::Told { steps } => {
            format!("\nEsa es la historia. Cada uno de sus {steps} pasos se vio en otro nodo.")
        }
        Frame::Failed { step, sentence, why, logs } => format!(
            "\nFalló el paso {step}: {sentence}\n{why}\nLo que escribieron los nodos está en \
             {logs}/*.log"
        ),
        Frame::Try { folder } => format!(
            "\nLos nodos siguen hasta que pulse Ctrl-C. En otra terminal, pruebe:\n\n{}\n\nCada \
             casa es una carpeta: {}. El llamamiento se llama no-enforcement en todas.\n",
            attempts(folder, ["Un llamamiento suyo, en NDWA", "llegó a todas"]),
            homes(folder),
        ),
        Frame::Kept { folder } => format!("Las casas quedan en {folder}"),
        Frame::NotInTime { on, what, answer } => {
            format!("No se vio en {}: {what}. La última respuesta allí fue:\n{answer}", on.key())
        }
        Frame::Interrupted => "Usted la terminó.".to_owned(),
    }
}

/// Commands to type, each at somebody's home.
fn attempts(folder: &str, [ours, everyone]: [&str; 2]) -> String {
    let lines = [
        format!("export WEFT_PASSPHRASE=\"$(cat {folder}/passphrase)\""),
        format!("WEFT_HOME={folder}/pbn weft network list"),
        format!("WEFT_HOME={folder}/rttc weft call show no-enforcement"),
        format!(
            "WEFT_HOME={folder}/ndwa weft call new --title \"{ours}\" --ask hands:5 --until 7d"
        ),
        format!("WEFT_HOME={folder}/iad weft call list        # {everyone}"),
        format!("WEFT_HOME={folder}/casas weft call reach no-enforcement"),
        format!("WEFT_HOME={folder}/ggj weft watch"),
    ];
    lines.map(|line| format!("  {line}")).join("\n")
}

fn homes(folder: &str) -> String {
    Actor::ALL.map(|actor| format!("{folder}/{}", actor.key())).join(", ")
}
