//! Everything about a picture in words, and how much its branch has worn down.

use editree::app::compare::Similarity;
use editree::app::effect::{Effect, PictureEffect, ScreenEffect};
use editree::app::message::TaskEvent;
use editree::tree::Hash;

use crate::support::driver::{Driver, hash};

/// n1 → n2 → n3, with what they cost and were made by.
fn chain() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red<Enter>", "Add a hat<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    driver.take();
    driver
}

fn pairs(driver: &mut Driver) -> Vec<(Hash, Hash)> {
    let pairs = |effect| match effect {
        Effect::Picture(PictureEffect::Measure(pairs)) => pairs,
        _ => Vec::new(),
    };
    driver.take().into_iter().flat_map(pairs).collect()
}

fn measured(driver: &mut Driver, a: u32, b: u32, psnr: f64) {
    let similarity = Similarity { psnr: Some(psnr), ssim: Some(0.9), changed_fraction: 0.1 };
    driver.event(TaskEvent::Measured { pair: (hash(a), hash(b)), similarity });
}

#[test]
fn each_step_is_measured_against_the_one_before_and_the_first_once() {
    let mut driver = chain();
    driver.press("<Esc>I");
    let wanted = [(1, 2), (1, 3), (2, 3)].map(|(a, b)| (hash(a), hash(b)));
    assert_eq!(pairs(&mut driver), wanted);
    let screen = driver.screen();
    assert!(screen.contains(" Add a hat") && screen.contains("seed      7"), "{screen}");
    measured(&mut driver, 1, 2, 41.0);
    assert!(driver.screen().contains("n2 Make it red"), "{}", driver.screen());
    assert!(driver.screen().contains("41.0   41.0"), "{}", driver.screen());
    driver.press("<Esc>I");
    let rest = [(1, 3), (2, 3)].map(|(a, b)| (hash(a), hash(b)));
    assert_eq!(pairs(&mut driver), rest, "what is known is not measured again");
}

#[test]
fn how_a_picture_was_made_stands_beside_it_before_what_it_is_like() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = chain();
        driver.resize(columns, rows);
        driver.press("<Esc>");
        let before = driver.frame().placements[0].area;
        driver.press("I");
        let (frame, screen) = (driver.frame(), driver.screen());
        assert_eq!(frame.placements[0].area, before, "the picture stays\n{screen}");
        let cover = *frame.covers.last().unwrap();
        assert!(!cover.intersects(before) && cover.height < rows / 2 + 8, "{cover}\n{screen}");
        let place = |words: &str| screen.find(words).unwrap_or_else(|| panic!("{words}\n{screen}"));
        let made = [" Add a hat", "model", "seed   ", "price   ", "from   ", "took   "];
        let like = ["unchanged:", "against", "settings", "endpoint", "request"];
        // On a small screen the last ones are below the end of the box.
        let seen = if rows == 24 { &like[..3] } else { &like[..] };
        let order: Vec<usize> = made.iter().chain(seen).map(|words| place(words)).collect();
        assert!(order.is_sorted(), "{screen}");
        // No wider than the longest value, where what is left of the columns can be read.
        let longest = "endpoint  fal-ai/flux-pro/kontext".len();
        let is_whole = cover.x <= before.right() + 2;
        assert!(usize::from(cover.width) == longest + 4 || is_whole, "{cover}\n{screen}");
        assert!(columns != 120 || !is_whole, "{screen}");
    }
}

#[test]
fn the_step_that_did_the_damage_is_named_with_what_to_do() {
    let mut driver = chain();
    driver.press("<Esc>I");
    measured(&mut driver, 1, 2, 41.0);
    measured(&mut driver, 2, 3, 27.0);
    measured(&mut driver, 1, 3, 26.0);
    let screen = driver.screen();
    let told = crate::overlays::in_box(&driver);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("n3 degraded unchanged areas to 27 dB"), "{screen}");
    assert!(screen.contains("heals it"), "{screen}");
}

#[test]
fn each_range_of_decibels_has_one_word_and_the_scale_names_them_all() {
    let ranges = [(41.0, "same"), (40.0, "same"), (38.6, "good"), (30.0, "good")];
    let worn = [(29.9, "degraded"), (24.0, "degraded"), (23.9, "unusable"), (5.0, "unusable")];
    for (psnr, word) in ranges.into_iter().chain(worn) {
        let mut driver = chain();
        driver.resize(120, 40);
        driver.press("<Esc>I");
        measured(&mut driver, 1, 3, psnr);
        let told = crate::overlays::in_box(&driver);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&format!("unchanged: {word}")), "{psnr}: {told}");
        let scale = "dB: from 40 same, 30 good, 24 degraded, less unusable";
        assert!(told.contains(scale), "{told}");
        assert_eq!(editree::app::grade(Some(psnr)), word);
    }
    assert_eq!(editree::app::grade(None), "equal");
}

#[test]
fn what_shall_stay_is_written_into_the_prompt() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it night<Esc>:keep<Enter>pf<Enter>");
    let words = "Make it night, keep the face and its expression and the pose unchanged";
    assert_eq!(driver.model().draft.prompt, words);
}

#[test]
fn another_project_is_gone_over_to_by_name() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:project posters<Enter>");
    assert_eq!(driver.model().session.exit.as_ref().unwrap().project.as_deref(), Some("posters"));
    assert!(driver.take().contains(&Effect::Screen(ScreenEffect::Quit)));
}

#[test]
fn the_scale_is_quiet_and_apart_from_its_table_and_the_number_is_said_once() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = crate::look::coloured(chain());
        driver.resize(columns, rows);
        driver.press("<Esc>I");
        measured(&mut driver, 1, 3, 38.0);
        let (frame, screen) = (driver.frame(), driver.screen());
        let cover = *frame.covers.last().unwrap();
        let row = |y: u16| -> String {
            (cover.x + 1..cover.right() - 1).map(|x| frame.cells[(x, y)].symbol()).collect()
        };
        let scale = (cover.y..cover.bottom()).find(|y| row(*y).contains("dB: from")).unwrap();
        assert_eq!(row(scale - 1).trim(), "", "{screen}");
        let theme = crate::look::theme(&driver);
        assert_eq!(Some(frame.cells[(cover.x + 2, scale)].fg), theme.dim().fg, "{screen}");
        assert_ne!(Some(frame.cells[(cover.x + 2, scale - 2)].fg), theme.dim().fg, "{screen}");
        assert!(screen.contains("details · n3"), "{screen}");
        assert_eq!(row(cover.y + 1).trim(), "Add a hat", "{screen}");
        assert_eq!(frame.veil, None, "the picture that it is about stays as it is");
    }
}
