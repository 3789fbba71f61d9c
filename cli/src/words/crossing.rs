//! What is said of bridges: what they decide, what they brought, and who can see it.

use weft_protocol::bridge::{Answer, Check, Limits, Rule, Step, Verdict};
use weft_protocol::record::Reach;
use weft_protocol::time::Timestamp;
use weft_protocol::weave::Link;

use super::Speech;
use super::count::so_many;

/// Something that is said of bridges. Networks stand here by the names that they have for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Crossing {
    /// The node's bridge carries in this network's name.
    Serving { net: String, until: String },
    /// It carries in nobody's name yet; its key is this.
    Idle { key: String },
    /// A tie entitles it to carry.
    Entitled { from: String, into: String, tie: String },
    /// No tie does yet.
    NotEntitled { net: String, from: String, into: String, is_home: bool },
    /// A rule carries nothing, because nothing entitles it to.
    RuleIdle { rule: String, into: String, serves: bool },
    /// A party of a tie lives in another region.
    PartyElsewhere { name: String, region: String, us: String },
    /// A rule, in plain words.
    Follows(Box<Rule>),
    /// A rule is followed no longer.
    Removed { name: String },
    /// A rule carries nothing for now.
    Paused { name: String },
    /// A rule carries again.
    Resumed { name: String },
    /// There is no rule of this name.
    NoSuchRule { name: String },
    /// There is no rule.
    NoRules,
    /// What a rule makes of a record.
    Comes { rule: String, verdict: Verdict },
    /// It is at home in this region.
    AtHome { region: String },
    /// It came into this region by so many ways.
    Came { region: String, ways: usize, independent: usize },
    /// One way: the bridges and the regions that they led into.
    Way { from: String, crossings: Vec<(String, String)>, carriage: String },
    /// Two networks count as one voice.
    OneVoice { a: String, b: String, link: Link },
    /// It is not in these regions of the node.
    NotIn { regions: Vec<String> },
    /// Where it is beyond the regions of this node nobody here can tell.
    Elsewhere,
    /// Who speaks for a call, and who could hear.
    Heard { voices: usize, independent: usize, heard: usize },
    /// Who hears it from enough voices.
    Reinforced { k: usize, now: usize, closure: usize },
    /// Whom to ask next.
    AskNext { k: u8, who: Vec<(String, usize)> },
    /// Who can see what has this home and this reach; none has no home.
    Seen { home: Option<(String, Reach)> },
}

impl Speech {
    /// Returns a sentence about bridges.
    pub(crate) fn of_bridges(self, said: &Crossing) -> String {
        match self {
            Self::English => english(said),
            Self::Spanish => spanish(said),
        }
    }

    /// Returns a step of what a bridge decides.
    pub(crate) fn crossing(self, step: &Step) -> String {
        match self {
            Self::English => step.to_string(),
            Self::Spanish => spanish_step(step),
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn english(said: &Crossing) -> String {
    match said {
        Crossing::Serving { net, until } => {
            format!("This node carries in the name of {net}; its role ends {until}.")
        }
        Crossing::Idle { key } => format!(
            "This node carries in nobody's name yet. The key of its bridge is {key}.\n\
             A network that lives here makes it its bridge with: weft bridge setup"
        ),
        Crossing::Entitled { from, into, tie } => {
            format!("The bridge tie {tie} entitles it to carry from {from} into {into}.")
        }
        Crossing::NotEntitled { from, into, is_home: true, .. } => format!(
            "No bridge tie entitles it to carry from {from} into {into} yet: that takes a tie with another network of {into}.\n\
             Propose one, and let them accept it:\n  \
             weft tie propose --kind bridge --with ANOTHER --bridge-from {from} --bridge-to {into} --summary \"…\""
        ),
        Crossing::RuleIdle { rule, serves: false, .. } => format!(
            "The rule '{rule}' carries nothing yet, because this node carries in nobody's name. \
             A network that lives here makes it its bridge with: weft bridge setup"
        ),
        Crossing::RuleIdle { rule, into, serves: true } => format!(
            "The rule '{rule}' carries nothing yet: it takes an active tie of the kind 'bridge' with another network of {into}. \
             See how to come to one: weft bridge show"
        ),
        Crossing::NotEntitled { net, from, into, is_home: false } => format!(
            "No bridge tie entitles it to carry from {from} into {into} yet. Let a network of {into} propose one, on its own node:\n  \
             weft tie propose --kind bridge --with {net} --bridge-from {from} --bridge-to {into} --summary \"…\"\n\
             and accept it here with: weft tie accept TIE (see weft tie list)"
        ),
        Crossing::PartyElsewhere { name, region, us } => format!(
            "{name} is at home in {region}, and hears of this if its node is in your region as well, or a bridge \
             carries it there. Else let them propose the tie on their own node: weft tie propose --with {us}"
        ),
        Crossing::Follows(rule) => rule.to_string(),
        Crossing::Removed { name } => format!(
            "The rule '{name}' is followed no longer. What it has carried stays there until the carriages end."
        ),
        Crossing::Paused { name } => {
            format!("The rule '{name}' carries nothing until: weft bridge resume {name}")
        }
        Crossing::Resumed { name } => format!("The rule '{name}' carries again."),
        Crossing::NoSuchRule { name } => {
            format!(
                "This node follows no rule called '{name}'. See its rules with: weft bridge list"
            )
        }
        Crossing::NoRules => "This node follows no rule. Add one with: weft bridge add".to_owned(),
        Crossing::Comes { rule, verdict } => match verdict {
            Verdict::Cross => format!("By the rule '{rule}' it crosses now."),
            Verdict::Carried => format!("By the rule '{rule}' it has crossed."),
            Verdict::Wait => format!("By the rule '{rule}' it waits."),
            Verdict::Refuse => format!("By the rule '{rule}' it does not cross."),
        },
        Crossing::AtHome { region } => format!("{region}: at home"),
        Crossing::Came { region, ways: 0, .. } => {
            format!("{region}: it follows something that is there")
        }
        Crossing::Came { region, ways: 1, .. } => format!("{region}: it came by one bridge"),
        Crossing::Came { region, ways, independent } => {
            format!("{region}: it came by {ways} ways, {independent} of them independent")
        }
        Crossing::Way { from, crossings, carriage } => {
            format!("  {} (carriage {carriage})", path(from, crossings, "by"))
        }
        Crossing::OneVoice { a, b, link } => format!("  {a} and {b} count as one voice: {link}"),
        Crossing::NotIn { regions } => format!("not in {}", regions.join(", ")),
        Crossing::Elsewhere => {
            "This is what this node sees. Where else it is, only nodes there can tell.".to_owned()
        }
        Crossing::Heard { voices, independent, heard } => format!(
            "Networks that speak for it: {voices}, independent: {independent}; \
             that could hear of it, from one to the next: {heard}."
        ),
        Crossing::Reinforced { k, now, closure } => format!(
            "From {} among their neighbours: {} it now, \
             {closure} would speak if all did who have enough.",
            so_many(*k, "independent voice", "independent voices"),
            so_many(*now, "network hears", "networks hear")
        ),
        Crossing::AskNext { k, who } => {
            let who = who.iter().map(|(net, gain)| format!("\n  {net}: {gain} more"));
            format!(
                "Whose endorsement would give the most networks {}:{}",
                so_many(*k, "voice", "voices"),
                who.collect::<String>()
            )
        }
        Crossing::Seen { home } => seen_english(home.as_ref()),
    }
}

fn seen_english(home: Option<&(String, Reach)>) -> String {
    match home {
        None => "Everyone can see it: it goes wherever anything of its network goes.".to_owned(),
        Some((_, Reach::Own)) => {
            "Only the nodes that its network's profile lists keep it. Whoever runs one of them can \
             read it, and so can members who speak for the network there. It is not encrypted."
                .to_owned()
        }
        Some((region, Reach::Region)) => format!(
            "Everyone who runs a node in {region} can read it, and whoever they show it to. No bridge \
             that keeps to the rules carries it further; nothing stops a reader who copies it."
        ),
        Some((region, Reach::Movement)) => format!(
            "Everyone can see it: in {region}, and wherever bridges carry it. Treat it as public."
        ),
    }
}

#[expect(clippy::too_many_lines, reason = "a catalogue is one list, read entry by entry")]
fn spanish(said: &Crossing) -> String {
    match said {
        Crossing::Serving { net, until } => {
            format!("Este nodo lleva registros en nombre de {net}; su función acaba {until}.")
        }
        Crossing::Idle { key } => format!(
            "Este nodo todavía no lleva registros en nombre de nadie. La clave de su puente es {key}.\n\
             Una red que vive aquí lo hace su puente con: weft bridge setup"
        ),
        Crossing::Entitled { from, into, tie } => {
            format!("El vínculo {tie} le da derecho a llevar registros de {from} a {into}.")
        }
        Crossing::NotEntitled { from, into, is_home: true, .. } => format!(
            "Ningún vínculo le da derecho todavía a llevar registros de {from} a {into}: hace falta uno con otra red de {into}.\n\
             Propóngalo, y que ellas lo acepten:\n  \
             weft tie propose --kind bridge --with OTRA --bridge-from {from} --bridge-to {into} --summary \"…\""
        ),
        Crossing::RuleIdle { rule, serves: false, .. } => format!(
            "La regla «{rule}» todavía no lleva nada, porque este nodo no lleva en nombre de nadie. \
             Una red que viva aquí lo hace su puente con: weft bridge setup"
        ),
        Crossing::RuleIdle { rule, into, serves: true } => format!(
            "La regla «{rule}» todavía no lleva nada: hace falta un vínculo activo de tipo «bridge» con otra red de {into}. \
             Vea cómo llegar a uno: weft bridge show"
        ),
        Crossing::NotEntitled { net, from, into, is_home: false } => format!(
            "Ningún vínculo le da derecho todavía a llevar registros de {from} a {into}. Que una red de {into} proponga uno, en su propio nodo:\n  \
             weft tie propose --kind bridge --with {net} --bridge-from {from} --bridge-to {into} --summary \"…\"\n\
             y acéptelo aquí con: weft tie accept VÍNCULO (véase weft tie list)"
        ),
        Crossing::PartyElsewhere { name, region, us } => format!(
            "{name} vive en {region}, y sabrá de esto si su nodo está también en la región de ustedes, o si un puente \
             lo lleva allí. Si no, que proponga el vínculo en su propio nodo: weft tie propose --with {us}"
        ),
        Crossing::Follows(rule) => spanish_rule(rule),
        Crossing::Removed { name } => format!(
            "La regla «{name}» ya no se sigue. Lo que ha llevado queda allí hasta que acaben sus traslados."
        ),
        Crossing::Paused { name } => {
            format!("La regla «{name}» no lleva nada hasta: weft bridge resume {name}")
        }
        Crossing::Resumed { name } => format!("La regla «{name}» vuelve a llevar."),
        Crossing::NoSuchRule { name } => {
            format!(
                "Este nodo no sigue ninguna regla llamada «{name}». Vea sus reglas con: weft bridge list"
            )
        }
        Crossing::NoRules => {
            "Este nodo no sigue ninguna regla. Añada una con: weft bridge add".to_owned()
        }
        Crossing::Comes { rule, verdict } => match verdict {
            Verdict::Cross => format!("Según la regla «{rule}» cruza ahora."),
            Verdict::Carried => format!("Según la regla «{rule}» ya ha cruzado."),
            Verdict::Wait => format!("Según la regla «{rule}» espera."),
            Verdict::Refuse => format!("Según la regla «{rule}» no cruza."),
        },
        Crossing::AtHome { region } => format!("{region}: en casa"),
        Crossing::Came { region, ways: 0, .. } => {
            format!("{region}: sigue a algo que está allí")
        }
        Crossing::Came { region, ways: 1, .. } => format!("{region}: llegó por un puente"),
        Crossing::Came { region, ways, independent } => {
            format!("{region}: llegó por {ways} caminos, {independent} de ellos independientes")
        }
        Crossing::Way { from, crossings, carriage } => {
            format!("  {} (traslado {carriage})", path(from, crossings, "por"))
        }
        Crossing::OneVoice { a, b, link } => {
            format!("  {a} y {b} cuentan como una voz: {}", spanish_link(*link))
        }
        Crossing::NotIn { regions } => format!("no está en {}", regions.join(", ")),
        Crossing::Elsewhere => {
            "Esto es lo que ve este nodo. Dónde más está, solo lo saben los nodos de allí."
                .to_owned()
        }
        Crossing::Heard { voices, independent, heard } => format!(
            "Redes que hablan por él: {voices}, independientes: {independent}; \
             que podrían oírlo, de una a otra: {heard}."
        ),
        Crossing::Reinforced { k, now, closure } => format!(
            "De {} entre sus vecinas: {} ahora, \
             {closure} hablarían si lo hicieran todas las que tienen bastantes.",
            so_many(*k, "voz independiente", "voces independientes"),
            so_many(*now, "red lo oye", "redes lo oyen")
        ),
        Crossing::AskNext { k, who } => {
            let who = who.iter().map(|(net, gain)| format!("\n  {net}: {gain} más"));
            let voices = so_many(*k, "voz", "voces");
            format!("Qué apoyos darían {voices} a más redes:{}", who.collect::<String>())
        }
        Crossing::Seen { home } => seen_spanish(home.as_ref()),
    }
}

fn spanish_link(link: Link) -> &'static str {
    match link {
        Link::Control => "control declarado",
        Link::FiscalHost => "una lleva el dinero de la otra",
        Link::Operator => "la clave de un mismo operador",
    }
}

fn seen_spanish(home: Option<&(String, Reach)>) -> String {
    match home {
        None => "Lo puede ver todo el mundo: va adonde vaya algo de su red.".to_owned(),
        Some((_, Reach::Own)) => {
            "Solo lo guardan los nodos que figuran en el perfil de su red. Lo puede leer quien lleva \
             uno de ellos, y los miembros que allí hablan por la red. No está cifrado."
                .to_owned()
        }
        Some((region, Reach::Region)) => format!(
            "Lo puede leer quien lleva un nodo en {region}, y aquellos a quienes se lo enseñe. Ningún \
             puente que cumpla las reglas lo lleva más lejos; nada impide copiarlo a quien lo lee."
        ),
        Some((region, Reach::Movement)) => format!(
            "Lo puede ver todo el mundo: en {region} y adonde lo lleven los puentes. Trátelo como público."
        ),
    }
}

fn path(from: &str, crossings: &[(String, String)], by: &str) -> String {
    let steps = crossings.iter().map(|(net, region)| format!(" → {region} {by} {net}"));
    format!("{from}{}", steps.collect::<String>())
}

fn listed<T: ToString>(label: &str, items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    if items.is_empty() { String::new() } else { format!(", {label} {}", items.join(", ")) }
}

fn spanish_rule(rule: &Rule) -> String {
    let Rule { name, from, to, only, endorsements, limits, .. } = rule;
    let Limits { hops, days, per_hour } = limits;
    let what = if only.kinds.is_empty() {
        "todo lo que puede viajar".to_owned()
    } else {
        only.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let networks: Vec<String> = only.networks.iter().map(|net| net.short()).collect();
    let backed = match endorsements {
        0 => String::new(),
        k => format!(
            ", con el apoyo de {}",
            so_many(*k, "red independiente", "redes independientes")
        ),
    };
    format!(
        "{name}: lleva {what} de {from} a {to}{}{}{}{}{backed}; como máximo por {}, \
         de {}, {per_hour} por hora",
        listed("sobre", &only.fields),
        listed("en", &only.languages),
        listed("lugares:", &only.places),
        listed("de", &networks),
        so_many(*hops, "puente", "puentes"),
        so_many(*days, "día", "días"),
    )
}

fn spanish_step(step: &Step) -> String {
    let mark = match step.answer {
        Answer::Yes => "sí",
        Answer::NotYet => "todavía no",
        Answer::No => "no",
    };
    format!("{mark}: {}", spanish_check(&step.check))
}

fn spanish_check(check: &Check) -> String {
    match check {
        Check::Running => "la regla está en marcha".to_owned(),
        Check::Speaks { why: None } => "habla en nombre de su red".to_owned(),
        Check::Speaks { why: Some(why) } => {
            format!("tiene que hablar en nombre de su red, y no lo hace: {why}")
        }
        Check::Current => "nada ha ocupado su lugar".to_owned(),
        Check::Kind { kind } => format!("la regla lleva registros de la clase {kind}"),
        Check::Reach { reach } => {
            let reach = match reach {
                Reach::Own => "propio",
                Reach::Region => "región",
                Reach::Movement => "movimiento",
            };
            format!("su autor lo deja viajar (alcance {reach})")
        }
        Check::Here { region } => format!("está en {region}"),
        Check::Echo { region } => format!("todavía no ha estado en {region}"),
        Check::Hops { hops, most } => format!("este es el puente {hops} de {most} como máximo"),
        Check::Age { days, most } => {
            format!("tiene {}, como máximo {most}", so_many(*days, "día", "días"))
        }
        Check::Fields => "es de uno de los campos de la regla".to_owned(),
        Check::Languages => "está en uno de los idiomas de la regla".to_owned(),
        Check::Places => "es de uno de los lugares de la regla".to_owned(),
        Check::Networks => "es de una de las redes de la regla".to_owned(),
        Check::Policy { why: None } => "la política de este nodo lo deja cruzar".to_owned(),
        Check::Policy { why: Some(why) } => {
            format!("la política de este nodo lo deja cruzar: {why}")
        }
        Check::Endorsed { has, needs } => format!(
            "necesita {}, tiene {} ({} en total, {} de redes reconocidas)",
            so_many(*needs, "apoyo independiente", "apoyos independientes"),
            has.independent,
            has.all,
            has.recognised
        ),
        Check::Mandate => "este nodo tiene la función de puente de una red".to_owned(),
        Check::Ended { at } => format!(
            "su red no debe haber terminado un traslado suyo, y lo hizo el {}",
            Timestamp::from_secs(*at)
        ),
        Check::Entitled { tie: Some(tie) } => {
            format!("el vínculo {} da derecho a llevarlo allí", tie.short())
        }
        Check::Entitled { tie: None } => {
            "un vínculo de puente activo con otra red de la región adonde va da derecho a llevarlo"
                .to_owned()
        }
        Check::Carried { until: Some(until) } => {
            format!("se lleva hasta el {}", Timestamp::from_secs(*until))
        }
        Check::Carried { until: None } => "todavía no se lleva".to_owned(),
        Check::Rate { per_hour } => format!("cruzan como máximo {per_hour} por hora"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_said_in_both_languages() {
        let step = Step { answer: Answer::NotYet, check: Check::Mandate };
        let said = |speech: Speech| speech.crossing(&step);
        assert_eq!(said(Speech::English), "not yet: this node holds a role as bridge of a network");
        assert_eq!(
            said(Speech::Spanish),
            "todavía no: este nodo tiene la función de puente de una red"
        );
    }

    #[test]
    fn a_rule_is_said_in_both_languages() {
        let [from, to] = ["gb-bristol", "us-wa"].map(|name| name.parse().unwrap());
        let mut rule = Rule::new("calls".parse().unwrap(), from, to);
        rule.only.fields = vec!["climate".parse().unwrap()];
        let said = Crossing::Follows(Box::new(rule));
        let english = Speech::English.of_bridges(&said);
        assert!(english.contains("from gb-bristol into us-wa, about climate;"), "{english}");
        let spanish = Speech::Spanish.of_bridges(&said);
        assert!(spanish.contains("de gb-bristol a us-wa, sobre climate;"), "{spanish}");
    }
}
