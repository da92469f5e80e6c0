//! The tree under the fingers: folding, pictures in it.

use editree::app::effect::{Effect, StoreEffect};
use editree::tree::NodeId;
use editree::tree::decision::{Change, Entry};

use crate::support::driver::Driver;

/// n1 → n2 → n3, and n4 beside n2.
fn branched(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("Add a hat<Enter>");
    driver.answer_all();
    driver.press("<A-h><A-h><A-e>Make it night<Enter>");
    driver.answer_all();
    driver
}

fn current(driver: &Driver) -> Option<NodeId> {
    driver.model().current.map(|current| current.node)
}

#[test]
fn left_folds_what_came_of_a_node_and_right_shows_it_again() {
    let mut driver = branched(120, 40);
    driver.press("<A-3>h<Left>");
    let screen = driver.screen();
    assert!(screen.contains("n1 (+3)") && !screen.contains("n3 Add a hat"), "{screen}");
    assert_eq!(current(&driver), Some(NodeId(1)));
    driver.press("<Right>");
    assert!(driver.screen().contains("n3 Add a hat"), "{}", driver.screen());
    driver.press("<Right>");
    assert_eq!(current(&driver), Some(NodeId(4)), "shown already: on to the child last visited");
    driver.press("<Left>");
    assert_eq!(current(&driver), Some(NodeId(1)), "nothing came of it: to the parent");
}

#[test]
fn where_one_goes_is_never_folded_away() {
    let mut driver = branched(120, 40);
    driver.press("<A-3>h<Left>l");
    assert_eq!(current(&driver), Some(NodeId(4)));
    assert!(driver.screen().contains("n4* Make it night"), "{}", driver.screen());
}

#[test]
fn the_whole_tree_shows_pictures_where_the_terminal_can() {
    let mut driver = branched(120, 40);
    driver.press("<Esc>T");
    assert!(driver.frame().placements.is_empty(), "blocks would show nothing of them");
    driver.workbench.ui.graphics.protocol = "kitty".into();
    let frame = driver.frame();
    let pictures: Vec<u8> = frame.placements.iter().map(|place| place.picture.0[3]).collect();
    // Depth-first, branches before the chain goes on.
    assert_eq!(pictures, [1, 4, 2, 3], "{}", driver.screen());
    assert!(driver.screen().contains("pro · seed 7 · 1024×1024"), "{}", driver.screen());
}

fn decided(driver: &mut Driver) -> Vec<Change> {
    let change = |effect| match effect {
        Effect::Store(StoreEffect::AppendDecision(Entry::Did(change))) => Some(change),
        _ => None,
    };
    driver.take().into_iter().filter_map(change).collect()
}

/// Only the newest nodes are whole in memory; what is decided about the others holds as well.
#[test]
fn nodes_that_are_not_loaded_are_thrown_away_starred_and_brought_back_like_others() {
    let mut driver = branched(120, 40);
    driver.press("<A-3>h<Down>v");
    driver.take();
    let whole = driver.workbench.model.nodes.remove(&NodeId(4)).unwrap();
    driver.press("*");
    assert_eq!(decided(&mut driver), [Change::Star { node: NodeId(4), on: true }]);
    assert!(driver.model().tree.get(NodeId(4)).is_some_and(|summary| summary.starred));
    driver.workbench.model.nodes.insert(NodeId(4), whole);
    driver.press("<A-3>kv");
    driver.workbench.model.nodes.remove(&NodeId(4));
    driver.press("d");
    let is_thrown =
        |driver: &Driver| driver.model().tree.get(NodeId(4)).map(|summary| summary.trashed);
    assert_eq!(is_thrown(&driver), Some(true), "{}", driver.screen());
    driver.press("<Esc>:trash-list<Enter>");
    assert!(driver.screen().contains("n4"), "{}", driver.screen());
    driver.press("<Enter>");
    assert_eq!(is_thrown(&driver), Some(false), "{}", driver.screen());
    assert!(driver.model().tree.siblings(NodeId(4)).contains(&NodeId(4)));
    let last = decided(&mut driver).pop();
    assert_eq!(last, Some(Change::Trash { node: NodeId(4), on: false }));
}
