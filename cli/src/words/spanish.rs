//! Spanish.

mod word;

use weft_protocol::admission::Fate;
use weft_protocol::control::{Fault, Whereabouts};

use super::count::{joined, so_many};
use super::why::{spanish, spanish_waiting};
use super::{Joining, Say, Speech};
use crate::names::ID_BEGINS;
use crate::show::when::{Unit, date};

pub(super) use word::word;

/// Returns how an operator connects with another node; members have no say in that.
fn connect(operator: bool) -> &'static str {
    if operator { ": weft peers connect DIRECCIÓN" } else { "." }
}

/// Why something may not be here that was asked for.
const ABSENT: &str = "Puede que no haya llegado (mire otra vez en un minuto), que haya terminado y ya no se guarde, o que sea de una región en la que este nodo no está.";

/// Returns a sentence.
#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn sentence(say: &Say) -> String {
    match say {
        Say::HomeExists { path } => format!(
            "Ya hay una casa en {path}, y se queda como está.\n\
             Elija otra con --home CARPETA, o siga con: weft up"
        ),
        Say::NoHome { path } => format!(
            "No hay ninguna casa en {path}.\n\
             Haga una con: weft init --region gb-bristol (con su propia región), o indique otra con --home CARPETA."
        ),
        Say::DiskFull => {
            "El disco está lleno y no se ha escrito nada. Libere espacio y repita la orden."
                .to_owned()
        }
        Say::NotConfirmed => "No se ha hecho nada.".to_owned(),
        Say::YesOrNo => "s/N".to_owned(),
        Say::NodeFar { fault } => {
            let why = Speech::Spanish.of_joining(&Joining::Why(fault.clone()));
            let next = match fault {
                Fault::Other { name } => format!("Si se refiere a ese nodo, termine su dirección en /p2p/{name}"),
                _ => "Inténtelo de nuevo en un momento".to_owned(),
            };
            format!(
                "No se puede preguntar al nodo: {why}. No se ha hecho nada.\n\
                 {next}; si no, pida su dirección a quien lo opera, como la muestra allí «weft status»."
            )
        }
        Say::NoNode => "Aquí no hay ningún nodo en marcha. Arránquelo con: weft up".to_owned(),
        Say::RoleEnded { label, ended, network } => format!(
            "Su función «{label}» terminó {ended}, así que no se puede firmar nada con ella. Pida a {network} que la renueve: weft role renew {label}"
        ),
        Say::CutToRole { until } => {
            format!("Cuenta hasta {until}, y no más: entonces termina su función.")
        }
        Say::RoleRenewed { role } => {
            format!("Queda renovada cuando quien la tiene diga: weft role accept {role}")
        }
        Say::Ruled(said) => Speech::Spanish.of_ruled(said),
        Say::Empty(empty) => Speech::Spanish.of_empty(empty),
        Say::Weighing(said) => Speech::Spanish.of_values(said),
        Say::ErasedByAuthor => {
            "Eso estaba aquí, y quien lo firmó lo ha borrado. Si era suyo y lo borró alguien que le robó la clave, revóquela en tres días y volverá: weft id revoke --help".to_owned()
        }
        Say::GuardiansNeeded { count: 1, .. } => "1 guardián, que hace falta".to_owned(),
        Say::GuardiansNeeded { count: 2, need: 2 } => {
            "2 guardianes, y hacen falta los dos".to_owned()
        }
        Say::GuardiansNeeded { count, need } if count == need => {
            format!("{count} guardianes, y hacen falta todos")
        }
        Say::GuardiansNeeded { count, need: 1 } => {
            format!("{count} guardianes, y basta uno cualquiera")
        }
        Say::GuardiansNeeded { count, need } => {
            format!("{count} guardianes, y bastan {need} cualesquiera")
        }
        Say::NotHere => {
            format!("Eso no está aquí. {ABSENT}")
        }
        Say::OtherKind { word, is, wanted } => format!(
            "«{word}» es de la clase «{}», y aquí se espera una de la clase «{}». Véalo con: weft record show {word}",
            Speech::Spanish.kind(is),
            Speech::Spanish.kind(wanted)
        ),
        Say::UnknownName { word } => format!(
            "«{word}» no es un nombre que usted haya dado aquí (weft network name) ni el comienzo de un id, que tiene al menos 6 de las letras a-z y 2-7."
        ),
        Say::NothingSaid => {
            "No se había dicho nada así, y no se ha retirado nada. Vea lo dicho con: weft policy show".to_owned()
        }
        Say::NotListed { name } => {
            format!("Aquí no está anotada ninguna organización llamada «{name}». Véalas con: weft listing list")
        }
        Say::OwnNetwork { name } => {
            format!("{name} es su propia red, o vive en este nodo: no se la deja fuera. No ha cambiado nada.")
        }
        Say::NothingNamed { word } => {
            format!("Aquí no hay nada que empiece por «{word}». {ABSENT}")
        }
        Say::WasOver { kind, ended } => format!(
            "Eso ha terminado: era de la clase «{}», y su tiempo acabó el {}. Ya no se le puede responder, y solo lo muestra el nodo de quien lo firmó.",
            Speech::Spanish.kind(kind),
            date(*ended, Speech::Spanish)
        ),
        Say::NoNetworkCalled { word, near, operator } if near.is_empty() => format!(
            "Aquí ninguna red se llama «{word}»{}\n\
             Vea las que conoce este nodo con: weft network list{}",
            if word.chars().count() < ID_BEGINS {
                ". Si es el comienzo de un id: hacen falta al menos 6 de sus letras."
            } else {
                ", ni hay ninguna cuyo id empiece así."
            },
            if *operator { ", y las que esperan entrar: weft newcomer list" } else { "" }
        ),
        Say::NoRoleCalled { word } => format!(
            "Aquí ninguna función se llama «{word}», ni hay ninguna cuyo id empiece así. Véalas todas con: weft role list --all"
        ),
        Say::WouldBeSigned { asks } => format!(
            "No se ha firmado nada. Así se guardaría{}.",
            if *asks { "; ahí lo primero que se pide tiene el número 0" } else { "" }
        ),
        Say::ItIsNewcomer { word, net } => format!(
            "«{word}» es una recién llegada, y aquí todavía no se oye lo que dice. Véala con: weft newcomer list\n\
             Para dejarla entrar: weft newcomer welcome {net}"
        ),
        Say::NoNetworkCalled { word, near, .. } => format!(
            "Aquí ninguna red se llama solo «{word}». ¿Es una de estas? Escriba el nombre entero, o el comienzo del id:\n  {}",
            near.join("\n  ")
        ),
        Say::NameTaken { name, id } => {
            format!("«{name}» significa hasta ahora {id}. ¿Dar ese nombre al otro?")
        }
        Say::Ambiguous { word, candidates } => format!(
            "«{word}» puede ser varias cosas. Escriba más letras:\n  {}",
            candidates.join("\n  ")
        ),
        Say::WouldNotCount { why } => format!(
            "Se ha rechazado y no se ha firmado nada: {}.\n\
             Vea lo que pueden sus claves con: weft role list",
            spanish(why)
        ),
        Say::Refused { why } => format!(
            "Se ha rechazado y no ha cambiado nada: {}.",
            Speech::Spanish.refusal(why)
        ),
        Say::NodeBusy => {
            "El nodo está ocupado, y no ha cambiado nada. Inténtelo de nuevo en un momento.".to_owned()
        }
        Say::NodeBroke { what } => {
            format!("No se pudo hacer en el nodo: {}.", Speech::Spanish.breakage(what))
        }
        Say::NoKeys => "Aquí no hay claves: no se puede firmar nada, y ningún nodo de otra parte le deja entrar.\n\
             Funde una red: weft network found --name \"Nuestro nombre\", o pida una función: weft member request --label rep-1"
            .to_owned(),
        Say::ForWhichNetwork { names, first } => format!(
            "Sus claves hablan por varias redes: {}. Diga en nombre de cuál: --for {first}",
            joined(names, "y")
        ),
        Say::ContactsFound { found } => format!(
            "Esto será público y parece un dato de contacto de alguien: {found}.\n\
             Lo que se publica no se puede retirar. ¿Publicarlo?"
        ),
        Say::Void { why } => format!("Se guarda, pero no vale: {}.", spanish(why)),
        Say::NoPeerYet { operator } => format!(
            "Todavía no hay ningún otro nodo conectado; saldrá solo en cuanto lo haya{}",
            connect(*operator)
        ),
        Say::Now => "ahora".to_owned(),
        Say::Never => "nunca".to_owned(),
        Say::Ago { count, unit } => format!("hace {}", counted(*count, *unit)),
        Say::Ahead { count, unit } => format!("en {}", counted(*count, *unit)),
        Say::NothingThere => "Todavía no hay nada.".to_owned(),
        Say::OfWhatWasAsked { amount } => format!("{amount} de lo que se pedía"),
        Say::SharedValues { both, differ } => match (&both[..], differ) {
            ([], None) => "No han valorado nada en común.".to_owned(),
            ([], Some(differ)) => format!("En lo que más difieren es en {differ}."),
            (both, None) => format!("Ambas ponen por encima del resto: {}.", both.join(", ")),
            (both, Some(differ)) => format!(
                "Ambas ponen por encima del resto: {}; en lo que más difieren es en {differ}.",
                both.join(", ")
            ),
        },
        Say::Elsewhere { differs } => format!("Están donde ustedes no están: {differs}."),
        Say::AppealTorn { one, other } => format!(
            "Una observación: esto apela a {one} y a {other}, y lo que refuerza a uno suele debilitar al otro. El texto es suyo y queda como lo escribió."
        ),
        Say::WouldGain { gain, voices, carriers } => {
            let networks = if *gain == 1 { "red más tendría" } else { "redes más tendrían" };
            let more = so_many(*carriers, "portadora más", "portadoras más");
            let more = if *carriers > 0 { format!(", y el puente {more}") } else { String::new() };
            let voices = so_many(*voices, "voz a la que", "voces a las que");
            format!("Con ello {gain} {networks} {voices} seguir{more}.")
        }
        Say::OtherBridges { count } => {
            let bridges = so_many(*count, "puente entre otras regiones se muestra", "puentes entre otras regiones se muestran");
            format!("{bridges} solo a esas regiones.")
        }
        Say::ModeOpen => {
            "Este nodo está abierto: también deja entrar a recién llegadas, unos pocos registros por hora.".to_owned()
        }
        Say::ModeFederation => {
            "Este nodo deja entrar a las redes a las que lleva una cadena de vínculos. Las recién llegadas esperan: weft newcomer list".to_owned()
        }
        Say::ModeClosed => {
            "Este nodo está cerrado: habla con sus propios nodos y con los que usted nombra, y solo toma lo que dicen las redes que nombran sus ajustes o que usted admite.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Stored) => "Está guardado aquí.".to_owned(),
        Say::Whereabouts(Whereabouts::Waiting) => "Espera aquí aquello a lo que se refiere.".to_owned(),
        Say::Whereabouts(Whereabouts::Newcomer) => {
            "Se guarda entre las recién llegadas, fuera de lo que se comparte.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Refused) => {
            "Se rechazó aquí, y solo se guarda su nombre.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Past) => {
            "Su tiempo ha pasado. Se guarda aquí, porque su red vive aquí, y ya no cuenta.".to_owned()
        }
        Say::Whereabouts(Whereabouts::Absent) => {
            format!("Aquí nadie lo conoce. {ABSENT}")
        }
        Say::OfNetwork { name } => format!("Red: {name}"),
        Say::RecordCounts { stored, waiting, refused } => format!(
            "De esta red, registros guardados: {stored}; entre las recién llegadas: {waiting}; rechazados: {refused}."
        ),
        Say::Chain { chain } => format!("Se conoce por: {chain}"),
        Say::WouldBe(Fate::Take) => "Si llegara ahora, entraría.".to_owned(),
        Say::WouldBe(Fate::Newcomer) => {
            "Si llegara ahora, esperaría entre las recién llegadas.".to_owned()
        }
        Say::WouldBe(Fate::Stub) => "Si llegara ahora, se rechazaría.".to_owned(),
        Say::WouldBe(Fate::Later { ready }) => {
            format!("Si llegara ahora, tendría que volver después del {ready}.")
        }
        Say::Hidden { why } => format!("No se muestra aquí: {why}"),
        Say::StillVoting { closes } => format!(
            "No se ha firmado nada: la votación no ha terminado. Se cierra {closes}."
        ),
        Say::AlreadyDecided => {
            "Está decidida del todo: la mayoría ha aceptado la lista de votos. Haga otra propuesta."
                .to_owned()
        }
        Say::BallotsWouldLapse { ballots } => format!(
            "Votos sobre el texto tal como está, que dejarán de contar: {ballots}. ¿Cambiar el texto?"
        ),
        Say::NobodyVoted => {
            "No se ha firmado nada: ningún voto cuenta, así que no hay nada que listar.".to_owned()
        }
        Say::Condition(said) => Speech::Spanish.of_condition(said),
        Say::Bearing(said) => Speech::Spanish.of_bearing(said),
        Say::Session(said) => Speech::Spanish.of_session(said),
        Say::NotOurFolder { path } => format!(
            "En {path} hay otra cosa y no hay ajustes, así que no se hace allí ninguna casa.\n\
             Elija otra carpeta con --home CARPETA; o, si era una casa, vuelva a poner su config.toml."
        ),
        Say::AgainstRules { why } => {
            format!("Se ha rechazado y no se ha firmado nada: {why}.")
        }
        Say::NobodyInRegion { region } => format!(
            "Todavía no hay ningún nodo de {region} conectado, aunque otros sí; saldrá solo en cuanto lo haya. \
             Qué se puede hacer: weft doctor"
        ),
        Say::Crossing(said) => Speech::Spanish.of_bridges(said),
        Say::Starting(said) => Speech::Spanish.of_starting(said),
        Say::Keeping(said) => Speech::Spanish.of_keeping(said),
        Say::Holding(said) => Speech::Spanish.of_holding(said),
        Say::Closed(said) => Speech::Spanish.of_closed(said),
        Say::Locking(said) => Speech::Spanish.of_locking(said),
        Say::Leaving(said) => Speech::Spanish.of_leaving(said),
        Say::Joining(said) => Speech::Spanish.of_joining(said),
        Say::MemberHomeMade { path, region } => format!(
            "Su casa está lista en {path}, región {region}. Las órdenes preguntan al nodo que ha indicado.\n\n\
             A continuación:\n  \
             1. weft member request --label rep-2        hacer una clave y dar lo que diga\n  \
             2. weft role accept rep-2                   aceptar la función ofrecida\n  \
             3. weft call list                           leer lo que piden los demás\n  \
             4. weft call new --title \"Se buscan camas\" pedir en nombre de su red"
        ),
        Say::HomeMade { path, region, node } => format!(
            "La casa de su nodo está lista en {path}, región {region}.\n\
             El nombre de su nodo es {node}.\n\n\
             A continuación:\n  \
             1. weft up                                   arrancar el nodo y dejarlo así\n  \
             2. weft network found --name \"Nuestra red\"   fundar su red y sus claves\n  \
             3. weft peers connect DIRECCIÓN              conectar con un nodo conocido\n  \
             4. weft status                               ver cómo está su nodo\n  \
             5. weft call new --title \"Se buscan camas\"   pedir solidaridad\n  \
             6. weft call list                            leer lo que piden los demás"
        ),
        Say::BadSettings { why } => format!(
            "No se entienden los ajustes: {why}\n\
             Corrija config.toml en su casa; weft config schema dice lo que puede decir."
        ),
        Say::BadWords { what, why } if why == super::NEEDED => {
            format!("Hace falta «{what}».\nVea los ejemplos con --help.")
        }
        Say::BadWords { what, why } => {
            let why = super::usage::spanish(why);
            format!("«{what}» no puede ser: {why}.\nVea los ejemplos con --help.")
        }
        Say::FileExists { path } => {
            format!("{path} ya existe y no se sobrescribe nada. Elija otro nombre.")
        }
        Say::NotYourKit { net } => format!(
            "Ninguna clave de aquí es de {net}, así que no hay de qué hacer una hoja de recuperación. No se ha escrito nada.\n\
             Hágalo donde está la clave de la red, o nombre su clave de rotación con --rotation-key ARCHIVO."
        ),
        Say::NobodyToAsk { question } => {
            format!("{question}\nNo se ha hecho nada. Si está seguro, repita la orden con --yes.")
        }
        Say::MemberRequest { name, key, label } => format!(
            "Hay una clave nueva; su mitad secreta se queda aquí, con el nombre «{name}».\n\n\
             Entregue esto a la red, por un camino de confianza:\n\n  {key}\n\n\
             Ellos responden con:\n\n  \
               weft role offer {key} \\\n      --label \"{label}\" --power call\n\n\
             Después acéptelo con: weft role accept \"{label}\""
        ),
        Say::NoSuchNode { node } => format!(
            "«{node}» no lleva a ningún nodo. Diga una dirección que acabe en /p2p/ y el nombre del nodo, o un nombre que esté bajo [nodes] en config.toml."
        ),
        Say::DoorShut { path } => format!(
            "El nodo está en marcha, pero {path} no es suyo. Use la cuenta con la que corre el nodo."
        ),
        Say::NodeHangs => {
            "El nodo no responde. Mire su registro; si sigue así, párelo y arránquelo.".to_owned()
        }
        Say::NodeGone => {
            "El nodo se paró antes de responder. Arránquelo con: weft up, y mire si se hizo."
                .to_owned()
        }
        Say::StrangeAnswer => {
            "La respuesta del nodo no tiene sentido. Puede que el nodo y este programa sean de versiones distintas: actualice el más antiguo."
                .to_owned()
        }
        Say::NodeSays { why } => format!("El nodo no ha entendido la petición. Para quien programa, en inglés: {why}."),
        Say::NotVerified { why } => format!("No se sostiene: {}.", Speech::Spanish.flaw(why)),
        Say::ReadOnly { why } => format!(
            "El nodo no puede escribir ahora y no se ha guardado nada: {}.\n\
             Libere espacio en su disco; después sigue solo.",
            Speech::Spanish.system(why)
        ),
        Say::NoMandate { keys, power } => format!(
            "Ninguna red ha dado a sus claves ({keys}) el poder «{power}», que este nodo sepa.\n\
             Pida a su red una función con ese poder (weft role offer … --power {power}). Si acaba de dársela, mire otra vez en un minuto."
        ),
        Say::Waiting { what } => {
            format!("Espera algo que todavía no está aquí: {}.", spanish_waiting(what))
        }
        Say::SyncIsOperators => {
            "El nodo de su red se compara solo con los demás; únicamente quien lo opera puede pedirlo ahora, en el nodo mismo. \
             Lo que tiene lo ve usted al momento, por ejemplo con: weft call list"
                .to_owned()
        }
        Say::NobodyConnected => {
            "No hay ningún otro nodo conectado. Conéctese con uno conocido: weft peers connect DIRECCIÓN"
                .to_owned()
        }
        Say::Founded { net, rotation } => format!(
            "Su red está fundada. Su nombre entre las redes, para siempre, es\n\n  {net}\n\n\
             Saque ahora la clave de rotación de esta máquina, por ejemplo a una memoria en un cajón:\n  {rotation}\n\
             Quien la tenga decide quién habla por la red después de un robo. Vea también: weft id kit --out ARCHIVO"
        ),
        Say::FoundingRehearsed => {
            "Un ensayo: no se ha firmado ni guardado nada, y las claves de arriba se han tirado."
                .to_owned()
        }
        Say::FoundingResumed => {
            "Aquí se empezó una fundación y no se terminó. Ahora está terminada, tal como se empezó."
                .to_owned()
        }
        Say::FoundedAlready { key } => format!(
            "Esta casa ya tiene la clave de una red: {key}. Se queda como está.\n\
             Cambie lo que dice la red con: weft profile set. Funde otra en otra casa: --home CARPETA"
        ),
        Say::Unfinished { why } => format!(
            "{why}\nLas claves se conservan. Repita la misma orden: sigue donde se paró."
        ),
        Say::NameGiven { name, id } => {
            format!("Desde ahora «{name}» significa {id}, en esta máquina.")
        }
        Say::RegionJoined { region } => format!(
            "Este nodo está ahora en {region}, también después de cada arranque. Mire con: weft region status"
        ),
        Say::RegionLeft { region } => format!(
            "Este nodo ya no está en {region}. Lo guardado de esa región se queda hasta que termine."
        ),
        Say::Rotated { old: None, rotation } => format!(
            "La red tiene una clave nueva.\n\
             Saque la nueva clave de rotación de esta máquina: {rotation}"
        ),
        Say::Rotated { old: Some(old), rotation } => format!(
            "La red tiene una clave nueva. La antigua se conserva como «{old}» y ya no firma nada.\n\
             Saque la nueva clave de rotación de esta máquina: {rotation}"
        ),
        Say::WrongRotationKey { path } => format!(
            "Ninguna red que este nodo conozca se ha comprometido con la clave de rotación de {path}. No se ha firmado nada.\n\
             Indique otro archivo con --rotation-key ARCHIVO, o espere a que el nodo conozca lo que ha firmado su red."
        ),
        Say::RevokedKey { net } => format!(
            "La clave está revocada. La red no puede hablar hasta que tenga otra:\n  \
             weft id rotate {net} --rotation-key ARCHIVO"
        ),
        Say::RecoverPrepared { net, key, next } => format!(
            "Hay claves nuevas. Pida a cada guardián que ejecute esto en su propia máquina:\n\n  \
             weft id recover {net} --key {key} --next {next} --guardian-key ARCHIVO\n\n\
             Cuando lo hayan hecho los que hacen falta, ejecute aquí otra vez: weft id recover {net}\n\
             Eso pone la clave nueva en su sitio."
        ),
        Say::Recovered { net, rotation } => format!(
            "Los guardianes han recuperado la red {net}: la clave nueva habla por ella y está en su sitio.\n\
             Saque la nueva clave de rotación de esta máquina: {rotation}"
        ),
        Say::GuardiansSoFar { have, need } => {
            format!("Guardianes que han firmado: {have}, de {need} que hacen falta.")
        }
        Say::NoGuardians => {
            "La red no ha nombrado guardianes, así que nadie puede recuperarla. Con la clave de rotación todavía puede cambiar su clave: weft id rotate --rotation-key ARCHIVO"
                .to_owned()
        }
        Say::GuardianMade { name, hash } => format!(
            "Hay una clave de guardián, con el nombre «{name}». Consérvela mientras viva la red.\n\
             Entregue esto a la red, que la nombra con --guardian:\n\n  {hash}\n"
        ),
        Say::KitSheet { name, net, key, next, guardians, need } => format!(
            "HOJA DE RECUPERACIÓN. No contiene secretos. Guárdela con la clave de rotación.\n\n\
             Red:                        {name}\n\
             Su nombre para siempre:     {net}\n\
             Clave que habla ahora:      {key}\n\
             Clave de rotación (huella): {next}\n\
             Guardianes necesarios:      {need} de {count}\n{list}\n\
             Robaron la clave:     weft id revoke {net} --reason compromised --keep all-before FECHA --rotation-key ARCHIVO\n                      \
             weft id rotate {net} --rotation-key ARCHIVO\n\
             Se perdió la clave:   weft id rotate {net} --rotation-key ARCHIVO\n\
             Se perdieron las dos: {both}",
            both = if *need > 0 {
                format!("weft id recover {net}   (y seguir lo que diga)")
            } else {
                "nadie puede volver a hablar por la red: no tiene guardianes. Nómbrelos con: weft id rotate --guardian HUELLA".to_owned()
            },
            count = guardians.len(),
            list = guardians
                .iter()
                .map(|(hash, label)| match label {
                    Some(label) => format!("  {hash}   la guarda: {label}\n"),
                    None => format!("  {hash}   la guarda: ____________________\n"),
                })
                .collect::<String>(),
        ),
        Say::ValuesLegend { legend } => format!("De -1 (en contra) a 7 (lo que más). {legend}."),
        Say::NothingDeclared { word } => format!("{word} todavía no ha declarado sus valores."),
        Say::KitWritten { path } => format!(
            "La hoja está en {path}. No contiene secretos: imprímala y guárdela con su clave de rotación."
        ),
        Say::LooksLike { name, net, other } => format!("{name} ({net}, se parece a {other})"),
        Say::TellHolder { label } => {
            format!("Cuenta cuando quien la va a tener diga: weft role accept {label}")
        }
        Say::Passed { records } => {
            format!("{}.", so_many(*records, "registro escrito", "registros escritos"))
        }
        Say::Exported { records, path } => {
            format!("{} en {path}.", so_many(*records, "registro escrito", "registros escritos"))
        }
        Say::Imported { new, known, waiting, void, refused } => format!(
            "Nuevos: {new}; ya conocidos: {known}; a la espera de otros: {waiting}; guardados sin valer: {void}; no admitidos: {refused}."
        ),
        Say::Counts => "Vale.".to_owned(),
        Say::CountsNot { why } => format!("No vale: {}.", spanish(why)),
        Say::ManWritten { pages, path } => {
            format!("Hay {pages} páginas del manual en {path}. Lea una con: man {path}/weft.1")
        }
        Say::Surroundings { why } => format!(
            "No se ha podido hacer: {}\n\
             Mire la ruta, quién puede escribir allí y el espacio del disco; después repita la orden.",
            Speech::Spanish.system(why)
        ),
        Say::Verified { good: 1, bad: 0 } => "La única firma se sostiene.".to_owned(),
        Say::Verified { good, bad: 0 } => format!("Las {good} firmas se sostienen."),
        Say::Verified { good, bad } => {
            format!("{}, {bad} no:", so_many(*good, "firma se sostiene", "firmas se sostienen"))
        }
        Say::BadRecord { number, why } => format!("  registro {number}: {why}"),
    }
}

pub(super) fn counted(count: u64, unit: Unit) -> String {
    let (one, many) = match unit {
        Unit::Minutes => ("minuto", "minutos"),
        Unit::Hours => ("hora", "horas"),
        Unit::Days => ("día", "días"),
        Unit::Months => ("mes", "meses"),
        Unit::Years => ("año", "años"),
    };
    so_many(count, one, many)
}
