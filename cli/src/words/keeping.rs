//! What is said of files: whose they are, and what is in them.

use weft_protocol::control::StoreProblem;

use super::Speech;
use super::count::so_many;

/// Something that is said of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// The whole home is another account's.
    HomeOfAnother { home: String, owner: String, you: String },
    /// The home is this account's, and a file in it is another's.
    FileOfAnother { path: String, owner: String, home: String, you: String },
    /// There is nothing in a file of which records were expected.
    EmptyFile { path: String },
    /// A file is none of ours.
    NoWeftFile { path: String },
    /// What was found in the store.
    Verdict(Verdict),
    /// One thing that is wrong in it.
    Problem(StoreProblem),
    /// No node runs, and what the home holds is read all the same.
    WithoutNode,
    /// The index cannot be looked into here, and need not be.
    IndexUnseen,
    /// So many records that are over came home.
    PastKept { records: usize },
    /// So many records that are over were left where they were.
    PastLeft { records: usize },
}

/// What was found in a store, in counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// So many records are good, and nothing is wrong.
    Good { records: u64 },
    /// So many are good; at so many places nothing can be read, and so many signatures do not hold.
    Damaged { records: u64, places: u64, forged: u64 },
    /// The records are good, and the index is to be made anew.
    Index { records: u64 },
    /// It was set right; at so many places nothing could be read.
    Repaired { records: u64, places: u64 },
    /// What was past is gone.
    Compacted { kept: u64, dropped: u64, freed: u64 },
    /// What is in use.
    Size { kibibytes: u64 },
}

impl Speech {
    /// Returns a sentence about files.
    pub(crate) fn of_keeping(self, said: &Keeping) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english(said: &Keeping) -> String {
    match said {
        Keeping::HomeOfAnother { home, owner, you } => format!(
            "The home {home} belongs to the account {owner}, and you are {you}: nothing was done.\n\
             Do it as {owner}, for example: sudo -u {owner} WEFT_HOME={home} weft …"
        ),
        Keeping::EmptyFile { path } => format!(
            "{path} is empty: no record is in it, and nothing was done. Was it cut off when it was copied? Ask for it again."
        ),
        Keeping::NoWeftFile { path } => format!(
            "{path} is no Weft file, and nothing was done. Name one that 'weft export' or 'weft record export' wrote."
        ),
        Keeping::Verdict(verdict) => english_verdict(verdict),
        Keeping::Problem(StoreProblem::Refusing) => {
            "The disk takes no writes at the moment.".to_owned()
        }
        Keeping::Problem(StoreProblem::Damaged { at, bytes }) => format!(
            "{bytes} damaged bytes at {at}; what stood there is fetched again from other nodes."
        ),
        Keeping::Problem(StoreProblem::Forged { id }) => {
            format!("The signature of {id} does not hold.")
        }
        Keeping::Problem(StoreProblem::Index) => {
            "The index does not agree with the journal. Stop the node, and then: weft store repair"
                .to_owned()
        }
        Keeping::WithoutNode => {
            "(No node runs here. This is what the home holds; others may have said more since.)"
                .to_owned()
        }
        Keeping::PastKept { records } => format!(
            "{records} whose time is over, kept as your network's past: lists have them with --all, and so has the next export."
        ),
        Keeping::PastLeft { records } => format!(
            "{records} whose time is over, not kept: they are of networks that do not live on this node, or were erased. \
             If one of them is yours, bring its key here, let it live here with 'weft network adopt', and import the file again."
        ),
        Keeping::IndexUnseen => {
            "(The index was not looked into: it is made anew whenever it is needed.)".to_owned()
        }
        Keeping::FileOfAnother { path, owner, home, you } => format!(
            "{path} belongs to the account {owner}, and the home to yours ({you}), so it is in the way.\n\
             Somebody has used this home as {owner}. Take it back with: sudo chown -R {you} {home}"
        ),
    }
}

fn spanish(said: &Keeping) -> String {
    match said {
        Keeping::HomeOfAnother { home, owner, you } => format!(
            "La casa {home} es de la cuenta {owner}, y usted es {you}: no se ha hecho nada.\n\
             Hágalo como {owner}, por ejemplo: sudo -u {owner} WEFT_HOME={home} weft …"
        ),
        Keeping::EmptyFile { path } => format!(
            "{path} está vacío: no contiene ningún registro, y no se ha hecho nada. ¿Se cortó al copiarlo? Pídalo otra vez."
        ),
        Keeping::NoWeftFile { path } => format!(
            "{path} no es un archivo de Weft, y no se ha hecho nada. Nombre uno escrito por «weft export» o «weft record export»."
        ),
        Keeping::Verdict(verdict) => spanish_verdict(verdict),
        Keeping::Problem(StoreProblem::Refusing) => {
            "El disco no deja escribir en este momento.".to_owned()
        }
        Keeping::Problem(StoreProblem::Damaged { at, bytes }) => format!(
            "{bytes} bytes dañados desde el {at}; lo que estaba ahí vuelve de otros nodos."
        ),
        Keeping::Problem(StoreProblem::Forged { id }) => format!("La firma de {id} no vale."),
        Keeping::Problem(StoreProblem::Index) => {
            "El índice no concuerda con el diario. Pare el nodo, y después: weft store repair".to_owned()
        }
        Keeping::WithoutNode => {
            "(Aquí no hay ningún nodo en marcha. Esto es lo que la casa guarda; otros pueden haber dicho más desde entonces.)".to_owned()
        }
        Keeping::PastKept { records } => format!(
            "{records} cuyo tiempo ha terminado, guardados como pasado de su red: las listas los muestran con --all, y también estarán en la próxima exportación."
        ),
        Keeping::PastLeft { records } => format!(
            "{records} cuyo tiempo ha terminado, sin guardar: son de redes que no viven en este nodo, o se borraron. \
             Si una de ellas es la suya, traiga su clave aquí, haga que viva aquí con «weft network adopt» e importe otra vez el archivo."
        ),
        Keeping::IndexUnseen => {
            "(No se ha mirado dentro del índice: se hace de nuevo cuando hace falta.)".to_owned()
        }
        Keeping::FileOfAnother { path, owner, home, you } => format!(
            "{path} es de la cuenta {owner}, y la casa de la suya ({you}): por eso estorba.\n\
             Alguien ha usado esta casa como {owner}. Recupérelo con: sudo chown -R {you} {home}"
        ),
    }
}

fn english_verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Good { records: 0 } => "There are no records here yet.".to_owned(),
        Verdict::Good { records: 1 } => "The one record is good.".to_owned(),
        Verdict::Good { records } => format!("All {records} records are good."),
        Verdict::Damaged { records, places, forged } => {
            let mut parts = Vec::new();
            if *places > 0 {
                parts.push(format!(
                    "nothing can be read at {}",
                    so_many(*places, "place", "places")
                ));
            }
            if *forged > 0 {
                parts.push(so_many(*forged, "signature does not hold", "signatures do not hold"));
            }
            format!(
                "{}; {}. What is missing comes again from other nodes, at the latest when the node is started anew.",
                so_many(*records, "record is good", "records are good"),
                parts.join(", ")
            )
        }
        Verdict::Index { records } => format!(
            "{} The index is not, and can be made anew: weft stop, then weft store repair",
            english_verdict(&Verdict::Good { records: *records })
        ),
        Verdict::Repaired { records, places: 0 } => {
            let records = so_many(*records, "record", "records");
            format!("It is in order: {records}, and an index that finds all.")
        }
        Verdict::Repaired { records, places } => format!(
            "It is in order again: {}, and an index that finds all. Nothing could be read at {}; what stood there comes again from other nodes: weft up",
            so_many(*records, "record", "records"),
            so_many(*places, "place", "places")
        ),
        Verdict::Compacted { kept, dropped, freed } => {
            let kept = so_many(*kept, "record is kept", "records are kept");
            let dropped = so_many(*dropped, "that was past is gone", "that were past are gone");
            format!("{kept} and {dropped}; space that is free again: {freed} KiB.")
        }
        Verdict::Size { kibibytes } => {
            format!("The records and their index take {kibibytes} KiB of the disk.")
        }
    }
}

fn spanish_verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Good { records: 0 } => "Aquí no hay registros todavía.".to_owned(),
        Verdict::Good { records: 1 } => "El único registro está bien.".to_owned(),
        Verdict::Good { records } => format!("Los {records} registros están bien."),
        Verdict::Damaged { records, places, forged } => {
            let mut parts = Vec::new();
            if *places > 0 {
                let places = so_many(*places, "sitio", "sitios");
                parts.push(format!("en {places} no se puede leer nada"));
            }
            if *forged > 0 {
                parts.push(so_many(*forged, "firma no vale", "firmas no valen"));
            }
            format!(
                "{}; {}. Lo que falta vuelve de otros nodos, a más tardar cuando el nodo se arranque de nuevo.",
                so_many(*records, "registro está bien", "registros están bien"),
                parts.join(", ")
            )
        }
        Verdict::Index { records } => format!(
            "{} El índice no, y se puede hacer de nuevo: weft stop, y después weft store repair",
            spanish_verdict(&Verdict::Good { records: *records })
        ),
        Verdict::Repaired { records, places: 0 } => {
            let records = so_many(*records, "registro", "registros");
            format!("Está en orden: {records}, y un índice que encuentra todo.")
        }
        Verdict::Repaired { records, places } => format!(
            "Está en orden otra vez: {}, y un índice que encuentra todo. En {} no se pudo leer nada; lo que había vuelve de otros nodos: weft up",
            so_many(*records, "registro", "registros"),
            so_many(*places, "sitio", "sitios")
        ),
        Verdict::Compacted { kept, dropped, freed } => {
            let kept = so_many(*kept, "registro que se conserva", "registros que se conservan");
            let dropped = so_many(*dropped, "pasado que ya no está", "pasados que ya no están");
            format!("{kept} y {dropped}; espacio que queda libre: {freed} KiB.")
        }
        Verdict::Size { kibibytes } => {
            format!("Los registros y su índice ocupan {kibibytes} KiB del disco.")
        }
    }
}
