//! The shape of the code, read off the sources: no circle of files, small enums and structs, and no
//! arm that swallows a variant of an enum of our own.
//!
//! It reads what `cargo fmt` has written: one item, variant, field or arm a line.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, assert_none, sources, without_comments};

const VARIANT_LIMIT: usize = 25;
const FIELD_LIMIT: usize = 20;

/// `src/app/update/chain.rs` is `app::update::chain`.
fn module_path(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    inside.split('/').map(str::to_owned).collect()
}

/// What stands before the tests of a file, without comments.
fn product(text: &str) -> String {
    without_comments(text.split("#[cfg(test)]").next().unwrap_or_default())
}

/// Paths that begin with `crate::`, `super::` or `self::`, groups in braces taken apart.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(start) {
            let before = text[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                take_path(&text[at..], &mut Vec::new(), &mut found);
            }
        }
    }
    found
}

/// One path from the start of `text`, its segments after those of `outer`; returns its length.
fn take_path(text: &str, outer: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let (depth, mut at) = (outer.len(), 0);
    loop {
        let rest = &text[at..];
        if let Some(group) = rest.strip_prefix('{') {
            at += 1 + take_group(group, outer, found);
            break;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        outer.push(rest[..end].to_owned());
        at += end;
        match text[at..].strip_prefix("::") {
            Some(_) => at += 2,
            None => {
                found.push(outer.clone());
                break;
            }
        }
    }
    outer.truncate(depth);
    at
}

fn take_group(text: &str, outer: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '}' => return at + 1,
            c if c.is_alphanumeric() || c == '_' || c == '{' => {
                at += take_path(&text[at..], outer, found).max(1);
            }
            c => at += c.len_utf8(),
        }
    }
    at
}

/// The path from the root of the crate; `None` for one that leads out of it.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        _ => module.to_vec(),
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(base.pop()?),
            name => base.push(name.to_owned()),
        }
    }
    Some(base)
}

/// Names of modules that a `use` brings in are paths too: `use super::chain;` and `chain::go_on()`
/// are the same arrow, which the `use` has already drawn.
fn arrows(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<Vec<String>, &str> =
        sources.iter().map(|source| (module_path(&source.path), source.path.as_str())).collect();
    let mut arrows = BTreeMap::new();
    for source in sources {
        let module = module_path(&source.path);
        let to = paths(&product(&source.text))
            .iter()
            .filter_map(|path| absolute(&module, path))
            .filter_map(|path| {
                let ends = (1..=path.len()).rev();
                let mut prefixes = ends.filter_map(|end| files.get_key_value(&path[..end]));
                prefixes.next()
            })
            // A parent and its child know each other.
            .filter(|(other, _)| !other.starts_with(&module) && !module.starts_with(other))
            .map(|(_, path)| (*path).to_owned())
            .collect();
        arrows.insert(source.path.clone(), to);
    }
    arrows
}

fn reached<'a>(arrows: &'a BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> =
        arrows.get(from).into_iter().flatten().map(String::as_str).collect();
    while let Some(file) = waiting.pop() {
        if seen.insert(file) {
            waiting.extend(arrows.get(file).into_iter().flatten().map(String::as_str));
        }
    }
    seen
}

/// Files that reach each other, each circle once.
fn circles(arrows: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let all: BTreeMap<&str, BTreeSet<&str>> =
        arrows.keys().map(|file| (file.as_str(), reached(arrows, file))).collect();
    let mut found = BTreeSet::new();
    for (file, reached) in &all {
        let circle: BTreeSet<&str> = reached
            .iter()
            .filter(|other| all.get(**other).is_some_and(|back| back.contains(file)))
            .copied()
            .collect();
        if circle.len() > 1 {
            found.insert(circle.into_iter().collect::<Vec<_>>().join(" ↔ "));
        }
    }
    found.into_iter().collect()
}

#[test]
fn files_use_each_other_in_no_circle() {
    assert_none("files in a circle", &circles(&arrows(&sources(&["src"]))));
}

#[test]
fn a_circle_is_seen_through_groups_and_supers() {
    let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let sources = [
        file("src/app/a.rs", "use super::{b::{One, Two}, c};"),
        file("src/app/b.rs", "fn of() { crate::app::c::go() }"),
        file("src/app/c.rs", "use super::a::Three;"),
        file("src/app/d.rs", "use super::a::Three;\n#[cfg(test)]\nmod tests { use super::a; }"),
    ];
    let found = circles(&arrows(&sources));
    assert_eq!(found, ["src/app/a.rs ↔ src/app/b.rs ↔ src/app/c.rs"]);
}

/// An item that begins in the first column: its kind, its name and the lines inside.
fn items<'a>(text: &'a str, kind: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let bare = ["pub(crate) ", "pub(super) ", "pub "];
        let rest = bare.iter().fold(*line, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        let Some(rest) = rest.strip_prefix(kind).filter(|_| line.ends_with('{')) else { continue };
        let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let inside = lines.iter().skip(at + 1).take_while(|line| **line != "}").copied();
        found.push((name, inside.collect()));
    }
    found
}

/// Lines with one level of indentation that open a variant or a field.
fn members(inside: &[&str]) -> usize {
    let opens = |line: &&&str| {
        let rest = line.strip_prefix("    ").unwrap_or_default();
        rest.starts_with(|c: char| c.is_alphabetic() || c == '_')
    };
    inside.iter().filter(opens).count()
}

#[test]
fn enums_and_structs_stay_small() {
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let text = product(&source.text);
        for (kind, limit) in [("enum ", VARIANT_LIMIT), ("struct ", FIELD_LIMIT)] {
            for (name, inside) in items(&text, kind) {
                let count = members(&inside);
                if count > limit {
                    wrong.push(format!("{}: {kind}{name} has {count} of {limit}", source.path));
                }
            }
        }
    }
    assert_none("too many variants or fields", &wrong);
}

fn own_enums() -> BTreeSet<String> {
    let sources = sources(&["src"]);
    let names = sources.iter().flat_map(|source| {
        items(&source.text, "enum ").into_iter().map(|(name, _)| name.to_owned())
    });
    names.collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The first name of a path in a pattern, as `State` in `Some(State::Queued(_))`.
fn enums_named<'a>(pattern: &'a str, own: &'a BTreeSet<String>) -> Option<&'a str> {
    pattern
        .match_indices("::")
        .filter_map(|(at, _)| pattern[..at].rsplit(|c: char| !c.is_alphanumeric()).next())
        .find(|name| own.contains(*name))
}

/// An arm `_ =>` whose match has an arm that names one of our enums.
fn swallowed(text: &str, own: &BTreeSet<String>) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        line.starts_with("_ =>") || line.starts_with("_ if ")
    }) {
        let depth = indent(line);
        let above = lines
            .iter()
            .take(at)
            .rev()
            .take_while(|line| line.trim().is_empty() || indent(line) >= depth);
        let arms = above.filter(|line| indent(line) == depth);
        let patterns = arms.map(|arm| arm.split("=>").next().unwrap_or_default());
        if let Some(name) = patterns.filter_map(|arm| enums_named(arm, own)).next() {
            found.push((at + 1, name.to_owned()));
        }
    }
    found
}

#[test]
fn no_arm_swallows_the_variants_of_an_enum_of_our_own() {
    let own = own_enums();
    let mut wrong = Vec::new();
    for module in ["app", "ui", "runtime"] {
        for source in sources(&[&format!("src/{module}.rs"), &format!("src/{module}")]) {
            let text = source.text.split("#[cfg(test)]").next().unwrap_or_default();
            for (line, name) in swallowed(text, &own) {
                wrong.push(format!("{}:{line}: `_ =>` beside `{name}::…`", source.path));
            }
        }
    }
    assert_none("name the variants, so that a new one is decided about here", &wrong);
}

#[test]
fn a_swallowed_variant_is_seen() {
    let own = BTreeSet::from(["State".to_owned()]);
    let bad = "match s {\n    Some(State::Done) => 1,\n    _ => 2,\n}\n";
    let good = "match s {\n    Some(Other::Done) => State::Done,\n    _ => State::Saved,\n}\n";
    assert_eq!(swallowed(bad, &own), [(3, "State".to_owned())]);
    assert_eq!(swallowed(good, &own), []);
}
