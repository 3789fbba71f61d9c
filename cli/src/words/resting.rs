//! What rests on a thing and falls with it, in counts.

use super::count::so_many;

/// Something that others have built on a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resting {
    /// Signatures of other parties.
    Signatures,
    /// Answers of other networks.
    Answers,
    /// Ballots.
    Ballots,
    /// Proposals that are put to it.
    Proposals,
    /// What bridges carry by it.
    Carriages,
    /// Networks that carry by it.
    Bridges,
}

/// How much rests on a thing.
pub(crate) type Rests = Vec<(Resting, usize)>;

/// Says in English what rests on a thing, a space before it.
pub(super) fn english(rests: &Rests) -> String {
    said(rests, " On it rest: ", " Nothing of others rests on it.", |resting| match resting {
        Resting::Signatures => ["signature of another party", "signatures of other parties"],
        Resting::Answers => ["answer of another network", "answers of other networks"],
        Resting::Ballots => ["ballot", "ballots"],
        Resting::Proposals => ["open proposal", "open proposals"],
        Resting::Carriages => ["carriage", "carriages"],
        Resting::Bridges => ["network that carries by it", "networks that carry by it"],
    })
}

/// Says the same in Spanish.
pub(super) fn spanish(rests: &Rests) -> String {
    said(rests, " De ello dependen: ", " Nada de otras redes depende de ello.", |resting| {
        match resting {
            Resting::Signatures => ["firma de otra parte", "firmas de otras partes"],
            Resting::Answers => ["respuesta de otra red", "respuestas de otras redes"],
            Resting::Ballots => ["voto", "votos"],
            Resting::Proposals => ["propuesta abierta", "propuestas abiertas"],
            Resting::Carriages => ["traslado", "traslados"],
            Resting::Bridges => ["red que lleva por él", "redes que llevan por él"],
        }
    })
}

fn said(
    rests: &Rests,
    begin: &str,
    nothing: &str,
    words: impl Fn(Resting) -> [&'static str; 2],
) -> String {
    let counts = rests.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(resting, count)| {
            let [one, many] = words(*resting);
            so_many(*count, one, many)
        })
        .collect();
    if counts.is_empty() { nothing.to_owned() } else { format!("{begin}{}.", counts.join(", ")) }
}
