//! Findings in Spanish.

use super::super::count::{joined, only, so_many};
use super::super::ruled::spanish_how;
use super::super::{Closed, Joining, Locking};
use super::{Awaiting, Ending, Ends, Finding, Speech, Waits, apart};
use crate::examine::WrongClock;

/// How a clock is set and kept right.
const SET_CLOCK: &str =
    "Póngalo en hora y deje que la red lo mantenga (NTP): timedatectl set-ntp true";

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
pub(super) fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Well => "El nodo está bien.".to_owned(),
        Finding::NoNode(say) => Speech::Spanish.say(say),
        Finding::Starting(said) => Speech::Spanish.of_starting(said),
        Finding::ReadOnly { why } => format!(
            "El disco no admite más: {}. Lo que hay se puede leer. Haga sitio y el nodo seguirá solo.",
            Speech::Spanish.system(why)
        ),
        Finding::OwnClock(WrongClock { ahead, against, nodes }) => {
            let (size, way) = (apart(*ahead, Speech::Spanish), way(ahead.is_ahead()));
            let follows = if ahead.is_ahead() {
                "lo que usted firma se retiene allí hasta que llegue su fecha"
            } else {
                "lo que firman los demás espera aquí hasta que llegue su fecha"
            };
            let whose = match nodes {
                1 => "el del único nodo que ha dicho su hora (si el de usted es el bueno, avise a quien lo opera)"
                    .to_owned(),
                _ => format!("los de {against} de {nodes} nodos"),
            };
            format!(
                "Su reloj va {size} {way} respecto a {whose}. Mientras no esté en hora no se compara nada con ellos, y {follows}. {SET_CLOCK}"
            )
        }
        Finding::Full { whose, behind, records } => {
            let whose = match (whose, behind) {
                (None, _) => "redes que aquí nadie conoce".to_owned(),
                (Some(name), true) => format!("quienes se conocen a través de {name}"),
                (Some(name), false) => name.clone(),
            };
            format!(
                "No hay sitio para más de {whose}: registros que hay aquí: {records}, y de lo que llega solo se guarda el nombre. Si es una avalancha: weft policy block. Si hay memoria: suba [admission.stock] en config.toml"
            )
        }
        Finding::DoubtedClock { shown, now } => format!(
            "El reloj de esta máquina dice que es {shown}; por lo que pasó antes es {now}, y el nodo sigue con eso. Mientras tanto no se deja caer nada. Si el reloj va mal, póngalo en hora. Si va bien: weft doctor --clock-is-right"
        ),
        Finding::FarClock { ahead } => {
            let (size, way) = (apart(*ahead, Speech::Spanish), way(ahead.is_ahead()));
            format!("El reloj de esta máquina va {size} {way} respecto al del nodo. {SET_CLOCK}")
        }
        Finding::OtherClocks { nodes, agree } => {
            let clocks: Vec<String> = nodes
                .iter()
                .map(|(node, ahead)| {
                    let size = apart(*ahead, Speech::Spanish);
                    format!("{node} ({size} {})", way(ahead.is_ahead()))
                })
                .collect();
            let yours = match agree {
                0 => "Nadie más ha dicho qué reloj es el bueno".to_owned(),
                1 => "El suyo coincide con el de 1 nodo".to_owned(),
                more => format!("El suyo coincide con los de {more} nodos"),
            };
            format!(
                "Los relojes de estos nodos no van como el suyo: {}. {yours}. No se compara nada con ellos hasta que quienes los operan los pongan en hora.",
                clocks.join(", ")
            )
        }
        Finding::Guardians { name, have, need } => format!(
            "Alguien está cambiando quién habla por {name}, o quién la guarda: han firmado {have} de {need} guardianes. Si su red no sabe \
             nada de esto, hable hoy con sus guardianes, por otro medio. Véalo: weft id show"
        ),
        Finding::KeyReplaced { name, when, by_guardians } => {
            let who =
                if *by_guardians { "Los guardianes han" } else { "La clave de rotación ha" };
            format!(
                "{who} dado a {name} otra clave, {when}; la de esta casa ya no habla por ella. Si su red \
                 lo hizo en otra máquina, traiga aquí sus claves. Si no, hable hoy con sus guardianes, \
                 por otro medio. Véalo: weft id show"
            )
        }
        Finding::Nobody { tried, knows: true, unnamed } => format!(
            "Ahora no hay ningún otro nodo conectado: nada llega y nada sale. ¿Está esta máquina en una red? \
             El nodo sigue intentando los que conoce{}{}",
            if *tried > 0 { ", y por qué no lo logra está en: weft peers list" } else { ", y los que lo conocen también lo intentan." },
            spanish_unnamed(*unnamed)
        ),
        Finding::Nobody { unnamed, .. } => format!(
            "No hay ningún otro nodo conectado: nada llega y nada sale. Entre con una invitación (weft join) \
             o nombre un nodo que conozca: weft peers connect DIRECCIÓN{}",
            spanish_unnamed(*unnamed)
        ),
        Finding::TurnedAway { peer, fault } => format!(
            "No hay ningún otro nodo conectado: nada llega y nada sale. De {peer}: {}. Se intenta otra vez solo",
            Speech::Spanish.of_joining(&Joining::Why(fault.clone()))
        ),
        Finding::Secluded => {
            "No hay ningún otro nodo conectado. Este nodo está cerrado: solo habla con los que usted ha nombrado, y \
             ninguno de ellos está. Para nombrar uno: weft policy allow --peer NODO --reason PORQUÉ"
                .to_owned()
        }
        Finding::Alone { region, theirs } if theirs.is_empty() => format!(
            "Su región es {region} y ningún nodo conectado está en ella. Pida a quienes conozca una invitación \
             para entrar, o el nombre de la suya."
        ),
        Finding::Alone { region, theirs } => format!(
            "Su región es {region}, {} {}. Los nodos solo comparten lo de una región en la que \
             están los dos. Para estar también en la suya: weft region join {}",
            if theirs.len() == 1 { "la de los demás es" } else { "las de los demás son" },
            joined(theirs, "y"),
            only(theirs).unwrap_or("NOMBRE")
        ),
        Finding::Elsewhere { region, met } => format!(
            "Su región es {region} y ningún nodo conectado está en ella: lo que se firma aquí tiene allí su casa, y \
             espera a que haya uno. Los que están conectados se encuentran con usted en {}. Para tener la casa \
             donde ellos, ponga region = \"{}\" en config.toml, arranque de nuevo (weft stop, weft up) y firme \
             otra vez su perfil y lo que deban leer",
            joined(met, "y"),
            only(met).unwrap_or("NOMBRE")
        ),
        Finding::Deserted { region } => format!(
            "Este nodo está también en {region}, y ningún nodo conectado lo está. Para no estar más en ella: \
             weft region leave {region}"
        ),
        Finding::SyncFailed { nodes, why } => {
            let whom = match nodes.as_slice() {
                [node] => format!("el nodo {node}"),
                nodes => format!("{} nodos ({})", nodes.len(), nodes.join(", ")),
            };
            let why = Speech::Spanish.given_up(*why);
            format!("Ponerse al día con {whom} salió mal: {why}. Se repetirá solo; ahora mismo: weft sync now")
        }
        Finding::NoNetwork => {
            "Aquí no vive todavía ninguna red. Funde la suya (weft network found), hágase miembro de una \
             (weft member request) o traiga la suya de otra máquina (weft import ARCHIVO)."
                .to_owned()
        }
        Finding::FoundingBroke => {
            "La fundación de su red se interrumpió. No se ha perdido nada; la termina la misma orden: weft network found"
                .to_owned()
        }
        Finding::NotAtHome { name, id } => format!(
            "Una clave de esta casa habla por {name}, y la red no vive aquí: no se guarda lo que es para sus \
             propios nodos, y sus vínculos no abren la puerta a nadie. Para que viva aquí: weft network adopt {id}"
        ),
        Finding::UnknownKey { path } => format!(
            "{path} es la clave de una red que este nodo no conoce. Traiga lo que su red ha firmado: \
             weft import ARCHIVO (como lo escribió «weft export») o, si lo tienen otros: weft network adopt ID"
        ),
        Finding::Awaited { name } => format!(
            "La red {name} va a vivir aquí, y todavía no hay nada de ella. Tráigala (weft import ARCHIVO) o \
             conecte con un nodo que la tenga (weft peers connect DIRECCIÓN)."
        ),
        Finding::Disputed { name } => format!(
            "Dos declaraciones dicen cosas distintas sobre quién habla por {name}, así que nada nuevo suyo cuenta. \
             Lo resuelven sus guardianes: weft id recover"
        ),
        Finding::Closed { name } => {
            format!("{name} se ha cerrado. Lo que dijo sigue aquí hasta que termine.")
        }
        Finding::Voiceless { name } => format!(
            "La clave de {name} fue revocada y todavía no tiene otra: weft id rotate, \
             o con sus guardianes: weft id recover"
        ),
        Finding::Nameless { name } => format!(
            "Su red {name} no tiene ningún perfil en vigor, así que los demás no ven su nombre. Un perfil termina a los \
             400 días, y con la clave que lo firmó cuando esta se revoca. Diga quién es: weft profile set --name NOMBRE"
        ),
        Finding::IdleRule { rule, serves: false, .. } => format!(
            "La regla {rule} del puente no lleva nada, porque este nodo no lleva todavía en nombre de nadie. \
             Una red que viva aquí lo hace su puente con: weft bridge setup"
        ),
        Finding::IdleRule { rule, into, serves: true } => format!(
            "La regla {rule} del puente no lleva nada, porque ningún vínculo activo de tipo «bridge» con otra red \
             de {into} le da derecho. Vea cómo llegar a uno: weft bridge show"
        ),
        Finding::Waits(waits) => waiting(waits),
        Finding::Ends(ends) => ending(ends),
        Finding::Early { count: 1 } => {
            "1 registro espera su fecha, que según el reloj de este nodo está en el futuro. Entrará solo.".to_owned()
        }
        Finding::Early { count } => format!(
            "{count} registros esperan su fecha, que según el reloj de este nodo está en el futuro. Entrarán solos."
        ),
        Finding::NotReached { peer, fault } => format!(
            "Este nodo debe estar conectado con {peer} y no lo está: {}. Lo sigue intentando. \
             Si ese nodo ya no está o se ha mudado: weft peers forget {peer}",
            Speech::Spanish.of_joining(&Joining::Why(fault.clone()))
        ),
        Finding::FaultyKey { path, fault } => {
            let (path, fault) = (path.clone(), fault.clone());
            Speech::Spanish.of_locking(&Locking::Faulty { path, fault })
        }
        Finding::Skipped { places } => format!(
            "Al arrancar el nodo no se pudo leer nada en {} de su almacén. Lo que había vuelve de otros \
             nodos. Mire si el disco está fallando, guarde copia de sus claves en otro sitio y compruébelo otra vez \
             con: weft store verify",
            so_many(*places, "sitio", "sitios")
        ),
        Finding::Newcomers { count, is_full: true } => format!(
            "Los sitios para redes que aquí nadie conoce están todos ocupados ({count}), así que dejan sitio aquellas de las que hace más que no se oye nada. Véalas: weft newcomer list, y luego: weft newcomer welcome NOMBRE, o weft newcomer refuse NOMBRE. Si quiere más sitio, suba networks en [admission.newcomers] de config.toml."
        ),
        Finding::Newcomers { count: 1, .. } => {
            "Hay 1 red que aquí nadie conoce y que quiere que se la oiga. Véala: weft newcomer list, y luego: weft newcomer welcome NOMBRE".to_owned()
        }
        Finding::Newcomers { count, .. } => format!(
            "Hay {count} redes que aquí nadie conoce y que quieren que se las oiga. Véalas: weft newcomer list, y luego: weft newcomer welcome NOMBRE"
        ),
        Finding::Knocked { count, last } => {
            let (count, last) = (*count, last.clone());
            Speech::Spanish.of_closed(&Closed::Knocked { count, last })
        }
        Finding::KeptOut { name, word, how } => format!(
            "{} Y se queda fuera: nada de lo que firma se toma. Para dejarla entrar de nuevo: weft newcomer welcome {word}",
            spanish_how(name, how)
        ),
        Finding::Unreachable => {
            "Este nodo no escucha en ningún sitio: va a los demás, y nadie puede venir a él.".to_owned()
        }
    }
}

/// Says of connections that nodes may still be behind them, after a sentence.
fn spanish_unnamed(count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    format!("\n{}", Speech::Spanish.of_joining(&Joining::Unnamed { count }))
}

fn way(ahead: bool) -> &'static str {
    if ahead { "por delante" } else { "por detrás" }
}

fn waiting(Waits { what, count, first, when }: &Waits) -> String {
    let one = *count == 1;
    let of = |single: &str, many: &str| so_many(*count, single, many);
    let by = when.as_ref().map(|when| format!(" ({when})")).unwrap_or_default();
    match what {
        Awaiting::Signature if one => {
            format!(
                "1 vínculo espera su firma. Léalo: weft tie show {first}, y después: weft tie accept {first}"
            )
        }
        Awaiting::Signature => format!("{count} vínculos esperan su firma: weft tie due"),
        Awaiting::Offer => {
            let what = of("oferta a sus llamamientos espera", "ofertas a sus llamamientos esperan");
            format!(
                "{what} su palabra. Vea la primera: weft call show {first}, y después, con el id que allí lleva delante: weft offer accept ID"
            )
        }
        Awaiting::Delivery => {
            let what = of("entrega espera", "entregas esperan");
            format!(
                "{what} que usted la confirme. Vea la primera: weft call show {first}, y después, con el id que allí lleva delante: weft offer confirm ID"
            )
        }
        Awaiting::Vote => {
            let what = of("votación está abierta", "votaciones están abiertas");
            format!("{what} y usted no ha votado{by}. Vea la primera: weft proposal show {first}")
        }
        Awaiting::Closing => {
            let what = of("resultado espera", "resultados esperan");
            format!(
                "{what} que usted acepte la lista de votos. Vea el primero: weft proposal show {first}"
            )
        }
        Awaiting::Hosting => {
            let what = of("encuentro, o su acta, espera", "encuentros, o sus actas, esperan");
            format!(
                "{what} que usted lo acepte como anfitrión. Vea el primero: weft gathering show {first}"
            )
        }
        Awaiting::Concern => {
            let what = of("inquietud espera", "inquietudes esperan");
            format!("{what} su respuesta: weft concern list")
        }
        Awaiting::Disclosure => {
            let what = of("declaración pendiente", "declaraciones pendientes");
            format!("Sus vínculos piden {what}, fuera de plazo: weft disclosure due")
        }
        Awaiting::Review => {
            let what = of("vínculo", "vínculos");
            format!("Toca revisar {what} entre las partes: weft tie due")
        }
        Awaiting::Role => {
            let what = of("función se ofrece", "funciones se ofrecen");
            format!("{what} a una clave suya. Acepte la primera: weft role accept {first}")
        }
    }
}

fn ending(Ends { what, count, name, first, when }: &Ends) -> String {
    let one = *count == 1;
    match what {
        Ending::Profile => format!(
            "El perfil de {name} termina {when}; después nadie verá su nombre. Renuévelo tal como está: weft profile set"
        ),
        Ending::Tie if one => format!(
            "1 vínculo de {name} termina {when}. Renuévelo, o pídalo a quien lo propuso: weft tie renew {first}; \
             una aceptación que termina se da otra vez con: weft tie accept {first}"
        ),
        Ending::Tie => {
            format!("{count} vínculos de {name} terminan pronto, el primero {when}: weft tie due")
        }
        Ending::Role if one => {
            format!("1 mandato de {name} termina {when}. Vea quién sigue: weft role due")
        }
        Ending::Role => format!(
            "{count} mandatos de {name} terminan pronto, el primero {when}. Vea quién sigue: weft role due"
        ),
        Ending::Bridge => format!(
            "El mandato del puente de {name} termina {when}; después no llevará nada. Renuévelo: weft bridge setup"
        ),
    }
}
