//! What is exported says the same to the language that reads it, whatever stands in the words.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use editree::schema::Catalogue;
use editree::schema::export::{Language, Source, Step, export};
use serde_json::{Value, json};

/// What has a meaning in one of the languages, or cuts a line in one.
const SHARP: [&str; 30] = [
    "'",
    "\"",
    "`",
    "$",
    "\\",
    "\n",
    "\r",
    "\t",
    "${HOME}",
    "$(id)",
    "%s",
    "!!",
    "{{",
    "}}",
    "#",
    "\\u0041",
    "\u{0}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{202e}",
    "</script>",
    "\"\"\"",
    "'''",
    "漢",
    "👩‍👩‍👧",
    "\nEOF\n",
];

fn words(random: &mut fastrand::Rng) -> String {
    let pieces = (0..random.usize(1..10)).map(|_| match random.bool() {
        true => SHARP[random.usize(..SHARP.len())].to_owned(),
        false => random.char('\u{1}'..).to_string(),
    });
    pieces.collect()
}

/// As many requests as one program can have, each with its own words.
fn steps(catalogue: &Catalogue, random: &mut fastrand::Rng) -> Vec<Step<'static>> {
    let endpoint = catalogue.find("pro").unwrap().clone();
    let endpoint: &'static _ = Box::leak(Box::new(endpoint));
    let step = |_| Step {
        endpoint,
        prompt: words(random),
        values: [
            ("seed".to_owned(), json!(random.u32(..))),
            ("output_format".to_owned(), json!(words(random))),
        ]
        .into(),
        inputs: vec![Source::Url(format!("https://x/{}", words(random)))],
    };
    (0..40).map(step).collect()
}

/// The bodies as they were meant.
fn meant(steps: &[Step<'_>]) -> Vec<Value> {
    steps
        .iter()
        .map(|step| {
            serde_json::from_str(&export(Language::Json, std::slice::from_ref(step))).unwrap()
        })
        .collect()
}

/// The bodies that the program hands over, one a line; `None`: the language is not here.
fn told(program: &str, file: &Path, folder: &Path) -> Option<Vec<Value>> {
    if Command::new(program).arg("--version").output().is_err() {
        println!("SKIPPED: there is no {program} on this machine");
        return None;
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(program)
        .arg(file)
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("PYTHONPATH", folder)
        .env("TOLD", folder.join("told"))
        .env("FAL_KEY", "none")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}\n{}", fs::read_to_string(file).unwrap());
    let told = fs::read_to_string(folder.join("told")).unwrap();
    Some(told.split_terminator('\u{1e}').map(|body| serde_json::from_str(body).unwrap()).collect())
}

/// Stands in for the service's clients: each notes what it is to send.
fn stand_ins(folder: &Path) {
    let python = "import json, os\n\
        def subscribe(endpoint, arguments):\n    \
        open(os.environ['TOLD'], 'a', encoding='utf-8').write(json.dumps(arguments) + '\\x1e')\n    \
        return {'images': [{'url': 'x'}]}\n";
    fs::write(folder.join("fal_client.py"), python).unwrap();
    let node = folder.join("node_modules/@fal-ai/client");
    fs::create_dir_all(&node).unwrap();
    fs::write(node.join("package.json"), r#"{"type":"module","main":"index.js"}"#).unwrap();
    let javascript = "import { appendFileSync } from 'node:fs';\n\
        export const fal = { async subscribe(endpoint, { input }) {\n  \
        appendFileSync(process.env.TOLD, JSON.stringify(input) + '\\x1e');\n  \
        return { data: { images: [{ url: 'x' }] } };\n} };\n";
    fs::write(node.join("index.js"), javascript).unwrap();
    let curl = "#!/bin/sh\ncase \"$*\" in\n\
        *POST*) cat >> \"$TOLD\"; printf '\\036' >> \"$TOLD\"\n    \
        printf '{\"status_url\": \"s\", \"response_url\": \"r\"}' ;;\n\
        *) printf '{\"status\": \"COMPLETED\", \"images\": [{\"url\": \"x\"}]}' ;;\nesac\n";
    fs::write(folder.join("curl"), curl).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.join("curl"), mode).unwrap();
}

#[test]
fn every_language_reads_the_words_that_were_meant() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let steps = steps(&Catalogue::builtin(), &mut random);
    let meant = meant(&steps);
    let languages = [
        (Language::Python, "python3", "a.py"),
        (Language::JavaScript, "node", "a.mjs"),
        (Language::Curl, "bash", "a.sh"),
    ];
    for (language, program, name) in languages {
        let folder = tempfile::tempdir().unwrap();
        stand_ins(folder.path());
        let file = folder.path().join(name);
        fs::write(&file, export(language, &steps)).unwrap();
        let Some(told) = told(program, &file, folder.path()) else { continue };
        let mut differ = String::new();
        for (number, (told, meant)) in told.iter().zip(&meant).enumerate() {
            if told != meant {
                writeln!(differ, "{number}: {told}\nnot {meant}").unwrap();
            }
        }
        assert!(differ.is_empty(), "seed {seed}, {program}: {differ}");
        assert_eq!(told.len(), meant.len(), "seed {seed}, {program}");
    }
}
