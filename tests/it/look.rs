//! What the eye is led by: one bar for the row, one line for the pane, keys before figures, and rows
//! that are told apart.

use editree::app::failure::{Failure, FailureKind};
use editree::app::message::{ServiceResult, TaskResult};
use editree::ui::theme::palette::{Depth, Ground, ThemeChoice};
use editree::ui::theme::{Mark, Role, Theme};
use ratatui::style::{Color, Modifier};

use crate::support::driver::Driver;

const PHOTO: (u32, u32) = (1248, 832);
const BLACK: Ground = Ground { fg: Some([0xd8; 3]), bg: [0x14, 0x16, 0x1a] };

/// On a terminal that has told its colours.
pub(crate) fn coloured(mut driver: Driver) -> Driver {
    let palette = ThemeChoice::default().palette(Some(BLACK), Depth::True);
    driver.workbench.ui.graphics.palette = palette;
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    driver.press("<A-1>");
    driver
}

pub(crate) fn theme(driver: &Driver) -> Theme {
    driver.workbench.ui.theme()
}

/// The colours of this sign wherever it begins a row of what has the keys.
fn colours(driver: &Driver, sign: &str) -> Vec<Color> {
    let cells = driver.frame().cells;
    let is_it = |at: &ratatui::layout::Position| cells[*at].symbol() == sign;
    let selected = theme(driver).selected().bg;
    let found = cells.area.positions().filter(is_it).map(|at| cells[at].style());
    found.filter(|style| style.bg == selected).filter_map(|style| style.fg).collect()
}

fn last(driver: &Driver) -> String {
    driver.screen().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_bar_of_the_selected_row_has_one_colour_wherever_the_keys_go() {
    let mut driver = coloured(crate::screens::ten_jobs(120, 40));
    let focus = theme(&driver).cursor(true).fg.unwrap();
    for keys in ["<A-2>", "<A-4>", "<A-5>", "<Esc>:mo<Down>", "<Esc><Esc><Space>m"] {
        driver.press(keys);
        driver.answer_all();
        let bars = colours(&driver, "▌");
        // Beside it only the row of the tree, which has no keys.
        let is_lit = bars.iter().filter(|colour| **colour == focus).count() == 1;
        let is_quiet =
            bars.iter().all(|it| [focus, theme(&driver).cursor(false).fg.unwrap()].contains(it));
        assert!(is_lit && is_quiet, "{keys}: {bars:?}\n{}", driver.screen());
    }
}

#[test]
fn the_title_of_what_has_the_keys_fills_its_row_with_a_line() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = coloured(crate::screens::sixty(columns, rows));
        for (keys, title) in [
            ("<A-3>", "[3] tree"),
            ("<A-6>", "[6] n"),
            ("<A-4>", "[4] queue"),
            ("<A-5>", "[5] log"),
        ] {
            driver.press(keys);
            let screen = driver.screen();
            let lines: Vec<&str> = screen.lines().filter(|line| line.contains("━━")).collect();
            assert_eq!(lines.len(), 1, "{columns} {keys}\n{screen}");
            let (before, _) = lines[0].split_once("━━").unwrap();
            assert!(before.contains(title), "{columns} {keys}\n{screen}");
        }
        driver.press("<A-1>");
        assert!(!driver.screen().contains("━━"), "{}", driver.screen());
    }
}

#[test]
fn figures_give_way_to_keys_where_nothing_is_spent() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it {red|blue}<Enter>y");
    driver.answer_all();
    driver.press("<Esc>S");
    driver.workbench.model.notice = None;
    for told in ["Enter go there", "1 to 5 rate", "Tab compare", "b blind", "q close"] {
        assert!(last(&driver).contains(told), "{told}: {}", last(&driver));
    }
    driver.resize(200, 50);
    assert!(last(&driver).contains(" · session $0.08 · day $0.08"), "{}", last(&driver));
    // Where the keys make requests their price stays.
    driver.resize(60, 20);
    driver.press("<Esc>T");
    driver.workbench.model.notice = None;
    assert!(
        last(&driver).contains("e edit this") && last(&driver).contains("next $0.04"),
        "{}",
        last(&driver)
    );
    driver.resize(120, 40);
    for told in ["e edit this", ": commands", "* star", "Space menu", "next $0.04 · day $0.08"] {
        assert!(last(&driver).contains(told), "{told}: {}", last(&driver));
    }
}

#[test]
fn the_last_closed_drawers_stand_below_the_column_beside_the_picture() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let driver = coloured(crate::screens::sixty(columns, rows));
        let screen = driver.screen();
        let column = |words: &str| {
            let line = screen.lines().find(|line| line.contains(words)).unwrap();
            line.chars().count()
                - line.split_once(words).map_or(0, |(_, rest)| rest.chars().count())
                - words.chars().count()
        };
        assert_eq!(column("[4] queue"), column("[3] tree"), "{screen}");
        assert!(column("[5] log") > column("[4] queue"), "{screen}");
    }
}

/// Summer and winter by two models, four seeds each.
pub fn seasons(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make the cup red<Enter>");
    driver.answer_all();
    driver.press("Add a hat<Enter>");
    driver.answer_all();
    driver.press("Make it a {summer|winter} morning, {1..8}<Enter>y");
    driver.answer_all();
    let max = driver.model().catalogue.find("max").unwrap().id.clone();
    driver.change_nodes(|at, node| {
        let Some((recipe, at)) = node.recipe.as_mut().zip(at.checked_sub(3)) else { return };
        let season = if at < 8 { "summer" } else { "winter" };
        recipe.prompt = format!("Make it a {season} morning");
        recipe.values.insert("seed".into(), (at % 4 + 1).into());
        node.seed = Some((at % 4 + 1) as u64);
        if at % 8 > 3 {
            recipe.endpoint.clone_from(&max);
        }
    });
    coloured(driver)
}

/// The words of each node's row in the tree.
fn rows(driver: &Driver) -> Vec<String> {
    let screen = driver.screen();
    let row = |line: &str| {
        let (_, row) =
            ["├─● n", "├● n", "├n"].into_iter().find_map(|sign| line.rsplit_once(sign))?;
        Some(row.trim_end_matches(['│', '┃', ' ']).to_owned())
    };
    screen.lines().filter_map(row).collect()
}

#[test]
fn rows_of_the_tree_are_told_apart_however_narrow_it_is() {
    for (columns, height, told) in [
        (60, 20, ["s", "s"]),
        (80, 24, ["pro s", "max s"]),
        (100, 30, ["pro seed ", "max seed "]),
        (120, 40, ["pro seed ", "max seed "]),
    ] {
        let driver = seasons(columns, height);
        let rows = rows(&driver);
        assert!(rows.len() > 2, "{}", driver.screen());
        for row in &rows {
            let (number, words) = row.split_once(' ').unwrap();
            let all = told.iter().flat_map(|told| (1..5).map(move |seed| format!("{told}{seed}")));
            let has_seed = all.into_iter().any(|seed| words.ends_with(&seed));
            assert!(has_seed && !number.is_empty(), "{row}\n{}", driver.screen());
            // Its own words are whole.
            let is_told = words.contains("summer") || words.contains("winter");
            assert!(is_told, "{row}\n{}", driver.screen());
        }
    }
}

#[test]
fn a_question_has_the_colour_of_what_is_at_stake_and_tells_both_ways_in_the_box() {
    let mut driver = coloured(crate::screens::sixty(120, 40));
    for (keys, role, yes, no) in [
        ("<Esc>1Gd", Role::Warning, "y move all 57", "Esc keep them"),
        ("<Esc>iMake it {1..3}<Enter>", Role::Money, "y send", "Esc cancel"),
    ] {
        driver.press(keys);
        let screen = driver.screen();
        assert!(screen.contains(&format!("┃  {yes}  {no}")), "{screen}");
        assert!(![yes, no].iter().any(|way| last(&driver).contains(way)), "{screen}");
        let cells = driver.frame().cells;
        let corner = cells.area.positions().find(|at| cells[*at].symbol() == "┏").unwrap();
        assert_eq!(Some(cells[corner].fg), theme(&driver).role(role).fg, "{screen}");
        let y = corner.y
            + screen
                .lines()
                .skip(usize::from(corner.y))
                .position(|line| line.contains(yes))
                .unwrap() as u16;
        // Below a blank row the answer is filled in that colour, the way out is plain.
        let x = corner.x + 3;
        let answer = &cells[(x, y)];
        assert_eq!(Some(answer.fg), theme(&driver).role(role).fg, "{screen}");
        assert!(answer.modifier.contains(Modifier::REVERSED), "{screen}");
        let end = x + u16::try_from(yes.len()).unwrap();
        assert!(cells[(end, y)].modifier.contains(Modifier::REVERSED), "{screen}");
        let way = &cells[(end + 2, y)];
        assert_eq!((way.symbol(), way.fg.into()), ("E", theme(&driver).accent().fg), "{screen}");
        assert!(!way.modifier.contains(Modifier::REVERSED), "{screen}");
        let above: String =
            (corner.x + 1..corner.x + 30).map(|x| cells[(x, y - 1)].symbol()).collect();
        assert!(above.trim().is_empty(), "{screen}");
    }
}

/// Solid in that colour is only where the next edit starts, when one sees something else.
#[test]
fn the_loudest_thing_is_that_the_edit_starts_elsewhere() {
    let mut driver = coloured(crate::screens::sixty(120, 40));
    let loud = |driver: &Driver| {
        let (cells, loud) = (driver.frame().cells, theme(driver).in_field().banner());
        let is_it = |at: &ratatui::layout::Position| {
            let style = cells[*at].style();
            (style.fg, style.add_modifier) == (loud.fg, loud.add_modifier)
        };
        cells
            .area
            .positions()
            .filter(is_it)
            .map(|at| cells[at].symbol().to_owned())
            .collect::<String>()
    };
    assert!(driver.screen().contains(" SIMULATOR "));
    assert_eq!(loud(&driver), "", "{}", driver.screen());
    driver.tick(60_000);
    driver.press("Make it blue<Esc>h");
    // With a blank at each side, in the colour of the mark where edits start.
    assert!(loud(&driver).starts_with(" from n33 "), "{:?}\n{}", loud(&driver), driver.screen());
    let screen = driver.screen();
    assert!(screen.contains("the prompt edits n33"), "{screen}");
    assert!(loud(&driver).ends_with("832 "), "{:?}", loud(&driver));
    assert_eq!(theme(&driver).banner().fg, theme(&driver).role(Mark::Parent.role()).fg);
    // Over the line above the keys words keep their own colour.
    let rule = u16::try_from(screen.lines().count() - 2).unwrap();
    let cells = driver.frame().cells;
    let colour = |sign: &str| {
        let is_it = |x: &u16| cells[(*x, rule)].symbol() == sign;
        cells[((0..120).find(is_it).unwrap(), rule)].fg
    };
    let line = theme(&driver).role(Role::Line).fg.unwrap();
    assert_eq!((colour("y"), colour("─")), (Color::Reset, line), "{screen}");
}

#[test]
fn the_sheet_uses_the_rows_of_the_screen_and_tells_what_is_out_of_sight() {
    let mut driver = seasons(80, 24);
    driver.press("<Esc>:n10<Enter>S");
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    driver.press("l");
    let frame = driver.frame();
    let all: u32 = frame.placements.iter().map(|placement| placement.area.area()).sum();
    let (count, screen) = (frame.placements.len(), driver.screen());
    assert!(all * 100 / (80 * 24) >= 38, "{count}: {all}\n{screen}");
    let header = screen.lines().next().unwrap_or_default();
    assert!(header.contains("contact sheet · ") && header.contains(" of 16"), "{screen}");
    driver.resize(60, 20);
    driver.press("h");
    let seen = driver.frame().placements.len();
    assert!(driver.screen().contains(&format!("{} more below", 16 - seen)), "{}", driver.screen());
}

#[test]
fn the_command_line_tells_what_enter_will_do() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:mo");
    // As many names begin so: none of them is run, and none is lit.
    assert!(
        last(&driver).starts_with(" Up Down select  type on: 4 begin with mo"),
        "{}",
        last(&driver)
    );
    assert!(!driver.screen().contains("┃▌"), "{}", driver.screen());
    driver.press("<Tab>");
    assert!(last(&driver).contains("Enter run"), "{}", last(&driver));
    driver.press("<Esc>:nonsense");
    assert!(!last(&driver).contains("Enter"), "{}", last(&driver));
    driver.press("<Enter>");
    let screen = driver.screen();
    let row = |words: &str| screen.lines().position(|line| line.contains(words));
    let (typed, why) = (row(": nonsense").unwrap(), row("no command `nonsense`").unwrap());
    assert_eq!(why, typed + 1, "{screen}");
    assert!(!screen.contains("no match"), "{screen}");
    assert!(!screen.contains("did you mean"), "{screen}");
}

#[test]
fn what_is_wrong_with_a_value_stands_at_it_and_stays_to_be_mended() {
    for (columns, rows, told) in
        [(80, 24, "99 is above 20"), (120, 40, "above 20"), (200, 50, "99 is above 20")]
    {
        let mut driver = coloured(Driver::new(columns, rows));
        driver.press("<A-2>j99<Enter>");
        let screen = driver.screen();
        let fields = screen
            .lines()
            .position(|line| line.contains("Guidance 99") || line.contains("Guidance  "))
            .unwrap();
        // Once, where it is typed; the keys say what would be right.
        assert_eq!(screen.matches("above 20").count(), 1, "{screen}");
        assert_eq!(screen.matches("1 to 20").count(), 1, "{screen}");
        let keys = "type 1 to 20  Ctrl-U Enter default 3.5  Esc drop";
        assert!(last(&driver).contains(keys), "{}", last(&driver));
        let why = screen.lines().position(|line| line.contains(told));
        let why = why.unwrap_or_else(|| panic!("{told}\n{screen}"));
        // In its row where that has the columns, else in the next.
        assert_eq!(why, fields + usize::from(columns == 80), "{screen}");
        // Still open: it is mended, not typed again.
        driver.press("<Backspace><Enter>");
        let set = driver.model().draft.values.get("guidance_scale").and_then(|it| it.as_f64());
        assert_eq!(set, Some(9.0), "{}", driver.screen());
    }
}

#[test]
fn fields_that_are_out_of_sight_are_counted_in_the_title() {
    let mut driver = coloured(Driver::new(60, 20));
    driver.press("<A-2>");
    let screen = driver.screen();
    let title = screen.lines().find(|line| line.contains("[2] parameters")).unwrap();
    let count =
        title.split(" below").next().and_then(|it| it.trim_end_matches(" more").rsplit(' ').next());
    let count: usize =
        count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{screen}"));
    driver.press("G");
    assert!(count > 0 && !driver.screen().contains(" below"), "{}", driver.screen());
}

/// Sent while the service turns all away.
pub(crate) fn turned_away(driver: &mut Driver, keys: &str) {
    driver.press(keys);
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match driver.answer(effect) {
            Some(TaskResult::Service(ServiceResult::Sent { job, .. })) => {
                let failure = Failure::new(FailureKind::Policy, "not allowed");
                Some(TaskResult::Service(ServiceResult::Sent { job, answer: Err(failure) }))
            }
            other => other,
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
}

#[test]
fn each_request_that_failed_counts_and_one_message_tells_of_it() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = coloured(Driver::new(columns, rows));
        turned_away(&mut driver, "Make it red<Enter>");
        assert!(driver.screen().contains("[5] log ✗1"), "{}", driver.screen());
        turned_away(&mut driver, "<C-u>Make it red<Enter>");
        let screen = driver.screen();
        assert!(screen.contains("[5] log ✗2"), "the same words twice are two\n{screen}");
        assert!(screen.contains("not charged"), "{screen}");
        let told = |words: &str| screen.matches(words).count();
        assert_eq!(
            (told("n3 failed: "), told("n3 from n1"), told("you see")),
            (1, 0, 0),
            "{screen}"
        );
        assert!(!screen.lines().any(|row| row.trim_end().ends_with('·')), "{screen}");
    }
}

#[test]
fn a_failure_names_its_picture_where_another_one_is_shown() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.workbench.model.current = None;
    turned_away(&mut driver, "");
    assert!(driver.screen().contains("n2 from n1 failed: "), "{}", driver.screen());
}

#[test]
fn enter_is_offered_in_the_command_line_only_where_it_runs_something() {
    let mut driver = coloured(Driver::new(120, 40));
    let keys = [("<Esc>:", true), ("mo", false), ("del", true), ("<Esc><Esc>:<Down>", true)];
    for (keys, offers) in keys {
        driver.press(keys);
        assert_eq!(last(&driver).contains("Enter run"), offers, "{keys}: {}", last(&driver));
    }
    driver.press("<Esc><F1>");
    assert!(last(&driver).contains("Enter run zoom-in"), "{}", last(&driver));
}

#[test]
fn no_title_cuts_the_number_of_a_picture() {
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
        let mut driver = seasons(columns, rows);
        for node in driver.workbench.model.nodes.values_mut() {
            node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
        }
        // Two of as many digits as they may have here.
        driver.press("<Esc>:12<Enter>eiAdd a ribbon<Enter>");
        driver.answer_all();
        for keys in ["<Esc>", "c", "c", "m", "m", "m", "m", "m", "S", "<Esc>T", "<Esc>", "I"] {
            driver.press(keys);
            driver.answer_all();
            let screen = driver.screen();
            let is_cut = |word: &str| {
                let number = word.strip_suffix('…').and_then(|word| word.strip_prefix('n'));
                number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
            };
            let titles = screen.lines().filter(|line| line.contains("[6] ") || line.contains("━"));
            for title in titles {
                assert!(!title.split(' ').any(is_cut), "{columns} {keys}\n{screen}");
            }
            if keys == "c" {
                let title = screen.lines().find(|line| line.contains("[6] ")).unwrap();
                let is_it = [", before", ", after"].iter().any(|which| title.contains(which));
                assert!(is_it, "which of the two is seen\n{screen}");
            }
        }
    }
}

#[test]
fn rows_of_commands_show_the_way_through_the_menu_where_they_have_no_key() {
    let mut driver = coloured(Driver::new(120, 40));
    for (keys, words) in [("<Esc>:choose", "Space m"), ("<Esc>:open a", "Space f")] {
        driver.press(keys);
        let screen = driver.screen();
        let is_told = screen.lines().any(|line| line.contains(words));
        assert!(is_told, "{words}\n{screen}");
    }
    driver.press("<Esc>?");
    let screen = driver.screen();
    let row = |words: &str| screen.lines().position(|line| line.contains(words));
    assert!(row(" Here ").unwrap() < row(" Often ").unwrap(), "the keys of here first\n{screen}");
}

#[test]
fn a_command_in_the_prompt_is_neither_swept_nor_an_earlier_prompt() {
    let mut driver = coloured(Driver::new(120, 40));
    driver.press("<Esc>B");
    assert!(driver.screen().contains("nothing to vary yet: write a prompt"), "{}", driver.screen());
    assert!(!last(&driver).contains("Enter"), "{}", last(&driver));
    driver.press("<Esc>i:model max<Esc>B");
    let screen = driver.screen();
    assert!(screen.contains(": model max") && !screen.contains("requests ·"), "{screen}");
    driver.press("<Esc>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.model().draft.aside.is_empty(), "{:?}", driver.model().draft.aside);
    assert_eq!(driver.model().draft.prompt, "", "{}", driver.screen());
}

#[test]
fn the_prompt_is_a_field_as_wide_as_the_screen_wherever_the_keys_go() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = coloured(crate::screens::sixty(columns, rows));
        for keys in ["<A-1>", "<A-6>", "<A-3>"] {
            driver.press(keys);
            let (cells, screen) = (driver.frame().cells, driver.screen());
            let row = screen.lines().position(|line| line.contains("[1] describe the change"));
            let row = u16::try_from(row.unwrap()).unwrap();
            let ground = theme(&driver).field().bg.unwrap();
            let is_filled =
                |x: u16| cells[(x, row)].bg == ground && cells[(x, row + 1)].bg == ground;
            assert!((0..columns).all(is_filled), "{columns} {keys}\n{screen}");
            assert!(cells[(0, row - 1)].bg != ground, "{columns} {keys}\n{screen}");
        }
    }
    // Without colours its bar is the field.
    for is_told in [false, true] {
        let mut driver = crate::screens::sixty(120, 40);
        driver.press(if is_told { "<A-1>" } else { "<A-6>" });
        let bar = if is_told { "▌[1] describe" } else { "│[1] describe" };
        assert!(driver.screen().lines().any(|line| line.starts_with(bar)), "{}", driver.screen());
    }
}

/// Where the picture fills its place the title above its words tells it.
#[test]
fn what_is_under_way_is_told_beside_the_title_wherever_that_stands() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = coloured(crate::screens::ten_jobs(columns, rows));
        driver.press("<A-6>");
        let screen = driver.screen();
        let title = screen.lines().find(|line| line.contains("[6] n4")).unwrap();
        assert!(title.contains("◐ n5 0 s · n6"), "{screen}");
    }
}
