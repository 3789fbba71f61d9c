//! How many there are of something, so that it is right for one as well.

use std::fmt::Display;

/// Returns so many of something, by its word for one and its word for more.
pub(super) fn so_many<N: Display + PartialEq + From<u8>>(
    count: N,
    one: &str,
    more: &str,
) -> String {
    let word = if count == N::from(1) { one } else { more };
    format!("{count} {word}")
}

/// Joins what is listed: `a`, `a and b`, `a, b and c`.
pub(super) fn joined(all: &[String], and: &str) -> String {
    match all {
        [early @ .., last] if !early.is_empty() => format!("{} {and} {last}", early.join(", ")),
        all => all.concat(),
    }
}

/// Returns what is listed when it is one.
pub(super) fn only(all: &[String]) -> Option<&str> {
    if let [one] = all { Some(one) } else { None }
}

#[cfg(test)]
mod tests {
    use crate::words::{
        Apart, Condition, Empty, Finding, Keeping, Leaving, Say, Speech, Verdict, Weighing,
    };

    /// Says that each is said like this, in English and in Spanish.
    fn are_said<const N: usize>(all: [(Say, &str, &str); N]) {
        for (say, english, spanish) in all {
            for (speech, words) in [(Speech::English, english), (Speech::Spanish, spanish)] {
                let said = speech.say(&say);
                assert!(said.contains(words), "{words}: {said}");
            }
        }
    }

    fn x() -> String {
        "x".to_owned()
    }

    /// Row F61.
    #[test]
    fn one_record_is_said_as_one() {
        let is_found = |verdict| Say::Keeping(Keeping::Verdict(verdict));
        let counts = Condition::RecordsHere { all: 3, held: 1, void: 1 };
        let waits = Condition::RecordsWait { waiting: 1, early: 0 };
        let is_early = Condition::RecordsWait { waiting: 1, early: 1 };
        let damaged = Verdict::Damaged { records: 1, places: 1, forged: 1 };
        let here = Say::RecordCounts { stored: 1, waiting: 1, refused: 1 };
        let [kept, ya] = [
            "1 record is kept and 1 that was past is gone",
            "1 registro que se conserva y 1 pasado que ya no está",
        ];
        let [later, luego] = [
            "1 counts; 1 may count later, when more is known; 1 does not",
            "cuentan 1; 1 quizá cuente después, cuando se sepa más; 1 no cuenta",
        ];
        are_said([
            (Say::Passed { records: 1 }, "1 record written", "1 registro escrito"),
            (Say::Exported { records: 1, path: x() }, "1 record written", "1 registro escrito"),
            (here, "1 record stored", "registros guardados: 1"),
            (Say::Verified { good: 1, bad: 0 }, "The one signature holds", "La única firma"),
            (Say::Verified { good: 1, bad: 1 }, "1 signature holds, 1 does not", "1 firma se"),
            (is_found(Verdict::Good { records: 1 }), "The one record", "El único registro"),
            (is_found(Verdict::Index { records: 1 }), "The one record", "El único registro"),
            (is_found(damaged.clone()), "1 record is good; nothing", "1 registro está bien"),
            (is_found(damaged), "at 1 place, 1 signature does", "en 1 sitio no"),
            (
                is_found(Verdict::Repaired { records: 1, places: 1 }),
                "1 record, and",
                "1 registro, y",
            ),
            (is_found(Verdict::Compacted { kept: 1, dropped: 1, freed: 1 }), kept, ya),
            (Say::Condition(counts), later, luego),
            (Say::Condition(waits), "1 record, for what it refers", "1 registro, a lo que remite"),
            (Say::Condition(is_early), "1 record, for its date", "1 registro, a su fecha"),
        ]);
    }

    /// Row F61.
    #[test]
    fn one_of_anything_else_is_said_as_one() {
        let (declared, views, apart, steps) = (5, 5, Apart::Hardly, "0.1".to_owned());
        let gap = Weighing::Gap { declared, views, under: 1, apart, steps };
        let guarded = Leaving::Guarded { net: x(), guardians: 1, need: 1 };
        let unread = Leaving::NobodyCanRead { networks: Vec::new() };
        let [gain, con] = [
            "1 network more would have 2 voices to follow, and the bridge 1 more carrier.",
            "1 red más tendría 2 voces a las que seguir, y el puente 1 portadora más.",
        ];
        are_said([
            (Say::BallotsWouldLapse { ballots: 1 }, "1 ballot is", "contar: 1"),
            (Say::OtherBridges { count: 1 }, "1 bridge between", "1 puente entre"),
            (Say::WouldGain { gain: 1, voices: 2, carriers: 1 }, gain, con),
            (Say::Leaving(Leaving::Wiped { path: x(), files: 1 }), "1 file is", "1 archivo."),
            (Say::Leaving(Leaving::RemovesAll { count: 1 }), "1 organisation", "1 organización"),
            (Say::Leaving(guarded), "1 guardian now", "1 guardián;"),
            (Say::Leaving(unread), "no network but yours", "ninguna red más que la suya"),
            (Say::Empty(Empty::Allies { others: 1 }), "The one other", "La única otra"),
            (Say::Weighing(gap), "1 thinks less", "1 piensa menos"),
        ]);
        let found =
            |finding: &Finding| [Speech::English, Speech::Spanish].map(|s| s.finding(finding));
        let [english, spanish] = found(&Finding::Newcomers { count: 1, is_full: false });
        assert!(english.contains("1 network that") && spanish.contains("1 red que"), "{english}");
        let [english, spanish] = found(&Finding::Skipped { places: 1 });
        assert!(english.contains("at 1 place of") && spanish.contains("1 sitio de"), "{spanish}");
    }

    /// Row F61.
    #[test]
    fn several_are_listed_as_several() {
        let regions = |all: &[&str]| Finding::Alone {
            region: "es-md".to_owned(),
            theirs: all.iter().map(|&region| region.to_owned()).collect(),
        };
        for (theirs, en, es) in [
            (&["gb-bristol"][..], "theirs is gb-bristol.", "la de los demás es gb-bristol."),
            (
                &["gb-bristol", "us-wa"],
                "theirs are gb-bristol and us-wa.",
                "son gb-bristol y us-wa.",
            ),
            (&["a", "b", "c"], "theirs are a, b and c.", "son a, b y c."),
        ] {
            assert!(Speech::English.finding(&regions(theirs)).contains(en), "{theirs:?}");
            assert!(Speech::Spanish.finding(&regions(theirs)).contains(es), "{theirs:?}");
        }
    }
}
