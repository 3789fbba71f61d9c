//! Help, and what is said of a command that was not understood, in both languages.

use std::fs;

use weft_tests::cluster::Cluster;
use weft_tests::sandbox::Sandbox;
use weft_tests::source;
use weft_tests::terminal::COLUMNS;

use crate::bridge_story::found;
use crate::cluster_world::SOON;

#[test]
fn help_is_in_the_language_that_is_asked_for() {
    let sandbox = Sandbox::new();
    for lang in [["--lang", "es"].as_slice(), &["--lang=es-MX"]] {
        let run = sandbox.weft(lang.iter().copied().chain(["call", "--help"])).run();
        let help = &run.success().stdout;
        for words in
            ["Uso: weft call [OPCIONES] <ORDEN>", "Publicar un llamamiento", "--home <CARPETA>"]
        {
            assert!(help.contains(words), "{words}: {run}");
        }
        for english in ["Usage", "Commands", "Publish", "Print help", "[env"] {
            assert!(!help.contains(english), "{english}: {run}");
        }
    }
    let english = sandbox.weft(["call", "--help"]).run();
    assert!(english.success().stdout.contains("Publish a call"), "{english}");
    let nothing = sandbox.weft(["--lang", "es"]).run();
    assert!(nothing.success().stdout.contains("weft join 'weft:…'"), "{nothing}");
    assert!(nothing.stdout.contains("ninguna casa"), "{nothing}");
    let written = sandbox.weft(["--lang", "es", "man", "--out", "man"]).run();
    assert!(written.success().stderr.contains("páginas del manual"), "{written}");
    let page = fs::read_to_string(sandbox.path("man").join("weft-call-new.1")).unwrap();
    assert!(page.contains("Publicar un llamamiento") && page.contains(".SH NOMBRE"), "{page}");
}

#[test]
fn what_was_mistyped_is_said_with_what_was_meant() {
    let sandbox = Sandbox::new();
    for (words, english, spanish, help) in [
        (
            ["call", "neww", "--json"].as_slice(),
            "There is no command 'weft call neww'. Did you mean: new?",
            "No hay ninguna orden «weft call neww». ¿Quiso decir: new?",
            "weft call --help",
        ),
        (
            &["call", "new", "--titel", "Beds"],
            "'weft call new' knows no '--titel'. Did you mean: --title?",
            "«weft call new» no conoce «--titel». ¿Quiso decir: --title?",
            "weft call new --help",
        ),
        (
            &["call", "new", "--title", "Beds", "wanted"],
            "'weft call new' takes no further word, and there is 'wanted'.",
            "«weft call new» no lleva más palabras, y sobra «wanted».",
            "weft call new --help",
        ),
    ] {
        let said = sandbox.weft(words.iter().copied()).run();
        assert!(said.fails_with(2).stderr.contains(english), "{said}");
        assert!(said.stderr.ends_with(&format!("{help}\n")) && said.stdout.is_empty(), "{said}");
        let said = sandbox.weft(["--lang", "es"].into_iter().chain(words.iter().copied())).run();
        assert!(said.fails_with(2).stderr.contains(spanish), "{said}");
        assert!(said.stderr.ends_with(&format!("{help}\n")) && said.stdout.is_empty(), "{said}");
    }
}

/// Words of Spanish that would name what has another name here, and that name.
const SECOND_WORDS: [(&str, &str); 10] = [
    ("convocatoria", "llamamiento"),
    ("convocatorias", "llamamiento"),
    ("llave", "clave"),
    ("llaves", "clave"),
    ("rol", "función"),
    ("transporte", "traslado"),
    ("transportes", "traslado"),
    ("preocupación", "inquietud"),
    ("preocupaciones", "inquietud"),
    ("comando", "orden"),
];

/// Row F62: the story and the program name each thing by one word.
#[test]
fn one_thing_has_one_word_in_spanish() {
    let said = source::tracked().into_iter().filter(|file| file.path.starts_with("cli/src/"));
    let mut wrong = Vec::new();
    for file in said {
        let text = file.without_tests().to_lowercase();
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().starts_with("//"));
        for (number, line) in lines {
            let mut words = line.split(|c: char| !c.is_alphabetic());
            let second = words.find_map(|word| SECOND_WORDS.iter().find(|(no, _)| *no == word));
            if let Some((no, yes)) = second {
                wrong.push(format!("{}:{}: {no} is {yes}", file.path, number + 1));
            }
        }
    }
    source::none(wrong, "say it by the word that all the rest says it by");
}

/// Row F62: Spanish quotes as Spanish does, but for what is typed with its quotation marks.
#[test]
fn spanish_is_quoted_in_its_own_way() {
    let spanish = |file: &source::Source| {
        file.path.starts_with("cli/src/words/") && file.path.contains("spanish")
    };
    let mut wrong = Vec::new();
    for file in source::tracked().into_iter().filter(spanish) {
        // In a catalogue of help each line of Spanish stands below the English one.
        let is_help = file.path.ends_with(".txt");
        let mut below = false;
        for (number, line) in file.without_tests().lines().enumerate() {
            let is_spanish = !is_help || below;
            below = is_help && !line.is_empty() && !below;
            let pieces: Vec<&str> = line.split('\'').collect();
            let quoted = pieces.windows(3).step_by(2).any(|part| {
                let typed = part[0].ends_with("weft join ") || part[0].ends_with('=');
                !typed && part[1].chars().count() > 1
            });
            if is_spanish && quoted {
                wrong.push(format!("{}:{}: {line}", file.path, number + 1));
            }
        }
    }
    source::none(wrong, "say «so», or write what is typed as it is typed");
}

/// Stumble 29: what a node refuses, and what the system says, is worded by who asks, in their language.
#[test]
fn what_a_node_refuses_is_said_in_the_language_of_who_asks() {
    let cluster = Cluster::start("gb-bristol", 1);
    let node = &cluster[0];
    found(node, "River Care");
    let member = Sandbox::new();
    member.weft(["init", "--region", "gb-bristol", "--node", node.address()]).run().success();
    member.weft(["member", "request", "--label", "rep-2"]).run().success();
    for (lang, words) in [
        ("en", "this key holds no role of a network"),
        ("es", "esta clave no tiene ninguna función de una red"),
    ] {
        let refused = member.weft(["call", "list", "--lang", lang]).run();
        assert!(refused.fails_with(4).stderr.contains(words), "{refused}");
    }
    let block = ["policy", "block", "--kind", "role", "--reason", "x"];
    for (asked, code, english, spanish) in [
        (["region", "leave", "gb-bristol"].as_slice(), 4, "is the home", "es la sede de este nodo"),
        (&["region", "leave", "us-wa"], 4, "is not in us-wa", "no está en la región"),
        (&block, 4, "are needed to judge", "hacen falta para juzgar"),
        (&["store", "compact"], 4, "stop the node first", "pare antes el nodo"),
        (&["open", "letter.txt"], 1, "there is no such file", "no hay tal archivo"),
    ] {
        for (lang, words) in [("en", english), ("es", spanish)] {
            let run = node.weft(asked.iter().copied().chain(["--lang", lang])).run();
            let said = run.fails_with(code).stderr.replace('\n', " ");
            assert!(said.contains(words) && !said.contains("os error"), "{words}: {run}");
        }
    }
}

/// Stumble 29: what a node says in its log, unasked, is said in Spanish to who reads it at a terminal.
#[test]
fn no_line_of_the_log_is_english_at_a_spanish_terminal() {
    let all = source::tracked();
    let table = all.iter().find(|source| source.path == "cli/src/words/logged.rs");
    let table = &table.expect("it stands there").text;
    let speaks = |path: &str| {
        let node = path.starts_with("node/src/") && !path.contains("/tests/");
        node || path == "cli/src/log.rs"
    };
    let mut said = Vec::new();
    for source in all.iter().filter(|source| speaks(&source.path)) {
        let text = source.without_tests();
        for level in ["error", "warn", "info"] {
            for (at, begin) in text.match_indices(&format!("tracing::{level}!(")) {
                let line = text[at + begin.len()..].split(");").next().unwrap_or_default();
                said.extend(line.rsplit('"').nth(1).map(str::to_owned));
            }
        }
    }
    assert!(said.len() > 20, "the lines are found: {said:?}");
    let missing: Vec<_> =
        said.iter().filter(|line| !table.contains(&format!("\"{line}\""))).collect();
    assert!(missing.is_empty(), "these have no Spanish: {missing:?}");
}

#[test]
fn who_runs_a_node_at_a_terminal_reads_its_log_in_their_language() {
    for (lang, words) in [("en", "cannot listen at a place"), ("es", "no se puede escuchar en")] {
        let sandbox = Sandbox::new();
        sandbox.init("gb-bristol");
        let places = ["/ip4/127.0.0.1/tcp/0", "/ip4/192.0.2.7/tcp/1"];
        let listen = places.iter().flat_map(|place| ["--listen", place]);
        let up = ["up", "--no-mdns", "--lang", lang].into_iter().chain(listen);
        let mut shown = sandbox.weft(up).at_terminal(COLUMNS);
        shown.shows(words, SOON);
    }
}
