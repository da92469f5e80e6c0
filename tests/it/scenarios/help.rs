//! Commands are found by the words that a newcomer has, in help and on the command line alike.

use editree::ui::theme::Mark;

use crate::support::driver::Driver;

/// The first rows that are found for a word.
fn found(opens: &str, word: &str) -> Vec<String> {
    let mut driver = Driver::new(120, 40);
    driver.press(opens);
    driver.press(word);
    let screen = driver.screen();
    let below = screen.lines().skip_while(|line| !line.contains(&format!(": {word}"))).skip(1);
    below.take(4).map(str::to_owned).collect()
}

#[test]
fn help_and_command_line_know_the_words_of_a_newcomer() {
    let sought = [
        ("back", "parent: go to the parent"),
        ("branch", "edit: edit from this picture"),
        ("price", "account: show costs and latency"),
        ("cost", "account: show costs and latency"),
        ("money", "account: show costs and latency"),
        ("open", "open: open a picture"),
        ("load", "open: open a picture"),
        ("undo", "undo: undo the last decision"),
        ("delete", "trash: move to the trash"),
        ("before", "compare: compare with the parent"),
        ("history", "whole-tree: show the whole tree"),
        ("gallery", "sheet: show the contact sheet"),
        ("retry", "reroll: repeat with a new seed"),
        ("fix", "heal: restore what should not have"),
        ("exit", "quit: quit"),
        ("export", "save: save as a file"),
        ("settings", "parameters: go to the parameters"),
        ("side by side", "compare-mode: show the next comparison"),
        ("help", "help: show this pane's keys"),
        ("legend", "help: show this pane's keys"),
        ("marks", "help: show this pane's keys"),
    ];
    for opens in ["<F1>", "<Esc>:"] {
        for (word, row) in sought {
            let found = found(opens, word);
            // The sentence is read first; the name stands at its end.
            let (_, sentence) = row.split_once(": ").unwrap();
            let is_found = |line: &String| line.contains(sentence);
            assert!(found.iter().any(is_found), "{opens} {word}: {found:#?}");
        }
    }
}

#[test]
fn a_row_that_was_found_by_another_word_says_so() {
    let found = found("<F1>", "retry");
    assert!(found[0].contains("Alt-r") && found[0].contains("“retry”"), "{found:#?}");
}

#[test]
fn sentences_are_not_found_by_letters_in_any_place() {
    let mut driver = Driver::new(120, 40);
    driver.press("<F1>oen");
    let screen = driver.screen();
    assert!(screen.contains("open a picture "), "{screen}");
    assert!(!screen.contains("collapse"), "{screen}");
}

#[test]
fn help_begins_with_what_is_used_most_and_tells_the_marks_at_its_end() {
    let mut driver = Driver::new(80, 24);
    driver.press("<F1>");
    let screen = driver.screen();
    for words in [
        "edit from this picture",
        "compare with the parent",
        "go to the parent",
        "restore what should not have",
        "contact sheet",
        "open a picture",
        "costs and latency",
        "quit, pictures and draft stay",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("◌ not sent"), "{screen}");
    driver.press(&"<Down>".repeat(250));
    assert!(driver.screen().contains("not sent yet"), "{}", driver.screen());
    driver.press("symbols");
    assert!(driver.screen().contains("not sent yet"), "{}", driver.screen());
}

/// The last group of the list at every size, in as many columns as there is room for.
#[test]
fn what_the_signs_mean_is_the_last_group_of_the_help() {
    let sizes = [(40, 12), (60, 20), (80, 24), (100, 30), (120, 40), (200, 50)];
    for (columns, rows) in sizes {
        let mut driver = Driver::new(columns, rows);
        driver.press("<Esc>?");
        assert!(!driver.screen().contains("Signs"), "{}", driver.screen());
        let mut seen = String::new();
        for _ in 0..70 {
            driver.press("<Down><Down><Down>");
            seen.push_str(&driver.screen());
        }
        let last = driver.screen();
        for mark in Mark::ALL {
            let told = format!("{} {}", mark.sign(false), mark.meaning());
            assert!(seen.contains(&told), "{columns}: {told}\n{last}");
        }
        assert!(seen.contains("┃ Signs "), "{last}");
        assert!(!last.contains("more below"), "{last}");
        // Nothing stands behind the marks.
        let is_end = |row: &str| row.contains(" ────") || row.contains("┗━");
        let end = last.lines().position(is_end).unwrap();
        let end = last.lines().nth(end - 1).unwrap_or_default();
        let is_told = |mark: &Mark| end.contains(mark.meaning());
        assert!(Mark::ALL.iter().any(is_told), "{last}");
        let side_by_side = last.lines().filter_map(|row| {
            let count = Mark::ALL.iter().filter(|mark| row.contains(mark.meaning())).count();
            (count > 0).then_some(count)
        });
        let most = side_by_side.max().unwrap_or(0);
        let least = if columns >= 60 { 2 } else { 1 };
        assert!(most >= least, "{columns}: {most}\n{last}");
        // One step back is seen at once, also where all came in one read.
        driver.press("<Up>");
        assert_ne!(driver.screen(), last, "{columns}");
        driver.press_at_once(&format!("{}<Up>", "<Down>".repeat(30)));
        assert_ne!(driver.screen(), last, "{columns}");
        driver.press("<Home>");
        assert!(!driver.screen().contains("compared with"), "{}", driver.screen());
        driver.press("<End>");
        assert_eq!(driver.screen(), last, "{columns}");
    }
}

/// Beyond the last row, where it is not seen any more, none is lit.
#[test]
fn enter_runs_no_row_that_was_scrolled_out_of_sight() {
    let mut driver = Driver::new(40, 12);
    driver.press("<Esc>?<End>");
    let foot = driver.screen().lines().last().unwrap().to_owned();
    assert!(!foot.contains("Enter"), "{}", driver.screen());
    driver.take();
    driver.press("<Enter>");
    assert_eq!(driver.take(), []);
    assert!(!driver.screen().contains("help · "), "{}", driver.screen());
}

#[test]
fn in_a_list_without_signs_a_step_too_many_counts_nothing() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>:<End>");
    let last = driver.screen();
    driver.press_at_once("<Down><Down><Down><Up>");
    assert_ne!(driver.screen(), last);
    driver.press("<Down>");
    assert_eq!(driver.screen(), last);
}

#[test]
fn a_sign_is_found_by_its_meaning() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>?await");
    let screen = driver.screen();
    assert!(screen.contains("Signs") && screen.contains("◕ result awaited"), "{screen}");
    assert!(!screen.contains("◐ running") && !screen.contains("no match"), "{screen}");
}

#[test]
fn help_shows_the_keys_that_work_here_and_are_in_force() {
    let mut driver = Driver::new(120, 40);
    driver.press("<F1>");
    let screen = driver.screen();
    assert!(screen.contains("Alt-c ") && screen.contains("Esc S"), "{screen}");
    let changed = [("c".to_owned(), "heal".to_owned()), ("H".to_owned(), "compare".to_owned())];
    driver.press("<Esc><Esc>");
    driver.workbench.ui.keymap = editree::ui::keys::Keymap::with(&changed).unwrap();
    driver.press("?compare with");
    let screen = driver.screen();
    let row =
        screen.lines().find(|line| line.contains("compare with the parent")).unwrap_or_default();
    assert!(row.contains(" H "), "{screen}");
}

#[test]
fn help_offers_no_way_to_where_one_is() {
    for (keys, here, other) in
        [("<A-6>", "canvas", "tree"), ("<A-3>", "tree", "canvas"), ("<A-4>", "queue", "tree")]
    {
        for (sought, is_told) in [(here, false), (other, true)] {
            let mut driver = Driver::new(120, 40);
            driver.press(keys);
            driver.press(&format!("<F1>{sought}"));
            let screen = driver.screen();
            let told = format!("go to the {sought}");
            assert_eq!(screen.contains(&told), is_told, "{keys} {sought}\n{screen}");
        }
    }
    let mut driver = Driver::new(120, 40);
    driver.press("<A-6>6");
    assert!(!driver.screen().contains("Alt-6"), "{}", driver.screen());
    driver.press("<Esc>3");
    assert!(driver.screen().contains("Alt-3 tree"), "{}", driver.screen());
}

/// How much of it is below stands where it goes on.
#[test]
fn a_long_list_is_gone_through_to_its_end_and_counts_in_its_lower_frame() {
    for opens in ["<Esc>?", "<Esc>:"] {
        let mut driver = Driver::new(80, 24);
        driver.press(opens);
        let last = |driver: &Driver| {
            let screen = driver.screen();
            screen.lines().rfind(|line| line.contains('┗')).unwrap().to_owned()
        };
        assert!(last(&driver).contains(" more below ━┛"), "{}", driver.screen());
        driver.press("<End>");
        assert!(!last(&driver).contains("more below"), "{}", driver.screen());
        let at_end = driver.screen();
        driver.press("<Home>");
        assert!(last(&driver).contains(" more below ━┛"), "{}", driver.screen());
        assert_ne!(driver.screen(), at_end);
    }
}

#[test]
fn from_the_prompt_the_way_through_the_menu_begins_with_the_key_that_leaves_it() {
    let mut driver = Driver::new(120, 40);
    let row = |driver: &Driver| {
        let screen = driver.screen();
        screen
            .lines()
            .find(|line| line.contains(" explain how pictures are shown"))
            .map(str::to_owned)
    };
    driver.press("<F1>graphics");
    let own = row(&driver).unwrap();
    assert!(own.contains("Esc Space g  "), "{own}");
    driver.press("<Esc><Esc>");
    driver.press("<F1>graphics");
    let own = row(&driver).unwrap();
    assert!(own.contains(" Space g  ") && !own.contains("Esc"), "{own}");
}
