//! The border: a second region, two bridges into it, and a call that waits there for its second
//! independent voice.

use anyhow::Result;
use serde_json::Value;

use super::cast::Actor::{self, Casas, Ggj, Iad, Jwj, Ndlon, Ndwa, Rttc};
use super::line::Line;
use super::moves::{accept, connect, found_one, knows, list, phase_of, propose};
use super::stage::Stage;
use super::words::text;

/// Who bridges, what its rule is called, and for how many independent voices it waits.
const BRIDGES: [(Actor, &str, &str); 2] = [(Ggj, "two-voices", "2"), (Ndwa, "three-voices", "3")];

/// Brings the other region, and builds both bridges.
///
/// # Errors
/// When a step cannot be done, or is not seen on another node.
pub(super) fn build(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(text(
        "Across the border is another region, with a network of its own. Two alliances are in both.",
        "Al otro lado de la frontera hay otra región, con una red propia. Dos alianzas están en ambas.",
    ))?;
    stage.raise(&[Casas])?;
    for (bridge, ..) in BRIDGES {
        stage.act(bridge, &Line::of("region join").word(Casas.region()))?;
        connect(stage, Casas, bridge)?;
    }
    found_one(stage, Casas)?;
    stage.see(
        &BRIDGES.map(|(bridge, ..)| bridge),
        &Line::of("network list"),
        text("the profile of the houses, signed", "el perfil de las casas, firmado"),
        |networks| knows(networks, Casas),
    )?;
    stage.begin(text(
        "A bridge carries what its own rule lets through, once both sides have signed that it may.",
        "Un puente lleva lo que deja pasar su propia regla, si ambos lados firmaron que puede.",
    ))?;
    let mut ties = Vec::new();
    for (bridge, rule, voices) in BRIDGES {
        let what = format!("bridge --bridge-from us --bridge-to mx --with {}", bridge.key());
        let terms = text(
            "Calls may cross the border, when others stand behind them.",
            "Los llamamientos pueden cruzar la frontera si otras los respaldan.",
        );
        let tie = propose(stage, Casas, &what, terms)?;
        accept(stage, bridge, &tie)?;
        stage.act(bridge, &Line::of("bridge setup"))?;
        let line = Line::of("bridge add").word(rule).words_of("--from us --to mx --kind call");
        stage.act(bridge, &line.word("--endorsements").word(voices))?;
        ties.push(tie);
    }
    stage.see(
        &[Casas],
        &Line::of("tie list"),
        text("two bridge ties are active", "hay dos vínculos de puente activos"),
        |all| ties.iter().all(|tie| phase_of(all, tie) == "active"),
    )
}

/// Lets one endorsement after the other come, until the call has crossed both bridges.
///
/// # Errors
/// When a step cannot be done, or is not seen on another node.
pub(super) fn cross(stage: &mut Stage<'_>) -> Result<()> {
    let endorse = Line::of("call endorse no-enforcement");
    let test = Line::of("bridge test no-enforcement");
    stage.begin(text(
        "Right to the City stands behind it: one voice. The call is held at the border.",
        "Right to the City lo respalda: una voz. El llamamiento queda retenido en la frontera.",
    ))?;
    stage.act(Rttc, &endorse)?;
    stage.see(
        &[Ggj, Ndwa],
        &test,
        text("it waits, with one endorsement", "espera, con un respaldo"),
        |tested| waits_with(tested, 1, 1),
    )?;
    same_purse(stage, &endorse, &test)?;
    stage.begin(text(
        "Jobs with Justice is the second independent voice. The call crosses one of the bridges.",
        "Jobs with Justice es la segunda voz independiente. El llamamiento cruza uno de los puentes.",
    ))?;
    stage.act(Jwj, &endorse)?;
    stage.see(
        &[Casas],
        &Line::of("call show no-enforcement"),
        text("the call, open", "el llamamiento, abierto"),
        |call| call["state"]["phase"] == "open",
    )?;
    // What was said for it before it crossed comes when the nodes next compare what they have.
    stage.act(Casas, &Line::of("sync now"))?;
    stage.see(
        &[Casas],
        &Line::of("call show no-enforcement"),
        text("its three endorsements followed", "sus tres respaldos la siguieron"),
        |call| endorsed_by(call) == 3,
    )?;
    stage.hear(Casas, &Line::of("call reach no-enforcement"))?;
    stage.begin(text(
        "The houses endorse it too. That goes home by itself: the third voice, for the other bridge.",
        "Las casas también la respaldan. Eso vuelve por sí solo: la tercera voz, para el otro puente.",
    ))?;
    stage.act(Casas, &endorse)?;
    stage.see(
        &[Ndlon],
        &Line::of("call show no-enforcement"),
        text("four endorsements, one from afar", "cuatro respaldos, uno de lejos"),
        |call| endorsed_by(call) == 4,
    )?;
    let reach = Line::of("call reach no-enforcement");
    stage.see(
        &[Casas],
        &reach,
        text("it came by both bridges", "llegó por ambos puentes"),
        |reach| list(&reach["regions"]).iter().any(|region| region["independent"] == 2),
    )?;
    stage.hear(Casas, &reach)
}

/// A second endorsement comes from under the same fiscal host, and does not suffice.
fn same_purse(stage: &mut Stage<'_>, endorse: &Line, test: &Line) -> Result<()> {
    stage.begin(text(
        "The Dialogue does too. But Right to the City keeps its money, as both say: still one voice.",
        "El Diálogo también. Pero Right to the City guarda su dinero, según ambos: sigue siendo una voz.",
    ))?;
    let terms = text(
        "Right to the City keeps the Dialogue's money.",
        "Right to the City guarda el dinero del Diálogo.",
    );
    let host = propose(stage, Rttc, "fiscal-host --with iad", terms)?;
    accept(stage, Iad, &host)?;
    stage.act(Iad, endorse)?;
    stage.see(
        &[Ggj, Ndwa],
        test,
        text("two endorsements, one voice: it waits", "dos respaldos, una voz: espera"),
        |tested| waits_with(tested, 2, 1),
    )?;
    stage.hear(Ggj, test)?;
    stage.see(
        &[Casas],
        &Line::of("call list"),
        text("no call yet", "ningún llamamiento todavía"),
        |calls| calls.is_array() && list(calls).is_empty(),
    )
}

/// Says whether a call is held at the one rule of a bridge, with so many endorsements of recognised
/// networks, so many of them independent.
fn waits_with(tested: &Value, recognised: u32, independent: u32) -> bool {
    let decision = &tested[0]["decision"];
    let steps = list(&decision["steps"]).iter();
    let mut has = steps.filter_map(|step| step.get("has"));
    decision["verdict"] == "wait"
        && has.any(|has| has["recognised"] == recognised && has["independent"] == independent)
}

fn endorsed_by(call: &Value) -> usize {
    list(&call["state"]["endorsed"]).len()
}
