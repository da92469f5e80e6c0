//! A request that came to several pictures: each has a name, and what is done to one of them is
//! done to all, which is told before and after.

use editree::app::message::{ServiceResult, TaskResult};
use editree::tree::{NodeId, Picture};
use editree::ui::pane::Pane;

use crate::support::driver::{Driver, hash};

/// `n2` with three pictures, shown on the canvas.
fn three(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Give it a bow<Enter>");
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let Some(mut result) = driver.answer(effect) else { continue };
        if let TaskResult::Service(ServiceResult::Fetched { outcome: Ok(all), .. }) = &mut result {
            let first = all.pictures[0].clone();
            let other = |place| Picture { hash: hash(place), ..first.clone() };
            all.pictures.extend([101, 102].map(other));
        }
        driver.finish(result);
    }
    driver.press("<Esc>");
    assert_eq!(driver.model().nodes[&NodeId(2)].pictures.len(), 3);
    assert_eq!(driver.workbench.ui.focus(), Pane::CANVAS);
    driver
}

fn is_trashed(driver: &Driver) -> bool {
    driver.model().tree.get(NodeId(2)).is_some_and(|it| it.trashed)
}

fn footer(driver: &Driver) -> String {
    driver.screen().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn each_has_a_name_and_a_key_that_leads_to_the_next() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut driver = three(columns, rows);
        assert!(driver.screen().contains("] n2.1 "), "{}", driver.screen());
        assert!(driver.screen().contains("picture 1 of 3"), "{}", driver.screen());
        assert!(footer(&driver).contains("j next of them"), "{}", driver.screen());
        driver.press("j");
        driver.workbench.model.notice = None;
        let screen = driver.screen();
        assert!(screen.contains("] n2.2 ") && screen.contains("picture 2 of 3"), "{screen}");
        assert!(screen.contains("you see n2.2; the prompt edits n2.1"), "{screen}");
        driver.press("e");
        assert!(driver.screen().contains("from n2.2 "), "{}", driver.screen());
        // Of one picture the node is name enough.
        driver.press("<Esc>hc");
        assert!(!driver.screen().contains("n1.1"), "{}", driver.screen());
        assert!(!footer(&driver).contains("next of them"), "{}", driver.screen());
    }
}

#[test]
fn they_go_to_the_trash_together_which_is_asked_about_wherever_one_stands() {
    for keys in ["d", "Sx", "jd", "Slx"] {
        let mut driver = three(80, 24);
        driver.press(keys);
        let screen = driver.screen();
        assert!(screen.contains("trash n2 with all 3 of its pictures?"), "{keys}\n{screen}");
        driver.press("<Esc>");
        assert!(!is_trashed(&driver), "{keys}");
        driver.press(&format!("{}y", &keys[keys.len() - 1..]));
        assert!(is_trashed(&driver), "{keys}\n{}", driver.screen());
    }
}

#[test]
fn a_star_on_one_of_them_says_that_all_have_it() {
    let mut driver = three(80, 24);
    driver.press("Sp");
    let told = "n2 has a star, with all 3 of its pictures";
    assert!(driver.screen().contains(told), "{}", driver.screen());
}

#[test]
fn two_of_them_are_compared_by_their_names_and_the_sheet_comes_back() {
    let mut driver = three(120, 40);
    driver.press("Sl<Tab>");
    assert!(driver.workbench.ui.sheet().is_none(), "{}", driver.screen());
    let screen = driver.screen();
    assert!(screen.contains("n2.1, not n2.2"), "{screen}");
    driver.press("m");
    assert!(driver.screen().contains("n2.1 | n2.2"), "{}", driver.screen());
    driver.press("<Esc>");
    assert!(driver.workbench.ui.sheet().is_some(), "{}", driver.screen());
    // Neither its partner nor the sheet stays.
    driver.press("<Esc>");
    assert!(driver.workbench.ui.sheet().is_none() && !driver.screen().contains(" vs n2"));
    driver.press("c<Esc>");
    assert!(driver.workbench.ui.sheet().is_none(), "{}", driver.screen());
}

#[test]
fn the_sheet_does_not_come_back_to_who_has_gone_elsewhere() {
    // To the end of all comparisons it does; by another picture, a result or a new sheet not.
    for (keys, is_back) in [
        ("mmmmm", true),
        ("mm<Esc>", true),
        ("m:n1<Enter><Esc>", false),
        ("mh<Esc>", false),
        ("m<A-1>Make it snow<Enter>", false),
    ] {
        let mut driver = three(120, 40);
        driver.press(&format!("Sl<Tab>{keys}"));
        driver.answer_all();
        let shown = driver.model().current;
        if keys.contains("snow") {
            driver.press("<Esc><Esc>");
        }
        assert_eq!(driver.workbench.ui.sheet().is_some(), is_back, "{keys}\n{}", driver.screen());
        assert_eq!(driver.model().current, shown, "{keys}");
        assert!(!driver.screen().contains(" vs n2"), "{keys}\n{}", driver.screen());
    }
}

#[test]
fn the_partner_that_one_has_chosen_stays_after_two_of_the_sheet_were_compared() {
    let mut driver = three(120, 40);
    driver.press(":n1<Enter>C:n2.3<Enter>");
    assert!(driver.screen().contains(" vs n1 "), "{}", driver.screen());
    driver.press("S<Tab>");
    assert!(driver.screen().contains("n2.2, not n2.3"), "{}", driver.screen());
    driver.press("<Esc>");
    assert!(driver.workbench.ui.sheet().is_some(), "{}", driver.screen());
    driver.press("<Esc>");
    assert!(driver.screen().contains(" vs n1 "), "{}", driver.screen());
}

#[test]
fn names_that_are_shown_can_be_typed() {
    let mut driver = three(120, 40);
    driver.press(":n2.3<Enter>");
    assert!(driver.screen().contains("] n2.3 "), "{}", driver.screen());
    driver.press(":go n2.2<Enter>");
    assert!(driver.screen().contains("] n2.2 "), "{}", driver.screen());
    driver.press(":compare n2.1<Enter>");
    assert!(driver.screen().contains("n2.1, not n2.2"), "{}", driver.screen());
    driver.press("<Esc>:compare n2.2<Enter>");
    let told = "n2.2 is the picture that is shown";
    assert!(driver.screen().contains(told), "{}", driver.screen());
    driver.press(":compare n2.9<Enter>");
    assert!(driver.screen().contains("there is no picture of n2"), "{}", driver.screen());
}

#[test]
fn who_judges_blind_is_not_told_which_they_are() {
    let mut driver = three(80, 24);
    driver.workbench.model.notice = None;
    driver.press("Sbx");
    let screen = driver.screen();
    assert!(screen.contains("trash this picture with all 3 of its request?"), "{screen}");
    assert!(!screen.contains("n2") && !screen.contains("bow"), "{screen}");
    driver.press("<Esc>p");
    let screen = driver.screen();
    assert!(screen.contains("the picture has a star, with all of its request"), "{screen}");
}

#[test]
fn what_an_undo_brings_back_to_the_sheet_has_the_frame() {
    let mut driver = Driver::new(80, 24);
    for words in ["Make it red", "Add a hat", "Make it snow"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    driver.press("<Esc>");
    for steps in ["", "l", "ll"] {
        driver.press("<Esc><Esc>S");
        while !driver.screen().contains("contact sheet · all") {
            driver.press("S");
        }
        driver.press(steps);
        let picture =
            |driver: &Driver| driver.workbench.ui.sheet().and_then(|it| it.picture(driver.model()));
        let before = picture(&driver);
        driver.press("x");
        if driver.screen().contains("y move") {
            driver.press("y");
        }
        driver.answer_all();
        assert_ne!(picture(&driver), before, "{}", driver.screen());
        driver.press("z");
        driver.answer_all();
        assert_eq!(picture(&driver), before, "{steps}: {}", driver.screen());
        assert!(driver.screen().contains("undone: trash n"), "{steps}: {}", driver.screen());
    }
}

#[test]
fn the_seed_is_set_by_its_own_name() {
    let mut driver = three(80, 24);
    driver.press(":seed 7<Enter>");
    assert!(driver.screen().contains("seed is 7 now"), "{}", driver.screen());
    driver.press("<Esc>:seed random<Enter>");
    assert!(driver.screen().contains("seed is random now"), "{}", driver.screen());
    driver.press("<Esc>:seed x<Enter>");
    let told = "Seed: `x` is not a whole number";
    assert!(driver.screen().contains(told), "{}", driver.screen());
    let is_it = |row: &str| row.contains("seed random");
    assert!(driver.screen().lines().any(is_it), "{}", driver.screen());
}

/// Of vim, of browsers: where a key means nothing here, its word has another.
#[test]
fn keys_of_other_programs_name_ours() {
    let mut driver = three(120, 40);
    for (key, told) in [("u", "u does nothing here: z undoes"), ("]", "j goes to the next")] {
        driver.press(key);
        assert!(driver.screen().contains(told), "{}", driver.screen());
    }
}
