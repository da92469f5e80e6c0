//! Where things stand: facts in one place for all pictures, the tree down to the last row, and where the
//! next edit starts told wherever its row is out of sight.

use editree::tree::NodeId;
use editree::ui::theme::Role;

use crate::look::{coloured, seasons, theme};
use crate::support::driver::Driver;

const PHOTO: (u32, u32) = (1248, 832);

fn as_photos(driver: &mut Driver) {
    driver.change_nodes(|_, node| {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    });
    driver.press("<A-1>");
}

/// More than any screen has rows.
fn many(driver: &mut Driver) {
    for more in ["{1..20}", "{21..40}"] {
        driver.press(&format!("<Esc>:n3<Enter>ei<C-u>Make it {more}<Enter>y"));
        driver.answer_all();
    }
}

/// The first row and column of these words.
fn place(driver: &Driver, words: &str) -> (usize, usize) {
    let screen = driver.screen();
    let found = screen.lines().enumerate().find_map(|(row, line)| {
        let (before, _) = line.split_once(words)?;
        Some((row, before.chars().count()))
    });
    found.unwrap_or_else(|| panic!("{words}\n{screen}"))
}

#[test]
fn facts_of_the_whole_tree_stand_right_below_the_words_of_any_picture() {
    for (columns, rows) in [(60, 20), (70, 30)] {
        let mut driver = seasons(columns, rows);
        driver.press("<Esc>T");
        for (node, words) in [(1, "n1 cat.png"), (2, "n2 Make the cup red"), (6, "n6 Make it a ")] {
            driver.press(&format!("<Esc><Esc>:n{node}<Enter>T"));
            let screen = driver.screen();
            let rule = screen.lines().position(|line| line.starts_with("────────")).unwrap();
            let below: Vec<&str> = screen.lines().skip(rule + 1).take(2).collect();
            assert!(below[0].starts_with(&format!(" {words}")), "{screen}");
            let fact = if node == 1 { "1248×832" } else { "1248×832 · sim $" };
            assert!(below[1].contains(fact), "{screen}");
        }
    }
}

#[test]
fn the_whole_tree_goes_down_to_the_last_row_where_facts_have_room_below_the_picture() {
    for (columns, rows) in [(120, 40), (200, 50)] {
        let mut driver = seasons(columns, rows);
        as_photos(&mut driver);
        many(&mut driver);
        as_photos(&mut driver);
        driver.press("<Esc>T");
        let screen = driver.screen();
        // The tree is as high as the screen lets it be.
        let last = screen.lines().nth(usize::from(rows) - 3).unwrap();
        assert!(last.chars().take(40).any(|sign| "●▶".contains(sign)), "{screen}");
        let mut facts = Vec::new();
        for node in [1, 2, 6, 20] {
            driver.press(&format!("<Esc><Esc>:n{node}<Enter>T"));
            facts.push(place(&driver, &format!(" n{node} · ")));
            // All of them stand right of the tree, below the picture.
            let frame = driver.frame();
            let large =
                frame.placements.iter().map(|it| it.area).max_by_key(|it| it.area()).unwrap();
            let (row, column) = facts[facts.len() - 1];
            assert!(row >= usize::from(large.bottom()), "{}", driver.screen());
            assert!(column >= usize::from(large.x), "{}", driver.screen());
        }
        assert!(facts.windows(2).all(|two| two[0] == two[1]), "{facts:?}\n{}", driver.screen());
    }
}

/// What is free at the right of the words tells how each was made.
#[test]
fn rows_of_the_whole_tree_have_their_facts_in_columns_where_words_keep_more() {
    for (columns, rows, is_told) in [(80, 24, false), (120, 40, true), (200, 50, true)] {
        let mut driver = seasons(columns, rows);
        many(&mut driver);
        as_photos(&mut driver);
        let whole = driver.screen();
        driver.press("<Esc>:n3<Enter>T");
        let screen = driver.screen();
        let row = |node: &str| {
            let is_it = |line: &&str| line.contains(&format!("─● {node} "));
            screen.lines().find(is_it).unwrap_or_else(|| panic!("{node}\n{screen}"))
        };
        let ends: Vec<_> = ["n6", "n7", "n9"].map(|node| row(node).find("  sim $0.04  ")).into();
        assert_eq!(ends[0].is_some(), is_told, "{columns}\n{screen}");
        assert!(ends.iter().all(|end| *end == ends[0]), "{screen}");
        // Beside the other panes they are told of one.
        assert!(!whole.contains("  sim $0.04  01"), "{whole}");
        let is_full = screen.contains("endpoint") && screen.contains("took");
        assert_eq!(is_full, (columns, rows) == (120, 40), "below the picture\n{screen}");
    }
}

#[test]
fn columns_of_the_whole_tree_stay_while_one_goes_through_rows_of_any_kind() {
    for (columns, rows, tree) in [(120, 40, 72), (140, 45, 84)] {
        let mut driver = seasons(columns, rows);
        many(&mut driver);
        as_photos(&mut driver);
        let day = 86_400_000;
        driver.change_nodes(|at, node| {
            let Some(recipe) = node.recipe.as_mut() else { return };
            if at % 4 == 1 {
                recipe.endpoint = "someone-else/an-imported-model-of-theirs".into();
            }
            if at < 20 || at % 3 == 0 {
                node.at.0 -= 2 * day;
            }
        });
        let gone = |id: &NodeId| id.0 > 3 && (id.0 % 5 == 2 || id.0 > 50);
        let ids: Vec<NodeId> = driver.model().nodes.keys().copied().filter(gone).collect();
        ids.iter().for_each(|id| drop(driver.workbench.model.nodes.remove(id)));
        driver.press("<Esc>:n1<Enter>T");
        let mut places = None;
        let (mut kinds, mut looked) = ([0; 3], 0);
        for _ in 0..64 {
            driver.press("j");
            let screen = driver.screen();
            for line in screen.lines() {
                let line: String = line.chars().take(tree).collect();
                let Some((_, row)) = line.split_once("─● n") else { continue };
                let id = row.split_whitespace().next().and_then(|id| id.parse().ok());
                let Some(node) = id.and_then(|id| driver.model().nodes.get(&NodeId(id))) else {
                    kinds[0] += 1;
                    assert!(!line.contains("sim $"), "{screen}");
                    continue;
                };
                let (before, _) = line.split_once("sim $").unwrap_or_else(|| panic!("{screen}"));
                let price = before.chars().count();
                let (words, model) = before.trim_end().rsplit_once("  ").unwrap();
                let place = (words.chars().count() + 2, price);
                assert_eq!(*places.get_or_insert(place), place, "{screen}");
                assert!(price * 2 > tree, "{screen}");
                let is_said_again = words.split_whitespace().any(|word| word == model);
                assert!(!is_said_again, "{model}: {line}");
                let is_old = driver.model().now.since(node.at) >= day;
                let time: String = line.chars().skip(price + "sim $0.04".len()).collect();
                assert_eq!(time.contains(':'), !is_old, "{screen}");
                kinds[1 + usize::from(is_old)] += 1;
                looked += usize::from(model.ends_with('…'));
            }
        }
        assert!(kinds.iter().all(|count| *count > 20) && looked > 0, "{kinds:?}");
    }
}

#[test]
fn the_whole_tree_has_as_many_rows_beside_a_picture_of_any_shape() {
    for (columns, rows) in [(80, 24), (100, 30), (120, 40), (200, 50)] {
        let mut driver = seasons(columns, rows);
        many(&mut driver);
        let mut all = Vec::new();
        for size in [PHOTO, (1024, 1024), (832, 1248), (1392, 752)] {
            driver.change_nodes(|_, node| {
                node.pictures.iter_mut().for_each(|it| (it.width, it.height) = size);
            });
            driver.press("<Esc><Esc>:n3<Enter>T");
            let screen = driver.screen();
            let in_tree = |line: &&str| line.chars().take(20).any(|sign| "├└◆".contains(sign));
            all.push(screen.lines().filter(in_tree).count());
            assert!(screen.contains("pro · seed 7"), "{screen}");
        }
        assert!(all.iter().all(|count| *count == all[0]), "{all:?} {columns}");
    }
}

#[test]
fn the_title_of_the_tree_names_where_the_next_edit_starts_while_that_is_out_of_sight() {
    for (columns, rows, told) in
        [(80, 24, "58/59 · edits n3 ↑"), (120, 40, "tree · 58 of 59 · edits n3 ↑")]
    {
        let mut driver = coloured(seasons(columns, rows));
        many(&mut driver);
        driver.press("<Esc>:n3<Enter>e");
        as_photos(&mut driver);
        assert!(!driver.screen().contains("edits n3 "), "its row is seen\n{}", driver.screen());
        driver.press("<Esc>:n58<Enter>");
        assert!(driver.screen().contains(&format!("[3] {told}")), "{}", driver.screen());
        driver.press("<Esc>:n59<Enter>e<Esc>:n1<Enter>");
        assert!(driver.screen().contains("edits n59 ↓"), "{}", driver.screen());
        // In the colour that it has in the prompt; the place has the title's.
        let (y, x) = place(&driver, "edits n59 ↓");
        let (cells, parent) = (driver.frame().cells, theme(&driver).role(Role::Parent).fg);
        let fg = |x: usize| Some(cells[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].fg);
        assert_eq!([x, x + 10].map(fg), [parent; 2], "{}", driver.screen());
        assert_ne!(fg(x - 4), parent, "{}", driver.screen());
    }
}

#[test]
fn the_badge_is_filled_only_where_something_can_be_done_about_it() {
    let mut driver = coloured(seasons(120, 40));
    driver.press("<Esc>:n2<Enter>e<Esc>:n3<Enter>");
    let filled = |driver: &Driver| {
        let (cells, banner) = (driver.frame().cells, theme(driver).in_field().banner());
        let (row, _) = place(driver, "[1] ");
        let line = driver.screen().lines().nth(row).unwrap().to_owned();
        let column = line.split_once("from n2").unwrap().0.chars().count();
        let cell = &cells[(u16::try_from(column).unwrap(), u16::try_from(row).unwrap())];
        (Some(cell.fg), cell.modifier) == (banner.fg, banner.add_modifier)
    };
    // Nothing is sent from there before the keys are, or words stand in it.
    assert!(!filled(&driver), "{}", driver.screen());
    driver.press("i");
    assert!(filled(&driver), "{}", driver.screen());
    driver.press("Make it blue<Esc>");
    assert!(filled(&driver), "{}", driver.screen());
    for keys in [":try-heal<Enter>", ":crop<Enter>"] {
        driver.press(keys);
        assert!(!filled(&driver), "{keys}\n{}", driver.screen());
        driver.press("<Esc>");
    }
    assert!(filled(&driver), "{}", driver.screen());
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(2)));
}
