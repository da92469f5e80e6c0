//! What is told at a glance: each state by a mark of its own, a title in one form everywhere, in a
//! row only what tells it from the others, and as a count only what is still open.

use std::collections::BTreeSet;

use editree::app::effect::{Effect, ServiceEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::{JobId, State};
use editree::app::message::{PictureResult, TaskEvent, TaskResult};
use editree::app::money::account::{Account, Entry};
use editree::tree::{Node, NodeId, PictureRef, Timestamp};
use editree::ui::theme::Mark;

use crate::look::{coloured, theme};
use crate::screens::ten_jobs;
use crate::support::driver::Driver;

const PHOTO: (u32, u32) = (1248, 832);

fn as_photos(driver: &mut Driver) {
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    driver.press("<A-1>");
}

/// Thumbnails stand beside the words, so that a node has two rows.
fn with_thumbs(columns: u16, rows: u16, prompts: &[&str]) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.workbench.ui.graphics.protocol = "kitty".into();
    for prompt in prompts {
        driver.press(&format!("{prompt}<Enter>"));
        driver.answer_all();
        driver.press("<A-h>");
    }
    as_photos(&mut driver);
    driver
}

/// The service has what left, and says nothing more of it.
fn accepted(driver: &mut Driver) {
    let follows = |effect: &Effect| matches!(effect, Effect::Service(ServiceEffect::Follow { .. }));
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let answer = if follows(&effect) { None } else { driver.answer(effect) };
        answer.into_iter().for_each(|answer| driver.finish(answer));
    }
}

fn line(driver: &Driver, words: &str) -> String {
    let screen = driver.screen();
    let found = screen.lines().find(|line| line.contains(words));
    found.unwrap_or_else(|| panic!("no `{words}`\n{screen}")).to_owned()
}

#[test]
fn each_state_has_a_mark_of_its_own_and_the_help_lists_it() {
    for ascii in [false, true] {
        let signs: BTreeSet<&str> = Mark::ALL.iter().map(|mark| mark.sign(ascii)).collect();
        assert_eq!(signs.len(), Mark::ALL.len(), "{signs:?}");
    }
    let mut driver = Driver::new(120, 40);
    driver.press("<F1>symbols");
    let screen = driver.screen();
    for told in ["◐ running", "◔ queued", "◌ not sent yet", "◕ result awaited"] {
        assert!(screen.contains(told), "{told}\n{screen}");
    }
}

#[test]
fn running_queued_and_waiting_are_told_apart_in_tree_queue_and_header() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.profile.limit = Some(2);
    driver.press("Make it {red|blue|green}<Enter>y");
    accepted(&mut driver);
    driver.event(TaskEvent::Status { job: JobId(2), state: State::Running });
    let header = driver.screen().lines().next().unwrap_or_default().to_owned();
    let told = "◐ 1 running  ◔ 1 queued  ◌ 1 not sent yet";
    assert!(header.contains(told), "{header}\n{}", driver.screen());
    driver.press("<A-4>");
    let screen = driver.screen();
    assert!(screen.contains("[4] queue · 1 running · 1 queued · 1 not sent yet"), "{screen}");
    for (mark, node) in [("◐", "n2"), ("◔", "n3"), ("◌", "n4")] {
        assert!(screen.matches(&format!("{mark} {node} ")).count() > 1, "{node}\n{screen}");
    }
    driver.resize(80, 24);
    let header = driver.screen().lines().next().unwrap_or_default().to_owned();
    assert!(header.contains("◐1 ◔1 ◌1"), "{header}");
}

#[test]
fn a_filtered_picture_is_no_success_anywhere() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let node = driver.workbench.model.nodes.get_mut(&NodeId(2)).unwrap();
    node.pictures.iter_mut().for_each(|picture| picture.nsfw = true);
    driver.press("<A-4>");
    let screen = driver.screen();
    assert!(screen.contains("▌⊘ n2 Make it red") && !screen.contains("✓ n2 Make"), "{screen}");
    assert!(line(&driver, "▌⊘ n2").contains("filtered"), "{screen}");
}

#[test]
fn the_log_counts_what_is_still_open() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let warned = |driver: &mut Driver, job: u32| {
        let lines: Vec<_> = driver.model().log.lines().cloned().collect();
        let own = lines.iter().find(|line| line.job == Some(JobId(job))).unwrap();
        let text = "the service's filter returned a black picture".into();
        let level = editree::app::log::Level::Warning;
        let line = editree::app::log::LogEntry { level, text, ..own.clone() };
        driver.workbench.model.log.push(line);
        let node = driver.workbench.model.nodes.get_mut(&NodeId(job)).unwrap();
        node.pictures.iter_mut().for_each(|picture| picture.nsfw = true);
    };
    warned(&mut driver, 2);
    driver.press("<Esc>");
    assert!(driver.screen().contains("[5] log ⊘1"), "{}", driver.screen());
    // The same words again, refused once more: two requests were lost.
    driver.press("r");
    driver.answer_all();
    warned(&mut driver, 3);
    driver.press("<Esc>");
    assert!(driver.screen().contains("[5] log ⊘2"), "{}", driver.screen());
    driver.press("r");
    driver.answer_all();
    driver.press("<Esc>");
    assert!(!driver.screen().contains("[5] log ⊘"), "{}", driver.screen());
}

#[test]
fn what_is_thrown_away_is_no_problem_any_more() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let last = driver.model().log.lines().next_back().cloned().unwrap();
    let level = editree::app::log::Level::Error;
    let line = editree::app::log::LogEntry { level, node: Some(NodeId(2)), ..last };
    driver.workbench.model.log.push(line);
    let node = driver.workbench.model.nodes.get_mut(&NodeId(2)).unwrap();
    node.pictures.iter_mut().for_each(|picture| picture.nsfw = true);
    driver.press("<Esc>");
    assert!(driver.screen().contains("[5] log ✗1"), "{}", driver.screen());
    driver.press("d");
    assert!(!driver.screen().contains("[5] log ✗"), "{}", driver.screen());
}

#[test]
fn the_second_row_of_a_node_goes_on_with_its_words_and_repeats_no_fact() {
    let prompts =
        ["Turn the background into a snowy forest with lanterns", "Make it red", "Make it blue"];
    let driver = with_thumbs(120, 40, &prompts);
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let at = rows.iter().position(|row| row.contains("n2 background")).unwrap();
    let below = rows[at + 1];
    assert!(below.contains("forest") || below.contains("snowy"), "{screen}");
    let tree: Vec<&str> = rows.iter().skip(at).copied().take(8).collect();
    let told = tree.iter().filter(|row| row.contains("$0.04")).count();
    assert!(told <= 1, "a price that all have stands once at most\n{screen}");
}

#[test]
fn takes_are_numbered_without_gaps_whatever_was_thrown_away() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>3ry");
    driver.answer_all();
    driver.press("<Esc>:n3<Enter>d");
    let screen = driver.screen();
    for (node, take) in [("▶ n2", 1), ("● n4", 2), ("● n5", 3)] {
        let row = line(&driver, &format!("{node} Make it red"));
        assert!(row.contains(&format!("take {take}")), "{node}\n{screen}");
    }
    assert!(!screen.contains("take 4"), "{screen}");
    driver.press("z");
    let row = line(&driver, "● n5 Make it red");
    assert!(row.contains("take 4"), "{}", driver.screen());
}

/// What it is, of what, which of how many.
#[test]
fn titles_have_one_form() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    for (keys, title) in [
        ("<Esc>c", "[6] swap · n1, before · 1 of 5"),
        ("c", "[6] swap · n2, after · 1 of 5"),
        ("m", "[6] side by side · n1 | n2 · 2 of 5"),
        ("<Esc>:crop<Enter>", "[6] crop · n2"),
        ("<Esc>M", "[6] box · n2"),
        ("<Esc>S", "contact sheet · all · 1 of 2"),
        ("<Esc><A-2>", "[2] parameters · pro"),
        ("<A-5>e", "[5] log · problems"),
        ("e<Esc>I", " details · n2 "),
        ("<Esc><Esc>?", " help · "),
        ("<Esc>:messages<Enter>", " messages · newest first "),
    ] {
        driver.press(keys);
        assert!(driver.screen().contains(title), "{keys}: {title}\n{}", driver.screen());
    }
}

#[test]
fn a_title_that_is_too_long_keeps_what_it_is_about() {
    let mut driver = Driver::new(60, 20);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc>c");
    let screen = driver.screen();
    let row = line(&driver, "[6] n1, before");
    assert!(row.contains("[6] n1, before ━"), "{screen}");
}

/// Beside the picture, not at its words in another column.
#[test]
fn a_picture_that_fills_its_slot_has_the_bar_of_the_focus_beside_it() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc><A-6>");
    let frame = driver.frame();
    let picture = frame.placements[0].area;
    let screen = driver.screen();
    let tree = screen.lines().position(|line| line.contains("[3] tree")).unwrap();
    for y in picture.y..picture.bottom() {
        let bar = frame.cells[(picture.right(), y)].symbol();
        // As high as the facts, above two blank rows.
        let is_beside = usize::from(y) + 2 < tree;
        assert!(!is_beside || bar == "┃", "{y}\n{screen}");
        assert!(usize::from(y) < tree || bar != "┃", "it points at the tree: {y}\n{screen}");
    }
    assert!(!driver.screen().contains("▌[6]"), "{}", driver.screen());
    driver.press("<A-3>");
    let frame = driver.frame();
    assert_ne!(frame.cells[(picture.right(), picture.y)].symbol(), "┃", "{}", driver.screen());
}

#[test]
fn the_heat_map_is_explained_in_its_own_colours() {
    use editree::ui::details::GLOW;
    use editree::ui::theme::palette::{Depth, Ground, ThemeChoice};
    use ratatui::style::Color;
    let mut driver = Driver::new(120, 40);
    let ground = Ground { fg: Some([0xd8; 3]), bg: [0x14, 0x16, 0x1a] };
    driver.workbench.ui.graphics.palette =
        ThemeChoice::default().palette(Some(ground), Depth::True);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    as_photos(&mut driver);
    driver.press("<Esc>cmmmm");
    let frame = driver.frame();
    let row = (0..40).find(|y| {
        let text: String = (0..120).map(|x| frame.cells[(x, *y)].symbol()).collect();
        text.contains("less █") && text.contains("█ more")
    });
    let y = row.unwrap_or_else(|| panic!("{}", driver.screen()));
    let bar: BTreeSet<String> = (0..120)
        .filter(|x| frame.cells[(*x, y)].symbol() == "█")
        .map(|x| format!("{:?}", frame.cells[(x, y)].fg))
        .collect();
    let expected: BTreeSet<String> =
        GLOW.iter().map(|[r, g, b]| format!("{:?}", Color::Rgb(*r, *g, *b))).collect();
    assert_eq!(bar, expected);
    let painted = editree::picture::heatmap::GLOW.map(|it| it.map(|part| part as u8));
    assert_eq!(painted, GLOW, "the map and its legend");
}

/// One in twenty of nineteen is nobody.
#[test]
fn the_slowest_in_a_hundred_are_told_only_of_enough() {
    let entry = |at: i64| Entry {
        endpoint: "fal-ai/flux-pro/kontext".into(),
        sent_at: Timestamp(at),
        ended_at: Some(Timestamp(at + 3_000)),
        estimate: None,
        cost: None,
        is_done: true,
        is_filtered: false,
        is_exact: false,
    };
    for (count, is_told) in [(19, false), (20, true)] {
        let mut driver = Driver::new(120, 40);
        let entries: Vec<Entry> = (0..count).map(entry).collect();
        let account = Account::of(&entries, |_| "2026-11-29".into());
        driver.workbench.model.money.account = Some(account);
        driver.press("<Esc>$");
        let screen = driver.screen();
        assert_eq!(screen.contains("slowest 5 %"), is_told, "{count}\n{screen}");
        assert!(screen.contains("usual wait"), "{screen}");
    }
}

#[test]
fn the_words_of_the_queue_begin_in_one_column() {
    let mut driver = Driver::new(200, 50);
    driver.workbench.model.profile.limit = Some(1);
    driver.press("Make it sepia<Enter>");
    driver.answer_all();
    driver.press("Make it {red|blue}<Enter>y");
    accepted(&mut driver);
    driver.press("<A-4>");
    let screen = driver.screen();
    let rows = screen.lines().skip_while(|line| !line.contains("[4] queue")).skip(1).take(3);
    let begins = rows.map(|row| {
        let rest: String = row.chars().skip(120).collect();
        rest.find("Make").map(|at| rest[..at].chars().count())
    });
    let begins: BTreeSet<Option<usize>> = begins.collect();
    assert!(begins.len() == 1 && !begins.contains(&None), "{begins:?}\n{screen}");
}

/// The first letter moves none of the keys in the footer: it is the key that is pressed most.
#[test]
fn the_first_letter_of_a_prompt_leaves_the_footer_as_it_is() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = Driver::new(columns, rows);
        let footer =
            |driver: &Driver| driver.screen().lines().last().unwrap_or_default().to_owned();
        let before = footer(&driver);
        assert!(driver.screen().contains("(Tab to use)"), "{}", driver.screen());
        driver.press("M");
        assert_eq!(footer(&driver), before);
    }
}

#[test]
fn below_the_whole_tree_no_fact_of_the_selected_picture_is_cut() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>T");
    let screen = driver.screen();
    for fact in ["from n1", "seed 7", "$0.04", "pro", "1024×1024"] {
        assert!(screen.contains(fact), "{fact}\n{screen}");
    }
    assert!(!screen.contains('…'), "{screen}");
}

#[test]
fn a_picture_and_what_was_made_of_it_by_the_same_words_are_no_takes() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let parent = driver.model().nodes[&NodeId(3)].parent;
    assert_eq!(parent.map(|parent| parent.node), Some(NodeId(2)));
    driver.press("<Esc>S");
    let screen = driver.screen();
    assert!(screen.contains("contact sheet") && !screen.contains("take "), "{screen}");
}

#[test]
fn a_command_that_was_renamed_is_found_by_its_old_name() {
    let changed = [("alt-w".to_owned(), "tinier".to_owned())];
    assert!(editree::ui::keys::Keymap::with(&changed).is_ok());
}

/// It has no parent, and so no sibling that could tell.
#[test]
fn a_picture_of_words_alone_that_came_later_settles_the_first_failure_too() {
    let mut driver = Driver::new(120, 40);
    for _ in 0..2 {
        driver.workbench.model.draft.parent = None;
        driver.press("<Esc>iA lighthouse<Enter>");
        driver.answer_all();
    }
    let lines: Vec<_> = driver.model().log.lines().cloned().collect();
    let of = |job: u32| {
        let own = lines.iter().find(|line| line.job == Some(JobId(job))).unwrap();
        let level = editree::app::log::Level::Error;
        editree::app::log::LogEntry { level, text: "refused".into(), ..own.clone() }
    };
    assert!(driver.model().nodes[&NodeId(2)].parent.is_none());
    let is_failed = |driver: &Driver| driver.screen().contains("[5] log ✗");
    // The later one fails: nothing has come since.
    driver.workbench.model.log.push(of(3));
    driver.workbench.model.jobs.get_mut(&JobId(3)).unwrap().state = State::Failed;
    driver.press("<Esc>");
    assert!(is_failed(&driver), "{}", driver.screen());
    driver.workbench.model.jobs.get_mut(&JobId(3)).unwrap().state = State::Done;
    driver.workbench.model.jobs.get_mut(&JobId(2)).unwrap().state = State::Failed;
    driver.workbench.model.log.push(of(2));
    driver.workbench.model.log.push(lines.last().unwrap().clone());
    driver.press("<Esc>");
    assert!(!is_failed(&driver), "{}", driver.screen());
    // What may be paid stays open.
    driver.workbench.model.jobs.get_mut(&JobId(2)).unwrap().state = State::Unknown;
    driver.press("<Esc>");
    assert!(is_failed(&driver), "{}", driver.screen());
}

/// In the narrowest column that stands beside a wide picture.
#[test]
fn no_value_of_the_form_is_cut() {
    let mut driver = Driver::new(80, 24);
    driver.workbench.ui.graphics.cell = (7, 15);
    as_photos(&mut driver);
    driver.press("<A-2>G");
    let row = line(&driver, "Aspect");
    assert!(row.trim_end().ends_with(" as picture"), "{}", driver.screen());
    driver.resize(120, 40);
    assert!(driver.screen().contains("as picture"), "{}", driver.screen());
}

#[test]
fn what_was_refused_without_a_request_is_a_message_and_no_problem() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.is_strange = true;
    driver.press("<Esc>H");
    let refused = Failure::new(FailureKind::Picture, "these two show different things");
    driver.finish(TaskResult::Picture(PictureResult::Healed(Err(refused))));
    let screen = driver.screen();
    assert!(screen.contains("these two show different things"), "{screen}");
    assert!(screen.contains("[5] log · ✓ n2") && !screen.contains("problem"), "{screen}");
    driver.press("gle");
    assert!(driver.screen().contains("! these two show"), "it is in the log: {}", driver.screen());
}

#[test]
fn of_several_that_run_each_is_told_by_number_and_seconds_in_the_title() {
    let mut driver = ten_jobs(120, 40);
    as_photos(&mut driver);
    driver.tick(3_000);
    let screen = driver.screen();
    let title = screen.lines().find(|line| line.contains("[6] n4")).unwrap_or_default();
    assert!(title.contains("◐ n5 3 s · n6 3 s · n7 3 s"), "{screen}");
}

#[test]
fn the_header_names_the_root_and_the_last_steps_wherever_one_goes_in_a_long_chain() {
    let mut driver = Driver::new(120, 40);
    let model = &mut driver.workbench.model;
    let cat = model.nodes[&NodeId(1)].clone();
    let picture = cat.pictures[0].hash;
    let of = |id: u32| PictureRef { node: NodeId(id), picture };
    let mut add = |id: u32, parent: Option<u32>, title: String| {
        let (parent, global, title) = (parent.map(of), id.to_string(), Some(title));
        model.insert_node(Node { id: NodeId(id), parent, global, title, ..cat.clone() });
    };
    for id in 2..300 {
        add(id, Some(id - 1), format!("step {id}"));
    }
    add(300, None, "dog.png".into());
    add(301, Some(300), "beside".into());
    add(302, Some(298), "other".into());
    // The child, its parent, its sibling, a leap to another root, its child, and a leap back.
    let told = [
        (299, "cat › … › step 297 › step 298 › n299"),
        (298, "cat › … › step 296 › step 297 › n298"),
        (299, "cat › … › step 297 › step 298 › n299"),
        (302, "cat › … › step 297 › step 298 › n302"),
        (300, "  pro "),
        (301, "dog › n301 "),
        (2, "cat › n2 "),
    ];
    for (node, path) in told {
        driver.workbench.model.current = Some(of(node));
        driver.event(TaskEvent::StoreChanged);
        driver.take();
        let header = driver.screen().lines().next().unwrap_or_default().to_owned() + " ";
        let (root, last) = path.split_once(" … ").unwrap_or((path, ""));
        assert!(header.contains(root) && header.contains(last), "{node}: {header}");
    }
}

#[test]
fn in_the_log_words_are_read_before_times() {
    let mut driver = coloured(ten_jobs(120, 40));
    driver.press("<A-5>");
    driver.answer_all();
    let cells = driver.frame().cells;
    let quiet = theme(&driver).dim().fg;
    let row = |y: u16| (0..120).map(|x| cells[(x, y)].symbol()).collect::<Vec<_>>();
    // Behind the minute stands the second, and behind that the picture's number.
    let told = (0..38).filter(|y| row(*y).iter().filter(|it| **it == ":").count() == 2).map(|y| {
        let row = row(y);
        let time = row.iter().position(|it| *it == ":").unwrap();
        let number = time + row[time..].iter().position(|it| *it == "n").unwrap();
        [time, number].map(|x| cells[(x as u16, y)].style().fg)
    });
    let (selected, others): (Vec<_>, Vec<_>) = told.partition(|[time, number]| time == number);
    assert!(selected.len() == 1 && others.len() > 5, "{selected:?}\n{}", driver.screen());
    assert!(others.iter().all(|[time, _]| *time == quiet), "{others:?}\n{}", driver.screen());
}
