//! What a node that runs says in its log, to a person who reads it at a terminal in Spanish.
//!
//! A log in a file, or of a service, is English: whoever helps may not speak the language of the house.

use super::Speech;

impl Speech {
    /// Returns what a line of the log says.
    pub(crate) fn logged(self, said: &str) -> &str {
        let known = SPANISH.iter().find(|(english, _)| *english == said);
        match (self, known) {
            (Self::Spanish, Some((_, spanish))) => spanish,
            _ => said,
        }
    }
}

/// The lines of every level that is shown unasked (`no_line_of_the_log_is_english_at_a_spanish_terminal`).
const SPANISH: &[(&str, &str)] = &[
    (
        "somebody had removed the door; it is there again",
        "alguien había quitado la puerta; vuelve a estar",
    ),
    (
        "somebody has removed the door, and it cannot be made anew: see to the home's folder",
        "alguien ha quitado la puerta, y no se puede hacer de nuevo: mire la carpeta de la casa",
    ),
    ("the bridge could not sign", "el puente no ha podido firmar"),
    (
        "the disk takes no more; make room, the node goes on reading",
        "el disco no admite más; haga sitio, el nodo sigue leyendo",
    ),
    ("the disk takes writes again", "el disco vuelve a admitir datos"),
    (
        "an identity is disputed; ask the network by another way",
        "una identidad está en disputa; pregunte a la red por otro camino",
    ),
    ("closed to others, who could read it", "cerrado a otras personas, que podían leerlo"),
    (
        "others may read it, and it cannot be closed to them",
        "otras personas pueden leerlo, y no se les puede cerrar",
    ),
    (
        "nodes of the local network cannot be looked for",
        "no se pueden buscar nodos en la red local",
    ),
    (
        "the peer book cannot be read; starting without",
        "no se puede leer la libreta de nodos; se empieza sin ella",
    ),
    ("the peer book cannot be written", "no se puede escribir la libreta de nodos"),
    ("a listener has failed", "ha fallado un sitio en que se escuchaba"),
    ("reached", "alcanzado"),
    ("lost", "perdido"),
    ("cannot listen at a place as told", "no se puede escuchar en un sitio como se dijo"),
    (
        "asked a relay to let us be reached",
        "se ha pedido a un repetidor que deje llegar hasta aquí",
    ),
    ("the node ends", "el nodo termina"),
    ("no thread to let go of a failed index", "no hay hilo para soltar un índice que falló"),
    (
        "a failed write stays behind the journal's end",
        "tras el final del diario queda algo que no se pudo escribir",
    ),
    ("a stored record is damaged", "un registro guardado está dañado"),
    (
        "the index is moved aside and rebuilt from the journal",
        "se aparta el índice y se rehace a partir del diario",
    ),
    ("the index stays in memory", "el índice se queda en la memoria"),
    ("the index cannot be rebuilt", "no se puede rehacer el índice"),
    (
        "the index is not closed in order; the next start rebuilds it",
        "el índice no se cierra en orden; el próximo arranque lo rehace",
    ),
    (
        "a part of the journal is unreadable and is skipped",
        "una parte del diario no se puede leer y se salta",
    ),
    (
        "an unfinished write at the journal's end is cut off",
        "se corta lo que quedó a medio escribir al final del diario",
    ),
    ("the journal cannot be written", "no se puede escribir el diario"),
    ("what was overwritten goes on taking room", "lo que se sobrescribió sigue ocupando sitio"),
    ("a thread of the store has panicked", "un hilo del almacén ha fallado"),
    (
        "verifying failed on what a peer sent; this is a bug in weft",
        "ha fallado la comprobación de lo que envió un nodo; es un error de weft",
    ),
    ("a thread has failed; this is a bug in weft", "ha fallado un hilo; es un error de weft"),
    (
        "lines are missing here: unread in time, or too many alike",
        "aquí faltan líneas: no se leyeron a tiempo, o eran demasiadas iguales",
    ),
];
