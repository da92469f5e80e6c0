//! The contact sheet: a grid to choose among, by keys alone.

use editree::app::effect::{Effect, StoreEffect};
use editree::tree::NodeId;
use editree::tree::decision::{Change, Entry};

use crate::support::driver::Driver;

/// Four takes of one edit: n2 to n5, all from n1.
fn takes(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>3ry");
    driver.answer_all();
    driver.press("<End>e<Esc>");
    driver
}

fn current(driver: &Driver) -> u32 {
    driver.model().current.map_or(0, |current| current.node.0)
}

fn shown(driver: &Driver) -> Vec<u8> {
    driver.frame().placements.iter().map(|place| place.picture.0[3]).collect()
}

fn decisions(driver: &mut Driver) -> Vec<Change> {
    let change = |effect: Effect| match effect {
        Effect::Store(StoreEffect::AppendDecision(Entry::Did(change))) => Some(change),
        _ => None,
    };
    driver.take().into_iter().filter_map(change).collect()
}

#[test]
fn it_shows_what_came_of_one_picture_and_then_everything() {
    let mut driver = takes(120, 40);
    driver.press("S");
    let screen = driver.screen();
    assert!(screen.contains("contact sheet · from n1 · "), "{screen}");
    assert!(screen.contains("n2 take 1 seed 7") && screen.contains("n5"), "{screen}");
    assert_eq!(shown(&driver), [2, 3, 4, 5]);
    driver.press("S");
    assert!(driver.screen().contains("contact sheet · all · "), "{}", driver.screen());
    assert_eq!(shown(&driver), [5, 4, 3, 2, 1], "newest first");
    driver.press("<Esc>");
    assert!(driver.screen().contains("from n5 as 1024×1024 png 1 kB →"), "{}", driver.screen());
}

/// The message is read for longer than it stays once a key is pressed, and its key keeps its word.
#[test]
fn new_takes_beside_the_picture_are_shown_whenever_one_asks_and_offered_until_then() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        driver.press("<Esc>2ry");
        driver.answer_all();
        driver.press("S<Esc><Left><Right>4ry");
        driver.answer_all();
        assert_eq!(current(&driver), 2, "what was shown stays");
        let screen = driver.screen();
        assert!(screen.contains("S: see all side by side"), "{screen}");
        driver.tick(20_000);
        driver.press("zz");
        let screen = driver.screen();
        assert!(!screen.contains("side by side"), "{screen}");
        // Where the row of keys has room for it.
        assert!(columns < 120 || screen.contains("S the 4 new"), "{screen}");
        driver.press("S");
        let screen = driver.screen();
        assert!(screen.contains("last sending · 1 of 4"), "{screen}");
        assert_eq!(current(&driver), 5, "{screen}");
        driver.press("<Esc>");
        assert_eq!(current(&driver), 2);
        driver.tick(20_000);
        let screen = driver.screen();
        assert!(!screen.contains("4 new"), "{screen}");
        assert!(columns < 120 || screen.contains("S sheet"), "{screen}");
    }
}

#[test]
fn its_labels_say_what_a_changed_picture_says_now() {
    let mut driver = takes(120, 40);
    driver.press("S");
    assert!(driver.screen().contains("n3 take 2"), "{}", driver.screen());
    driver.change_nodes(|_, node| {
        let is_third = node.id == NodeId(3);
        node.recipe.iter_mut().filter(|_| is_third).for_each(|it| it.prompt = "Make it old".into());
    });
    driver.press("l");
    let screen = driver.screen();
    assert!(screen.contains("n3 old "), "{screen}");
    assert!(screen.contains("n4 red take 2"), "{screen}");
}

#[test]
fn takes_are_told_apart_beside_pictures_of_other_words() {
    let mut driver = takes(120, 40);
    driver.press("<Esc><Home>iMake it blue<Enter>");
    driver.answer_all();
    driver.press("<Esc>S");
    let screen = driver.screen();
    for told in ["n2 Make it red take 1", "n5 Make it red take 4", "n6 Make it blue "] {
        assert!(screen.contains(told), "{told}\n{screen}");
    }
}

#[test]
fn the_selected_one_is_the_picture_that_all_keys_act_on() {
    let mut driver = takes(120, 40);
    driver.press("Shh");
    assert_eq!(current(&driver), 3);
    driver.press("e");
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(3)));
    driver.press("<Enter>");
    assert_eq!(current(&driver), 3, "back on the canvas with it");
    assert!(driver.screen().contains("[6] n3"), "{}", driver.screen());
}

#[test]
fn pick_reject_and_rate_go_on_to_the_next_and_can_be_undone() {
    let mut driver = takes(120, 40);
    driver.press("Shhh");
    driver.take();
    driver.press("p");
    assert_eq!((current(&driver), decisions(&mut driver)), (3, vec![star(2)]));
    driver.press("4");
    let rated = Change::Rate { node: NodeId(3), from: 0, to: 4 };
    assert_eq!((current(&driver), decisions(&mut driver)), (4, vec![rated]));
    driver.press("x");
    let thrown = Change::Trash { node: NodeId(4), on: true };
    assert_eq!((current(&driver), decisions(&mut driver)), (5, vec![thrown]));
    assert_eq!(shown(&driver), [2, 3, 5]);
    driver.press("zz");
    assert_eq!(shown(&driver), [2, 3, 4, 5]);
    assert_eq!(driver.model().nodes[&NodeId(3)].rating, 0);
}

/// The selection has gone on: without a word it would look as if nothing had happened.
#[test]
fn what_a_key_did_is_told_with_the_way_back() {
    let mut driver = takes(120, 40);
    driver.press("Shhh");
    for (key, said) in [
        ("p", "n2 has a star · z: undo it"),
        ("4", "n3 is rated 4 of 5 · z: undo it"),
        ("x", "n4 in the trash · z: bring it back"),
        ("hhp", "n2 has a star already"),
        ("hhvvp", "2 pictures have a star · z: undo it"),
        ("hhvv2", "2 pictures are rated 2 of 5 · z: undo one"),
        ("hhhbp", "the picture has a star"),
    ] {
        driver.press(key);
        assert!(driver.screen().contains(said), "{key}: {said}\n{}", driver.screen());
    }
}

#[test]
fn the_question_and_the_message_say_the_same_of_the_way_back() {
    let mut driver = takes(120, 40);
    driver.press("Shhhphvvx");
    let screen = driver.screen();
    assert!(screen.contains("trash 2 marked pictures?"), "{screen}");
    assert!(screen.contains("z brings one back"), "{screen}");
    driver.press("y");
    let screen = driver.screen();
    let told = "2 pictures are in the trash · z: bring one back";
    assert!(screen.contains(told), "{screen}");
    let trashed = |driver: &Driver| driver.model().tree.summaries().filter(|it| it.trashed).count();
    assert_eq!(trashed(&driver), 2);
    for left in [1, 0] {
        driver.press("z");
        assert_eq!(trashed(&driver), left);
    }
}

fn star(node: u32) -> Change {
    Change::Star { node: NodeId(node), on: true }
}

#[test]
fn marked_ones_are_acted_on_together() {
    let mut driver = takes(120, 40);
    driver.press("Shhhvv");
    driver.take();
    driver.press("p");
    assert_eq!(decisions(&mut driver), [star(2), star(3)]);
}

#[test]
fn another_search_of_as_many_shows_what_it_found() {
    let mut driver = takes(120, 40);
    let found = |driver: &mut Driver, nodes: [u32; 2]| {
        driver.workbench.model.finder.found.text = "red".into();
        driver.workbench.model.finder.found.nodes = nodes.map(NodeId).into();
    };
    found(&mut driver, [2, 5]);
    driver.press("<Esc>S");
    for _ in 0..4 {
        if !driver.screen().contains("contact sheet · /") {
            driver.press("S");
        }
    }
    assert!(driver.screen().contains("contact sheet · /"), "{}", driver.screen());
    assert_eq!(shown(&driver), [2, 5]);
    found(&mut driver, [3, 5]);
    driver.press("<Right>");
    assert_eq!(shown(&driver), [3, 5], "{}", driver.screen());
}

#[test]
fn blind_shows_neither_words_nor_order() {
    let mut driver = takes(120, 40);
    driver.press("Sb");
    let screen = driver.screen();
    assert!(screen.contains("blind") && !screen.contains("seed"), "{screen}");
    assert_eq!(shown(&driver).len(), 4);
    let header = screen.lines().next().unwrap_or_default();
    assert!(
        header.trim_end().ends_with("from n1 · 4 of 4 · blind"),
        "only what they were made from: {header}"
    );
    driver.press("3*");
    driver.answer_all();
    let judged = driver.screen();
    assert!(judged.contains("3/5") && !judged.contains("Make it red take"), "{judged}");
    driver.press("b");
    assert!(driver.screen().contains("seed 7"), "{}", driver.screen());
}

#[test]
fn any_size_of_grid_keeps_the_selected_one_in_sight() {
    for (columns, rows) in [(40, 12), (80, 24), (200, 60)] {
        let mut driver = takes(columns, rows);
        for keys in ["S", "====", "--------", "h", "j", "k"] {
            driver.press(keys);
            let screen = driver.screen();
            let current = format!("n{}", current(&driver));
            assert!(screen.contains(&current), "{columns}x{rows} {keys}:\n{screen}");
        }
    }
}

#[test]
fn what_is_still_being_made_has_its_place_already() {
    let mut driver = takes(120, 40);
    driver.press("S");
    driver.press("r");
    while let Some(at) = driver
        .effects
        .iter()
        .position(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. })))
    {
        let save = driver.effects.remove(at);
        let Some(saved) = driver.answer(save) else { panic!("a save is answered") };
        driver.finish(saved);
    }
    assert!(driver.screen().contains("◐ running"), "{}", driver.screen());
    assert_eq!(current(&driver), 5, "the selected one stays so");
    driver.answer_all();
    assert_eq!(shown(&driver).len(), 5, "{}", driver.screen());
    assert_eq!(current(&driver), 5, "also when the others have come");
}

#[test]
fn a_key_that_goes_to_another_picture_leads_back_to_the_canvas() {
    for (keys, node) in [("<A-h>", 1), ("<Home>", 1), ("<End>", 5)] {
        let mut driver = takes(120, 40);
        driver.press("Shh");
        assert_eq!(current(&driver), 3);
        driver.press(keys);
        assert_eq!(current(&driver), node, "{keys}");
        let screen = driver.screen();
        assert!(screen.contains(&format!("[6] n{node}")), "{keys}: {screen}");
    }
}

/// However small the cells are, what tells two takes apart is whole, and no word is an initial.
#[test]
fn captions_are_words_and_tell_takes_apart() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        for words in ["Make it a {summer|winter} morning", "Make the sky {1..6} times brighter"] {
            driver.press(&format!("<Esc><Home>ei<C-u>{words}<Enter>y"));
            driver.answer_all();
            driver.press("<Esc>S<Enter>3ry");
            driver.answer_all();
        }
        driver.press("<Esc>S");
        while !driver.screen().contains("sheet · all · ") {
            driver.press("S");
        }
        let screen = driver.screen();
        // Below the header and the title, above the footer.
        let cells: Vec<&str> = screen.lines().skip(2).take(usize::from(rows) - 4).collect();
        let words: Vec<&str> = cells.iter().flat_map(|line| line.split_whitespace()).collect();
        let is_initial = |word: &&&str| word.len() == 1 && word.chars().all(char::is_alphabetic);
        let initials: Vec<_> = words.iter().filter(is_initial).collect();
        assert!(initials.iter().all(|word| **word == "a"), "{initials:?}\n{screen}");
    }
}

/// The presses that trash the picture the prompt edits and bring it back, from every view.
#[test]
fn undo_gives_the_prompt_back_what_was_trashed_from_any_view() {
    let parent = |driver: &Driver| driver.model().draft.parent.map(|parent| parent.node.0);
    for words in ["", "Add a hat"] {
        for (trash, undo) in [
            ("Sx", "z"),
            ("Sx", "<Esc>z"),
            ("Sx", "hz"),
            ("Sx", "llz<Esc>"),
            ("Shx", "z"),
            ("d", "z"),
            ("d", "hz"),
            ("gtd", "z"),
            ("gtd", "jjz"),
            ("Td", "z"),
            ("Td", "kkz<Esc>"),
            ("cd", "z"),
            ("d", "d2z"),
        ] {
            let mut driver = takes(120, 40);
            driver.press(&format!("i{words}<Esc>"));
            driver.press(trash);
            driver.press(undo);
            assert_eq!(parent(&driver), Some(5), "`{words}` {trash} {undo}: {}", driver.screen());
            assert!(driver.model().tree.summaries().all(|it| !it.trashed), "{trash} {undo}");
        }
    }
    // Words that were begun since keep the start they had at their first letter.
    let mut driver = takes(120, 40);
    driver.press("diAdd a hat<Esc>z");
    assert_eq!(parent(&driver), Some(4));
}

#[test]
fn where_the_prompt_does_not_tell_the_sums_both_stand_in_the_last_rows_at_every_size() {
    for (columns, rows) in [(60, 20), (72, 24), (80, 24), (100, 30), (120, 40), (160, 50)] {
        for keys in ["S", "T"] {
            let mut driver = takes(columns, rows);
            driver.press(&format!("<Esc>{keys}"));
            driver.workbench.model.notice = None;
            let screen = driver.screen();
            let last: Vec<&str> = screen.lines().skip(usize::from(rows) - 2).collect();
            // A picture or a tree may need the row above the keys, and a narrow one has room for those.
            let is_told = |words: &str| last.iter().any(|line| line.contains(words));
            let has_room = last[0].trim().is_empty() || columns >= 80;
            assert!(is_told("day $0.") || !has_room, "{keys} {columns}×{rows}\n{screen}");
            assert!(is_told("next $0.04") || columns < 70, "{keys} {columns}×{rows}\n{screen}");
            let end = |line: &&str| line.trim_end().chars().count();
            let sums = last.iter().filter(|line| line.contains(" $0."));
            assert!(sums.map(end).all(|end| end + 1 == usize::from(columns)), "{screen}");
        }
    }
}
