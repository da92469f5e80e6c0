//! What is said in the footer: for how long, and how often.

use editree::app::advice::Advice;
use editree::app::failure::{Failure, FailureKind};
use editree::app::hint::{CommandId, Hint};
use editree::app::message::{PictureResult, ServiceResult, TaskResult};
use editree::app::notice::{Notice, Tone};
use editree::ui::theme::Mark;
use editree::ui::theme::palette::{Depth, Ground, ThemeChoice};
use ratatui::layout::Position;

use crate::support::driver::Driver;

const BLACK: Ground = Ground { fg: Some([0xd8; 3]), bg: [0x14, 0x16, 0x1a] };

fn said(driver: &Driver) -> Option<&str> {
    driver.model().notice.as_ref().map(|notice| notice.text.as_str())
}

#[test]
fn forty_results_are_one_notice_that_counts_them() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>");
    for _ in 0..4 {
        driver.press("iAdd a {1..10} hat<Enter>y<Esc>");
        driver.answer_all();
    }
    let told = driver.model().notices.iter().filter(|notice| notice.text.contains("result"));
    assert!(told.count() <= 4, "one for each press: {:?}", driver.model().notices);
    assert_eq!(said(&driver), Some("10 results, the last is n41 · sim $0.40 together"));
    let logged = driver.model().log.lines().filter(|line| line.text.contains("done in"));
    assert_eq!(logged.count(), 40, "the log has each");
}

#[test]
fn a_result_that_the_draft_does_not_follow_says_so_with_itself() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>Add a hat");
    driver.answer_all();
    let text = said(&driver).unwrap();
    assert!(text.starts_with("n2 done in") && text.ends_with("still starts from n1"), "{text}");
    assert!(driver.screen().contains("start from n2"), "{}", driver.screen());
}

/// The next hints are seen again.
#[test]
fn what_was_read_goes_with_the_next_key() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>D");
    assert!(said(&driver).is_some());
    driver.press("=");
    driver.tick(1_500);
    assert_eq!(said(&driver), None, "{}", driver.screen());
    // Nobody has seen it yet.
    driver.press("D");
    driver.tick(5_000);
    assert!(said(&driver).is_some(), "{}", driver.screen());
    driver.press("=");
    assert_eq!(said(&driver), None);
}

/// The last three rows as one text.
fn told(driver: &Driver) -> String {
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let told = rows[rows.len() - 3..].join(" ").replace(['│', '▌', '─'], " ");
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_message_with_a_hint_is_whole_in_two_rows_and_moves_nothing() {
    let text = "n7 is black: the service's filter has stopped it, and it was paid for";
    let hint = Hint::to(CommandId::Heal, "restore what was not meant to change");
    for (columns, rows) in [(60, 20), (80, 24), (100, 30)] {
        for (keys, place) in [("", "in the prompt"), ("<Esc>", "on the canvas")] {
            let mut driver = Driver::new(columns, rows);
            driver.press(keys);
            let above = |driver: &Driver| {
                let screen = driver.screen();
                let rows: Vec<String> = screen.lines().map(str::to_owned).collect();
                rows[..rows.len() - 3].join("\n")
            };
            let before = above(&driver);
            let notice = Notice::new(Tone::Warning, text).hint(hint.clone());
            driver.workbench.model.notice = Some(notice);
            let told = told(&driver);
            assert!(told.contains("H: restore"), "{told}");
            // Between the two rows stands the money.
            let is_whole = text.split(' ').all(|word| told.contains(word));
            let leads = told.contains("…") && told.contains(":messages");
            assert!(is_whole || columns == 60 && leads, "{columns} {place}: {told}");
            assert_eq!(above(&driver), before, "{columns} {place}");
            // Where words fill the prompt there is one row, and the way to the rest.
            driver
                .press("iwords<C-j>in<C-j>many<C-j>rows<C-j>and<C-j>more<C-j>of<C-j>them<C-j>yet");
            let notice = Notice::new(Tone::Warning, text).hint(hint.clone());
            driver.workbench.model.notice = Some(notice);
            let screen = driver.screen();
            let row = screen.lines().rev().nth(1).unwrap_or_default();
            assert!(row.contains("…") && row.contains(":messages"), "{columns}: {row}");
        }
    }
}

#[test]
fn a_key_that_begins_the_second_row_of_a_message_looks_as_keys_do() {
    let mut driver = Driver::new(120, 40);
    let text = "n7 is black: the service's filter has stopped what it made";
    let words = "restore what was not meant to change in it, and keep all the rest as it is";
    let hint = Hint::to(CommandId::Heal, words);
    driver.workbench.model.notice = Some(Notice::new(Tone::Warning, text).hint(hint));
    let frame = driver.frame();
    let row: String = (0..120).map(|x| frame.cells[(x, 38)].symbol()).collect();
    assert!(row.starts_with("──── Alt-H: restore"), "{row}");
    let accent = driver.workbench.ui.theme().accent();
    assert_eq!(Some(frame.cells[(5, 38)].fg), accent.fg, "{row}");
}

/// `n2` with the service's words against it, and what of the screen is red.
pub(super) fn failed(columns: u16, rows: u16, words: &str) -> (Driver, String, String) {
    let mut driver = Driver::new(columns, rows);
    let palette = ThemeChoice::default().palette(Some(BLACK), Depth::True);
    driver.workbench.ui.graphics.palette = palette;
    driver.is_strange = true;
    driver.press("Make it red<Enter>");
    turn_away(&mut driver, words);
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let told = rows[rows.len() - 3..rows.len() - 1].join("\n");
    let cells = driver.frame().cells;
    let error = driver.workbench.ui.theme().error();
    let below = cells.area.height - 4;
    let is_red = |at: &Position| at.y > below && Some(cells[*at].fg) == error.fg;
    let red = cells.area.positions().filter(is_red).map(|at| cells[at].symbol()).collect();
    (driver, told, red)
}

fn turn_away(driver: &mut Driver, words: &str) {
    refuse(driver, |failure| Failure {
        message: words.into(),
        advice: Some(Advice::TakeAgain),
        ..failure
    });
}

pub(super) fn refuse(driver: &mut Driver, of: impl Fn(Failure) -> Failure) {
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match driver.answer(effect) {
            Some(TaskResult::Service(ServiceResult::Sent { job, .. })) => {
                let failure = of(Failure::new(FailureKind::Validation, "no"));
                Some(TaskResult::Service(ServiceResult::Sent { job, answer: Err(failure) }))
            }
            other => other,
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
}

#[test]
fn a_failure_is_told_in_one_row_and_what_to_do_in_the_other() {
    let words = "a fault set in the simulator";
    for (columns, rows) in [(80, 24), (120, 40)] {
        let (driver, told, red) = failed(columns, rows, words);
        let (first, second) = told.split_once('\n').unwrap();
        let what = format!("✗ n2 failed: {words} · not charged");
        assert!(first.contains(&what), "{told}");
        assert!(second.starts_with("──── Up: take its words again, changed or not"), "{told}");
        // What can be spent is told as before.
        assert!(driver.screen().contains("next $0.04"), "{}", driver.screen());
        assert_eq!(red, "✗ n2 failed", "{told}");
    }
}

#[test]
fn rows_of_a_message_end_with_a_clause() {
    let text = "n2 was filtered by the service; sim $0.04 counted; it stays in the tree as it is";
    let hint = Hint::to(CommandId::EarlierPrompt, "reword it, or raise Safety tolerance");
    for (columns, rows) in [(60, 20), (80, 24), (100, 30)] {
        let mut driver = Driver::new(columns, rows);
        driver.workbench.model.notice = Some(Notice::new(Tone::Warning, text).hint(hint.clone()));
        let screen = driver.screen();
        let rows: Vec<&str> = screen.lines().collect();
        let above = rows[rows.len() - 3].trim_start_matches(['▌', ' ']);
        let above = above.split("   ").next().unwrap_or_default().trim();
        let told = format!("! {text}");
        let rest = told.strip_prefix(above).unwrap_or_else(|| panic!("{above}\n{screen}"));
        assert!(above.is_empty() || above.ends_with(';') || rest.is_empty(), "{screen}");
    }
}

#[test]
fn a_failure_beside_a_filtered_picture_is_one_more() {
    let (mut driver, ..) = failed(120, 40, "no");
    driver.is_strange = false;
    driver.press("<C-u>Make it blue<Enter>");
    driver.answer_all();
    let shown = driver.model().current.unwrap().node;
    let mut node = driver.model().nodes[&shown].clone();
    node.pictures.iter_mut().for_each(|picture| picture.nsfw = true);
    driver.workbench.model.insert_node(node);
    driver.is_strange = true;
    driver.press("<C-u>Make it green<Enter>");
    turn_away(&mut driver, "no");
    assert!(driver.screen().contains("✗ n4 failed too: no · not charged"), "{}", driver.screen());
}

/// A path may be one clause that no row holds.
#[test]
fn the_head_of_a_message_covers_nothing_that_stands_behind_it() {
    let text = format!("n5 is saved as /{}", "a".repeat(120));
    let hint = Hint::to(CommandId::Undo, "take it back");
    for (columns, rows) in [(60, 20), (80, 24), (100, 30)] {
        for hint in [None, Some(hint.clone())] {
            let mut driver = Driver::new(columns, rows);
            driver.press("<Esc>iwords<C-j>in<C-j>many<C-j>rows<C-j>and<C-j>more<C-j>of<C-j>them<C-j>yet<Esc>");
            let notice = Notice::new(Tone::Error, text.clone());
            driver.workbench.model.notice = Some(Notice { hint: hint.clone(), ..notice });
            let screen = driver.screen();
            let row = screen.lines().rev().nth(1).unwrap_or_default();
            let behind = if hint.is_some() { "z: take it back" } else { ":messages: the rest" };
            assert!(row.contains("n5 is saved") && row.contains(behind), "{columns}: {row}");
        }
    }
}

#[test]
fn why_healing_came_to_nothing_is_told_wherever_the_details_are() {
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (160, 45), (200, 50)] {
        for drawer in ["", "<A-2>", "<A-5>"] {
            let mut driver = Driver::new(columns, rows);
            let palette = ThemeChoice::default().palette(Some(BLACK), Depth::True);
            driver.workbench.ui.graphics.palette = palette;
            driver.press("Make it red<Enter>");
            driver.answer_all();
            let child = driver.model().current.unwrap();
            driver.press(&format!("<Esc>{drawer}:try-heal<Enter>"));
            let preview = Err(Failure::new(FailureKind::Picture, "70 % changed").into());
            let previewed = PictureResult::HealPreviewed { child, strength: 50, preview };
            driver.finish(TaskResult::Picture(previewed));
            let screen = driver.screen();
            assert!(screen.contains("70 % changed"), "{columns} {drawer}\n{screen}");
            // As messages are, in their colour and with their sign.
            let y = screen.lines().position(|line| line.contains("! not healed")).unwrap();
            let cells = driver.frame().cells;
            let sign = (0..columns).find(|x| cells[(*x, y as u16)].symbol() == "!").unwrap();
            let warning = driver.workbench.ui.theme().warning();
            assert_eq!(Some(cells[(sign, y as u16)].fg), warning.fg, "{screen}");
        }
    }
}

/// A sum behind the last clause would read as its end.
#[test]
fn what_went_wrong_and_the_next_price_are_parted() {
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
        for count in 0..40 {
            let mut driver = Driver::new(columns, rows);
            let why = format!("n58 failed: {}", "a ".repeat(count).trim_end());
            let text = format!("{why} · not charged");
            let hint = Hint::to(CommandId::EarlierPrompt, "take its words again, and change them");
            driver.workbench.model.notice = Some(Notice::new(Tone::Error, text).hint(hint));
            let screen = driver.screen();
            let row = screen.lines().rev().nth(2).unwrap();
            let Some((before, _)) = row.split_once("sim next $") else {
                assert!(screen.contains("sim next $"), "{screen}");
                continue;
            };
            let told = before.trim_end();
            assert!(told.ends_with(['▌', '│']) || before.ends_with("   "), "{screen}");
        }
    }
}

#[test]
fn the_next_price_stands_beside_what_is_written_whatever_went_wrong() {
    for (columns, rows) in [(60, 20), (80, 24), (100, 30)] {
        for count in 0..40 {
            let mut driver = Driver::new(columns, rows);
            let text = format!("n58 failed: {} · not charged", "a ".repeat(count).trim_end());
            let hint = Hint::to(CommandId::EarlierPrompt, "take its words again, and change them");
            driver.workbench.model.notice = Some(Notice::new(Tone::Error, text).hint(hint));
            driver.press("x");
            let screen = driver.screen();
            assert!(screen.contains("n58 failed") && screen.contains("sim next $"), "{screen}");
        }
    }
}

#[test]
fn a_message_has_the_sign_that_tree_and_log_have_for_what_it_tells() {
    for (sign, notice) in signed(["✗", "⊘", "!"]) {
        assert_eq!(sign_of(notice, true), sign);
        let is_it = |mark: &&Mark| mark.sign(false) == sign;
        assert_eq!(Mark::ALL.iter().filter(is_it).count(), 1, "the legend tells it: {sign}");
    }
}

#[test]
fn without_utf8_a_message_begins_with_the_sign_of_the_legend_too() {
    for (sign, notice) in
        signed([Mark::Failed, Mark::Filtered, Mark::Warned].map(|it| it.sign(true)))
    {
        assert_eq!(sign_of(notice, false), sign);
    }
}

/// A failure, a filtered picture and a warning.
fn signed(signs: [&str; 3]) -> [(&str, Notice); 3] {
    let of = |tone| Notice::new(tone, "n7 has words");
    let filtered = Notice { is_filtered: true, ..of(Tone::Warning) };
    let [failed, of_filtered, warned] = signs;
    [(failed, of(Tone::Error)), (of_filtered, filtered), (warned, of(Tone::Warning))]
}

/// What stands before its words.
fn sign_of(notice: Notice, utf8: bool) -> String {
    let mut driver = Driver::new(120, 40);
    driver.workbench.ui.graphics.utf8 = utf8;
    driver.workbench.model.notice = Some(notice);
    let screen = driver.screen();
    let before = screen.lines().find_map(|line| Some(line.split_once(" n7 has words")?.0));
    before.and_then(|before| before.split_whitespace().last()).unwrap_or_default().to_owned()
}

#[test]
fn messages_begin_where_the_words_of_the_prompt_do() {
    let hint = Hint::to(CommandId::EarlierPrompt, "reword it, or raise Safety tolerance");
    let text = "n2 was filtered by the service; sim $0.04 counted; it stays in the tree as it is";
    let column = |row: &str, words: &str| {
        let before = row.split_once(words).unwrap_or_else(|| panic!("{words}: {row}")).0;
        before.chars().count()
    };
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("red");
        let written = |driver: &Driver, words: &str, at: usize| {
            let screen = driver.screen();
            column(screen.lines().rev().nth(at).unwrap(), words)
        };
        let height = if rows < 40 { 2 } else { 3 };
        let begun = written(&driver, "red", 1 + height);
        driver.press("<C-u>");
        driver.workbench.model.notice = Some(Notice::new(Tone::Error, text).hint(hint.clone()));
        let screen = driver.screen();
        // In one row or in two.
        let lines: Vec<&str> = screen.lines().rev().skip(1).take(2).collect();
        let first = |row: &str| {
            let bare = row.trim_start_matches(['▌', '│', '─', ' ']);
            row.chars().count() - bare.chars().count()
        };
        assert_eq!(first(lines[0]), begun, "{screen}");
        assert!(!lines[1].contains('✗') || first(lines[1]) == begun, "{screen}");
        // So do remarks.
        driver.workbench.model.notice = None;
        driver.press("<Esc>M");
        let screen = driver.screen();
        let line = screen.lines().rev().nth(1).unwrap();
        assert!(line.trim_matches('─').is_empty() || first(line) == begun, "{screen}");
    }
}

#[test]
fn how_long_a_prompt_is_stands_beside_a_message_in_its_last_row() {
    let mut driver = Driver::new(200, 50);
    // Many tokens in two rows.
    driver.press("q z ".repeat(65).trim_end());
    let is_long = |screen: &str| {
        let row = screen.lines().rev().nth(2).unwrap().trim_end().to_owned();
        row.ends_with(" tokens").then_some(row)
    };
    let before = is_long(&driver.screen()).unwrap_or_else(|| panic!("{}", driver.screen()));
    let told = before.trim_start_matches(['▌', ' ']).to_owned();
    assert_eq!(driver.workbench.ui.prompt.rows(), 2, "{}", driver.screen());
    let text = format!("n2 failed: {} · not charged", "a fault ".repeat(18).trim_end());
    for tone in [Tone::Error, Tone::Warning, Tone::Good] {
        let hint = Hint::to(CommandId::EarlierPrompt, "take its words again, and change them");
        driver.workbench.model.notice = Some(Notice::new(tone, text.clone()).hint(hint));
        let row = is_long(&driver.screen()).unwrap_or_else(|| panic!("{}", driver.screen()));
        let (message, _) = row.split_once(&told).unwrap_or_else(|| panic!("{row}"));
        assert!(message.contains("n2 failed: a fault") && message.ends_with("   "), "{row}");
    }
}

#[test]
fn where_the_next_edit_starts_is_told_whole_at_every_size() {
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it {1..12}<Enter>y");
        driver.answer_all();
        driver.press("<A-h>Make it red<Esc>:n12<Enter>");
        for (keys, edits) in [("", "e: edit n12"), ("i", "Alt-e: edit n12")] {
            driver.press(keys);
            driver.workbench.model.notice = None;
            let screen = driver.screen();
            let row = screen.lines().rev().nth(1).unwrap();
            assert!(row.contains(edits) && !row.contains('…'), "{row}\n{screen}");
            assert!(row.contains("edits n1 "), "{row}\n{screen}");
        }
    }
}

/// Clauses that have no room are left out whole; what is cut inside one has the way to the rest.
#[test]
fn no_message_of_the_smallest_screen_ends_inside_a_clause_that_could_be_left_out() {
    let clauses = ["16 results", "the last is n41", "sim $0.64 together", "each of them is kept"];
    let hints = ["see all side by side", "take it back", "reword it, or raise Safety tolerance"];
    let mut left_out = 0;
    for keys in ["", "<Esc>"] {
        let mut driver = Driver::new(60, 20);
        driver.press(keys);
        for (count, hint) in (1..=4).flat_map(|count| hints.map(|hint| (count, hint))) {
            for (between, tone) in [(", ", Tone::Info), ("; ", Tone::Good), (" · ", Tone::Info)] {
                let text = clauses[..count].join(between);
                let hint = Hint::to(CommandId::Sheet, hint);
                driver.workbench.model.notice = Some(Notice::new(tone, text.clone()).hint(hint));
                let screen = driver.screen();
                let lines: Vec<&str> = screen.lines().rev().skip(1).take(2).collect();
                // Where much is left out a sign says so, and where it is.
                let is_whole = !lines.concat().contains('…');
                let leads = lines[0].contains(" … · ") && lines[0].contains(":messages");
                assert!(is_whole || leads, "{text}\n{screen}");
                assert!(lines.concat().contains("16 results"), "{text}\n{screen}");
                left_out += usize::from(!lines.concat().contains(clauses[count - 1]));
            }
        }
    }
    assert!(left_out > 0, "some do not fit");
}

/// So do the remarks that stand where messages do.
#[test]
fn remarks_of_the_smallest_screen_end_with_whole_clauses() {
    let told = |driver: &Driver| {
        let screen = driver.screen();
        screen.lines().rev().nth(1).unwrap_or_default().trim_matches(['─', ' ']).to_owned()
    };
    let mut seen = 0;
    for keys in
        ["<A-h>Make it blue", "<A-h>Make it blue<Esc>", "<A-c>", "<Esc><A-c>", "<A-h>text \"HELLO"]
    {
        let mut driver = Driver::new(60, 20);
        driver.press("Make it {1..3}<Enter>y");
        driver.answer_all();
        driver.press("<A-h>Make it red<Enter>");
        driver.answer_all();
        driver.press(keys);
        driver.workbench.model.notice = None;
        seen += usize::from(!told(&driver).is_empty());
        assert!(!told(&driver).ends_with('…'), "{keys}\n{}", driver.screen());
    }
    assert!(seen > 1, "{seen}");
    // Why it cannot be sent, however long that is.
    let mut driver = Driver::new(60, 20);
    let values =
        [("guidance_scale", "99"), ("safety_tolerance", "a word that is none of its values")];
    for (name, value) in values {
        driver.press(&format!("<Esc>:set {name} {}<Enter>", value.replace(' ', "<Space>")));
    }
    driver.press("<A-1>Make it blue");
    driver.workbench.model.notice = None;
    assert!(!told(&driver).ends_with('…'), "{}", driver.screen());
}

/// Whole counts for more than clauses, and for more than what was spent today; not than the price.
#[test]
fn a_refusal_is_whole_beside_the_next_price_at_the_smallest_size() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40)] {
        let screen = crate::screens::refused(columns, rows).screen();
        let seen: Vec<&str> =
            screen.lines().map(|line| line.trim_matches(['▌', '─', ' '])).collect();
        let told = seen[seen.len() - 3..].join(" ");
        assert!(screen.contains("sim next $0.04"), "{screen}");
        let told = told.replace("sim next $0.04", "").replace("· day $0.12", "");
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = "✗ n5 failed: the content filter refuses this: this prompt is not allowed · not charged";
        assert!(words.contains(all), "{words}\n{screen}");
    }
}
