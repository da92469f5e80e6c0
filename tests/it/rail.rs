//! The column of the tree: which of all stands in its title at every width, what a row says is never
//! the opposite of what was asked for, and what it shares with the row above is quiet.

use editree::app::message::{StoreResult, TaskResult};
use editree::tree::index::NodeSummary;
use editree::tree::{Node, NodeId};
use editree::ui::theme::Role;

use crate::look::{coloured, seasons, theme};
use crate::support::driver::Driver;

/// The title of the tree, behind its number; `None` where it has no row.
fn title(driver: &Driver) -> Option<String> {
    let screen = driver.screen();
    screen.lines().find_map(|line| Some(line.split_once("[3] ")?.1.to_owned()))
}

/// At every width, and some at other heights; it may lie behind a drawer.
#[track_caller]
fn at_every_width(driver: &mut Driver, place: usize, all: usize) {
    let forms = [format!("{place} of {all}"), format!("{place}/{all}")];
    let mut seen = 0;
    let others = (60..=250).step_by(13).flat_map(|columns| [(columns, 20), (columns, 40)]);
    for (columns, rows) in (60..=250).map(|columns| (columns, 24)).chain(others) {
        driver.resize(columns, rows);
        let Some(title) = title(driver) else { continue };
        seen += 1;
        let is_told = forms.iter().any(|form| {
            let rest = title.find(form).and_then(|at| title[at + form.len()..].chars().next());
            title.contains(form) && rest.is_none_or(|next| " ━┃".contains(next))
        });
        assert!(is_told, "{columns}×{rows} {forms:?}: {title}\n{}", driver.screen());
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn the_title_of_the_tree_says_which_of_all_at_every_width() {
    let mut driver = seasons(120, 40);
    for more in ["{1..20}", "{21..40}"] {
        driver.press(&format!("<Esc>:n3<Enter>ei<C-u>Make it {more}<Enter>y"));
        driver.answer_all();
    }
    driver.press("<Esc>:n3<Enter>e<Esc>:n59<Enter>");
    let all = driver.model().tree.len();
    assert_eq!(all, 59);
    at_every_width(&mut driver, 59, all);
    for keys in ["<A-4>", "<A-5>", "<A-2>", "<A-3>"] {
        driver.press(keys);
        at_every_width(&mut driver, 59, all);
    }
    // What came of it stands behind it.
    driver.press("<Esc>:n2<Enter><A-3>h");
    assert!(driver.screen().contains("▸"), "{}", driver.screen());
    at_every_width(&mut driver, 2, all);
}

#[test]
fn with_a_filter_the_title_says_which_of_those_that_were_found() {
    let mut driver = seasons(120, 40);
    driver.press("<Esc>:n3<Enter>e<Esc>/winter morning");
    driver.answer_all();
    let is_winter = |node: &&Node| node.caption().contains("winter");
    let nodes: Vec<Node> = driver.model().nodes.values().filter(is_winter).cloned().collect();
    assert_eq!(nodes.len(), 8);
    let found = StoreResult::Found { text: "winter morning".into(), nodes: Ok(nodes) };
    driver.finish(TaskResult::Store(found));
    driver.press("<Enter>jj");
    at_every_width(&mut driver, 3, 8);
    driver.resize(120, 40);
    driver.press("<A-3>h");
    let title = title(&driver).unwrap();
    assert!(title.contains("/winter morning · 8 found"), "on the way to what was found: {title}");
}

#[test]
fn beside_ten_thousand_others_the_title_says_which_it_is() {
    let mut driver = seasons(120, 40);
    let tree = &mut driver.workbench.model.tree;
    let last = tree.summaries().next_back().unwrap();
    for id in 1_000..11_000 {
        tree.insert(NodeSummary { id: NodeId(id), parent: Some(NodeId(3)), ..last });
    }
    driver.press("<Esc>:n3<Enter>e<Esc>:n10900<Enter>");
    let whole = Node { id: NodeId(10_900), ..driver.model().nodes[&last.id].clone() };
    driver.finish(TaskResult::Store(StoreResult::Nodes(Ok(vec![whole]))));
    let all = driver.model().tree.len();
    let place = all - 99;
    let forms = [format!("{place} of {all}"), format!("{place}/{all}")];
    for columns in [60, 70, 80, 100, 120, 200] {
        driver.resize(columns, 24);
        let title = title(&driver).unwrap();
        assert!(forms.iter().any(|form| title.contains(form)), "{columns} {title}");
    }
}

/// Each row of branches with these words, and whether they are in the colour of what is read first.
fn colours(driver: &Driver, words: &str) -> Vec<(u16, bool)> {
    let cells = driver.frame().cells;
    let quiet = theme(driver).role(Role::Secondary).fg;
    let row = |y: u16| (0..cells.area.width).map(move |x| (x, y));
    let mut found = Vec::new();
    for y in 0..cells.area.height {
        let line: String = row(y).map(|at| cells[at].symbol()).collect();
        let Some((before, _)) = line.split_once(words).filter(|_| line.contains("● n")) else {
            continue;
        };
        let x = u16::try_from(before.chars().count()).unwrap();
        found.push((y, cells[(x, y)].style().fg != quiet));
    }
    found
}

#[test]
fn words_are_quiet_where_the_row_above_says_them_too_and_only_there() {
    let driver = seasons(120, 40);
    let of = |words: &str| colours(&driver, words).into_iter().map(|(_, is_white)| is_white);
    // Four of one model, then four of the other one: between them the other season.
    let expected = [true, false, false, false, false, false, false, false];
    assert_eq!(of("summer").collect::<Vec<_>>(), expected, "{}", driver.screen());
    let mut driver = driver;
    driver.change_nodes(|at, node| {
        let Some((recipe, at)) = node.recipe.as_mut().zip(at.checked_sub(3)) else { return };
        let season = if at % 8 < 4 { "summer" } else { "winter" };
        recipe.prompt = format!("Make it a {season} morning");
    });
    driver.press("<A-1>");
    for season in ["summer", "winter"] {
        let white: Vec<bool> =
            colours(&driver, season).into_iter().map(|(_, is_white)| is_white).collect();
        let expected = [true, false, false, false, true, false, false, false];
        assert_eq!(white, expected, "{season}\n{}", driver.screen());
    }
}

#[test]
fn the_first_row_in_sight_has_its_words_in_the_first_colour() {
    let mut driver = seasons(120, 40);
    driver.change_nodes(|at, node| {
        let Some((recipe, _)) = node.recipe.as_mut().zip(at.checked_sub(3)) else { return };
        recipe.prompt = "Make it a summer morning".into();
    });
    driver.press("<Esc>gt");
    for keys in ["G", "kkk", "kkk"] {
        driver.press(keys);
        for rows in [14, 16, 18] {
            driver.resize(120, rows);
            let white: Vec<bool> =
                colours(&driver, "summer").into_iter().map(|(_, is_white)| is_white).collect();
            let (first, others) = white.split_first().unwrap();
            assert!(*first && others.len() > 1, "{white:?}\n{}", driver.screen());
            // The selected one has its own.
            let count = others.iter().filter(|is_white| **is_white).count();
            assert!(count <= 1, "{white:?}\n{}", driver.screen());
        }
    }
}

/// Five takes of each of these prompts, of one picture.
fn takes(prompts: [&str; 2]) -> Driver {
    let mut driver = Driver::new(120, 40);
    driver.press("Make the cup red<Enter>");
    driver.answer_all();
    driver.press("Add a hat, {1..10}<Enter>y");
    driver.answer_all();
    driver.change_nodes(|at, node| {
        let Some((recipe, at)) = node.recipe.as_mut().zip(at.checked_sub(2)) else { return };
        recipe.prompt = prompts[at / 5].into();
        recipe.values.insert("seed".into(), (at % 5 + 1).into());
    });
    let mut driver = coloured(driver);
    driver.press("<Esc>:n8<Enter>");
    driver
}

/// What the rows of branches say behind their numbers.
fn branches(driver: &Driver) -> Vec<String> {
    let row = |line: &str| {
        let (at, _) = line.rmatch_indices(['├', '└']).next()?;
        let (_, row) = line[at..].split_once(" n").or(line[at..].split_once('n'))?;
        let (number, row) = row.trim_end_matches(['│', '┃', ' ']).split_once(' ')?;
        number.parse::<u32>().ok().map(|_| row.to_owned())
    };
    driver.screen().lines().filter_map(row).collect()
}

#[test]
fn what_is_taken_away_is_never_told_as_what_is_there() {
    for (turning, prompts) in [
        ("Take", ["Take away the spoon", "Take away the saucer"]),
        ("Remove", ["Remove the hat", "Remove the scarf"]),
        ("not", ["Do not add a hat", "Do not add a beard"]),
        ("not", ["Do not remove the hat", "Do not remove the beard"]),
        ("without", ["Add a hat without a feather", "Add a hat without a ribbon"]),
        ("no", ["Keep the cup but no spoon", "Keep the cup but no fork"]),
        ("weg", ["Nimm den Löffel weg", "Nimm den Teller weg"]),
        ("keinen", ["Füge keinen Hut hinzu", "Füge keinen Bart hinzu"]),
        ("Retire", ["Retire la cuillère", "Retire la soucoupe"]),
    ] {
        let mut driver = takes(prompts);
        // The one word by which they differ.
        let differs = |(one, other): &(&str, &str)| one != other;
        let mut pairs = prompts[0].split(' ').zip(prompts[1].split(' ')).filter(differs);
        let (one, other) = pairs.next().unwrap();
        for (columns, rows) in [(60, 20), (72, 24), (80, 24), (120, 40), (160, 45), (200, 50)] {
            driver.resize(columns, rows);
            let told: Vec<String> =
                branches(&driver).into_iter().filter(|row| row.contains(" s")).collect();
            assert!(told.len() > 3, "{columns} {told:?}\n{}", driver.screen());
            for row in &told {
                let words: Vec<&str> = row.split([' ', '…']).collect();
                // Alone behind a sign, perhaps without its last letters, or before one.
                let told_alone =
                    row.strip_prefix('…').and_then(|rest| rest.split([' ', '…']).next());
                let is_alone = told_alone.is_some_and(|word| {
                    word.len() > 2 && [one, other].map(|it| it.starts_with(word)).contains(&true)
                });
                let goes_on = [one, other].iter().any(|it| row.contains(&format!("{it}… ")));
                let is_true = words.contains(&turning) || is_alone || turning == "weg" && goes_on;
                assert!(is_true, "{columns} {told:?}\n{}", driver.screen());
            }
            let unlike: std::collections::BTreeSet<&String> = told.iter().collect();
            assert_eq!(unlike.len(), told.len(), "{columns} {told:?}");
            // One spelling within the group.
            let long = told.iter().filter(|row| row.contains("seed ")).count();
            assert!(long == 0 || long == told.len(), "{columns} {told:?}");
            let is_whole = |row: &String| row.split([' ', '…']).any(|word| word == turning);
            assert!(columns < 200 || told.iter().all(is_whole), "{columns} {told:?}");
        }
    }
}

#[test]
fn lines_of_the_log_spell_the_seeds_of_one_group_alike() {
    for (columns, rows) in [(120, 40), (200, 50), (250, 60)] {
        let mut driver = takes(["Take away the spoon", "Take away the saucer"]);
        driver.press("<A-5>k");
        driver.resize(columns, rows);
        let screen = driver.screen();
        let lines: Vec<&str> = screen.lines().filter(|line| line.contains(" ✓ Take")).collect();
        assert!(lines.len() > 6, "{screen}");
        let long = lines.iter().filter(|line| line.contains("seed ")).count();
        assert!(long == 0 || long == lines.len(), "{screen}");
    }
}
