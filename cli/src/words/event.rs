//! What happens at a node, as sentences.

use weft_node::network::peer_text;
use weft_protocol::engine::Event;
use weft_protocol::id::NetId;
use weft_protocol::record::Kind;

use super::Speech;

/// Returns the sentence for an event. Networks are called what `name` calls them.
pub(super) fn sentence(speech: Speech, event: &Event, name: &dyn Fn(NetId) -> String) -> String {
    match speech {
        Speech::English => english(event, name),
        Speech::Spanish => spanish(event, name),
    }
}

fn english(event: &Event, name: &dyn Fn(NetId) -> String) -> String {
    match event {
        Event::Stored { id, kind, net, thing, to, void } => {
            let what = match to {
                Some(to) => format!("{} to {}", english_kind(kind), to.short()),
                None => english_kind(kind),
            };
            let new = if id.0 == thing.0 { "New" } else { "Changed" };
            let news = format!("{new}: {what} by {}: {}", name(*net), thing.short());
            match void {
                None => news,
                Some(why) => format!("{news}; it does not count: {why}"),
            }
        }
        Event::Judged { id, kind, void: None } => {
            format!("The {} {} counts now", english_kind(kind), id.short())
        }
        Event::Judged { id, kind, void: Some(why) } => {
            format!("The {} {} does not count any more: {why}", english_kind(kind), id.short())
        }
        Event::Erased { id } => format!("Erased at its author's wish: {}", id.short()),
        Event::Disputed { net } => format!(
            "The identity of {} is disputed: somebody else may have its rotation key. Ask them by another way.",
            name(*net)
        ),
        Event::Met { peer, region } => {
            format!("Connected with the node {} in {region}", peer_text(*peer))
        }
        Event::Parted { peer } => format!("The node {} has gone", peer_text(*peer)),
        Event::Syncing { peer, done, total } => {
            format!("Comparing with {}: {done} of {total} records", peer_text(*peer))
        }
        Event::Synced { peer, received, sent, .. } => {
            let peer = peer_text(*peer);
            format!("Compared with {peer}: {received} records received, {sent} sent")
        }
        Event::SyncFailed { peer, why } => {
            let why = Speech::English.given_up(*why);
            format!(
                "Comparing with {} did not go well: {why}. It tries again by itself.",
                peer_text(*peer)
            )
        }
        Event::Held { rule, thing, step } => {
            let step = Speech::English.crossing(step);
            format!("Held back at the bridge '{rule}': {}: {step}", thing.short())
        }
        Event::ReadOnly { why } => {
            let why = Speech::English.system(why);
            format!("The disk takes no more, so nothing new is kept: {why}. Free some space.")
        }
        Event::Writable => "The disk takes writes again.".to_owned(),
    }
}

fn english_kind(kind: &Kind) -> String {
    match kind {
        Kind::Values => "declaration of values".to_owned(),
        Kind::Response => "answer".to_owned(),
        Kind::Identity => "change of keys".to_owned(),
        other => other.to_string(),
    }
}

fn spanish(event: &Event, name: &dyn Fn(NetId) -> String) -> String {
    match event {
        Event::Stored { id, kind, net, thing, to, void } => {
            let what = match to {
                Some(to) => format!("{} a {}", spanish_kind(kind), to.short()),
                None => spanish_kind(kind),
            };
            let new = if id.0 == thing.0 { "Nuevo" } else { "Cambiado" };
            let news = format!("{new}: {what} de {}: {}", name(*net), thing.short());
            match void {
                None => news,
                Some(why) => format!("{news}; no vale: {}", super::why::spanish(why)),
            }
        }
        Event::Judged { id, kind, void: None } => {
            format!("Ahora vale: {} {}", spanish_kind(kind), id.short())
        }
        Event::Judged { id, kind, void: Some(why) } => {
            let why = super::why::spanish(why);
            format!("Ya no vale: {} {}: {why}", spanish_kind(kind), id.short())
        }
        Event::Erased { id } => format!("Borrado por deseo de quien lo firmó: {}", id.short()),
        Event::Disputed { net } => format!(
            "La identidad de {} está en disputa: alguien más puede tener su clave de rotación. Pregúnteles por otro camino.",
            name(*net)
        ),
        Event::Met { peer, region } => {
            format!("Conectado con el nodo {} en {region}", peer_text(*peer))
        }
        Event::Parted { peer } => format!("El nodo {} se ha ido", peer_text(*peer)),
        Event::Syncing { peer, done, total } => {
            format!("Comparando con {}: {done} de {total} registros", peer_text(*peer))
        }
        Event::Synced { peer, received, sent, .. } => {
            let peer = peer_text(*peer);
            format!("Comparado con {peer}: {received} registros recibidos, {sent} enviados")
        }
        Event::SyncFailed { peer, why } => {
            let why = Speech::Spanish.given_up(*why);
            format!("La comparación con {} no fue bien: {why}. Se repetirá sola.", peer_text(*peer))
        }
        Event::Held { rule, thing, step } => {
            let step = Speech::Spanish.crossing(step);
            format!("Retenido en el puente «{rule}»: {}: {step}", thing.short())
        }
        Event::ReadOnly { why } => {
            let why = Speech::Spanish.system(why);
            format!("En el disco no cabe más y no se guarda nada nuevo: {why}. Libere espacio.")
        }
        Event::Writable => "El disco vuelve a admitir registros.".to_owned(),
    }
}

/// Returns the word for a kind of record.
pub(super) fn kind(speech: Speech, kind: &Kind) -> String {
    match speech {
        Speech::English => english_kind(kind),
        Speech::Spanish => spanish_kind(kind),
    }
}

fn spanish_kind(kind: &Kind) -> String {
    let word = match kind {
        Kind::Identity => "cambio de claves",
        Kind::Profile => "perfil",
        Kind::Role => "función",
        Kind::Values => "declaración de valores",
        Kind::Call => "llamamiento",
        Kind::Response => "respuesta",
        Kind::Proposal => "propuesta",
        Kind::Gathering => "encuentro",
        Kind::Tie => "vínculo",
        Kind::Disclosure => "declaración",
        Kind::Carriage => "traslado",
        Kind::End => "final",
        Kind::Other(_) => return kind.to_string(),
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use weft_protocol::id::{NodeId, RecordId, ThingId};

    use super::*;

    #[test]
    fn what_happens_is_a_sentence_in_both_languages() {
        let id = RecordId([1; 32]);
        let kind = Kind::Call;
        let void = None;
        let net = NetId([2; 32]);
        let stored = Event::Stored { id, kind, net, thing: ThingId(id.0), to: None, void };
        let name = |_: NetId| "River".to_owned();
        let said = |speech, event: &Event| sentence(speech, event, &name);
        assert!(said(Speech::English, &stored).starts_with("New: call by River: aeaqc"));
        assert!(said(Speech::Spanish, &stored).starts_with("Nuevo: llamamiento de River: aeaqc"));
        let parted = Event::Parted { peer: NodeId([7; 32]) };
        assert!(said(Speech::Spanish, &parted).starts_with("El nodo 12D3Koo"));
    }
}
