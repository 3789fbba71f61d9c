//! What is said when a node starts, cannot start, stops, or lets people wait.

use weft_protocol::control::{Missed, Obstacle};

use super::Speech;

/// Something that is said of a node that starts or stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Starting {
    /// This home asks a node somewhere else, and has none of its own.
    AsksAnother { node: String },
    /// The node runs.
    Ready { node: String, listen: String },
    /// It cannot have some of the places where it is to listen, all for one reason; a node that runs asks
    /// again.
    Missed { why: Obstacle, addresses: Vec<String>, runs: bool },
    /// It could have none of them.
    NowhereToListen { missed: Vec<Missed> },
    /// Another process works in the home.
    HomeLocked { path: String, process: Option<u32> },
    /// A process works in the home, and no door is there.
    DoorGone { process: Option<u32> },
    /// The node stops, and is waited for.
    Stopping,
    /// It has not stopped, and nobody waits any more.
    StillStopping,
    /// The node has stopped.
    Stopped,
    /// It had to stop, because a part of the program has failed.
    Failed { part: String },
    /// A node somewhere else is asked.
    Asking,
    /// The node compares its records with those of others.
    Comparing,
    /// No node runs, and none could, for the reasons that follow.
    CannotStart,
    /// A file or folder of the home cannot be used.
    Shut { path: String, owner: Option<u32>, read_only: bool },
    /// A file of the home is missing or damaged.
    Broken { why: String },
    /// What is stored was written by another version of the program.
    OtherFormat { store: String, newer: bool },
    /// The path of the door is too long for a socket.
    LongDoor { path: String, most: usize },
}

/// Puts together what was missed for the same reason, each once, by a node that runs or that would.
pub(crate) fn by_reason(missed: &[Missed], runs: bool) -> Vec<Starting> {
    let mut reasons: Vec<Obstacle> = missed.iter().map(|missed| missed.why.clone()).collect();
    reasons.sort();
    reasons.dedup();
    let together = |why: Obstacle| {
        let same = missed.iter().filter(|missed| missed.why == why);
        let addresses = same.map(|missed| missed.address.clone()).collect();
        Starting::Missed { why, addresses, runs }
    };
    reasons.into_iter().map(together).collect()
}

impl Starting {
    /// Returns the name by which scripts know it as a finding.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ready { .. } => "ready",
            Self::Missed { .. } => "missed",
            Self::NowhereToListen { .. } => "nowhere-to-listen",
            Self::HomeLocked { .. } => "home-locked",
            Self::DoorGone { .. } => "door-gone",
            Self::Stopping | Self::StillStopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed { .. } => "failed",
            Self::AsksAnother { .. } => "asks-another",
            Self::Asking | Self::Comparing => "waiting",
            Self::CannotStart => "cannot-start",
            Self::Shut { .. } => "shut",
            Self::LongDoor { .. } => "long-door",
            Self::Broken { .. } => "broken",
            Self::OtherFormat { .. } => "other-format",
        }
    }
}

impl Speech {
    /// Returns a sentence about starting and stopping.
    pub(crate) fn of_starting(self, said: &Starting) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }

    fn missed(self, why: &Obstacle, addresses: &[String], runs: bool) -> String {
        let (and, again) = match self {
            Self::English => (" and ", " The node tries again every minute."),
            Self::Spanish => (" y ", " El nodo lo intenta cada minuto."),
        };
        let at = match addresses.split_last() {
            Some((last, others)) if !others.is_empty() => others.join(", ") + and + last,
            _ => addresses.concat(),
        };
        let said = match self {
            Self::English => english_missed(why, &at),
            Self::Spanish => spanish_missed(why, &at),
        };
        let again =
            if runs && !matches!(why, Obstacle::Unfit | Obstacle::NoFamily) { again } else { "" };
        said + again
    }

    fn list(self, missed: &[Missed]) -> String {
        let lines = by_reason(missed, false).into_iter();
        lines.map(|said| format!("\n* {}", self.of_starting(&said))).collect()
    }
}

fn english(said: &Starting) -> String {
    match said {
        Starting::AsksAnother { node } => format!(
            "This home asks the node {node}: it has none of its own, and nothing was started.\n\
             To run a node, make another home (weft --home FOLDER init --region …), or take 'nodes.default' out of its config.toml."
        ),
        Starting::Ready { node, listen } => format!("The node {node} is ready.\n{listen}"),
        Starting::Missed { why, addresses, runs } => Speech::English.missed(why, addresses, *runs),
        Starting::NowhereToListen { missed } => format!(
            "The node did not start, because nothing is left of where it is to listen.{}\n\
             To try another port: weft up --listen /ip4/0.0.0.0/tcp/8472",
            Speech::English.list(missed)
        ),
        Starting::HomeLocked { path, process } => format!(
            "{} uses the home in {path} already. If it is a node, talk to that one (weft status), or end it \
             first: weft stop",
            english_process(*process)
        ),
        Starting::DoorGone { process } => format!(
            "{} uses this home, but its door is not open. A node that is starting, or whose door was removed, \
             opens it within a minute: try again then.{}",
            english_process(*process),
            process.map_or(String::new(), |process| format!(
                " If nothing comes of it, end that process: kill {process}"
            ))
        ),
        Starting::Stopping => {
            "The node is stopping: it writes down what it holds, which may take a moment."
                .to_owned()
        }
        Starting::StillStopping => {
            "The node has not stopped yet. See what it says in its log; it ends by itself."
                .to_owned()
        }
        Starting::Stopped => "The node has stopped.".to_owned(),
        Starting::Failed { part } => format!(
            "The node had to stop, because a part of the program ({part}) has failed. Nothing that it has said \
             to be kept is lost. Start it again: weft up. And please report the lines of its log that \
             say ERROR: it is a fault in weft."
        ),
        Starting::Asking => "Asking the node, which is somewhere else …".to_owned(),
        Starting::Comparing => {
            "Comparing with the connected nodes. Ctrl-C ends the waiting, not the comparing …"
                .to_owned()
        }
        Starting::CannotStart => {
            "No node is running here, and 'weft up' would not start one before this is put right:"
                .to_owned()
        }
        Starting::Shut { path, read_only: true, .. } => format!(
            "{path} lies on a medium that takes nothing. What is there can be read; to run a node, use a \
             home elsewhere, or mount the medium for writing."
        ),
        Starting::Shut { path, owner: Some(owner), .. } => format!(
            "{path} belongs to another account (user id {owner}), and yours may not use it. Run weft as that \
             account, or give it to yours: sudo chown $(id -u) {path}"
        ),
        Starting::Shut { path, owner: None, .. } => {
            format!("Your account may not read and write {path}. Allow it: chmod u+rwX {path}")
        }
        Starting::Broken { why } => format!("{}.", Speech::English.system(why)),
        Starting::OtherFormat { store, newer } => english_format(store, *newer),
        Starting::LongDoor { path, most } => format!(
            "The path {path} is too long for a socket, which may have {most} bytes. Move the home to a \
             shorter path."
        ),
    }
}

fn english_process(process: Option<u32>) -> String {
    process.map_or("Another process".to_owned(), |process| format!("The process {process}"))
}

fn english_missed(why: &Obstacle, at: &str) -> String {
    match why {
        Obstacle::Taken => format!(
            "The node cannot listen at {at}: another program has that port. To see which: ss -lntup. \
             End it, or choose another port under [network] in config.toml."
        ),
        Obstacle::Absent => format!(
            "The node cannot listen at {at}: this machine has no such address now. To listen at all that \
             it has, write 0.0.0.0 or :: under [network] in config.toml."
        ),
        Obstacle::Forbidden => format!(
            "The node cannot listen at {at}: this account may not use that port; those below 1024 are for \
             the system. Choose a higher one under [network] in config.toml, or allow it: sudo setcap \
             cap_net_bind_service=+ep $(command -v weft)"
        ),
        Obstacle::NoFamily => {
            let version = if at.contains("/ip6/") { "IPv6" } else { "IPv4" };
            format!("The node cannot listen at {at}: this machine does not speak {version}.")
        }
        Obstacle::Unfit => format!(
            "The node cannot listen at {at}: only the addresses of this machine can be listened at, such as \
             /ip4/0.0.0.0/tcp/8471 or /ip6/::/udp/8471/quic-v1. Change it under [network] in config.toml."
        ),
        Obstacle::Blind => format!(
            "The system does not say which addresses this machine has. Instead of at {at}, the node listens at \
             those that it found by itself."
        ),
        Obstacle::Other(why) => format!(
            "The node cannot listen at {at}: {why}. Choose another address under [network] in config.toml."
        ),
    }
}

fn spanish(said: &Starting) -> String {
    match said {
        Starting::AsksAnother { node } => format!(
            "Esta casa pregunta al nodo {node}: no tiene uno propio, y no se ha arrancado nada.\n\
             Para llevar un nodo, haga otra casa (weft --home CARPETA init --region …), o quite «nodes.default» de su config.toml."
        ),
        Starting::Ready { node, listen } => format!("El nodo {node} está listo.\n{listen}"),
        Starting::Missed { why, addresses, runs } => Speech::Spanish.missed(why, addresses, *runs),
        Starting::NowhereToListen { missed } => format!(
            "El nodo no ha arrancado, porque no queda nada de donde debía escuchar.{}\n\
             Para probar otro puerto: weft up --listen /ip4/0.0.0.0/tcp/8472",
            Speech::Spanish.list(missed)
        ),
        Starting::HomeLocked { path, process } => format!(
            "{} usa ya la casa de {path}. Si es un nodo, hable con ese (weft status) o párelo antes: weft stop",
            spanish_process(*process)
        ),
        Starting::DoorGone { process } => format!(
            "{} usa esta casa, pero su puerta no está abierta. Un nodo que arranca, o al que le han quitado la \
             puerta, la abre en menos de un minuto: inténtelo entonces.{}",
            spanish_process(*process),
            process.map_or(String::new(), |process| format!(
                " Si no sirve, termine ese proceso: kill {process}"
            ))
        ),
        Starting::Stopping => {
            "El nodo se está parando: escribe lo que guarda, y eso puede tardar un momento.".to_owned()
        }
        Starting::StillStopping => {
            "El nodo no se ha parado todavía. Vea qué dice su registro; termina solo.".to_owned()
        }
        Starting::Stopped => "El nodo se ha parado.".to_owned(),
        Starting::Failed { part } => format!(
            "El nodo ha tenido que pararse, porque ha fallado una parte del programa ({part}). No se ha perdido \
             nada de lo que dijo haber guardado. Arránquelo otra vez: weft up. Y avise, por favor, de las líneas \
             de su registro que dicen ERROR: es un fallo de weft."
        ),
        Starting::Asking => "Se pregunta al nodo, que está en otro sitio …".to_owned(),
        Starting::Comparing => {
            "Se compara con los nodos conectados. Ctrl-C termina la espera, no la comparación …".to_owned()
        }
        Starting::CannotStart => {
            "Aquí no hay ningún nodo en marcha, y «weft up» no arrancará ninguno hasta que se arregle esto:"
                .to_owned()
        }
        Starting::Shut { path, read_only: true, .. } => format!(
            "{path} está en un medio que no admite escritura. Lo que hay se puede leer; para tener un nodo, \
             use una casa en otro sitio o monte el medio para escribir."
        ),
        Starting::Shut { path, owner: Some(owner), .. } => format!(
            "{path} es de otra cuenta (usuario {owner}) y la suya no puede usarlo. Use weft desde esa cuenta \
             o páselo a la suya: sudo chown $(id -u) {path}"
        ),
        Starting::Shut { path, owner: None, .. } => {
            format!("Su cuenta no puede leer y escribir {path}. Permítalo: chmod u+rwX {path}")
        }
        Starting::Broken { why } => format!("{}.", Speech::Spanish.system(why)),
        Starting::OtherFormat { store, newer } => spanish_format(store, *newer),
        Starting::LongDoor { path, most } => format!(
            "La ruta {path} es demasiado larga para un socket, que admite {most} bytes. Lleve la casa a una \
             ruta más corta."
        ),
    }
}

fn spanish_process(process: Option<u32>) -> String {
    process.map_or("Otro proceso".to_owned(), |process| format!("El proceso {process}"))
}

fn spanish_missed(why: &Obstacle, at: &str) -> String {
    match why {
        Obstacle::Taken => format!(
            "El nodo no puede escuchar en {at}: otro programa tiene ese puerto. Para ver cuál: ss -lntup. Párelo o \
             elija otro puerto bajo [network] en config.toml."
        ),
        Obstacle::Absent => format!(
            "El nodo no puede escuchar en {at}: esta máquina no tiene ahora esa dirección. Para escuchar en todas las \
             que tenga, escriba 0.0.0.0 o :: bajo [network] en config.toml."
        ),
        Obstacle::Forbidden => format!(
            "El nodo no puede escuchar en {at}: esta cuenta no puede usar ese puerto; los menores de 1024 son del \
             sistema. Elija uno mayor bajo [network] en config.toml o permítalo: sudo setcap \
             cap_net_bind_service=+ep $(command -v weft)"
        ),
        Obstacle::NoFamily => {
            let version = if at.contains("/ip6/") { "IPv6" } else { "IPv4" };
            format!("El nodo no puede escuchar en {at}: esta máquina no habla {version}.")
        }
        Obstacle::Unfit => format!(
            "El nodo no puede escuchar en {at}: solo se puede escuchar en direcciones de esta máquina, como \
             /ip4/0.0.0.0/tcp/8471 o /ip6/::/udp/8471/quic-v1. Cámbielo bajo [network] en config.toml."
        ),
        Obstacle::Blind => format!(
            "El sistema no dice qué direcciones tiene esta máquina. En vez de en {at}, el nodo escucha en las \
             que ha encontrado por sí mismo."
        ),
        Obstacle::Other(why) => format!(
            "El nodo no puede escuchar en {at}: {why}. Elija otra dirección bajo [network] en config.toml."
        ),
    }
}

fn english_format(store: &str, newer: bool) -> String {
    if newer {
        format!(
            "A newer weft has written the records in {store}, and this one does not understand them. Nothing \
             of them is lost: update weft and start it again."
        )
    } else {
        format!(
            "An early weft has written the records in {store}, before their format was settled, and only that \
             version can read them. Nothing of them is lost. To begin anew with the same keys, move them away \
             and start again: mv {store} {store}.old"
        )
    }
}

fn spanish_format(store: &str, newer: bool) -> String {
    if newer {
        format!(
            "Un weft más nuevo ha escrito los registros de {store}, y este no los entiende. No se ha perdido \
             nada: actualice weft y arránquelo otra vez."
        )
    } else {
        format!(
            "Un weft temprano ha escrito los registros de {store}, antes de que se fijara su formato, y solo \
             esa versión puede leerlos. No se ha perdido nada. Para empezar de nuevo con las mismas claves, \
             apártelos y arranque otra vez: mv {store} {store}.old"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_reason_is_said_once() {
        let missed = |address: &str, why| Missed { address: address.to_owned(), why };
        let all = [
            missed("/ip6/::/tcp/1", Obstacle::NoFamily),
            missed("/ip4/0.0.0.0/tcp/1", Obstacle::Taken),
            missed("/ip6/::/udp/1/quic-v1", Obstacle::NoFamily),
        ];
        for (speech, and) in [(Speech::English, " and "), (Speech::Spanish, " y ")] {
            let said = speech.of_starting(&Starting::NowhereToListen { missed: all.to_vec() });
            assert_eq!(said.matches("\n* ").count(), 2, "{said}");
            assert!(said.contains(&format!("/ip6/::/tcp/1{and}/ip6/::/udp/1/quic-v1")), "{said}");
            assert!(said.contains("IPv6"), "{said}");
        }
    }
}
