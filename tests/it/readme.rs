//! The README is true to the program.

use editree::ui::keys::{Keymap, markdown};
use editree::ui::registry;

const BEGINS: &str = "<!-- keys: written from the table in the program -->\n";
const ENDS: &str = "<!-- end of keys -->";

#[test]
fn the_key_table_is_the_programs_own() {
    let path = format!("{}/README.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(BEGINS).expect("where the keys begin");
    let (_, tail) = rest.split_once(ENDS).expect("where the keys end");
    let fresh = format!("{head}{BEGINS}{}{ENDS}{tail}", markdown());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == fresh, "the README's keys are stale: UPDATE=1 cargo test");
}

#[test]
fn every_command_has_a_sentence_and_no_key_means_two_things_in_one_place() {
    let mut seen = std::collections::BTreeSet::new();
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
