//! What `weft` alone says: the next steps, from where a home stands.

use super::Speech;

/// How far a home has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// There is none.
    Home,
    /// Its node does not run.
    Node,
    /// No network lives on its node.
    Network,
    /// All is there.
    Daily,
    /// It is a member's, who asks a node somewhere else.
    Member,
}

impl First {
    /// Returns the word for it in JSON: what is next.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Node => "node",
            Self::Network => "network",
            Self::Daily | Self::Member => "daily",
        }
    }
}

impl Speech {
    /// Returns the first screen: where things stand, the commands that help on, and where all are.
    pub(crate) fn first(self, first: First, home: &str) -> String {
        let (stands, steps) = match self {
            Self::English => english(first, home),
            Self::Spanish => spanish(first, home),
        };
        let broad = steps.iter().map(|(command, _)| command.chars().count()).max();
        let broad = broad.unwrap_or_default();
        let line = |(command, what): &(&str, &str)| {
            let gap = " ".repeat(broad - command.chars().count() + 3);
            format!("  {command}{gap}{what}")
        };
        let steps = steps.iter().map(line).collect::<Vec<_>>().join("\n");
        let all = match self {
            Self::English => "All commands: weft --help",
            Self::Spanish => "Todas las órdenes: weft --help",
        };
        format!("{stands}\n\n{steps}\n\n{all}")
    }
}

type Steps = &'static [(&'static str, &'static str)];

fn english(first: First, home: &str) -> (String, Steps) {
    match first {
        First::Home => (
            format!(
                "Weft is a node for a network of networks. There is no home in {home} yet. Next:"
            ),
            &[
                ("weft demo", "watch a story of several networks first"),
                ("weft init --region gb-bristol", "make a home (use your own region)"),
                ("weft join 'weft:…'", "or make one by an invite that you have"),
            ],
        ),
        First::Node => (
            format!("Your home is {home}. No node answers in it. Next:"),
            &[
                ("weft up", "start it, and leave it running"),
                ("weft doctor", "see what keeps it from its work"),
            ],
        ),
        First::Network => (
            format!("The node of {home} runs. No network lives on it yet. Next:"),
            &[
                ("weft network found --name \"Our name\"", "make your network and its keys"),
                ("weft member request --label rep-2", "or ask a network for a role"),
                ("weft call list", "read what others ask for"),
                ("weft status", "see how your node is"),
            ],
        ),
        First::Daily => (
            format!("The node of {home} runs, and your network lives on it. Every day:"),
            &[
                ("weft call list", "read what others ask for"),
                ("weft call new --title \"Beds wanted\"", "ask others for solidarity"),
                ("weft gathering list", "see when you meet"),
                ("weft proposal list", "see what is to be decided"),
                ("weft status", "see how your node is"),
            ],
        ),
        First::Member => (
            format!("Your home is {home}, and commands ask your network's node. Every day:"),
            &[
                ("weft call list", "read what others ask for"),
                ("weft call new --title \"Beds wanted\"", "ask others for solidarity"),
                ("weft gathering list", "see when you meet"),
                ("weft proposal list", "see what is to be decided"),
                ("weft role list", "see what you may do, and until when"),
            ],
        ),
    }
}

fn spanish(first: First, home: &str) -> (String, Steps) {
    match first {
        First::Home => (
            format!(
                "Weft es un nodo para una red de redes. Todavía no hay ninguna casa en {home}. Ahora:"
            ),
            &[
                ("weft demo", "vea primero una historia de varias redes"),
                ("weft init --region gb-bristol", "haga una casa (con su propia región)"),
                ("weft join 'weft:…'", "o hágala con una invitación que tenga"),
            ],
        ),
        First::Node => (
            format!("Su casa es {home}. Ningún nodo responde en ella. Ahora:"),
            &[
                ("weft up", "póngalo en marcha y déjelo funcionando"),
                ("weft doctor", "vea qué le impide trabajar"),
            ],
        ),
        First::Network => (
            format!("El nodo de {home} funciona. Todavía no vive en él ninguna red. Ahora:"),
            &[
                ("weft network found --name \"Nuestro nombre\"", "haga su red y sus claves"),
                ("weft member request --label rep-2", "o pida una función a una red"),
                ("weft call list", "lea lo que piden otras"),
                ("weft status", "vea cómo está su nodo"),
            ],
        ),
        First::Daily => (
            format!("El nodo de {home} funciona, y su red vive en él. Cada día:"),
            &[
                ("weft call list", "lea lo que piden otras"),
                ("weft call new --title \"Se buscan camas\"", "pida solidaridad a otras"),
                ("weft gathering list", "vea cuándo se reúnen"),
                ("weft proposal list", "vea qué hay que decidir"),
                ("weft status", "vea cómo está su nodo"),
            ],
        ),
        First::Member => (
            format!("Su casa es {home}, y las órdenes preguntan al nodo de su red. Cada día:"),
            &[
                ("weft call list", "lea lo que piden otras"),
                ("weft call new --title \"Se buscan camas\"", "pida solidaridad a otras"),
                ("weft gathering list", "vea cuándo se reúnen"),
                ("weft proposal list", "vea qué hay que decidir"),
                ("weft role list", "vea qué puede hacer y hasta cuándo"),
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_screen_has_few_lines_and_fits_a_small_terminal() {
        let all = [First::Home, First::Node, First::Network, First::Daily, First::Member];
        for (speech, first) in
            [Speech::English, Speech::Spanish].into_iter().flat_map(|s| all.map(|f| (s, f)))
        {
            let screen = speech.first(first, "~/.weft");
            assert!(screen.lines().count() <= 9, "{screen}");
            assert!(screen.lines().skip(1).all(|line| line.chars().count() <= 80), "{screen}");
        }
    }
}
