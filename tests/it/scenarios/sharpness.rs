//! How sharp the pictures on the screen are: told where that is less than exact, with what helps.

use super::saving::edited;
use crate::support::driver::Driver;

#[test]
fn the_words_about_pictures_tell_the_line_and_how_sharp_they_are() {
    let mut driver = edited();
    driver.workbench.ui.graphics.link = Some("1.0 Mbit/s, 41 ms".into());
    driver.workbench.ui.graphics.level = Some("half size");
    assert!(driver.screen().contains("1.0 Mbit/s, 41 ms · shown: half size"), "in the header");
    driver.workbench.ui.lossless = true;
    assert!(driver.screen().contains("half size, full quality comes"), "{}", driver.screen());
    driver.workbench.ui.lossless = false;
    driver.press("<Esc> g");
    let screen = driver.screen();
    assert!(screen.contains("measured connection: 1.0 Mbit/s"), "{screen}");
    assert!(screen.contains("shown: half size; ! full quality"), "{screen}");
}

/// In one place, whatever else is on the screen and wherever the keys go.
#[test]
fn what_is_less_than_exact_is_told_with_the_key_that_shows_all_of_it_and_what_is_exact_is_not() {
    let mut driver = crate::screens::sixty(120, 40);
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40)] {
        driver.resize(columns, rows);
        for keys in ["", "<Esc>", "<Esc>T", "<Esc>f", "<A-4>", "<Esc>c", "<Esc>S", "<Esc>M"] {
            driver.press(keys);
            let header = |driver: &Driver| driver.screen().lines().next().unwrap().to_owned();
            let levels = ["half size", "simplified", "nearly exact"];
            assert!(!levels.iter().any(|level| header(&driver).contains(level)));
            for level in levels {
                driver.workbench.ui.graphics.level = Some(level);
                let key = if keys.is_empty() { "(Esc then !" } else { "(!" };
                let (told, screen) = (format!("{level} {key}"), driver.screen());
                assert!(header(&driver).contains(&told), "{columns} {keys} {told}\n{screen}");
            }
            driver.workbench.ui.graphics.level = Some(editree::ui::PREVIEW);
            let told = header(&driver);
            assert!(told.contains("preview, sharper follows"), "{columns} {keys} {told}");
            if !keys.is_empty() {
                driver.press("!");
                assert!(driver.workbench.ui.lossless, "{columns} {keys}");
            }
            driver.workbench.ui.lossless = false;
            driver.workbench.ui.graphics.level = None;
            let is_open = !matches!(keys, "" | "<Esc>" | "<A-4>");
            driver.press(if is_open { "<Esc><A-1>" } else { "<A-1>" });
        }
    }
}

#[test]
fn every_pixel_and_one_to_one_are_a_key_away() {
    let mut driver = edited();
    driver.press("<Esc>!");
    assert!(driver.workbench.ui.lossless && driver.screen().contains("full quality on"));
    driver.press("!");
    assert!(!driver.workbench.ui.lossless);
    let whole = driver.frame().placements[0].crop;
    driver.press("#");
    let crop = driver.frame().placements[0].crop.expect("a part of it");
    let area = driver.frame().placements[0].area;
    let (wide, high) = driver.workbench.ui.graphics.cell;
    assert!(crop.width.abs_diff(u32::from(area.width * wide)) <= u32::from(wide), "{crop:?}");
    assert!(crop.height.abs_diff(u32::from(area.height * high)) <= u32::from(high), "{crop:?}");
    driver.press("#");
    assert_eq!(driver.frame().placements[0].crop, whole);
}
