//! What is written is true to the program: README, the pages below `docs/`, the example of a config.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use editree::app::exit_code;
use editree::config::arguments::Arguments;
use editree::config::environment;
use editree::config::file::File;
use editree::simulator::fault;
use editree::ui::keys::{Keymap, markdown};
use editree::ui::registry;
use editree::ui::theme::{Role, named};

const EXAMPLE: &str = include_str!("../../docs/config.toml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README, changes, and every page.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let own =
        ["README.md", "CHANGELOG.md", "docs/skills/editree/SKILL.md"].map(|name| root().join(name));
    let pages = docs.filter(|path| path.extension().is_some_and(|end| end == "md")).chain(own);
    pages.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// What the program says of itself, by the name of its block.
fn written(name: &str) -> Option<String> {
    Some(match name {
        "keys" => markdown(),
        "commands" => commands(),
        "exit codes" => table(
            ["code", "meaning"],
            exit_code::ROWS.map(|(code, meaning)| [code.to_string(), meaning.into()]),
        ),
        "environment" => variables(),
        "themes" => themes(),
        "faults" => format!("```text\n{}```\n", fault::help()),
        "map" => map(),
        _ => return None,
    })
}

fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(N));
    for row in rows {
        out.push_str(&format!("| {} |\n", row.map(|cell| cell.replace('|', "\\|")).join(" | ")));
    }
    out
}

fn commands() -> String {
    let command = Arguments::command();
    let about =
        |command: &clap::Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let row =
        |command: &clap::Command| [format!("`editree {}`", command.get_name()), about(command)];
    table(["command", "does"], command.get_subcommands().map(row))
}

fn variables() -> String {
    let command = Arguments::command();
    let own = command.get_arguments().filter_map(|argument| {
        let name = argument.get_env()?.to_string_lossy().into_owned();
        Some([format!("`{name}`"), format!("as `--{}`", argument.get_long()?)])
    });
    let others = environment::VARIABLES.map(|(names, use_of)| {
        let names: Vec<String> = names.split(", ").map(|name| format!("`{name}`")).collect();
        [names.join(" "), use_of.to_owned()]
    });
    table(["variable", "is"], own.chain(others))
}

fn themes() -> String {
    let of = |names: Vec<String>| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
    };
    let names = named::names()
        .into_iter()
        .filter(|name| !name.ends_with("-dark") && !name.ends_with("-light"));
    let roles = Role::ALL.map(|role| role.name().to_owned()).to_vec();
    table(
        ["in `[theme]`", "names"],
        [
            ["`colours`".into(), of(names.chain(["mono".to_owned()]).collect())],
            ["`roles`".into(), of(roles)],
        ],
    )
}

/// The map of `src/lib.rs` with its glossary.
fn map() -> String {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let lines = lib.lines().take_while(|line| line.starts_with("//!"));
    let lines =
        lines.map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or_default());
    let text: Vec<&str> = lines.skip(1).collect();
    let glossary = std::fs::read_to_string(root().join("src/glossary.md")).unwrap();
    let deeper = |text: &str| text.replace("\n# ", "\n## ").replace("[`", "`").replace("`]", "`");
    format!("{}\n\n{}", deeper(&text.join("\n")).trim(), deeper(&format!("\n{glossary}")).trim())
        + "\n"
}

#[test]
fn what_the_program_can_say_is_written_by_it() {
    let mut blocks = 0;
    for (path, text) in pages() {
        let mut fresh = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(": written from the program -->\n") {
            let name = before.rsplit("<!-- ").next().unwrap();
            let own = written(name).unwrap_or_else(|| panic!("nobody writes `{name}`"));
            fresh.push_str(&format!("{before}: written from the program -->\n{own}"));
            rest = &after[after.find("<!-- end -->").expect("an end")..];
            blocks += 1;
        }
        fresh.push_str(rest);
        if std::env::var_os("UPDATE").is_some() && fresh != text {
            std::fs::write(&path, &fresh).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept == fresh, "{} is stale: UPDATE=1 cargo test --test it docs", path.display());
    }
    assert_eq!(blocks, 7);
}

#[test]
fn the_readme_is_short_and_every_link_leads_somewhere() {
    for (path, text) in pages() {
        let lines = text.lines().count();
        assert!(!path.ends_with("README.md") || lines <= 200, "README.md has {lines} lines");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let target = link.0.split('#').next().unwrap();
            let is_ours = !target.is_empty() && !target.starts_with("http");
            let there = path.parent().unwrap().join(target).exists();
            assert!(!is_ours || there, "{}: `{target}`", path.display());
        }
    }
}

/// What stands in backquotes or in a block of code.
fn code_of(text: &str) -> impl Iterator<Item = &str> {
    let blocks = text.split("```").skip(1).step_by(2);
    let prose = text.split("```").step_by(2);
    blocks.chain(prose.flat_map(|part| part.split('`').skip(1).step_by(2)))
}

#[test]
fn every_command_and_option_that_is_named_is_there() {
    fn collect(command: &clap::Command, options: &mut BTreeSet<String>) {
        options.extend(
            command.get_arguments().filter_map(|one| Some(format!("--{}", one.get_long()?))),
        );
        for one in command.get_subcommands() {
            collect(one, options);
        }
    }
    let mut command = Arguments::command();
    command.build();
    let mut options = BTreeSet::new();
    collect(&command, &mut options);
    // Of other programs that are named.
    let others = [
        "--bench",
        "--test",
        "--lib",
        "--release",
        "--nocapture",
        "--drifted",
        "--others",
        "--walks",
        "--path",
        "--git",
        "--locked",
        "--target",
        "--version",
        "--help",
        "--tests",
        "--features",
        "--no-default-features",
        "--check",
    ];
    options.extend(others.map(str::to_owned));
    for (path, text) in pages() {
        for code in code_of(&text) {
            for word in code.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
                let is_option = word.starts_with("--") && word.len() > 3;
                assert!(!is_option || options.contains(word), "{}: `{word}`", path.display());
            }
            for line in code.lines() {
                let Some((_, rest)) = line
                    .trim_start_matches("$ ")
                    .split_once("editree ")
                    .filter(|(lead, _)| lead.is_empty())
                else {
                    continue;
                };
                let word = rest.split_whitespace().next().unwrap_or_default();
                let names = word.chars().all(|c| c.is_ascii_lowercase()) && word != "photo";
                let known = command.get_subcommands().any(|one| one.get_name() == word);
                assert!(!names || known, "{}: `editree {word}`", path.display());
            }
        }
    }
}

/// The example with everything in it that it only shows.
fn whole_example() -> String {
    let shown = |line: &str| {
        let rest = line.strip_prefix("# ")?;
        let is_set = rest.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        (is_set || rest.starts_with('[')).then(|| rest.to_owned())
    };
    let lines = EXAMPLE.lines().map(|line| shown(line).unwrap_or_else(|| line.to_owned()));
    let mut seen = BTreeSet::new();
    // Set to its default first and shown with a value behind it: the first is enough.
    let lines = lines.filter(|line| !line.starts_with("command = ") || seen.insert("command"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_of_a_config_can_be_used_and_says_what_holds_without_it() {
    let path = Path::new("config.toml");
    assert_eq!(File::parse(EXAMPLE, path).unwrap(), File::default());
    let whole = File::parse(&whole_example(), path).unwrap();
    assert_eq!(whole.profiles["work"].limit, Some(4));
    assert!(whole.budget.day.is_some() && !whole.keys.is_empty() && !whole.snippets.is_empty());
}

#[test]
fn the_example_names_everything_that_can_be_set() {
    for section in [
        "",
        "[budget]",
        "[confirm]",
        "[translate]",
        "[theme]",
        "[notify]",
        "[log]",
        "[profiles.x]",
        "[profiles.x.options]",
    ] {
        let refused = File::parse(&format!("{section}\nzzz = 1\n"), Path::new("x")).unwrap_err();
        let names =
            refused.message.split_once("expected").expect("names").1.split('`').skip(1).step_by(2);
        let mut count = 0;
        for name in names {
            let is_named = EXAMPLE.contains(&format!("{name} = "))
                || EXAMPLE.contains(&format!("[{name}"))
                || EXAMPLE.contains(&format!(".{name}]"));
            assert!(is_named, "`{name}` of {section}");
            count += 1;
        }
        assert!(count > 0, "{section}: {}", refused.message);
    }
}

#[test]
fn every_command_has_a_sentence_and_no_key_means_two_things_in_one_place() {
    let mut seen = BTreeSet::new();
    for row in registry::rows() {
        let place = row.context;
        assert!(!row.doc.is_empty() && !row.name.is_empty());
        for chord in row.keys {
            assert!(seen.insert(format!("{place:?} {chord}")), "{chord} twice in {place:?}");
            let letter = chord.strip_prefix("alt-").filter(|letter| letter.len() == 1);
            assert!(
                !letter.is_some_and(|letter| "OPX[]^_\\".contains(letter)),
                "{chord} begins escapes"
            );
        }
    }
}

#[test]
fn a_chord_that_is_taken_is_refused_with_the_reason() {
    let with = |chord: &str, name: &str| Keymap::with(&[(chord.into(), name.into())]).map(drop);
    assert_eq!(with("alt-w", "compare"), Ok(()));
    assert!(with("x", "nonsense").unwrap_err().to_string().contains("no command `nonsense`"));
    assert!(with("r", "star").unwrap_err().to_string().contains("already means `reroll`"));
}

#[test]
fn what_a_footer_names_are_commands() {
    let driver = crate::support::driver::Driver::new(120, 40);
    for pane in editree::ui::panes::ALL {
        for (name, _) in (pane.footer)(&driver.workbench.ui, driver.model()) {
            assert!(registry::named(name).is_some(), "`{name}` of {}", pane.id.name());
        }
    }
}

#[test]
fn every_config_that_is_shown_can_be_used() {
    let mut count = 0;
    for (path, text) in pages() {
        for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            let read = File::parse(block, Path::new("config.toml"));
            assert!(read.is_ok(), "{}: {}\n{block}", path.display(), read.unwrap_err());
            count += 1;
        }
    }
    assert!(count > 1, "{count}");
}
