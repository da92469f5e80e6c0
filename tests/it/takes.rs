//! Takes: those of equal words and values have a number, one for each and for life.

use editree::tree::{NodeId, NodeState};
use editree::ui::plain::Told;

use crate::support::driver::Driver;

/// Whoever has named a take by its number finds it under that number.
#[test]
fn a_take_keeps_its_number_whatever_becomes_of_the_others() {
    let mut driver = four(120, 40);
    are_takes(&driver, &[2, 3, 4, 5]);
    for (thrown, left) in [("n3", &[2, 4, 5][..]), ("n2", &[4, 5]), ("n5", &[4])] {
        driver.press(&format!("<Esc>:{thrown}<Enter>d"));
        are_takes(&driver, left);
    }
    driver.press("<Esc>:n4<Enter>r");
    driver.answer_all();
    are_takes(&driver, &[4, 6]);
    driver.press("zzz");
    are_takes(&driver, &[2, 3, 4, 5, 6]);
}

#[test]
fn a_take_has_one_number_in_the_tree_on_the_sheet_and_in_lines() {
    let mut driver = four(120, 40);
    driver.press("S");
    let screen = driver.screen();
    assert!(screen.contains("last sending") && screen.contains("n4 take 3"), "{screen}");
    driver.press("<Esc>:n4<Enter>");
    let told = Told::default().news(&driver.workbench.model, &driver.workbench.ui).lines;
    assert!(told.iter().any(|line| line.starts_with("n4: Make it red, take 3, ")), "{told:?}");
    driver.press("gtvjvS");
    while !driver.screen().contains("sheet · marked") {
        driver.press("S");
    }
    assert!(driver.screen().contains("n4 take 3"), "{}", driver.screen());
}

/// What ends without a picture is none that one has to be told from, but has had its number.
#[test]
fn what_failed_takes_no_number_from_the_others() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>r");
    driver.answer_all();
    driver.change_nodes(|_, node| {
        node.state = if node.id == NodeId(3) { NodeState::Failed } else { node.state };
    });
    driver.press("l");
    assert!(!driver.screen().contains("take "), "{}", driver.screen());
    driver.press("r");
    driver.answer_all();
    are_takes(&driver, &[2, 4]);
}

#[test]
fn pictures_of_words_alone_are_takes_as_well() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.draft.parent = None;
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>2ry");
    driver.answer_all();
    are_takes(&driver, &[2, 3, 4]);
}

/// n2 to n5, all from n1.
fn four(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>3ry");
    driver.answer_all();
    driver
}

/// In the tree; n2 is the first.
fn are_takes(driver: &Driver, nodes: &[u32]) {
    let screen = driver.screen();
    for node in nodes {
        let (name, take) = (format!(" n{node} Make it red "), format!("take {}", node - 1));
        let is_row = |line: &str| line.contains(&name) && line.trim_end().ends_with(&take);
        assert!(screen.lines().any(is_row), "{take} is n{node}\n{screen}");
    }
}
