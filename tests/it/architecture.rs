//! The house rules, read off the sources: layering, map, file openings, sizes, purity.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::key_names::names_a_key;

mod shapes;

const FILE_LIMIT: usize = 500;
const FUNCTION_LIMIT: usize = 60;
/// A function that is one `match` over a closed enum is as long as the enum.
const DISPATCH_LIMIT: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Source {
    /// Below the repository, with slashes.
    path: String,
    text: String,
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path, text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty());
    found
}

/// `src/ui/panes/form.rs` belongs to `ui`.
fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split('/').next().unwrap().trim_end_matches(".rs")
}

struct Rule {
    may_use: BTreeSet<String>,
    never: String,
}

/// The table in `src/lib.rs`.
fn map() -> BTreeMap<String, Rule> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let all: BTreeSet<String> = declared_modules(&text);
    text.lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let module = cells[0].trim_end_matches('`').to_owned();
            let may_use = match cells[2] {
                "everything" => all.clone(),
                "–" => BTreeSet::new(),
                names => names.split(", ").map(|name| name.trim_matches('`').to_owned()).collect(),
            };
            (module, Rule { may_use, never: cells[3].to_owned() })
        })
        .collect()
}

fn declared_modules(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// Modules named by `crate::x` and `crate::{x, y}`.
fn used_modules(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => top_level_names(group),
            None => vec![rest],
        };
        for name in names {
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            used.insert(name[..end].to_owned());
        }
    }
    used.remove("");
    used
}

fn top_level_names(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(group[start..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(group[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn the_map_names_every_module_and_no_other() {
    let declared = declared_modules(&fs::read_to_string(root().join("src/lib.rs")).unwrap());
    let mapped: BTreeSet<String> = map().into_keys().collect();
    assert_eq!(declared, mapped);
    let existing: BTreeSet<String> = sources(&["src"])
        .iter()
        .map(|source| module_of(&source.path).to_owned())
        .filter(|module| module != "lib" && module != "main")
        .collect();
    assert_eq!(declared, existing);
}

#[test]
fn modules_use_only_what_the_map_allows() {
    let map = map();
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let module = module_of(&source.path);
        let Some(rule) = map.get(module) else {
            continue;
        };
        for used in used_modules(&without_comments(&source.text)) {
            if used != module && !rule.may_use.contains(&used) {
                wrong.push(format!("{} uses `{used}`, which `{module}` may not", source.path));
            }
        }
    }
    assert_none("against the map in src/lib.rs", &wrong);
}

#[test]
fn pure_modules_do_no_io_and_ask_no_clock() {
    let forbidden = |never: &str| -> Vec<&'static str> {
        let mut words = Vec::new();
        if never.contains("IO") {
            words.extend(["std::fs", "std::net", "std::io", "std::process", "std::env"]);
            words.extend(["std::thread", "reqwest", "rusqlite", "rustix", "tokio", "axum"]);
            words.extend(["crossterm::terminal", "crossterm::execute", "crossterm::cursor"]);
        }
        if never.contains("time") {
            words.extend(["Instant", "SystemTime", "jiff::Zoned::now", "Timestamp::now"]);
        }
        if never.contains("ratatui") {
            words.push("ratatui");
        }
        words
    };
    let map = map();
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let Some(rule) = map.get(module_of(&source.path)) else {
            continue;
        };
        let text = without_comments(&source.text);
        for word in forbidden(&rule.never) {
            if text.contains(word) {
                wrong.push(format!("{} says `{word}`", source.path));
            }
        }
    }
    assert_none("IO or time where there shall be none", &wrong);
}

#[test]
fn every_file_opens_with_what_it_is() {
    let wrong: Vec<String> = sources(&["src", "tests", "benches"])
        .into_iter()
        .filter(|source| !source.text.starts_with("//! ") || source.text.starts_with("//! \n"))
        .map(|source| source.path)
        .collect();
    assert_none("files that do not open with `//!`", &wrong);
}

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = Vec::new();
    for source in sources(&["src", "tests"]) {
        let lines: Vec<&str> = source.text.lines().collect();
        if lines.len() > FILE_LIMIT {
            wrong.push(format!("{}: {} lines", source.path, lines.len()));
        }
        for (at, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let opens = is_function(line.trim_start());
            let end = format!("{}}}", &line[..indent]);
            let length = lines[at..].iter().position(|line| *line == end);
            let Some(length) = length.filter(|_| opens) else { continue };
            let body = lines.get(at..at + length).unwrap_or_default();
            let limit = if is_dispatch(body) { DISPATCH_LIMIT } else { FUNCTION_LIMIT };
            if length + 1 > limit {
                wrong.push(format!("{}:{}: function of {} lines", source.path, at + 1, length + 1));
            }
        }
    }
    assert_none("too long", &wrong);
}

/// Its first statement that is not a `let` or a `use` is a `match`.
fn is_dispatch(body: &[&str]) -> bool {
    let indent = body.first().map_or(0, |line| line.len() - line.trim_start().len()) + 4;
    let statements =
        body.iter().skip(1).filter(|line| line.len() - line.trim_start().len() == indent);
    let mut others = statements.map(|line| line.trim_start()).filter(|line| {
        let is_declaration = line.starts_with("let ") || line.starts_with("use ");
        !(is_declaration || line.starts_with(')'))
    });
    others.next().is_some_and(|line| line.starts_with("match "))
}

fn is_function(line: &str) -> bool {
    let mut rest = line;
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest.starts_with("fn ") && !line.ends_with(';') && !line.ends_with('}')
}

#[test]
fn nothing_is_re_exported_and_no_mod_rs_hides() {
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        if source.path.ends_with("/mod.rs") {
            wrong.push(format!("{}: use `x.rs` beside `x/`", source.path));
        }
        for line in without_comments(&source.text).lines() {
            if line.trim_start().starts_with("pub use")
                || line.trim_start().starts_with("pub(crate) use")
            {
                wrong.push(format!("{}: {}", source.path, line.trim()));
            }
        }
    }
    assert_none("re-exports and mod.rs", &wrong);
}

#[test]
fn simulator_and_client_share_no_code() {
    for source in sources(&["src/simulator.rs", "src/simulator"]) {
        assert!(!used_modules(&source.text).contains("fal"), "{}", source.path);
    }
    for source in sources(&["src/fal.rs", "src/fal"]) {
        let used = used_modules(&without_comments(&source.text));
        let others: Vec<_> = used.iter().filter(|module| *module != "fal").collect();
        assert!(others.is_empty(), "{} uses {others:?}", source.path);
    }
}

#[test]
fn only_the_prompt_editor_knows_the_text_area_crate() {
    let users: Vec<String> = sources(&["src"])
        .into_iter()
        .filter(|source| without_comments(&source.text).contains("tui_textarea"))
        .map(|source| source.path)
        .collect();
    assert_eq!(users.len(), 1, "{users:?}");
}

#[test]
fn the_product_embeds_its_sources_and_its_pages_and_nothing_else() {
    let ours = ["src", "docs"].map(|name| root().join(name).canonicalize().unwrap());
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let folder = root().join(&source.path);
        for (at, word) in source.text.match_indices("include_") {
            let Some(name) = source.text[at..].split('"').nth(1).filter(|_| word.len() == 8) else {
                continue;
            };
            let name = name.replace("$CARGO_MANIFEST_DIR", &root().to_string_lossy());
            let Ok(file) = folder.parent().unwrap().join(name).canonicalize() else { continue };
            if !ours.iter().any(|folder| file.starts_with(folder)) {
                wrong.push(format!("{}: {}", source.path, file.display()));
            }
        }
    }
    assert_none("embedded from outside `src` and `docs`", &wrong);
}

/// What stands between quotation marks, where it is not a test's.
fn literals(text: &str) -> Vec<(usize, String)> {
    let own = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, line) in own.lines().enumerate().filter(|(_, line)| !line.trim().starts_with("//")) {
        found.extend(line.split('"').skip(1).step_by(2).map(|text| (at + 1, text.to_owned())));
    }
    found
}

#[test]
fn below_the_screen_nothing_names_a_key() {
    for text in ["r sends it again", "Alt-4 x", "F1", "press Enter", "Up brings", "with Space m"] {
        assert!(names_a_key(text), "{text}");
    }
    for text in ["a job sends it", "it takes a while", "{id} goes on", "entered", "space", "F1x"] {
        assert!(!names_a_key(text), "{text}");
    }
    let below = ["src/app.rs", "src/app", "src/runtime.rs", "src/runtime", "src/cli.rs", "src/cli"];
    let core = ["src/schema.rs", "src/schema", "src/tree.rs", "src/tree", "src/store", "src/fal"];
    let mut wrong = Vec::new();
    for source in sources(&[&below[..], &core[..]].concat()) {
        for (line, text) in literals(&source.text) {
            // What doctor has measured is how long the terminal keeps back that very key.
            if names_a_key(&text) && !text.starts_with("Esc waits {") {
                wrong.push(format!("{}:{line}: {text}", source.path));
            }
        }
    }
    assert_none("keys are the screen's: name a command with `app::hint`", &wrong);
}

/// The files of a change in the table of `src/lib.rs`.
fn cost(change: &str) -> Vec<PathBuf> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let row = text.lines().find_map(|line| line.strip_prefix(&format!("//! | {change} | ")));
    let row = row.unwrap_or_else(|| panic!("`{change}` is not in the table"));
    row.split('`').skip(1).step_by(2).map(|path| root().join(path)).collect()
}

/// Outside of those files, none of these words may decide about a variant.
#[test]
fn a_change_costs_the_files_that_the_map_names() {
    let changes: [(&str, &[&str]); 4] = [
        ("a kind of parameter", &["Kind::Integer", "Kind::Number"]),
        ("a terminal protocol", &["Protocol::Iterm2"]),
        ("a kind of failure", &["FailureKind::Deadline", "FailureKind::Policy"]),
        ("a fault of the simulator", &["After::Gzip", "Before::Redirect"]),
    ];
    let mut wrong = Vec::new();
    for (change, words) in changes {
        let named = cost(change);
        for source in sources(&["src"]) {
            let own = source.text.split("#[cfg(test)]").next().unwrap_or_default();
            let is_named = named.iter().any(|path| root().join(&source.path) == *path);
            for word in words.iter().filter(|word| !is_named && own.contains(**word)) {
                wrong.push(format!("{} says `{word}`: {change} costs it too", source.path));
            }
        }
    }
    for change in ["an endpoint", "a column of the nodes", "a subcommand"] {
        let gone = cost(change).into_iter().filter(|path| !path.exists());
        wrong.extend(gone.map(|path| format!("there is no {}", path.display())));
        assert!(cost(change).len() <= 4, "{change}");
    }
    assert_none("more files than `src/lib.rs` names", &wrong);
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = ["todo!(", "unimplemented!(", "FIXME", "#[ignore"].map(str::to_owned);
    let mut wrong = Vec::new();
    for source in sources(&["src", "tests"]) {
        for mark in &marks {
            if source.text.contains(mark.as_str()) && !source.path.ends_with("architecture.rs") {
                wrong.push(format!("{}: {mark}", source.path));
            }
        }
    }
    assert_none("unfinished", &wrong);
}

/// Names that stood for what the glossary calls otherwise.
const RETIRED: [&str; 20] = [
    "Cause", "News", "Ending", "Ticket", "Bone", "Skeleton", "Clerk", "Workshop", "Gallery",
    "Rung", "Ladder", "Strip", "Trial", "Likeness", "Looks", "WORN", "RUINED", "Boxing", "Handled",
    "Trouble",
];

#[test]
fn the_glossary_gives_each_of_at_most_thirty_terms_one_meaning() {
    let text = fs::read_to_string(root().join("src/glossary.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    let terms: Vec<&str> = rows.map(|row| row.split('|').nth(1).unwrap().trim()).collect();
    assert!((1..=30).contains(&terms.len()), "{} terms", terms.len());
    assert_eq!(terms.iter().collect::<BTreeSet<_>>().len(), terms.len(), "a term stands twice");
}

#[test]
fn retired_names_do_not_come_back() {
    let mut wrong = Vec::new();
    for source in sources(&["src", "tests", "benches"]) {
        if source.path.ends_with("architecture.rs") {
            continue;
        }
        let code = without_comments(&source.text);
        let mut names = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        wrong.extend(
            names
                .find(|name| RETIRED.contains(name))
                .map(|name| format!("{} says `{name}`", source.path)),
        );
    }
    assert_none("see src/glossary.md for the name that is used", &wrong);
}
