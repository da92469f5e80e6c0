//! What gives way where there is little room: the explanation before the values, signs that all rows
//! share before the words that tell them apart.

use editree::app::compare::ComparisonView;
use editree::app::effect::{Effect, PictureEffect};
use editree::app::message::{PictureResult, TaskResult};
use editree::tree::Hash;
use editree::ui::registry;
use editree::ui::theme::palette::{Depth, Ground, ThemeChoice};

use crate::support::driver::{Driver, hash};

/// All pictures have the shape of a photo.
fn photos(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    as_photos(&mut driver);
    driver
}

fn as_photos(driver: &mut Driver) {
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = (1248, 832));
    }
    // The layout follows the picture after the next step.
    driver.press("<A-1>");
}

/// The row that has these words, without blanks at its ends.
fn row(driver: &Driver, words: &str) -> String {
    let screen = driver.screen();
    let row = screen.lines().find(|line| line.contains(words));
    row.unwrap_or_else(|| panic!("{words}\n{screen}")).trim().to_owned()
}

/// The place of the row that has these words.
fn place(driver: &Driver, words: &str) -> usize {
    let screen = driver.screen();
    let place = screen.lines().position(|line| line.contains(words));
    place.unwrap_or_else(|| panic!("{words}\n{screen}"))
}

#[test]
fn no_parameter_gives_way_to_what_explains_another() {
    let mut driver = photos(80, 24);
    driver.press("<A-2>");
    let names: Vec<String> = driver
        .model()
        .endpoint()
        .unwrap()
        .form()
        .map(|param| param.label.split(' ').next().unwrap().to_owned())
        .collect();
    assert!(names.len() > 6, "{names:?}");
    for keys in ["", "j99<Enter>"] {
        driver.press(keys);
        let screen = driver.screen();
        assert!(!screen.contains(" below"), "{screen}");
        for name in &names {
            assert!(screen.contains(&format!(" {name}")), "{name}\n{screen}");
        }
    }
    // The reason right below the value, in one row, and the explanation in whole sentences.
    let (value, why) = (place(&driver, "Guidance "), place(&driver, "99 is above 20"));
    assert_eq!(why, value + 1, "{}", driver.screen());
    assert!(!driver.screen().contains("(1 to"), "one row\n{}", driver.screen());
    assert!(place(&driver, "Default: 3.5.") > why, "{}", driver.screen());
    assert!(place(&driver, " harsh.") > why, "{}", driver.screen());
}

#[test]
fn what_explains_a_parameter_is_told_in_whole_sentences() {
    for model in ["pro", "max", "pro-multi"] {
        let mut driver = photos(80, 24);
        driver.press(&format!("<Esc>:model {model}<Enter><A-2>"));
        for _ in 0..driver.model().endpoint().unwrap().form().count() {
            let screen = driver.screen();
            let side: Vec<String> = screen
                .lines()
                .skip(2)
                .take(17)
                .map(|line| line.chars().skip(54).collect())
                .collect();
            assert!(!side.iter().any(|line| line.contains('…')), "{model}\n{screen}");
            let help = side.iter().take_while(|line| !line.contains("[4] queue"));
            let last = help.filter(|line| !line.trim().is_empty()).last().unwrap();
            assert!(last.trim_end().ends_with('.'), "{model}\n{screen}");
            driver.press("j");
        }
    }
}

#[test]
fn a_narrow_log_says_once_that_its_sums_are_simulated() {
    let mut driver = photos(200, 50);
    driver.press("Put a biscuit beside the cup<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc>");
    let title = row(&driver, "[5] log");
    assert!(title.contains("log · sim prices"), "{title}");
    let told = row(&driver, " n2 ✓ ");
    assert!(told.contains(" $0.04") && !told.contains("sim $0.04"), "{told}");
    driver.press("<A-5>f");
    let title = row(&driver, "[5] log");
    assert!(!title.contains("sim prices"), "{title}");
    assert!(row(&driver, " n2 ✓ ").contains("sim $0.04"), "{}", driver.screen());
}

#[test]
fn real_sums_are_called_nothing_but_what_they_are() {
    let mut driver = Driver::new(200, 50);
    driver.workbench.model.profile.simulated = false;
    driver.press("Put a biscuit beside the cup<Enter>");
    driver.answer_all();
    driver.press("<Esc>");
    assert!(!driver.screen().contains("sim prices"), "{}", driver.screen());
}

#[test]
fn takes_show_words_and_values_in_the_tree() {
    let mut driver = Driver::new(200, 50);
    driver.press("Make it a watercolour, {1..4}<Enter>y");
    driver.answer_all();
    driver.change_nodes(|at, node| {
        let Some((recipe, at)) = node.recipe.as_mut().zip(at.checked_sub(1)) else { return };
        recipe.prompt = "Make it a watercolour".into();
        recipe.values.insert("seed".into(), (at / 2 + 1).into());
        recipe.values.insert("guidance_scale".into(), if at % 2 == 0 { 2.5 } else { 3.5 }.into());
    });
    as_photos(&mut driver);
    driver.press("<Esc><A-3>");
    let screen = driver.screen();
    let takes: Vec<&str> = screen.lines().filter(|line| line.contains("─● n")).collect();
    assert_eq!(takes.len(), 4, "{screen}");
    let told = ["g2.5 seed 1", "g3.5 seed 1", "g2.5 seed 2", "g3.5 seed 2"];
    for (take, differs) in takes.iter().zip(told) {
        let (_, words) = take.split_once(" watercolour ").unwrap_or_else(|| panic!("{screen}"));
        assert!(words.contains(differs), "{screen}");
    }
}

/// What a comparison of two photos has found, in these words.
pub(crate) fn found(description: &[&str], in_short: &[&str]) -> ComparisonView {
    let told = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect();
    ComparisonView {
        description: told(description),
        in_short: told(in_short),
        size: (1248, 832),
        aligned: hash(901),
        blend: hash(902),
        heat: hash(903),
        unchanged_psnr_db: Some(38.5),
        changed_fraction: 0.09,
        beside_regions: None,
        fit: None,
    }
}

/// The last result is compared with its parent, as this was found.
fn compared(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc>c");
    let pair = |effect: Effect| match effect {
        Effect::Picture(PictureEffect::Compare { a, b, .. }) => Some((a, b)),
        _ => None,
    };
    let pairs: Vec<(Hash, Hash)> = driver.take().into_iter().filter_map(pair).collect();
    let found = found(
        &[
            "9 % changed at the top",
            "rest good, 38.5 dB",
            "0.4 % larger, moved 1.0 px right, 1.2 px down",
        ],
        &["9 % at the top", "rest good, 38.5 dB"],
    );
    for (a, b) in pairs {
        let found = Ok(Box::new(found.clone()));
        driver.finish(TaskResult::Picture(PictureResult::Compared { a, b, found }));
    }
    driver
}

#[test]
fn how_much_changed_is_whole_however_small_the_screen_is() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut driver = compared(columns, rows);
        for mode in ["", "m", "m", "m", "m"] {
            driver.press(mode);
            let screen = driver.screen();
            let has = |parts: [&str; 2]| parts.iter().all(|part| screen.contains(part));
            let is_whole = has(["9 % changed at the top", "rest good, 38.5 dB"]);
            let is_short = has(["9 % at the top", "rest good, 38.5 dB"]);
            let is_told = has(["9 % changed at ", " the top"]) || screen.contains("9 % at the top");
            let is_folded = is_told && has(["rest good,", "38.5 dB"]);
            assert!(is_whole || is_short || columns == 60 && is_folded, "{screen}");
        }
        let screen = driver.screen();
        let legend =
            ["dark: changed less, bright: more", "dark less, bright more", "dark to bright"];
        assert!(legend.iter().any(|form| screen.contains(form)), "{screen}");
    }
}

#[test]
fn what_did_not_change_is_a_table_in_the_details() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = compared(columns, rows);
        driver.press("<Esc>I");
        let measured = |a: u32, b: u32| editree::app::message::TaskEvent::Measured {
            pair: (hash(a), hash(b)),
            similarity: editree::app::compare::Similarity {
                psnr: Some(38.5),
                ssim: Some(0.987),
                changed_fraction: 0.1,
            },
        };
        driver.event(measured(1, 2));
        let screen = driver.screen();
        let head = row(&driver, " SSIM");
        let end = |line: &str, words: &str| {
            let at = line.find(words).unwrap_or_else(|| panic!("{words}\n{screen}"));
            line[..at].chars().count() + words.chars().count()
        };
        let full = |words: &str| screen.lines().find(|line| line.contains(words)).unwrap();
        for name in ["┃ parent ", "┃ root "] {
            let line = full(name);
            assert_eq!(end(line, "38.5"), end(full(" SSIM"), " dB"), "{head}\n{screen}");
            assert_eq!(end(line, "0.987"), end(full(" SSIM"), " SSIM"), "{screen}");
        }
        assert_eq!(screen.matches("unchanged: ").count(), 1, "{screen}");
        assert!(!screen.contains("good ▆") && !screen.contains("good █"), "{screen}");
        // Names and what they are stand in two columns at every size.
        let names = ["model", "seed", "price", "from", "took", "changed", "settings", "endpoint"];
        let told = names.map(|name| (name, format!("┃ {name}")));
        let told = told.into_iter().filter_map(|(name, begun)| {
            let line = screen.lines().find(|line| line.contains(&begun))?;
            let rest = line.split_once(&begun)?.1;
            Some(name.len() + rest.chars().take_while(|sign| *sign == ' ').count())
        });
        let told: Vec<usize> = told.collect();
        assert!(told.len() >= 5 && told.iter().all(|column| *column == 10), "{told:?}\n{screen}");
    }
}

#[test]
fn each_model_has_its_name_whole_and_what_is_not_known_in_the_column_of_prices() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = photos(columns, rows);
        driver.press("<Esc>:model<Enter>");
        // What nobody knows stands below what is known.
        let screen = driver.screen();
        let first = screen.lines().skip_while(|row| !row.contains("not known"));
        assert!(!first.into_iter().any(|row| row.contains(" per ")), "{screen}");
        let mut seen = String::new();
        for _ in 0..30 {
            seen.push_str(&driver.screen());
            driver.press("<Down>");
        }
        let rows: Vec<&str> = seen.lines().filter(|row| row.contains("not known")).collect();
        assert!(rows.len() > 5, "{seen}");
        for row in rows {
            let (_, inside) = row.split_once('┃').unwrap();
            let (inside, _) = inside.split_once('┃').unwrap();
            assert!(inside.trim_end().ends_with("price not known"), "{row}");
            assert!(inside.width_from_end() <= 1, "in the right column: {row}");
        }
        assert!(seen.contains(" kontext/max "), "{seen}");
        let names = seen.lines().filter_map(|row| row.split_once("┃  "));
        assert!(!names.into_iter().any(|(_, name)| name.starts_with('…')), "{seen}");
        assert!(columns == 80 || seen.contains("[max], this endpoint only "), "{seen}");
    }
}

trait Blank {
    fn width_from_end(&self) -> usize;
}

impl Blank for str {
    /// Blanks behind the last word.
    fn width_from_end(&self) -> usize {
        self.chars().rev().take_while(|sign| *sign == ' ').count()
    }
}

#[test]
fn what_one_looks_for_covers_the_column_beside_the_picture_and_moves_nothing() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = photos(columns, rows);
        let ground = Ground { fg: Some([0xd8; 3]), bg: [0x14, 0x16, 0x1a] };
        driver.workbench.ui.graphics.palette =
            ThemeChoice::default().palette(Some(ground), Depth::True);
        driver.press("Put a blue hat on the cat, {1..4}<Enter>y");
        driver.answer_all();
        let made = driver.workbench.model.nodes.values_mut().filter_map(|it| it.recipe.as_mut());
        made.for_each(|recipe| recipe.prompt = "Put a blue hat on the cat".into());
        as_photos(&mut driver);
        driver.press("<Esc>");
        let picture = driver.frame().placements[0].area;
        let at = place(&driver, "[3] tree") as u16;
        let x = (0..columns).find(|x| driver.frame().cells[(*x, at)].symbol() == "3").unwrap();
        driver.press("/hat");
        driver.workbench.model.finder.found.text = "hat".into();
        driver.workbench.model.finder.found.nodes =
            driver.model().nodes.keys().copied().skip(1).collect();
        driver.press("<Left>");
        let (frame, screen) = (driver.frame(), driver.screen());
        assert_eq!(frame.placements[0].area, picture, "{screen}");
        let cover = *frame.covers.last().unwrap();
        let side = if columns == 200 { picture.right() } else { x };
        assert!(cover.x + 2 >= side && !cover.intersects(picture), "{cover} {side}\n{screen}");
        // What is not covered goes back, as behind a menu.
        let quiet = driver.workbench.ui.theme().role(editree::ui::theme::Role::Line).fg;
        let text = frame.cells.area.positions().filter(|it| {
            let is_free = !cover.contains(*it) && !picture.contains(*it);
            is_free && (1..rows - 2).contains(&it.y) && frame.cells[*it].symbol() != " "
        });
        let loud = text.filter(|it| Some(frame.cells[*it].fg) != quiet).count();
        assert_eq!(loud, 0, "{screen}");
        // Takes are told apart, and Enter has one name.
        for take in 1..5 {
            let told = [format!("take {take}"), format!("#{take}")];
            assert!(told.iter().any(|told| screen.contains(told.as_str())), "{take}\n{screen}");
        }
        assert!(screen.lines().last().unwrap().contains("Enter go there"), "{screen}");
        assert_eq!(screen.matches("Enter").count(), 1, "{screen}");
    }
}

#[test]
fn small_pictures_do_not_touch_the_large_one() {
    for (columns, rows) in [(120, 40), (200, 50)] {
        let mut driver = photos(columns, rows);
        driver.workbench.ui.graphics.protocol = "kitty".into();
        driver.press("Put a blue hat on the cat, {1..4}<Enter>y");
        driver.answer_all();
        as_photos(&mut driver);
        driver.press("<Esc>ll");
        let areas: Vec<_> = driver.frame().placements.iter().map(|it| it.area).collect();
        let large = areas.iter().max_by_key(|area| area.area()).unwrap();
        let strip: Vec<_> = areas.iter().filter(|area| area.y >= large.bottom()).collect();
        assert!(strip.len() >= 4, "{areas:?}\n{}", driver.screen());
        let tops = strip.iter().map(|area| area.y - large.bottom());
        assert!(tops.into_iter().all(|gap| gap == 1), "{areas:?}\n{}", driver.screen());
    }
}

#[test]
fn the_frame_of_the_chosen_tile_ends_below_its_words() {
    let mut driver = photos(120, 40);
    driver.press("Put a blue hat on the cat, {1..8}<Enter>y");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc>:n2<Enter>S");
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let end = rows.iter().position(|row| row.contains('┗')).unwrap_or_else(|| panic!("{screen}"));
    let above = rows[end - 1].split('┃').nth(1).unwrap_or_else(|| panic!("{screen}"));
    assert!(!above.trim().is_empty(), "{screen}");
}

#[test]
fn the_words_of_each_command_begin_with_what_it_does() {
    let verbs = "accept add align apply browse cancel change choose clear close collapse compare copy \
        crop cycle delete draw edit expand explain find fit follow go inject insert keep leave list lower make \
        mark move name narrow open paste pause pick preview quit raise rate redo redraw reject remove reorder \
        repeat replay replace reset restore run save say search send show shuffle split star step suspend \
        set sweep switch take tell toggle translate turn type undo use \
        widen wrap zoom";
    let verbs: Vec<&str> = verbs.split_whitespace().collect();
    for row in registry::rows() {
        for doc in [row.doc, row.alias_doc].into_iter().filter(|doc| !doc.is_empty()) {
            let first = doc.split([' ', ';', ':', ',']).next().unwrap_or_default();
            assert!(verbs.contains(&first), "{}: {doc}", row.name);
            // What else is to be known of it is told where it is selected.
            let does = doc.split("; ").next().unwrap_or_default();
            assert!(does.split(' ').count() <= 6 && does.len() <= 40, "{}: {does}", row.name);
        }
    }
}

#[test]
fn where_no_picture_is_shown_what_cannot_run_says_so_too() {
    for (name, why) in [
        ("heal", "no picture to heal"),
        ("undo", "nothing to undo"),
        ("redo", "nothing to redo"),
        ("trash-list", "the trash is empty"),
    ] {
        let mut driver = Driver::new(120, 40);
        driver.workbench.model.current = None;
        driver.press(&format!("<Esc>:{name}"));
        assert!(driver.screen().contains(why), "{name}: {}", driver.screen());
    }
}

#[test]
fn what_cannot_run_is_struck_through_and_says_why_in_its_row() {
    use ratatui::style::Modifier;
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = photos(columns, rows);
        driver.press("<Esc>:");
        let struck = |driver: &Driver, words: &str| {
            let y = place(driver, words) as u16;
            let cells = driver.frame().cells;
            let text: Vec<u16> = (0..columns).filter(|x| cells[(*x, y)].symbol() != " ").collect();
            text.iter().any(|x| cells[(*x, y)].modifier.contains(Modifier::CROSSED_OUT))
        };
        assert!(!struck(&driver, "edit from this picture"), "{}", driver.screen());
        // In the place of its name, whether it is selected or not.
        driver.press("und");
        let screen = driver.screen();
        let row = screen.lines().find(|row| row.contains("undo the last decision")).unwrap();
        assert!(row.contains(" nothing to undo ┃") && !row.contains("▌"), "{screen}");
        driver.press("<C-u>");
        // An opened picture was made from none; what it is called and does stays to be read.
        driver.press("heal");
        let screen = driver.screen();
        assert!(struck(&driver, "restore what should not have"), "{screen}");
        assert!(screen.contains("has no parent"), "{screen}");
        driver.press("<Esc>i");
        driver.press("Make it red<Enter>");
        driver.answer_all();
        driver.press("<Esc>:");
        assert!(!struck(&driver, "restore what should not have"), "{}", driver.screen());
    }
}

/// They stand in the titles as digits, which are counts by themselves.
#[test]
fn the_keys_of_the_digits_in_the_titles_are_told_where_there_is_room() {
    let mut driver = crate::screens::sixty(150, 40);
    for place in ["<Esc>", "<A-3>", "<A-1>"] {
        driver.press(place);
        assert!(
            driver.screen().lines().last().unwrap_or_default().contains("Alt-1–6 panes"),
            "{place}: {}",
            driver.screen()
        );
    }
    driver.resize(60, 20);
    assert!(
        !driver.screen().lines().last().unwrap_or_default().contains("Alt-1"),
        "{}",
        driver.screen()
    );
}
