//! What is said when somebody leaves, forgets, seals, prepares for a bad day, or has not come yet.

use weft_protocol::body::end::EndKind;

use super::Speech;
use super::count::so_many;
use super::resting::{self, Rests};

/// Something that is said of leaving and forgetting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It is not clear whose export is meant.
    WhoseExport,
    /// Asks whether a thing is to be erased.
    AskErase { what: String, versions: u32, rests: Rests },
    /// Asks whether a thing is to be taken back on which others rest.
    AskTakeBack { what: String, rests: Rests },
    /// Asks whether so many records that are past of the own network are to go from the disk.
    AskForgetOwn { records: usize },
    /// Asks whether a tie is to be ended.
    AskEndTie { id: String, rests: Rests },
    /// Asks whether the key of a network, or of a role, is to be taken back: so many records become void,
    /// its profile among them, all that it ever signed when it was stolen and nothing is kept.
    AskRevoke { name: String, role: bool, count: usize, profile: bool, stolen: bool },
    /// So many erasures that a stolen key signed are undone.
    ErasuresUndone { count: usize },
    /// Asks whether a home is to be wiped.
    AskWipe { path: String, files: usize },
    /// A home was wiped.
    Wiped { path: String, files: usize },
    /// Organisations that have not joined were read from a table.
    Listed { new: usize, known: usize, nameless: usize },
    /// A table was in this encoding.
    ReadAs { encoding: String },
    /// Asks whether all are to be taken off the list.
    RemovesAll { count: usize },
    /// So many were taken off the list.
    Unlisted { removed: usize, left: usize },
    /// What is listed is no network.
    OnlyListed,
    /// Something was sealed to these networks.
    SealedTo { readers: Vec<String> },
    /// The words of a record are sealed to the first, and the others have published no key.
    SealedFor { readers: Vec<String>, unable: Vec<String> },
    /// Of those for whom words are meant, none has published a key.
    NobodyCanRead { networks: Vec<String> },
    /// A record has words that are sealed.
    IsSealed { id: String },
    /// What has just been ended, and how.
    Ended { kind: EndKind, of: String, what: String },
    /// A network publishes no key to seal to.
    NoSealingKey { net: String },
    /// Nothing in it is sealed.
    NotSealed,
    /// It does not open with the key of this home.
    NotForUs,
    /// A revocation was written and told to nobody.
    RevocationWritten { path: String },
    /// A rotation key that has signed is destroyed.
    RotationDestroyed { path: String },
    /// A rotation key that has signed could not be destroyed.
    RotationRemains { path: String, why: String },
    /// Who guards a network is for its guardians to say.
    GuardiansDecide { net: String },
    /// Enough guardians have said who guards the network.
    Guarded { net: String, guardians: usize, need: u8 },
}

impl Speech {
    /// Returns a sentence about leaving.
    pub(crate) fn of_leaving(self, said: &Leaving) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

fn english_ended(kind: EndKind) -> &'static str {
    match kind {
        EndKind::Withdraw => "Taken back",
        EndKind::Resign => "Laid down",
        EndKind::Cancel => "Cancelled",
        EndKind::Leave => "Left",
        EndKind::Erase => "Erased here, and asked of every other node",
    }
}

fn spanish_ended(kind: EndKind) -> &'static str {
    match kind {
        EndKind::Withdraw => "Se retira",
        EndKind::Resign => "Se deja",
        EndKind::Cancel => "Se cancela",
        EndKind::Leave => "Se sale de",
        EndKind::Erase => "Se borra aquí, y se pide a todos los demás nodos",
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn english(said: &Leaving) -> String {
    match said {
        Leaving::WhoseExport => {
            "No key here speaks for a network. Say whose records you mean with \
             --network NETWORK, or write all that this node has with: weft record export"
                .to_owned()
        }
        Leaving::AskErase { what, versions, rests } => {
            let all = match versions {
                1 => String::new(),
                more => format!(", all its {more} versions,"),
            };
            let rests = resting::english(rests);
            format!(
                "Every node will be asked to drop {what}{all} for good: they hide it at once and overwrite it after three days.{rests} Erase it?"
            )
        }
        Leaving::AskTakeBack { what, rests } => {
            format!("{what} will count no longer.{} Take it back?", resting::english(rests))
        }
        Leaving::AskForgetOwn { records } => {
            let what = match records {
                1 => "1 record that your own network has signed and is over goes".to_owned(),
                more => format!("{more} records that your own network has signed and are over go"),
            };
            format!(
                "{what} from this disk, too: no list and no export will have what goes. Take an export before, with: weft export. Give it up?"
            )
        }
        Leaving::AskEndTie { id, rests } => format!(
            "Your network will leave the tie {id}, after the notice that it asks for; only a new tie brings it back.{} Leave it?",
            resting::english(rests)
        ),
        Leaving::AskRevoke { name, role, count, profile, stolen } => {
            let whose = if *role { "of the role" } else { "of" };
            let mut said = format!("The key {whose} {name} will be taken back for good.");
            said += &match count {
                0 => " Nothing that counts now becomes void by it.".to_owned(),
                1 => " 1 record that counts now becomes void on every node.".to_owned(),
                more => format!(" {more} records that count now become void on every node."),
            };
            if *profile {
                said +=
                    " Your profile is among them: until you make it anew nobody sees your name.";
            }
            if *stolen && *count > 0 {
                said += " To keep what was signed before the key was stolen, say for example: --keep all-before 3d.";
            }
            said + " Take it back?"
        }
        Leaving::ErasuresUndone { count } => {
            let what = match count {
                1 => "1 erasure that this key signed".to_owned(),
                more => format!("{more} erasures that this key signed"),
            };
            format!(
                "{what}, of which nothing was overwritten yet, will be undone: what was erased comes back. \
                 If you erased it yourself, erase it again with the new key."
            )
        }
        Leaving::AskWipe { path, files } => format!(
            "This overwrites and removes all that Weft keeps in {path} ({}): keys, records, choices and names.\n\
             Without the rotation key or the guardians, kept elsewhere, nobody will speak for your network again.\n\
             Disks may keep old copies of what was overwritten. Wipe it?",
            so_many(*files, "file", "files")
        ),
        Leaving::Wiped { path, files } => format!(
            "{path} is wiped: {} gone. What your network has signed stays where other nodes have it.",
            so_many(*files, "file is", "files are")
        ),
        Leaving::Listed { new, known, nameless } => {
            let left = match nameless {
                0 => String::new(),
                left => format!(" Left out, because they have no name: {left}."),
            };
            format!(
                "New on the list: {new}; there already: {known}. They stay on this machine.{left}"
            )
        }
        Leaving::ReadAs { encoding } => {
            format!(
                "The table was read as {encoding}. Look whether the names are right: weft listing list"
            )
        }
        Leaving::RemovesAll { count } => {
            let all = so_many(*count, "organisation", "organisations");
            format!("Take all that is on the list of this machine off it, {all}?")
        }
        Leaving::Unlisted { removed, left } => {
            format!("Taken off the list: {removed}; still on it: {left}.")
        }
        Leaving::OnlyListed => {
            "Listed by others and not counted. Only those with a network speak for themselves."
                .to_owned()
        }
        Leaving::SealedTo { readers } => format!(
            "Only these can read it: {}. You cannot, and you cannot take it back:\n\
             who has it can open it for as long as they keep their key, and show it to others.",
            readers.join(", ")
        ),
        Leaving::SealedFor { readers, unable } => {
            let mut said = format!(
                "Only these can read the words: {}. You cannot take them back:\n\
                 who has them can open them for as long as they keep their key, and show them to others.",
                readers.join(", ")
            );
            if !unable.is_empty() {
                said +=
                    &format!("\nThese have published no key and cannot: {}.", unable.join(", "));
            }
            said
        }
        Leaving::NobodyCanRead { networks } if networks.is_empty() => {
            "Nobody else could read the words: they are for no network but yours.\n\
             You can leave the words out, or let everybody read a concern with --public."
                .to_owned()
        }
        Leaving::NobodyCanRead { networks } => format!(
            "Nobody else could read the words: {} published no key to seal to. Ask for: weft profile set --sealing\n\
             You can leave the words out, or let everybody read a concern with --public.",
            networks.join(", ")
        ),
        Leaving::IsSealed { id } => format!("sealed: weft open --record {id}"),
        Leaving::Ended { kind, of, what } => {
            format!("{}: {of} {what}", english_ended(*kind))
        }
        Leaving::NoSealingKey { net } => format!(
            "The network {net} has published no key to seal to. Ask it for: weft profile set --sealing"
        ),
        Leaving::NotSealed => "Nothing in it is sealed, so there is nothing to open.".to_owned(),
        Leaving::NotForUs => {
            "This was not sealed to the key of this home, or it was changed on its way.".to_owned()
        }
        Leaving::RevocationWritten { path } => format!(
            "A revocation of the key is in {path}. Nobody has been told. Whoever has the file can silence the key:\n\
             keep it as you keep the rotation key. On the day, on any node: weft import {path}\n\
             It takes back this key alone, and keeps what was signed until today: make a new one from time to time,\n\
             and whenever the key changes."
        ),
        Leaving::RotationDestroyed { path } => format!(
            "The old rotation key has done its one work and is destroyed: {path}\n\
             Destroy its copies too: who finds one can freeze the network's identity, until its guardians speak."
        ),
        Leaving::RotationRemains { path, why } => format!(
            "The old rotation key has done its one work and could not be destroyed: {path}: {why}\n\
             Destroy it yourself, and its copies: who finds one can freeze the network's identity, until its guardians speak."
        ),
        Leaving::GuardiansDecide { net } => format!(
            "The network has guardians, and only they can say who guards it from now on. Nothing was signed.\n\
             Ask as many of them as are needed to run the same, each with their own key:\n  \
             weft id guard {net} --guardian HASH --guardian HASH --need NUMBER --guardian-key FILE\n\
             For a new key with the same guardians, leave --guardian out."
        ),
        Leaving::Guarded { net, guardians, need } => format!(
            "The network {net} has {} now; needed: {need}. What was signed before can no longer change that.",
            so_many(*guardians, "guardian", "guardians")
        ),
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn spanish(said: &Leaving) -> String {
    match said {
        Leaving::WhoseExport => {
            "Ninguna clave de aquí habla por una red. Diga de quién con --network RED, \
             o escriba todo lo que tiene este nodo con: weft record export"
                .to_owned()
        }
        Leaving::AskErase { what, versions, rests } => {
            let all = match versions {
                1 => String::new(),
                more => format!(", con sus {more} versiones,"),
            };
            let rests = resting::spanish(rests);
            format!(
                "Se pedirá a todos los nodos que borren {what}{all} para siempre: lo ocultan en el acto y lo sobrescriben a los tres días.{rests} ¿Borrarlo?"
            )
        }
        Leaving::AskTakeBack { what, rests } => {
            format!("{what} dejará de contar.{} ¿Retirarlo?", resting::spanish(rests))
        }
        Leaving::AskForgetOwn { records } => {
            let what = match records {
                1 => "También se va de este disco 1 registro que firmó su propia red y ya ha terminado".to_owned(),
                more => format!("También se van de este disco {more} registros que firmó su propia red y ya han terminado"),
            };
            format!(
                "{what}: lo que se va no estará en ninguna lista ni exportación. Exporte antes, con: weft export. ¿Renunciar a ello?"
            )
        }
        Leaving::AskEndTie { id, rests } => format!(
            "Su red dejará el vínculo {id}, pasado el plazo que este pide; solo un vínculo nuevo lo repone.{} ¿Dejarlo?",
            resting::spanish(rests)
        ),
        Leaving::AskRevoke { name, role, count, profile, stolen } => {
            let whose = if *role { "de la función" } else { "de" };
            let mut said = format!("La clave {whose} {name} quedará revocada para siempre.");
            said += &match count {
                0 => " Nada de lo que ahora cuenta queda sin valor por eso.".to_owned(),
                1 => " 1 registro que ahora cuenta queda sin valor en todos los nodos.".to_owned(),
                more => format!(
                    " {more} registros que ahora cuentan quedan sin valor en todos los nodos."
                ),
            };
            if *profile {
                said += " Entre ellos está su perfil: hasta que haga otro nadie verá su nombre.";
            }
            if *stolen && *count > 0 {
                said += " Para conservar lo firmado antes del robo, diga por ejemplo: --keep all-before 3d.";
            }
            said + " ¿Revocarla?"
        }
        Leaving::ErasuresUndone { count } => {
            let what = match count {
                1 => "Se deshará 1 borrado que firmó esta clave".to_owned(),
                more => format!("Se desharán {more} borrados que firmó esta clave"),
            };
            format!(
                "{what}, de los que aún no se ha sobrescrito nada: lo borrado vuelve. \
                 Si lo borró usted, bórrelo otra vez con la clave nueva."
            )
        }
        Leaving::AskWipe { path, files } => format!(
            "Esto sobrescribe y elimina todo lo que Weft guarda en {path} ({}): claves, registros, decisiones y nombres.\n\
             Sin la clave de rotación o los guardianes, en otro lugar, nadie volverá a hablar por su red.\n\
             Los discos pueden conservar copias antiguas de lo sobrescrito. ¿Eliminarlo?",
            so_many(*files, "archivo", "archivos")
        ),
        Leaving::Wiped { path, files } => format!(
            "{path} está vacío, y de allí se ha ido {}. Lo que su red ha firmado sigue donde otros nodos lo tienen.",
            so_many(*files, "archivo", "archivos")
        ),
        Leaving::Listed { new, known, nameless } => {
            let left = match nameless {
                0 => String::new(),
                left => format!(" Sin nombre, y por eso fuera: {left}."),
            };
            format!(
                "Nuevas en la lista: {new}; ya estaban: {known}. Se quedan en esta máquina.{left}"
            )
        }
        Leaving::ReadAs { encoding } => {
            format!(
                "La tabla se leyó como {encoding}. Mire si los nombres están bien: weft listing list"
            )
        }
        Leaving::RemovesAll { count } => {
            let all = so_many(*count, "organización", "organizaciones");
            format!("¿Quitar todo lo que hay en la lista de esta máquina, {all}?")
        }
        Leaving::Unlisted { removed, left } => {
            format!("Quitadas de la lista: {removed}; quedan: {left}.")
        }
        Leaving::OnlyListed => {
            "En la lista de otros, sin contar. Solo hablan por sí mismas las que tienen una red."
                .to_owned()
        }
        Leaving::SealedTo { readers } => format!(
            "Solo pueden leerlo: {}. Usted no, y no puede retirarlo:\n\
             quien lo tenga puede abrirlo mientras conserve su clave, y enseñarlo a otros.",
            readers.join(", ")
        ),
        Leaving::SealedFor { readers, unable } => {
            let mut said = format!(
                "Solo pueden leer las palabras: {}. No puede retirarlas:\n\
                 quien las tenga puede abrirlas mientras conserve su clave, y enseñarlas a otros.",
                readers.join(", ")
            );
            if !unable.is_empty() {
                let unable = unable.join(", ");
                said += &format!("\nEstas no han publicado ninguna clave y no pueden: {unable}.");
            }
            said
        }
        Leaving::NobodyCanRead { networks } if networks.is_empty() => {
            "Nadie más podría leer las palabras: no son para ninguna red más que la suya.\n\
             Puede omitirlas, o dejar que todos lean una inquietud con --public."
                .to_owned()
        }
        Leaving::NobodyCanRead { networks } => format!(
            "Nadie más podría leer las palabras: no han publicado clave para sellar: {}. Pídales: weft profile set --sealing\n\
             Puede omitir las palabras, o dejar que todos lean una inquietud con --public.",
            networks.join(", ")
        ),
        Leaving::IsSealed { id } => format!("sellado: weft open --record {id}"),
        Leaving::Ended { kind, of, what } => {
            format!("{}: {of} {what}", spanish_ended(*kind))
        }
        Leaving::NoSealingKey { net } => format!(
            "La red {net} no ha publicado ninguna clave para sellarle algo. Pídale: weft profile set --sealing"
        ),
        Leaving::NotSealed => {
            "No hay nada sellado en ello, así que no hay nada que abrir.".to_owned()
        }
        Leaving::NotForUs => {
            "Esto no se selló para la clave de esta casa, o cambió por el camino.".to_owned()
        }
        Leaving::RevocationWritten { path } => format!(
            "Una revocación de la clave está en {path}. No se ha comunicado a nadie. Quien tenga el archivo puede callar la clave:\n\
             guárdelo como guarda la clave de rotación. Llegado el día, en cualquier nodo: weft import {path}\n\
             Revoca solo esta clave y conserva lo firmado hasta hoy: haga otra de vez en cuando,\n\
             y siempre que cambie la clave."
        ),
        Leaving::RotationDestroyed { path } => format!(
            "La clave de rotación anterior ya cumplió su única tarea y está destruida: {path}\n\
             Destruya también sus copias: quien encuentre una puede bloquear la identidad de la red, hasta que hablen sus guardianes."
        ),
        Leaving::RotationRemains { path, why } => format!(
            "La clave de rotación anterior ya cumplió su única tarea y no se pudo destruir: {path}: {why}\n\
             Destrúyala usted, y sus copias: quien encuentre una puede bloquear la identidad de la red, hasta que hablen sus guardianes."
        ),
        Leaving::GuardiansDecide { net } => format!(
            "La red tiene guardianes, y solo ellos pueden decir quién la guarda desde ahora. No se firmó nada.\n\
             Pida a tantos como hagan falta que ejecuten lo mismo, cada uno con su clave:\n  \
             weft id guard {net} --guardian HUELLA --guardian HUELLA --need NÚMERO --guardian-key ARCHIVO\n\
             Para una clave nueva con los mismos guardianes, omita --guardian."
        ),
        Leaving::Guarded { net, guardians, need } => format!(
            "La red {net} tiene ahora {}; necesarios: {need}. Lo firmado antes ya no puede cambiarlo.",
            so_many(*guardians, "guardián", "guardianes")
        ),
    }
}
