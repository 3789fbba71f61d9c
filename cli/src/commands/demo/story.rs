//! The story: six alliances and their Dialogue, from the first node to a call that is met.
//!
//! Who they are, what each anchors, that the PushBack Network joined later, and a call for local
//! action of "no enforcement": that is in the Dialogue's own plan for 2010. Amounts, words between
//! them, and all that happens at the border ([`bridges`]) are ours.

use anyhow::{Context, Result};
use serde_json::Value;

use super::bridges;
use super::cast::Actor::{self, Ggj, Iad, Jwj, Ndlon, Ndwa, Pbn, Rttc};
use super::line::Line;
use super::moves::{accept, connect, found_one, knows, list, phase_of, propose, thing};
use super::stage::Stage;
use super::words::{Text, text};

/// The key with which the representative of the day labourers' network signs.
const REP: &str = "role-rep-1";

/// Tells it all.
///
/// # Errors
/// When a step cannot be done, or is not seen on another node; the stage knows which step it was.
pub(super) fn play(stage: &mut Stage<'_>) -> Result<()> {
    meet(stage)?;
    found(stage)?;
    value(stage)?;
    join(stage)?;
    anchor(stage)?;
    let role = mandate(stage)?;
    bridges::build(stage)?;
    call(stage)?;
    bridges::cross(stage)?;
    let [interpreters, banners] = offer(stage)?;
    without_the_dialogue(stage, &interpreters, &banners)?;
    come_back(stage)?;
    catch_up(stage)?;
    meet_the_need(stage)?;
    let thanked = thank(stage, &interpreters)?;
    take_back(stage, &role, &thanked)
}

fn meet(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "Six nodes start. Each is told the address of one other: a ring, and nobody in the middle.",
        "Arrancan seis nodos. A cada uno se le da la dirección de otro: un anillo, y nadie en medio.",
    ))?;
    stage.raise(&Actor::FIRST)?;
    let next = Actor::FIRST.into_iter().cycle().skip(1);
    for (actor, next) in Actor::FIRST.into_iter().zip(next) {
        connect(stage, actor, next)?;
    }
    stage.see(
        &Actor::FIRST,
        &Line::of("peers list"),
        text("two neighbours are connected", "hay dos vecinos conectados"),
        |peers| list(peers).len() >= 2,
    )
}

fn found(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "Each founds its network: it makes its own keys and signs who it is.",
        "Cada una funda su red: hace sus propias claves y firma quién es.",
    ))?;
    for actor in Actor::FIRST {
        found_one(stage, actor)?;
    }
    stage.see(
        &Actor::FIRST,
        &Line::of("network list"),
        text("all six profiles are here, signed", "aquí están los seis perfiles, firmados"),
        |networks| Actor::FIRST.iter().all(|actor| knows(networks, *actor)),
    )
}

fn value(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "The domestic workers say what matters to them, in ten values from -1 to 7.",
        "Las trabajadoras del hogar dicen qué les importa, en diez valores de -1 a 7.",
    ))?;
    let ratings = "UN=6 SD=5 ST=2 HE=2 AC=3 PO=1 SE=5 CO=1 TR=2 BE=7";
    stage.act(Ndwa, &Line::of("values declare --method assembly").words_of(ratings))?;
    stage.see(
        &[Ggj],
        &Line::of("values show ndwa"),
        text("their declaration, in their own name", "su declaración, en su propio nombre"),
        |values| values.to_string().contains("\"BE\":7"),
    )
}

/// What membership means, in the words that both sides sign.
const MEMBERSHIP: Text = text(
    "We take part as one of the alliances: one voice each, a representative and an alternate.",
    "Participamos como una de las alianzas: una voz cada una, una representante y una suplente.",
);

fn join(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "Grassroots Global Justice says it belongs to the Dialogue. One side alone is only a claim.",
        "Grassroots Global Justice dice que pertenece al Diálogo. Un solo lado solo lo afirma.",
    ))?;
    let tie = propose(stage, Ggj, "member-of --seats 1+1 --with iad", MEMBERSHIP)?;
    let ties = Line::of("tie list");
    stage.see(
        &[Rttc],
        &ties,
        text("claimed: the Dialogue has not signed", "afirmado: el Diálogo no ha firmado"),
        |ties| phase_of(ties, &tie) == "claimed",
    )?;
    stage.begin(text(
        "The Dialogue signs too, and so they do with four more alliances: now it is a relation.",
        "El Diálogo firma también, y así con cuatro alianzas más: ahora es una relación.",
    ))?;
    let mut memberships = vec![tie];
    for actor in [Jwj, Ndlon, Ndwa, Rttc] {
        memberships.push(propose(stage, actor, "member-of --seats 1+1 --with iad", MEMBERSHIP)?);
    }
    for tie in &memberships {
        accept(stage, Iad, tie)?;
    }
    stage.see(
        &[Ggj, Ndwa],
        &ties,
        text("five memberships are active", "hay cinco membresías activas"),
        |ties| memberships.iter().all(|tie| phase_of(ties, tie) == "active"),
    )
}

fn anchor(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "Some anchor a topic for all: immigrants' rights, climate, the banks. Every party signs.",
        "Algunas anclan un tema para todas: derechos de inmigrantes, clima, los bancos. Firma cada parte.",
    ))?;
    let duty = text(
        "The anchors share analysis and keep the others informed on this topic.",
        "Las anclas comparten análisis y mantienen informadas a las demás sobre este tema.",
    );
    let rights = propose(stage, Ndlon, "anchor --topic immigrants-rights --with iad", duty)?;
    let climate = propose(stage, Ggj, "anchor --topic climate --with rttc --with iad", duty)?;
    let banks = propose(stage, Jwj, "anchor --topic banks --with rttc --with iad", duty)?;
    for (actor, tie) in
        [(Iad, &rights), (Rttc, &climate), (Iad, &climate), (Rttc, &banks), (Iad, &banks)]
    {
        accept(stage, actor, tie)?;
    }
    stage.see(
        &[Ndwa],
        &Line::of("tie list"),
        text("three anchors are active", "hay tres anclas activas"),
        |ties| [&rights, &climate, &banks].iter().all(|tie| phase_of(ties, tie) == "active"),
    )
}

fn mandate(stage: &mut Stage<'_>) -> Result<String> {
    stage.begin(text(
        "The day labourers' network lets a member speak for it: to call and to answer, for 90 days.",
        "La red de jornaleros deja hablar por ella a alguien: para convocar y responder, 90 días.",
    ))?;
    let member = stage.act(Ndlon, &Line::of("member request --label rep-1"))?;
    let key = member["key"].as_str().context("a member's key has no name")?;
    let line = Line::of("role offer").word(key);
    let line = line.words_of("--label rep-1 --kind rep --power call --power respond --until 90d");
    let role = thing(&stage.act(Ndlon, &line)?)?;
    stage.act(Ndlon, &Line::of("role accept").word(&role))?;
    stage.see(
        &[Jwj],
        &Line::of("role list --network ndlon"),
        text(
            "the role is active: offered and accepted",
            "la función está activa: ofrecida y aceptada",
        ),
        |roles| phase_of(roles, &role) == "active",
    )?;
    Ok(role)
}

fn call(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "The member posts a call for local action, signed with the role's key.",
        "Esa persona publica un llamamiento a una acción local, firmado con la clave de la función.",
    ))?;
    let line = Line::of("call new --kind action --mode block --urgency days --until 21d --as")
        .word(REP)
        .text("--title", text("No enforcement: local action", "No a la aplicación: acción local"))
        .text(
            "--text",
            text(
                "Stand with us in the cities where the police are made to do the work of \
                 immigration officers.",
                "Acompáñennos en las ciudades donde se obliga a la policía a hacer el trabajo de \
                 inmigración.",
            ),
        )
        .text("--demand-to", text("City councils", "Concejos municipales"))
        .words_of("--field racial-social-justice --place US --value UN --value BE")
        .words_of("--ask interpreters:6 --ask banners:10");
    let call = stage.act(Ndlon, &line)?;
    stage.name("no-enforcement", &call["thing"])?;
    stage.see(
        &[Ggj, Jwj, Ndwa, Rttc, Iad],
        &Line::of("call show no-enforcement"),
        text("the call, open, with both its asks", "el llamamiento, abierto, con lo que pide"),
        |call| call["state"]["phase"] == "open" && call["body"]["asks"][1]["amount"] == 10,
    )
}

fn offer(stage: &mut Stage<'_>) -> Result<[String; 2]> {
    stage.begin(text(
        "The domestic workers offer four interpreters, Jobs with Justice ten banners.",
        "Las trabajadoras del hogar ofrecen cuatro intérpretes; Jobs with Justice, diez pancartas.",
    ))?;
    let offer = Line::of("offer new no-enforcement --ask interpreters --amount 4");
    let interpreters = thing(&stage.act(Ndwa, &offer)?)?;
    let offer = Line::of("offer new no-enforcement --ask banners --amount 10");
    let banners = thing(&stage.act(Jwj, &offer)?)?;
    stage.see(
        &[Ndlon, Iad],
        &Line::of("call show no-enforcement"),
        text("4 interpreters and 10 banners offered", "4 intérpretes y 10 pancartas ofrecidas"),
        |call| asks(call, "offered") == [4, 10],
    )?;
    Ok([interpreters, banners])
}

fn without_the_dialogue(stage: &mut Stage<'_>, interpreters: &str, banners: &str) -> Result<()> {
    stage.begin(text(
        "The Dialogue's own node is killed. Nobody waits for it: offers are accepted and delivered.",
        "Se mata el nodo del propio Diálogo. Nadie lo espera: se acepta y se entrega lo ofrecido.",
    ))?;
    stage.kill(Iad)?;
    for (actor, offer) in [(Ndwa, interpreters), (Jwj, banners)] {
        see_through(stage, actor, offer)?;
    }
    stage.see(
        &[Ggj, Rttc],
        &Line::of("call show no-enforcement"),
        text("part met: two interpreters remain", "cubierta en parte: faltan dos intérpretes"),
        |call| call["state"]["phase"] == "part-met" && asks(call, "remaining") == [2, 0],
    )
}

/// Takes an offer of this network to its end: accepted, delivered, confirmed.
fn see_through(stage: &Stage<'_>, giver: Actor, offer: &str) -> Result<()> {
    stage.await_thing(Ndlon, offer)?;
    let line = |verb: &str, id: &str| Line::of(&format!("offer {verb}")).word(id);
    let accepted = stage.act(Ndlon, &line("accept", offer).words_of("--as").word(REP))?;
    stage.await_thing(giver, &thing(&accepted)?)?;
    let delivery = thing(&stage.act(giver, &line("deliver", offer))?)?;
    stage.await_thing(Ndlon, &delivery)?;
    stage.act(Ndlon, &line("confirm", &delivery).words_of("--as").word(REP)).map(drop)
}

fn come_back(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "The Dialogue's node starts again. It has lost nothing, and fetches what it missed.",
        "El nodo del Diálogo arranca de nuevo. No perdió nada, y trae lo que se perdió.",
    ))?;
    stage.raise(&[Iad])?;
    connect(stage, Iad, Ggj)?;
    stage.see(
        &[Iad],
        &Line::of("call show no-enforcement"),
        text("part met, as everywhere", "cubierta en parte, como en todas partes"),
        |call| call["state"]["phase"] == "part-met" && asks(call, "remaining") == [2, 0],
    )?;
    stage.see(
        &[Iad],
        &Line::of("store verify"),
        text("every record on its disk verifies", "cada registro en su disco es correcto"),
        |report| report["problems"].as_array().is_some_and(Vec::is_empty),
    )
}

fn catch_up(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "Later the PushBack Network comes. It meets one node, and has all that went before.",
        "Más tarde llega PushBack Network. Conoce un nodo, y tiene todo lo anterior.",
    ))?;
    stage.raise(&[Pbn])?;
    connect(stage, Pbn, Rttc)?;
    stage.share_names()?;
    stage.see(
        &[Pbn],
        &Line::of("call show no-enforcement"),
        text("the call, and all that was done for it", "el llamamiento y lo hecho por él"),
        |call| {
            call["state"]["phase"] == "part-met"
                && asks(call, "confirmed") == [4, 10]
                && list(&call["state"]["endorsed"]).len() == 4
        },
    )?;
    stage.begin(text(
        "It founds its network and officially joins the Dialogue; both sides sign.",
        "Funda su red y se une oficialmente al Diálogo; firman los dos lados.",
    ))?;
    found_one(stage, Pbn)?;
    let tie = propose(stage, Pbn, "member-of --seats 1+1 --with iad", MEMBERSHIP)?;
    accept(stage, Iad, &tie)?;
    stage.see(
        &[Ggj, Pbn],
        &Line::of("tie list"),
        text("the sixth membership is active", "la sexta membresía está activa"),
        |ties| phase_of(ties, &tie) == "active",
    )
}

fn meet_the_need(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "PushBack brings the last two interpreters. What was asked for is there.",
        "PushBack trae a las dos últimas intérpretes. Lo que se pedía está.",
    ))?;
    let offer = Line::of("offer new no-enforcement --ask interpreters --amount 2");
    let offer = thing(&stage.act(Pbn, &offer)?)?;
    see_through(stage, Pbn, &offer)?;
    stage.see(
        &[Ggj, Jwj, Ndwa, Rttc, Iad, Pbn],
        &Line::of("call show no-enforcement"),
        text("met: nothing remains", "cubierta: no falta nada"),
        |call| call["state"]["phase"] == "met" && asks(call, "remaining") == [0, 0],
    )
}

/// Thanks for an offer, and returns when that was.
fn thank(stage: &mut Stage<'_>, offer: &str) -> Result<String> {
    stage.begin(text(
        "The day labourers thank the domestic workers.",
        "La red de jornaleros da las gracias a las trabajadoras del hogar.",
    ))?;
    let words = text(
        "Thank you. Nobody stood alone in front of a desk.",
        "Gracias. Nadie estuvo a solas frente a un escritorio.",
    );
    let line = Line::of("offer thank").word(offer).text("--text", words).words_of("--as").word(REP);
    let thanks = stage.act(Ndlon, &line)?;
    let id = thanks["id"].as_str().context("thanks have no id")?.to_owned();
    stage.see(
        &[Ndwa],
        &Line::of("record show").word(&id),
        text("thanks, in both languages", "las gracias, en los dos idiomas"),
        |record| record.to_string().contains(words.es),
    )?;
    Ok(thanks["at"].as_str().unwrap_or_default().to_owned())
}

fn take_back(stage: &mut Stage<'_>, role: &str, thanked: &str) -> Result<()> {
    stage.begin(text(
        "The network takes the role back, and everyone knows.",
        "La red retira la función, y todas lo saben.",
    ))?;
    // Records have whole seconds, and nothing counts that is signed in the second in which a role
    // ends. The member's thanks are not meant.
    let later = |status: &Value| status["now"].as_str().is_some_and(|now| now > thanked);
    stage.wait_for(Ndlon, &Line::of("status"), later)?;
    stage.act(Ndlon, &Line::of("role withdraw").word(role).words_of("--as network"))?;
    stage.see(
        &[Ggj, Pbn],
        &Line::of("role list --all --network ndlon"),
        text("the role is withdrawn", "la función está retirada"),
        |roles| phase_of(roles, role) == "withdrawn",
    )?;
    stage.begin(text(
        "The next call with that key is refused before it is signed. What was signed before stays.",
        "El siguiente llamamiento con esa clave se rechaza sin firmarse. Lo firmado antes queda.",
    ))?;
    let line = Line::of("call new --kind need --ask vans:2 --until 7d --as").word(REP);
    stage.refused(Ndlon, &line.text("--title", text("Two vans", "Dos camionetas")))?;
    stage.see(
        &[Jwj, Pbn],
        &Line::of("call list --all"),
        text("one call, and it is met", "un llamamiento, y está cubierto"),
        |calls| list(calls).len() == 1 && calls[0]["state"]["phase"] == "met",
    )
}

/// Returns one figure of every ask of a call.
fn asks(call: &Value, figure: &str) -> Vec<u64> {
    let asks = list(&call["state"]["asks"]).iter();
    asks.filter_map(|ask| ask[figure].as_u64()).collect()
}
