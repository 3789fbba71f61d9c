//! What is said of invites, of joining by one, and of nodes that are met or sought.

use weft_node::invite::{INVITE_BYTES_MAX, ParseInviteError};
use weft_node::network::Nearness;
use weft_protocol::control::Fault;

use super::Speech;
use super::count::so_many;

/// Something that is said of how nodes come together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Joining {
    /// What to do with an invite; from how far away it can be used, and whether somebody vouches.
    InviteMade { near: Nearness, vouched: bool },
    /// What an invite says.
    InviteSays { node: String, region: String, addresses: Vec<String>, net: Option<String> },
    /// Nobody could reach the node by an invite.
    NowhereToReach,
    /// An invite to a node is for those who run it to make.
    InviteOfAnother,
    /// This home says another region than the node that it asks.
    RegionElsewhere { region: String, theirs: Vec<String>, config: String },
    /// Words are no invite.
    NoInvite(ParseInviteError),
    /// An invite can be used only from where it was made.
    OnlyFrom(Nearness),
    /// Nobody vouches in an invite.
    NobodyVouches,
    /// A home was made by an invite; the next steps follow.
    HomeMade { path: String, region: String, node: String, net: Option<String> },
    /// A home that was there has taken an invite; its node does not run.
    JoinedAsleep,
    /// The node stays connected with the one that invited it, and dials it now.
    StaysConnected { node: String },
    /// The node is in one more region.
    InRegion { region: String, home: String },
    /// What a network says is taken from now on.
    Recognises { name: String, net: String, closed: bool },
    /// What a network says was taken before as well.
    RecognisedAlready { name: String },
    /// Who joined is to be let in by those who invited.
    AskWelcome,
    /// Why a network is let in, for those who run the node later.
    Vouched,
    /// What was said before of a network stands above its being let in.
    StillKeptOut { what: String, undo: String },
    /// What is said now holds until another moment than the same that was said before.
    Replaces { what: String },
    /// The node was told no place at which a node can be.
    NoPlace { address: String },
    /// The node that was named is this one.
    ItIsThisNode,
    /// It takes a moment.
    Asking,
    /// A node was connected.
    Connected { node: String },
    /// A node was connected, and is in no region of this one.
    ConnectedElsewhere { node: String, theirs: String, ours: String },
    /// A node was not connected: why, if that is known.
    NotConnected { peer: String, fault: Option<Fault> },
    /// A node is not connected so soon: why, if that is known.
    NotYet { fault: Option<Fault> },
    /// Why a node is not reached.
    Why(Fault),
    /// Nodes that are tried in vain follow.
    TriedInVain,
    /// One of them.
    Tried { peer: String, fault: Fault, since: String },
    /// A node is dialled no more.
    Forgotten { peer: String },
    /// The settings name it, and it will be dialled again.
    ForgottenForNow { peer: String },
    /// No such node is dialled or remembered.
    NothingToForget { peer: String },
    /// How many newcomers there is room for.
    NewcomerRoom { taken: u64, places: u64 },
    /// How newcomers are let in, or kept out.
    LetIn,
    /// No node is connected.
    NobodyConnected,
    /// So many connections of which it is not known that they are nodes.
    Unnamed { count: usize },
    /// Networks that are kept out follow.
    KeptOut,
    /// How one of them is let in again.
    LetInAgain,
    /// What was chosen while the node ran follows the settings.
    ChosenToo,
    /// From which networks recognition starts.
    StartsFrom { nets: Vec<String> },
    /// The regions that the node is in.
    Regions { regions: Vec<String> },
}

impl Speech {
    /// Returns a sentence about how nodes come together.
    pub(crate) fn of_joining(self, said: &Joining) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn english(said: &Joining) -> String {
    match said {
        Joining::InviteMade { near, vouched } => {
            let far = match near {
                Nearness::Anywhere | Nearness::Relayed => "",
                Nearness::Here => "\nNothing beyond this machine leads to it now. Once its cable or its wireless does, make the link again; or say where others reach you: weft invite new --address /dns4/weft.example.org/tcp/8471",
                _ => "\nTo invite from elsewhere, say where others reach you: weft invite new --address /dns4/weft.example.org/tcp/8471",
            };
            let reach = match near {
                Nearness::Anywhere | Nearness::Relayed => String::new(),
                near => format!("\n{}", english(&Joining::OnlyFrom(*near))),
            };
            let vouched = if *vouched { "" } else { "\nNo network vouches for them in it, so who joins by it knows nobody yet. Found yours first: weft network found" };
            format!(
                "Hand this link to an operator whom you trust; they say: weft join 'LINK'\n\
                 It says where your node is, and lets nobody in. When they have founded their network, you let it in:\n  \
                 weft newcomer list, then weft newcomer welcome \"Their name\"{reach}{far}{vouched}"
            )
        }
        Joining::InviteSays { node, region, addresses, net } => {
            let vouches = net.as_ref().map_or_else(
                || english(&Joining::NobodyVouches),
                |net| format!("The network {net} vouches for you: who joins by it lets that network in, and those tied to it."),
            );
            format!(
                "The node {node} answers, in the region {region}, at:\n  {}\n{vouches}",
                addresses.join("\n  ")
            )
        }
        Joining::InviteOfAnother => {
            "This home asks a node that others run, and does not know where people reach it. Ask those who run it for an invite, or name the address: weft invite new --address ADDRESS".to_owned()
        }
        Joining::RegionElsewhere { region, theirs, config } => format!(
            "Nothing was signed: this home publishes in {region}, and the node that it asks is in {}, so nobody would see it.\n\
             Correct 'region' in {config}/config.toml, then do it again.",
            theirs.join(", ")
        ),
        Joining::NowhereToReach => {
            "Nobody could reach this node: it listens nowhere that an invite could name.\n\
             Say where others reach it: weft invite new --address /dns4/weft.example.org/tcp/8471"
                .to_owned()
        }
        Joining::NoInvite(error) => match error {
            ParseInviteError::Scheme => format!(
                "That is no invite, and nothing was done. One begins with weft: and has at most {INVITE_BYTES_MAX} letters."
            ),
            ParseInviteError::Changed => {
                "This invite was cut off or changed on its way, and nothing was done. Copy it again, whole and in \
                 'quotation marks', or ask for it again."
                    .to_owned()
            }
            ParseInviteError::Unknown(name) => format!(
                "The invite says '{name}', which this program does not know, and nothing was done. If that was added on \
                 the way, leave it out; else update the program."
            ),
            ParseInviteError::Incomplete => {
                "The invite does not say who must answer, where, and in which region, and nothing was done. Ask for another."
                    .to_owned()
            }
            ParseInviteError::Place(place) => format!(
                "The invite names {place}, at which no node can be, and nothing was done. Ask for another."
            ),
        },
        Joining::OnlyFrom(near) => match near {
            Nearness::Here => {
                "It names addresses of the machine that it was made on and no other: only people on that machine can use it."
            }
            Nearness::Link => {
                "It names addresses that mean something on one cable or wireless only: people elsewhere cannot use it."
            }
            _ => "It names addresses of a local network and no other: only people on that network can use it.",
        }
        .to_owned(),
        Joining::NobodyVouches => {
            "Nobody vouches for you in it: what other networks say waits until you let them in (weft newcomer list)."
                .to_owned()
        }
        Joining::HomeMade { path, region, node, net } => {
            let net = net.as_ref().map_or_else(
                || english(&Joining::NobodyVouches),
                |net| format!("It lets in the network {net}, which vouches for you, and those tied to it."),
            );
            format!(
                "A home for your node is ready in {path}, region {region}.\n\
                 Your node's name is {node}. It stays connected with the node that invited you.\n\
                 {net}\n\n\
                 Next:\n  \
                 1. weft up                                 start the node; leave it running\n  \
                 2. weft peers list                         see whether they have met\n  \
                 3. weft network found --name \"Our name\"    make your network and its keys\n  \
                 4. weft newcomer welcome \"Our name\"        ask who invited you to say this\n  \
                 5. weft call list                          read what others ask for"
            )
        }
        Joining::JoinedAsleep => {
            "It is written down, and holds when the node runs. Start it with: weft up".to_owned()
        }
        Joining::StaysConnected { node } => format!(
            "This node stays connected with {node}, which invited you."
        ),
        Joining::InRegion { region, home } => format!(
            "It is in the region {region} as well from now on; your network publishes in {home}, as before. To leave it again: weft region leave {region}"
        ),
        Joining::Recognises { name, net, closed } => {
            let others = if *closed { ", also on this closed node" } else { ", as are those tied to it" };
            format!(
                "{name} vouches for you, and is let in from now on{others}. To take that back: weft policy remove --action allow --network {net}"
            )
        }
        Joining::RecognisedAlready { name } => {
            format!("{name} vouches for you; this node lets it in already.")
        }
        Joining::AskWelcome => {
            "If they have not done so yet, others let your network in: tell who invited you what it is called; they say: weft newcomer welcome \"Your name\""
                .to_owned()
        }
        Joining::Vouched => "vouches for us in the invite by which we joined".to_owned(),
        Joining::StillKeptOut { what, undo } => {
            format!("It is written down and changes nothing yet, since another word stands above it: {what}\nTo take that back: {undo}")
        }
        Joining::Replaces { what } => format!("It takes the place of what was said before: {what}"),
        Joining::NoPlace { address } => format!(
            "No node can be at '{address}'. An address is like /ip4/192.0.2.7/tcp/8471/p2p/12D3KooW… or /dns4/weft.example/udp/8471/quic-v1/p2p/12D3KooW…, as 'weft status' shows it there."
        ),
        Joining::ItIsThisNode => {
            "That is this node itself: hand its invite or address to others, and ask them for theirs."
                .to_owned()
        }
        Joining::Asking => "Trying to connect; this may take ten seconds…".to_owned(),
        Joining::Connected { node } => format!("Connected with {node}."),
        Joining::ConnectedElsewhere { node, theirs, ours } => format!(
            "Connected with {node}. But it is in {theirs}, and this node is in {ours}: nothing passes between them.\n\
             To be in their region as well: weft region join {theirs}"
        ),
        Joining::NotConnected { peer, fault } => {
            let why = english(&Joining::Why(fault.clone().unwrap_or(Fault::Silent)));
            let rest = match fault {
                Some(Fault::Other { name }) => format!("Ask for the address anew, or, if you mean that node, end it in /p2p/{name}\n"),
                Some(Fault::Itself | Fault::Stranger { .. }) => String::new(),
                _ => "Check that the address is right, that the other node runs, and that its port is open.\n".to_owned(),
            };
            format!(
                "Not connected with {peer}: {why}.\n{rest}\
                 The node tries again by itself for a while: weft peers list. To stop that: weft peers forget {peer}"
            )
        }
        Joining::NotYet { fault } => {
            let why = english(&Joining::Why(fault.clone().unwrap_or(Fault::Silent)));
            format!("They have not met yet: {why}. This node goes on trying: weft peers list")
        }
        Joining::Why(fault) => super::fault::english(fault),
        Joining::TriedInVain => "Tried in vain (weft peers forget ADDRESS stops it):".to_owned(),
        Joining::Tried { peer, fault, since } => {
            format!("  {peer}\n    {}; first tried {since}", english(&Joining::Why(fault.clone())))
        }
        Joining::Forgotten { peer } => format!("{peer} is forgotten: this node does not dial it any more."),
        Joining::ForgottenForNow { peer } => format!(
            "{peer} is not dialled any more until the node starts again: config.toml names it, as one of the 'peers' under [network]. Take it out there too."
        ),
        Joining::NothingToForget { peer } => format!(
            "No node '{peer}' is dialled or remembered here. See which are: weft peers list"
        ),
        Joining::NewcomerRoom { taken, places } if taken >= places => format!(
            "All places for newcomers are taken ({places}): for each that comes, one that has not been heard of for long goes, of whichever node brought most."
        ),
        Joining::NewcomerRoom { taken, places } => {
            format!("Places for newcomers that are taken: {taken} of {places}.")
        }
        Joining::LetIn => {
            "Let one in with: weft newcomer welcome NAME, or keep it out with: weft newcomer refuse NAME --reason \"…\""
                .to_owned()
        }
        Joining::NobodyConnected => "No other node is connected.".to_owned(),
        Joining::Unnamed { count } => format!(
            "{} said nothing of itself: a member's terminal never does, and a node does within a moment.",
            so_many(*count, "connection has", "connections have")
        ),
        Joining::KeptOut => "Kept out:".to_owned(),
        Joining::LetInAgain => {
            "To let one in again: weft newcomer welcome NAME".to_owned()
        }
        Joining::ChosenToo => "Chosen with 'weft' while the node ran (choices.toml):".to_owned(),
        Joining::StartsFrom { nets } => {
            format!("Let in from the start, with those tied to them: {}", nets.join(", "))
        }
        Joining::Regions { regions } => format!("Regions: {}", regions.join(", ")),
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn spanish(said: &Joining) -> String {
    match said {
        Joining::InviteMade { near, vouched } => {
            let far = match near {
                Nearness::Anywhere | Nearness::Relayed => "",
                Nearness::Here => "\nAhora nada de fuera de esta máquina llega a ella. Cuando llegue por cable o sin hilos, haga el enlace otra vez; o diga dónde le encuentran: weft invite new --address /dns4/weft.example.org/tcp/8471",
                _ => "\nPara invitar desde otro lugar, diga dónde le encuentran: weft invite new --address /dns4/weft.example.org/tcp/8471",
            };
            let reach = match near {
                Nearness::Anywhere | Nearness::Relayed => String::new(),
                near => format!("\n{}", spanish(&Joining::OnlyFrom(*near))),
            };
            let vouched = if *vouched { "" } else { "\nNinguna red responde en ella por quien entre, así que quien entre con ella no conoce a nadie todavía. Funde antes la suya: weft network found" };
            format!(
                "Entregue este enlace a un operador de confianza; dirá: weft join 'ENLACE'\n\
                 Dice dónde está su nodo, y no deja entrar a nadie. Cuando hayan fundado su red, usted la deja entrar:\n  \
                 weft newcomer list, y luego weft newcomer welcome \"Su nombre\"{reach}{far}{vouched}"
            )
        }
        Joining::InviteSays { node, region, addresses, net } => {
            let vouches = net.as_ref().map_or_else(
                || spanish(&Joining::NobodyVouches),
                |net| format!("La red {net} responde por usted: quien entra con ella deja entrar a esa red y a las vinculadas a ella."),
            );
            format!(
                "Contesta el nodo {node}, en la región {region}, en:\n  {}\n{vouches}",
                addresses.join("\n  ")
            )
        }
        Joining::InviteOfAnother => {
            "Esta casa pregunta a un nodo que llevan otras personas, y no sabe dónde se llega a él. Pídales una invitación, o nombre la dirección: weft invite new --address DIRECCIÓN".to_owned()
        }
        Joining::RegionElsewhere { region, theirs, config } => format!(
            "No se firmó nada: esta casa publica en {region}, y el nodo al que pregunta está en {}, así que nadie lo vería.\n\
             Corrija «region» en {config}/config.toml y hágalo de nuevo.",
            theirs.join(", ")
        ),
        Joining::NowhereToReach => {
            "Nadie podría llegar a este nodo: no escucha en ningún sitio que una invitación pueda nombrar.\n\
             Diga dónde se llega a él: weft invite new --address /dns4/weft.example.org/tcp/8471"
                .to_owned()
        }
        Joining::NoInvite(error) => match error {
            ParseInviteError::Scheme => format!(
                "Eso no es una invitación, y no se ha hecho nada. Empieza por weft: y tiene {INVITE_BYTES_MAX} letras como mucho."
            ),
            ParseInviteError::Changed => {
                "Esta invitación se cortó o cambió por el camino, y no se ha hecho nada. Cópiela otra vez, entera y entre \
                 'comillas', o pida que se la manden de nuevo."
                    .to_owned()
            }
            ParseInviteError::Unknown(name) => format!(
                "La invitación dice «{name}», que este programa no conoce, y no se ha hecho nada. Si se añadió por el \
                 camino, quítelo; si no, actualice el programa."
            ),
            ParseInviteError::Incomplete => {
                "La invitación no dice quién debe contestar, dónde y en qué región, y no se ha hecho nada. Pida otra."
                    .to_owned()
            }
            ParseInviteError::Place(place) => format!(
                "La invitación nombra {place}, donde no puede haber ningún nodo, y no se ha hecho nada. Pida otra."
            ),
        },
        Joining::OnlyFrom(near) => match near {
            Nearness::Here => {
                "Solo nombra direcciones de la máquina en que se hizo: solo sirve a quien esté en esa máquina."
            }
            Nearness::Link => {
                "Solo nombra direcciones que valen en un único cable o red inalámbrica: en otro lugar no sirve."
            }
            _ => "Solo nombra direcciones de una red local: solo sirve a quien esté en esa red.",
        }
        .to_owned(),
        Joining::NobodyVouches => {
            "Nadie responde en ella por usted: lo que digan otras redes espera hasta que usted las deje entrar (weft newcomer list)."
                .to_owned()
        }
        Joining::HomeMade { path, region, node, net } => {
            let net = net.as_ref().map_or_else(
                || spanish(&Joining::NobodyVouches),
                |net| format!("Deja entrar a la red {net}, que responde por usted, y a las vinculadas a ella."),
            );
            format!(
                "La casa de su nodo está lista en {path}, región {region}.\n\
                 Su nodo se llama {node}. Se mantiene conectado con el nodo que le invitó.\n\
                 {net}\n\n\
                 A continuación:\n  \
                 1. weft up                                   arrancar el nodo y dejarlo así\n  \
                 2. weft peers list                           ver si se han encontrado\n  \
                 3. weft network found --name \"Nuestra red\"   fundar su red y sus claves\n  \
                 4. weft newcomer welcome \"Nuestra red\"       pida a quien le invitó que lo diga\n  \
                 5. weft call list                            leer lo que piden los demás"
            )
        }
        Joining::JoinedAsleep => {
            "Está anotado, y vale cuando el nodo esté en marcha. Arránquelo con: weft up".to_owned()
        }
        Joining::StaysConnected { node } => format!(
            "Este nodo se mantiene conectado con {node}, que le invitó."
        ),
        Joining::InRegion { region, home } => format!(
            "Desde ahora está también en la región {region}; su red publica en {home}, como antes. Para salir de ella: weft region leave {region}"
        ),
        Joining::Recognises { name, net, closed } => {
            let others = if *closed { ", también en este nodo cerrado" } else { ", como las vinculadas a ella" };
            format!(
                "{name} responde por usted, y desde ahora entra{others}. Para retirarlo: weft policy remove --action allow --network {net}"
            )
        }
        Joining::RecognisedAlready { name } => {
            format!("{name} responde por usted; este nodo ya la deja entrar.")
        }
        Joining::AskWelcome => {
            "Si no lo han hecho ya, los demás dejan entrar a su red: diga a quien le invitó cómo se llama; dirá: weft newcomer welcome \"Su nombre\""
                .to_owned()
        }
        Joining::Vouched => "responde por nosotras en la invitación con la que entramos".to_owned(),
        Joining::StillKeptOut { what, undo } => {
            format!("Queda escrito y todavía no cambia nada, porque otra palabra está por encima: {what}\nPara retirarla: {undo}")
        }
        Joining::Replaces { what } => format!("Sustituye a lo que se dijo antes: {what}"),
        Joining::NoPlace { address } => format!(
            "En «{address}» no puede haber ningún nodo. Una dirección es como /ip4/192.0.2.7/tcp/8471/p2p/12D3KooW… o /dns4/weft.example/udp/8471/quic-v1/p2p/12D3KooW…, tal como la muestra allí «weft status»."
        ),
        Joining::ItIsThisNode => {
            "Ese es este mismo nodo: entregue su invitación o su dirección a otros, y pídales la suya."
                .to_owned()
        }
        Joining::Asking => "Intentando conectar; puede tardar diez segundos…".to_owned(),
        Joining::Connected { node } => format!("Conectado con {node}."),
        Joining::ConnectedElsewhere { node, theirs, ours } => format!(
            "Conectado con {node}. Pero está en {theirs}, y este nodo en {ours}: no pasa nada entre los dos.\n\
             Para estar también en su región: weft region join {theirs}"
        ),
        Joining::NotConnected { peer, fault } => {
            let why = spanish(&Joining::Why(fault.clone().unwrap_or(Fault::Silent)));
            let rest = match fault {
                Some(Fault::Other { name }) => format!("Pida otra vez la dirección o, si se refiere a ese nodo, termínela en /p2p/{name}\n"),
                Some(Fault::Itself | Fault::Stranger { .. }) => String::new(),
                _ => "Compruebe que la dirección es correcta, que el otro nodo está en marcha y que su puerto está abierto.\n".to_owned(),
            };
            format!(
                "Sin conexión con {peer}: {why}.\n{rest}\
                 El nodo lo intenta otra vez por sí solo durante un rato: weft peers list. Para pararlo: weft peers forget {peer}"
            )
        }
        Joining::NotYet { fault } => {
            let why = spanish(&Joining::Why(fault.clone().unwrap_or(Fault::Silent)));
            format!("Todavía no se han encontrado: {why}. Este nodo lo sigue intentando: weft peers list")
        }
        Joining::Why(fault) => super::fault::spanish(fault),
        Joining::TriedInVain => "Intentados en vano (lo para: weft peers forget DIRECCIÓN):".to_owned(),
        Joining::Tried { peer, fault, since } => {
            format!("  {peer}\n    {}; primer intento {since}", spanish(&Joining::Why(fault.clone())))
        }
        Joining::Forgotten { peer } => format!("{peer} está olvidado: este nodo ya no lo llama."),
        Joining::ForgottenForNow { peer } => format!(
            "{peer} ya no se llama hasta que el nodo arranque otra vez: config.toml lo nombra entre los «peers» de [network]. Quítelo también allí."
        ),
        Joining::NothingToForget { peer } => format!(
            "Aquí no se llama ni se recuerda ningún nodo «{peer}». Vea cuáles sí: weft peers list"
        ),
        Joining::NewcomerRoom { taken, places } if taken >= places => format!(
            "Los sitios para recién llegadas están todos ocupados ({places}): por cada una que llega se va otra de la que hace tiempo que no se oye nada, del nodo que haya traído más."
        ),
        Joining::NewcomerRoom { taken, places } => {
            format!("Sitios para recién llegadas ocupados: {taken} de {places}.")
        }
        Joining::LetIn => {
            "Deje entrar a una con: weft newcomer welcome NOMBRE, o déjela fuera con: weft newcomer refuse NOMBRE --reason \"…\""
                .to_owned()
        }
        Joining::NobodyConnected => "No hay ningún otro nodo conectado.".to_owned(),
        Joining::Unnamed { count } => format!(
            "{} nada de sí: el terminal de un miembro nunca lo dice, y un nodo lo dice enseguida.",
            so_many(*count, "conexión no ha dicho", "conexiones no han dicho")
        ),
        Joining::KeptOut => "Se quedan fuera:".to_owned(),
        Joining::LetInAgain => {
            "Para dejar entrar de nuevo a una: weft newcomer welcome NOMBRE".to_owned()
        }
        Joining::ChosenToo => "Elegido con «weft» mientras el nodo estaba en marcha (choices.toml):".to_owned(),
        Joining::StartsFrom { nets } => {
            format!("Entran desde el principio, con las vinculadas a ellas: {}", nets.join(", "))
        }
        Joining::Regions { regions } => format!("Regiones: {}", regions.join(", ")),
    }
}
