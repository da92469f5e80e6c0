//! What is found about a picture, and what is awaited of it, moves nothing on the screen.

use editree::app::compare::ComparisonView;
use editree::app::message::{PictureResult, TaskResult};
use ratatui::layout::Rect;

use super::{PHOTO, SIZES, edited, place};
use crate::support::driver::{Driver, hash};

fn compared(driver: &mut Driver) {
    let told = [
        "18 % changed strongly in 3 areas, the largest at the upper left",
        "rest same, 41.0 dB",
        "0.4 % larger, moved 1.0 px right, 1.2 px down",
    ];
    measured(driver, &told);
}

/// This is told of what is shown and the one before.
pub fn measured(driver: &mut Driver, told: &[&str]) {
    let model = driver.model();
    let after = model.current.unwrap();
    let before = model.nodes[&after.node].parent.unwrap();
    let found = ComparisonView {
        description: told.iter().map(|words| (*words).to_owned()).collect(),
        in_short: vec![
            "18 % in 3 areas, the largest at the upper left".into(),
            "rest 41.0 dB".into(),
        ],
        size: PHOTO,
        aligned: hash(901),
        blend: hash(902),
        heat: hash(903),
        unchanged_psnr_db: Some(41.0),
        changed_fraction: 0.18,
        beside_regions: None,
        fit: None,
    };
    let (a, b) = (before.picture, after.picture);
    driver.finish(TaskResult::Picture(PictureResult::Compared {
        a,
        b,
        found: Ok(Box::new(found)),
    }));
}

#[test]
fn nothing_moves_when_a_picture_is_measured_or_billed_nor_from_one_way_to_compare_to_the_next() {
    for (columns, rows) in SIZES {
        let mut driver = edited(columns, rows);
        // What is no real money is not billed.
        driver.workbench.model.nodes.values_mut().for_each(|node| node.simulated = false);
        driver.press("<Esc>");
        let before = place(&driver, "[3] tree");
        compared(&mut driver);
        assert_eq!(place(&driver, "[3] tree"), before, "measured\n{}", driver.screen());
        assert!(driver.screen().contains("18 % "), "told\n{}", driver.screen());
        for node in driver.workbench.model.nodes.values_mut() {
            node.is_exact = node.cost.is_some();
        }
        driver.press("<Esc>");
        let screen = driver.screen();
        assert!(screen.contains("billed") || columns == 80, "{screen}");
        assert_eq!(place(&driver, "[3] tree"), before, "billed\n{screen}");
        let picture = driver.frame().placements[0].area;
        driver.press("c");
        // In all ways of comparing; two beside each other are another shape.
        for keys in ["", "m", "m", "m", "m"] {
            driver.press(keys);
            let frame = driver.frame();
            let right = frame.placements.iter().map(|it| it.area.right()).max();
            let is_same = place(&driver, "[3] tree") == before && right == Some(picture.right());
            let is_double = driver.screen().contains("side by side · n1 | n2");
            assert!(is_same || is_double, "{keys}\n{}", driver.screen());
        }
        driver.press("<Esc>");
        assert_eq!(place(&driver, "[3] tree"), before, "{}", driver.screen());
    }
}

#[test]
fn nothing_moves_when_a_comparison_arrives_that_was_awaited() {
    for (columns, rows) in SIZES.into_iter().chain([(60, 20), (160, 45)]) {
        for keys in ["c", ":compare n1<Enter>", "cm", "cmm", "cmmm", "cmmmm"] {
            let mut driver = edited(columns, rows);
            driver.press(&format!("<Esc>{keys}"));
            let parts = |driver: &Driver| {
                let areas: Vec<Rect> = driver.frame().placements.iter().map(|it| it.area).collect();
                (place(driver, "[3] tree"), areas)
            };
            let before = parts(&driver);
            assert!(driver.screen().contains("comparing…"), "{keys}\n{}", driver.screen());
            compared(&mut driver);
            let screen = driver.screen();
            assert!(screen.contains("18 % ") && !screen.contains("comparing…"), "{screen}");
            let after = parts(&driver);
            assert_eq!(after.0, before.0, "{columns} {keys}\n{screen}");
            let is_it = after.1.len() != before.1.len() || after.1 == before.1;
            assert!(is_it, "{columns} {keys} {before:?} {after:?}\n{screen}");
        }
    }
}
