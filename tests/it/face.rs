//! Where everything stands: the picture gets what its shape can use, nothing overlaps, nothing jumps.

use editree::app::hint::{CommandId, Hint};
use editree::app::notice::{Notice, Tone};
use editree::ui::frame::{Frame, Placement};
use editree::ui::layout::arrange::{Parts, Wish, arrange};
use editree::ui::layout::shape::Shape;
use ratatui::layout::Rect;

use crate::support::driver::Driver;

const PHOTO: (u32, u32) = (1248, 832);

/// The opened picture has this size.
fn with_picture(columns: u16, rows: u16, size: (u32, u32)) -> Driver {
    let mut driver = Driver::new(columns, rows);
    for node in driver.workbench.model.nodes.values_mut() {
        for picture in &mut node.pictures {
            (picture.width, picture.height) = size;
        }
    }
    // The layout follows the picture after the next step.
    driver.press("<A-1>");
    driver
}

/// Of the screen, in percent.
fn share(frame: &Frame) -> u32 {
    let all: u32 = frame.placements.iter().map(|placement| placement.area.area()).sum();
    all * 100 / frame.cells.area.area()
}

/// They are sent in this order: over a slow line the small ones must not come first.
#[test]
fn what_is_looked_at_comes_before_thumbnails() {
    let mut driver = with_picture(120, 40, PHOTO);
    driver.workbench.ui.graphics.protocol = "kitty".into();
    driver.press("<A-1>");
    let frame = driver.frame();
    let areas: Vec<u32> = frame.placements.iter().map(|placement| placement.area.area()).collect();
    assert!(areas.len() > 1, "thumbnails in the tree: {areas:?}");
    assert!(areas.is_sorted_by(|before, after| before >= after), "{areas:?}");
}

#[test]
fn the_picture_gets_what_its_shape_can_use() {
    let portrait = (832, 1248);
    let panorama = (2400, 800);
    for (columns, rows, size, least) in [
        (80, 24, PHOTO, 48),
        (120, 40, PHOTO, 45),
        (200, 50, PHOTO, 45),
        (100, 30, PHOTO, 45),
        (250, 70, PHOTO, 45),
        (60, 20, PHOTO, 40),
        (60, 50, PHOTO, 38),
        (200, 20, PHOTO, 16),
        (80, 24, portrait, 22),
        (120, 40, portrait, 28),
        (200, 50, portrait, 24),
        (60, 50, portrait, 40),
        (80, 24, panorama, 48),
        (120, 40, panorama, 45),
        (200, 50, panorama, 45),
        (60, 50, panorama, 18),
        (200, 20, panorama, 24),
        (80, 24, (1024, 1024), 33),
    ] {
        let driver = with_picture(columns, rows, size);
        let frame = driver.frame();
        let share = share(&frame);
        let what = format!("{columns}x{rows} {size:?}: {share} %");
        assert!(share >= least, "{what}\n{}", driver.screen());
    }
}

#[test]
fn two_pictures_side_by_side_get_a_layout_of_their_own() {
    for (columns, rows, least) in [(80, 24, 40), (120, 40, 40), (200, 50, 40)] {
        let mut driver = with_picture(columns, rows, PHOTO);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        driver.press("<A-h><A-l>");
        for node in driver.workbench.model.nodes.values_mut() {
            (node.pictures[0].width, node.pictures[0].height) = PHOTO;
        }
        driver.press("<A-c><A-m>");
        let frame = driver.frame();
        assert_eq!(frame.placements.len(), 2, "{}", driver.screen());
        assert!(share(&frame) >= least, "{} %\n{}", share(&frame), driver.screen());
    }
}

#[test]
fn the_first_flicker_does_not_move_the_picture() {
    for (columns, rows) in [(80, 24), (100, 30), (120, 40), (200, 50), (60, 50), (200, 20)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        let place = |driver: &Driver| -> Placement { driver.frame().placements[0].clone() };
        let before = place(&driver);
        for _ in 0..3 {
            driver.press("<A-c>");
            assert_eq!(place(&driver).area, before.area, "{columns}x{rows}\n{}", driver.screen());
        }
    }
}

#[test]
fn the_picture_stays_where_it_is_while_the_prompt_grows_into_free_rows() {
    let mut driver = with_picture(120, 40, PHOTO);
    let before = driver.frame().placements[0].area;
    driver.press("one<C-j>two<C-j>three<C-j>four<C-j>five");
    assert_eq!(driver.frame().placements[0].area, before, "{}", driver.screen());
    let mut driver = with_picture(80, 24, PHOTO);
    let mut moved = 0;
    driver.press("one<C-j>two<C-j>three");
    let screen = driver.screen();
    let rows = screen.lines().filter(|line| line.starts_with('▌')).count();
    assert_eq!(rows, 3, "as many rows as it has words\n{screen}");
    for _ in 0..8 {
        let before = driver.frame().placements[0].area;
        driver.press("x<C-j>");
        moved += usize::from(driver.frame().placements[0].area != before);
    }
    assert!(moved <= 2, "moved {moved} times");
}

#[test]
fn a_drawer_is_as_high_as_what_it_holds_and_leaves_the_picture_where_it_is() {
    for (columns, rows) in [(80, 24), (100, 30), (120, 40), (200, 50), (60, 50)] {
        let mut driver = with_picture(columns, rows, PHOTO);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        driver.press("<A-h>");
        let before = driver.frame().placements[0].area;
        for keys in ["<A-2>", "<A-4>", "<A-5>", "<A-3>"] {
            driver.press(keys);
            let (after, screen) = (driver.frame().placements[0].area, driver.screen());
            assert_eq!(after, before, "{columns}x{rows} {keys}\n{screen}");
        }
        driver.press("<A-4>");
        let screen = driver.screen();
        let row = |words: &str| screen.lines().position(|line| line.contains(words)).unwrap();
        let below =
            screen.lines().skip(row("▌[4] queue")).take_while(|line| !line.contains("[5] log"));
        assert!(below.count() <= 4, "a title, a job and its words\n{screen}");
        assert!(screen.contains("[3] tree"), "the tree has what is left\n{screen}");
    }
}

#[test]
fn the_words_about_the_picture_take_as_many_rows_as_they_have() {
    let mut driver = with_picture(120, 40, PHOTO);
    let tree = |driver: &Driver| {
        let screen = driver.screen();
        screen.lines().position(|line| line.contains("[3] tree")).unwrap()
    };
    // As many as what is compared takes, and a blank one.
    assert_eq!(tree(&driver), 6, "{}", driver.screen());
    driver.press("Make it red<Enter>");
    driver.answer_all();
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    driver.press("<A-1>");
    assert_eq!(tree(&driver), 6, "few words move nothing\n{}", driver.screen());
    let many = "Put a blue hat with a golden brim on the cat and keep everything else ";
    driver.press(&format!("{}<Enter>", many.repeat(2)));
    driver.answer_all();
    let screen = driver.screen();
    assert!(tree(&driver) > 6, "{screen}");
    assert!(!screen.lines().take(tree(&driver)).skip(1).any(|line| line.contains('…')), "{screen}");
}

fn parts(parts: &Parts) -> Vec<Rect> {
    let mut all = vec![parts.canvas, parts.tree, parts.details, parts.strip];
    all.extend(&parts.drawers);
    all.retain(|part| !part.is_empty());
    all
}

#[test]
fn parts_never_overlap_and_stay_inside() {
    let shapes = [(1, 3), (2, 3), (1, 1), (3, 2), (16, 9), (3, 1), (5, 1)];
    for (columns, rows) in
        (38..260).step_by(7).flat_map(|columns| (6..80).step_by(3).map(move |rows| (columns, rows)))
    {
        for shape in shapes.map(|size| Shape::of(size, (10, 20))) {
            for (side, drawer) in [(0, None), (0, Some(8)), (40, None), (-40, Some(90))] {
                let area = Rect::new(1, 2, columns, rows);
                let found = arrange(
                    area,
                    Wish {
                        shape,
                        side,
                        drawer,
                        details: drawer.unwrap_or(0),
                        is_compared: drawer.is_none(),
                    },
                );
                let all = parts(&found);
                for (at, part) in all.iter().enumerate() {
                    assert_eq!(area.intersection(*part), *part, "{area} {shape:?} {found:?}");
                    for other in &all[at + 1..] {
                        assert!(!part.intersects(*other), "{area} {shape:?} {found:?}");
                    }
                }
                assert!(found.canvas.width >= 16 && found.canvas.height >= 2, "{area} {found:?}");
                assert_eq!(
                    drawer.is_some() || found.has_all,
                    !found.drawers.is_empty(),
                    "{area} {found:?}"
                );
            }
        }
    }
}

/// The two rows above the end of the screen and at it.
fn last_rows(driver: &Driver) -> String {
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    rows[rows.len() - 2..].join("\n")
}

#[test]
fn help_and_the_way_out_are_always_told() {
    let mut driver = Driver::new(80, 24);
    for keys in ["", "Make it red", "<Esc>", "<A-4>", "<A-5>", "<A-2>", "<A-3>"] {
        driver.press(keys);
        let told = last_rows(&driver);
        let quits =
            ["Ctrl-C quit", "q quit", "q close", "Esc back"].iter().any(|way| told.contains(way));
        assert!(told.contains("F1 help") && quits, "{keys}: {told}");
    }
    driver.press("<A-1><C-u>/no/such/folder/holiday-in-the-mountains.jpg");
    driver.press("<C-u>");
    driver.send(vec![crossterm::event::Event::Paste("/no/such/folder/holiday.jpg".into())]);
    driver.press("<Esc>Q");
    let told = last_rows(&driver);
    assert!(told.contains("Q does nothing here · F1: show the keys"), "{told}");
    assert!(told.contains("F1 help"), "{told}");
}

/// Whatever is said, and whatever else is told above the footer.
#[test]
fn words_never_take_the_room_of_keys() {
    let long =
        "the service rejects the input: guidance_scale must be less than 20, and more is wrong";
    let hint = Hint::to(CommandId::EarlierPrompt, "take the prompt again; it costs as usual");
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        // The canvas shows another picture than the prompt edits: that is told above the footer.
        for keys in
            ["<A-h>Make it blue", "<Esc>", "T", "<Esc><A-4>", "<A-1><A-c>", "<Esc><Esc>S", "/"]
        {
            driver.press(keys);
            driver.workbench.model.notice = None;
            let keys_told = last_rows(&driver).lines().last().map(str::to_owned);
            for text in ["nothing to close", long] {
                let notice = Notice::new(Tone::Error, text).hint(hint.clone());
                driver.workbench.model.notice = Some(notice);
                let screen = last_rows(&driver);
                let (said, below) = screen.split_once('\n').unwrap();
                assert_eq!(Some(below), keys_told.as_deref(), "{columns}: {keys}");
                let begin = &text[..12];
                // Where it is long it begins a row higher, if nothing stands there.
                let screen = driver.screen();
                let above = screen.lines().rev().nth(2).unwrap_or_default();
                let begins = said.contains(begin) || above.contains(begin);
                let is_whole = said.contains("take the prompt again") && begins;
                assert!(is_whole, "{columns}: {keys}: {above}\n{said}");
            }
        }
    }
}

#[test]
fn where_the_prompt_starts_is_not_told_under_a_box_with_the_keys() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.tick(60_000);
    driver.press("<A-h>Make it blue<Esc>");
    assert!(last_rows(&driver).contains("you see n1; the prompt edits n2"), "{}", driver.screen());
    for keys in ["/", "<Esc>:", "<Esc>?"] {
        driver.press(keys);
        assert!(!driver.screen().contains("you see"), "{keys}: {}", driver.screen());
    }
}

#[test]
fn the_footer_speaks_of_what_is_on_top() {
    let mut driver = Driver::new(80, 24);
    for (keys, told) in [
        ("<Esc>:", "type a name  Up Down select"),
        ("I", "Up Down scroll"),
        ("<Esc>M", "Enter apply"),
        ("<Esc>S", "Tab compare"),
        ("<Esc><A-2><Enter>", "Enter keep"),
        ("<Esc><A-1><C-o>", "back to the prompt"),
    ] {
        driver.press(keys);
        driver.workbench.model.notice = None;
        assert!(last_rows(&driver).contains(told), "{keys}: {}", last_rows(&driver));
        driver.press("<Esc>");
    }
}

#[test]
fn a_mode_tells_its_own_keys_once_and_those_of_no_other() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    for (keys, told, back) in [
        ("<Esc>=", "arrows move  = - zoom  0 whole  # 1:1  i prompt  F1 help  Esc back", "0<Esc>"),
        (
            "<Esc>:try-heal<Enter>",
            "Left Right strength  c before/after  Enter keep  Esc cancel",
            "",
        ),
        ("<Esc>:crop<Enter>", "hjkl move  HJKL resize  t ratio  s steps  Enter apply", ""),
        ("<Esc>M", "hjkl move  HJKL resize  t shape  s steps  Enter apply", ""),
        ("<Esc><A-2>", "h l change  Enter type  Backspace default", ""),
    ] {
        driver.press(keys);
        driver.workbench.model.notice = None;
        let screen = driver.screen();
        let (footer, above) = (screen.lines().last().unwrap(), screen.lines().rev().skip(1));
        assert!(footer.contains(told), "{keys}: {footer}");
        for words in ["Esc cancel", "strength", "Tab to use", "Alt-r"] {
            assert!(!above.clone().any(|line| line.contains(words)), "{words}\n{screen}");
        }
        driver.press("<Esc>");
        driver.press(back);
    }
}

#[test]
fn a_crop_says_that_it_is_free() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:crop<Enter>");
    assert!(driver.screen().contains("cutting is free"), "{}", driver.screen());
}

#[test]
fn the_parameters_open_by_themselves_when_one_is_wrong() {
    let mut driver = Driver::new(80, 24);
    assert!(!driver.screen().contains("[2] parameters"));
    driver.press("Make it red");
    driver.workbench.model.draft.values.insert("num_images".into(), 9.into());
    driver.press("!");
    assert!(driver.screen().contains("[2] parameters"), "{}", driver.screen());
}

#[test]
fn messages_are_kept_whole() {
    let mut driver = Driver::new(80, 24);
    driver.press("<Esc>QW:messages<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("Q does nothing here · F1: show the keys"), "{screen}");
    assert!(screen.contains("W does nothing here"), "{screen}");
}

#[test]
fn any_two_pictures_of_the_sheet_are_compared_with_one_key() {
    let mut driver = Driver::new(120, 40);
    for _ in 0..3 {
        driver.press("<A-1>Make it red<Enter>");
        driver.answer_all();
    }
    driver.press("<Esc>S");
    let first = driver.model().current;
    driver.press("vl<Tab>");
    let base = driver.workbench.ui.comparing.base;
    assert_eq!(base, first);
    assert_ne!(driver.model().current, first);
    // Neither is the one before: both are named.
    let current = driver.model().current.map(|it| it.node.to_string()).unwrap_or_default();
    let base = first.map(|it| it.node.to_string()).unwrap_or_default();
    let told = format!("[6] swap · {base}, not {current}");
    assert!(driver.screen().contains(&told), "{told}\n{}", driver.screen());
}

#[test]
fn the_inspector_stands_beside_the_picture() {
    for (columns, rows) in [(120, 40), (200, 50)] {
        let mut driver = with_picture(columns, rows, PHOTO);
        driver.press("<Esc>I");
        let frame = driver.frame();
        let covers = |placement: &Placement| {
            frame.covers.iter().any(|cover| cover.intersects(placement.area))
        };
        assert!(!frame.placements.is_empty() && !frame.placements.iter().any(covers));
    }
}

/// One walks the tree, and only the picture changes.
#[test]
fn what_stands_beside_the_picture_stays_where_it_is_between_similar_shapes() {
    let mut driver = with_picture(120, 40, PHOTO);
    let tree = |driver: &Driver| {
        let screen = driver.screen();
        let line = screen.lines().find(|line| line.contains("[3] tree")).map(str::to_owned);
        line.and_then(|line| line.find("[3] tree"))
    };
    let before = tree(&driver);
    for size in [(1184, 880), (1024, 1024), (1248, 832)] {
        for node in driver.workbench.model.nodes.values_mut() {
            (node.pictures[0].width, node.pictures[0].height) = size;
        }
        driver.press("<A-1>");
        let is_similar = size.0 != size.1;
        assert_eq!(tree(&driver) == before, is_similar, "{size:?}\n{}", driver.screen());
    }
}

#[test]
fn the_whole_tree_has_the_picture_beside_it_where_there_is_room() {
    for (columns, rows, pictures) in [(120, 40, 1), (200, 50, 1), (80, 24, 1), (70, 24, 0)] {
        let mut driver = with_picture(columns, rows, PHOTO);
        driver.press("<Esc>T");
        let large = |placement: &&Placement| placement.area.height > 6;
        let frame = driver.frame();
        assert_eq!(frame.placements.iter().filter(large).count(), pictures, "{}", driver.screen());
    }
}

/// A request has failed, and the queue has opened by itself.
#[test]
fn what_has_the_keys_is_seen() {
    use editree::app::failure::{Failure, FailureKind};
    use editree::app::job::JobId;
    use editree::app::message::{ServiceResult, TaskResult};
    let mut driver = Driver::new(80, 24);
    driver.is_strange = true;
    driver.press("Make it red<Enter>");
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match driver.answer(effect) {
            Some(TaskResult::Service(ServiceResult::Sent { .. })) => {
                let failure = Failure::new(FailureKind::Policy, "it says no");
                let answer = Err(failure);
                Some(TaskResult::Service(ServiceResult::Sent { job: JobId(2), answer }))
            }
            other => other,
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
    assert!(driver.screen().contains("[4] queue"), "{}", driver.screen());
    driver.press("<A-3>");
    assert!(driver.screen().contains("▌[3] tree"), "{}", driver.screen());
}

#[test]
fn the_row_of_siblings_leaves_no_room_behind_its_last_one() {
    let mut driver = crate::screens::sixty(120, 40);
    for node in driver.workbench.model.nodes.values_mut() {
        node.pictures.iter_mut().for_each(|it| (it.width, it.height) = PHOTO);
    }
    let model = driver.model();
    let families = model.nodes.keys().map(|node| model.tree.siblings(*node));
    let family = families.max_by_key(|family| family.len()).unwrap().to_vec();
    let (last, count) = (family.last().unwrap().to_string(), family.len());
    assert!(count >= 9, "{count}");
    driver.press(&format!("<Esc>:{last}<Enter>"));
    let screen = driver.screen();
    let head = format!("{count} of {count}");
    let row = screen.lines().find(|line| line.contains(&head));
    let row = row.unwrap_or_else(|| panic!("no `{head}`: {screen}"));
    let shown = family.iter().filter(|node| row.contains(&format!(" {node} "))).count();
    assert!(shown >= 6 && row.contains(&last), "{screen}");
    let thumbs = driver.frame().placements;
    assert_eq!(thumbs.iter().filter(|it| it.area.height < 6).count(), shown, "in blocks too");
}
