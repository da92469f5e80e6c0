//! What stands in a column stands in the same one in all rows, at either end.

use editree::app::job::State;
use editree::app::money::account::{Account, UsageRow};
use editree::schema::Usd;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::support::driver::Driver;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A word, and the columns where it begins and ends.
type Word = (String, usize, usize);

fn words(line: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut column, mut is_open) = (0, false);
    for letter in line.graphemes(true) {
        let end = column + letter.width().max(1) - 1;
        match (letter == " ", is_open) {
            (true, _) => is_open = false,
            (false, true) => {
                let word = words.last_mut().unwrap();
                word.0.push_str(letter);
                word.2 = end;
            }
            (false, false) => {
                words.push((letter.to_owned(), column, end));
                is_open = true;
            }
        }
        column = end + 1;
    }
    words
}

/// The screen with each letter once, as a terminal is given it: behind one of two columns the frame
/// has an empty cell.
fn screen(driver: &Driver) -> String {
    let cells = driver.frame().cells;
    let line = |y| {
        let (mut line, mut x) = (String::new(), 0);
        while x < cells.area.width {
            let letter = cells[(x, y)].symbol();
            line.push_str(letter);
            x += u16::try_from(letter.width().max(1)).unwrap();
        }
        line
    };
    (0..cells.area.height).map(line).collect::<Vec<_>>().join("\n")
}

#[derive(Clone, Copy, Debug)]
enum Edge {
    Begins,
    Ends,
}

/// Where the last word of each row stands that is such a one; rows without one have no say.
fn edges(rows: &[String], edge: Edge, is_it: impl Fn(&str) -> bool) -> Vec<usize> {
    let of = |row: &String| {
        let found = words(row).into_iter().rev().find(|(word, ..)| is_it(word))?;
        Some(if matches!(edge, Edge::Begins) { found.1 } else { found.2 })
    };
    rows.iter().filter_map(of).collect()
}

#[track_caller]
fn one_edge(rows: &[String], what: &str, edge: Edge, is_it: impl Fn(&str) -> bool) {
    let edges = edges(rows, edge, is_it);
    assert!(edges.len() > 1, "{what} stands in {} rows: {rows:#?}", edges.len());
    assert!(edges.windows(2).all(|two| two[0] == two[1]), "{what}: {edges:?} of {rows:#?}");
}

fn is_node(word: &str) -> bool {
    word.strip_prefix('n').is_some_and(|rest| rest.parse::<u32>().is_ok())
}

fn is_money(word: &str) -> bool {
    word.starts_with('$')
}

fn is_size(word: &str) -> bool {
    word.split_once('×').is_some_and(|(wide, _)| wide.parse::<u32>().is_ok())
}

/// The rows of the screen from this title down that hold one of the signs.
fn below(driver: &Driver, title: &str, signs: &[&str]) -> Vec<String> {
    let screen = screen(driver);
    let rows = screen.lines().skip_while(|line| !line.contains(title)).skip(1);
    rows.filter(|row| signs.iter().any(|sign| row.contains(sign))).map(str::to_owned).collect()
}

/// Prices and times of different widths, one that runs, one that has failed, one that was filtered.
fn of_all_kinds(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it {red|blue|green|yellow|black|white|pink|grey}<Enter>y");
    driver.answer_all();
    driver.press("<Esc>:model max<Enter>i");
    driver.press("Make it a foggy morning in the north<Enter>");
    driver.answer_all();
    driver.press("Turn it upside down<Enter>");
    driver.take().into_iter().for_each(|effect| {
        let saved = driver.answer(effect);
        saved.into_iter().for_each(|saved| driver.finish(saved));
    });
    let jobs = driver.workbench.model.jobs.keys().copied().collect::<Vec<_>>();
    for (at, id) in jobs.iter().rev().enumerate() {
        let now = driver.workbench.model.now;
        let job = driver.workbench.model.jobs.get_mut(id).unwrap();
        match at {
            4 => (job.state, job.cost, job.why) = (State::Failed, None, Some("so it is".into())),
            2 => job.cost = Some(Usd(12_340_000)),
            3 => job.ended_at = Some(editree::tree::Timestamp(now.0 + 754_000)),
            _ => {}
        }
    }
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
    }
    driver
}

#[test]
fn rows_of_the_log_have_one_form() {
    for (columns, rows) in SIZES {
        let mut driver = of_all_kinds(columns, rows);
        driver.press("<A-5>");
        let seen = below(&driver, "[5] log", &["01:00:"]);
        one_edge(&seen, "the time", Edge::Begins, |word| word.starts_with("01:00:"));
        one_edge(&seen, "the mark", Edge::Begins, |word| ["✓", "◐", "✗", "◌"].contains(&word));
        one_edge(&seen, "how long it took", Edge::Ends, |word| word == "s");
        one_edge(&seen, "the size", Edge::Begins, is_size);
        one_edge(&seen, "the price", Edge::Ends, is_money);
        assert!(seen.iter().any(|row| row.contains("$0.08")), "{seen:#?}");
        assert!(!seen.iter().any(|row| row.contains("saved:")), "{seen:#?}");
    }
}

#[test]
fn rows_of_the_queue_have_one_form() {
    for (columns, rows) in SIZES {
        let mut driver = of_all_kinds(columns, rows);
        driver.press("<A-4>");
        let seen = below(&driver, "[4] queue", &["  from n1"]);
        let seen: Vec<String> = seen.into_iter().filter(|row| !row.contains('→')).collect();
        assert!(seen.iter().any(|row| row.contains("not charged")), "{seen:#?}");
        assert!(seen.iter().any(|row| row.contains("$12.34")), "{seen:#?}");
        one_edge(&seen, "the parent", Edge::Ends, is_node);
        one_edge(&seen, "how long it takes", Edge::Ends, |word| ["s", "min"].contains(&word));
        one_edge(&seen, "the price", Edge::Ends, |word| is_money(word) || word == "charged");
        one_edge(&seen, "the words", Edge::Begins, |word| ["Make", "Turn"].contains(&word));
    }
}

/// The rows of the form that are on the screen, from the column in which their names begin.
fn form_rows(driver: &Driver) -> Vec<String> {
    let screen = driver.screen();
    let head = screen.lines().position(|line| line.contains("[2] parameters")).unwrap();
    let title = screen.lines().nth(head).unwrap();
    let x = title.split("[2]").next().unwrap().chars().count() + 1;
    let model = driver.model();
    let count = model.endpoint().unwrap().form().count() + usize::from(model.current.is_some());
    let row = |line: &str| line.chars().skip(x).collect::<String>().trim_end().to_owned();
    let rows = screen.lines().skip(head + 1).take(count).map(row);
    rows.take_while(|row| !row.is_empty() && !row.starts_with(' ')).collect()
}

#[test]
fn values_of_the_parameters_stand_below_each_other() {
    let models: Vec<String> = {
        let driver = Driver::new(80, 24);
        let all = driver.model().catalogue.endpoints().filter(|it| it.form().count() > 1);
        all.map(|endpoint| endpoint.short.clone()).collect()
    };
    assert!(models.len() > 8, "{models:?}");
    let sizes = [60, 66, 72, 80, 90, 100, 120, 140, 160, 200].map(|columns| (columns, 40));
    for (columns, rows) in sizes.into_iter().chain([(60, 20), (80, 24), (100, 30), (200, 50)]) {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        for node in driver.workbench.model.nodes.values_mut() {
            node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
        }
        for model in &models {
            driver.press(&format!("<Esc>:model {model}<Enter><A-2>"));
            // The seed at random, like the parent's, and fixed.
            for keys in ["", "s", "s"] {
                driver.press(keys);
                driver.workbench.model.notice = None;
                let (seen, screen) = (form_rows(&driver), driver.screen());
                assert!(seen.len() > 2, "{model} {columns}×{rows}\n{screen}");
                // The first value of all rows is behind the first two blanks.
                let begins = seen.iter().map(|row| {
                    let name = row.split("  ").next().unwrap_or_default();
                    let rest = row.strip_prefix(name).unwrap_or_default();
                    let begin = row.chars().count() - rest.trim_start().chars().count();
                    (!rest.is_empty()).then_some(begin)
                });
                let begins: Vec<_> = begins.collect();
                let is_one = begins.iter().all(|it| it.is_some() && *it == begins[0]);
                assert!(is_one, "{model} {columns}×{rows}: {begins:?}\n{screen}");
                // Names lose whole words first, and what they are set to is whole as a rule.
                let guidance = seen.iter().find(|row| row.starts_with("Guidance"));
                assert!(guidance.is_none_or(|row| row.starts_with("Guidance  ")), "{screen}");
            }
        }
    }
}

#[test]
fn what_was_found_stands_in_columns_and_names_its_model_once() {
    for (columns, rows) in SIZES {
        let mut driver = of_all_kinds(columns, rows);
        driver.press("<Esc>/make");
        let ids = driver.model().nodes.keys().copied().rev().take(8).collect();
        driver.workbench.model.finder.found.text = "make".into();
        driver.workbench.model.finder.found.nodes = ids;
        driver.press("<Left>");
        let seen = below(&driver, "find", &["Make", "Turn"]);
        let is_inside = |row: &String| row.matches('┃').count() > 1;
        let seen: Vec<String> = seen.into_iter().filter(is_inside).collect();
        let inside: Vec<String> =
            seen.iter().map(|row| row.rsplit('┃').nth(1).unwrap().to_owned()).collect();
        one_edge(&inside, "the number", Edge::Begins, is_node);
        one_edge(&inside, "the words", Edge::Begins, |word| word == "Make");
        // In few columns beside a picture the words are worth more.
        if columns > 120 {
            one_edge(&inside, "the price", Edge::Ends, is_money);
        }
        assert!(inside.iter().all(|row| row.matches(" max").count() < 2), "{inside:#?}");
    }
}

#[test]
fn the_account_has_its_figures_below_their_words() {
    for (columns, rows) in SIZES {
        let mut driver = Driver::new(columns, rows);
        let row = |endpoint: &str, cost: i64, requests: usize| UsageRow {
            day: "2026-11-29".into(),
            endpoint: endpoint.into(),
            requests,
            done: requests,
            cost: Usd(cost),
            median: Some(12_345 * i64::try_from(requests).unwrap()),
            most: Some(99_000),
            failed: 0,
            filtered: 0,
            unknown: 0,
        };
        let lines =
            vec![row("fal-ai/flux-2/klein/4b/edit", 9_876_540_000, 1234), row("x", 40_000, 2)];
        driver.workbench.model.money.account = Some(Account { lines, ..Account::default() });
        driver.press("<Esc>$");
        driver.workbench.model.money.account.as_mut().map(|it| it.cost = Usd(1)).unwrap();
        let screen = driver.screen();
        let table: Vec<String> = screen
            .lines()
            .filter(|line| line.contains("2026-11-29  ") || line.contains("usual wait"))
            .map(str::to_owned)
            .collect();
        let count = table.iter().filter(|line| line.contains("  ")).count();
        assert_eq!(count, 3, "{screen}");
        let ends = |is_it: &dyn Fn(&str) -> bool| edges(&table, Edge::Ends, is_it);
        one_edge(&table, "the price", Edge::Ends, |word| is_money(word) || word == "cost");
        let sent = ends(&|word: &str| ["sent", "1234", "2"].contains(&word));
        assert!(sent.len() == 3 && sent.iter().all(|at| *at == sent[0]), "{sent:?}\n{screen}");
    }
}

#[test]
fn models_are_listed_in_columns_and_each_says_what_it_costs() {
    for (columns, rows) in SIZES {
        let mut driver = Driver::new(columns, rows);
        driver.press("<Esc>:model<Enter>");
        let seen = below(&driver, "model", &[" per "]);
        assert!(seen.len() > 8, "{}", driver.screen());
        one_edge(&seen, "what a price is for", Edge::Begins, |word| word == "per");
        let titles = |word: &str| word.starts_with("FLUX.");
        one_edge(&seen, "the title", Edge::Begins, titles);
        one_edge(&seen, "the sum", Edge::Ends, is_money);
        assert!(!driver.screen().contains("by the number of pictures"));
    }
}

/// One prompt of letters that take two columns, one that begins with a sign of several letters, and
/// one of those that most have.
fn of_wide_letters(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    for words in ["Make it red", "把猫变成红色的气球飞上天", "👍🏽 Make it grün"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
    }
    driver
}

#[test]
fn letters_of_two_columns_move_nothing_that_stands_behind_them() {
    let mut driver = of_wide_letters(100, 30);
    driver.press("<A-5>");
    let seen = below(&driver, "[5] log", &["01:00:"]);
    let seen: Vec<String> = seen.into_iter().filter(|row| row.contains('$')).collect();
    assert!(seen.len() == 3 && seen.iter().any(|row| row.contains("把猫")), "{seen:#?}");
    one_edge(&seen, "how long it took", Edge::Ends, |word| word == "s");
    one_edge(&seen, "the size", Edge::Begins, is_size);
    one_edge(&seen, "the price", Edge::Ends, is_money);
    driver.press("<Esc><Esc><A-4>");
    let seen = below(&driver, "[4] queue", &["  from n"]);
    let seen: Vec<String> = seen.into_iter().filter(|row| !row.contains('→')).collect();
    assert!(seen.len() == 3 && seen.iter().any(|row| row.contains("把猫")), "{seen:#?}");
    one_edge(&seen, "the parent", Edge::Ends, is_node);
    one_edge(&seen, "how long it takes", Edge::Ends, |word| word == "s");
    one_edge(&seen, "the price", Edge::Ends, is_money);
}

#[test]
fn what_differs_of_takes_in_wide_letters_stands_in_its_column() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it {red|蓝色的天空|👍🏽}<Enter>y");
    driver.answer_all();
    driver.press("<Esc>:model max<Enter>i");
    driver.press("Make it a foggy morning<Enter>");
    driver.answer_all();
    driver.press("<Esc>/make");
    driver.workbench.model.finder.found.text = "make".into();
    driver.workbench.model.finder.found.nodes =
        driver.model().nodes.keys().copied().skip(1).collect();
    driver.press("<Left>");
    let seen = below(&driver, "find", &["Make"]);
    let seen: Vec<String> = seen.into_iter().filter(|row| row.contains('┃')).collect();
    let inside: Vec<String> =
        seen.iter().map(|row| row.rsplit('┃').nth(1).unwrap().to_owned()).collect();
    assert!(inside.len() == 4 && inside.iter().any(|row| row.contains('蓝')), "{inside:#?}");
    one_edge(&inside, "the words", Edge::Begins, |word| word == "Make");
    one_edge(&inside, "the price", Edge::Ends, is_money);
}

/// The last column of what differs, in the rows of takes.
#[test]
fn what_differs_between_takes_ends_in_one_column_of_the_tree() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make the cup red<Enter>");
        driver.answer_all();
        driver.press("Add a hat to the cup, {1..4}<Enter>y");
        driver.answer_all();
        driver.change_nodes(|at, node| {
            let Some((recipe, at)) = node.recipe.as_mut().zip(at.checked_sub(2)) else { return };
            recipe.prompt = if at < 2 { "Hat".into() } else { "Add a hat to the cup".into() };
            recipe.values.insert("seed".into(), (at % 2 + 1).into());
        });
        driver.press("<Esc>*<A-3>");
        let screen = driver.screen();
        let ends: Vec<usize> = screen
            .lines()
            .filter(|line| line.contains("─● n") || line.contains("─▶ n"))
            .filter_map(|line| {
                let at = line.rfind("seed ").map(|at| at + 6).or(line.rfind(" s").map(|at| at + 3));
                at.and_then(|at| line.get(..at)).map(|line| line.chars().count())
            })
            .collect();
        assert!(ends.len() >= 4, "{columns}\n{screen}");
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}\n{screen}");
        // At the border of its pane, but for the star.
        let header = screen.lines().find(|line| line.contains("[3] tree")).unwrap();
        let border = header.rfind('━').map(|at| header[..at].chars().count()).unwrap();
        assert!((border - 3..=border + 1).contains(&ends[0]), "{border} {ends:?}\n{screen}");
    }
}
