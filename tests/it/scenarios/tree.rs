//! The tree under the fingers: folding, pictures in it.

use editree::app::effect::{Effect, StoreEffect};
use editree::app::job::JobId;
use editree::app::message::{StoreResult, TaskResult};
use editree::tree::NodeId;
use editree::tree::decision::{Change, Entry};
use editree::ui::panes::queue;

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
    assert!(screen.contains("▸3") && !screen.contains("n3 Add a hat"), "{screen}");
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
    driver.press("<A-3>h<Left>");
    assert!(!driver.screen().contains("▶ n4"), "{}", driver.screen());
    driver.press("<A-l>");
    assert_eq!(current(&driver), Some(NodeId(4)));
    assert!(driver.screen().contains("▶ n4 Make it night"), "{}", driver.screen());
}

#[test]
fn the_whole_tree_shows_pictures_where_the_terminal_can() {
    let mut driver = branched(120, 40);
    driver.press("<Esc>T");
    let seen = |driver: &Driver, is_in_tree: bool| -> Vec<u8> {
        let placements = driver.frame().placements.into_iter();
        let there = placements.filter(|it| (it.area.right() < 72) == is_in_tree);
        there.map(|it| it.picture.0[3]).collect()
    };
    let small = seen(&driver, true);
    assert!(small.is_empty(), "blocks would show nothing of small ones: {small:?}");
    driver.workbench.ui.graphics.protocol = "kitty".into();
    let beside = seen(&driver, false);
    assert_eq!(beside.first(), Some(&4), "the one that is looked at stands beside the tree");
    let small = seen(&driver, true);
    assert_eq!(small, [1, 2, 3, 4], "depth first, the first child first: {}", driver.screen());
    let screen = driver.screen();
    assert!(screen.contains("pro · seed 7 · 1024×1024 · sim $0.04"), "whole: {screen}");
    assert!(screen.contains("  from n1"), "whole: {screen}");
    assert!(screen.contains("edits start here"), "{screen}");
}

/// Takes and values are told apart, what is equal in all rows is not said.
#[test]
fn what_differs_between_siblings_is_what_their_rows_say() {
    let mut driver = Driver::new(80, 24);
    driver.press("Make the hat red and keep the face<Enter>");
    driver.answer_all();
    for _ in 0..2 {
        driver.press("<A-r>");
        driver.answer_all();
    }
    let screen = driver.screen();
    for told in ["take 1", "take 2", "take 3"] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
    let rows = screen.lines().filter(|line| line.contains("─● n") || line.contains("─▶ n"));
    assert!(rows.clone().count() >= 2, "{screen}");
    for row in rows {
        assert!(!row.split('│').next_back().is_some_and(|row| row.contains("$0.04")), "{row}");
    }
}

/// Twelve edits in a row: whole where there is room, else folded into the last one.
#[test]
fn a_chain_is_folded_where_room_is_short_and_opened_with_right() {
    let mut driver = Driver::new(120, 40);
    for number in 0..12 {
        driver.press(&format!("Edit number {number}<Enter>"));
        driver.answer_all();
    }
    let steps = |driver: &Driver| driver.screen().matches('└').count();
    assert_eq!(steps(&driver), 12, "{}", driver.screen());
    driver.resize(120, 12);
    let screen = driver.screen();
    assert!(steps(&driver) == 1 && screen.contains("▸11"), "{screen}");
    driver.press("<A-3><Right>");
    assert!(!driver.screen().contains('▸'), "{}", driver.screen());
    driver.press("<Left>");
    assert!(driver.screen().contains("▸11"), "folded again: {}", driver.screen());
    driver.press("<A-h>");
    assert_eq!(current(&driver), Some(NodeId(12)));
    assert!(driver.screen().contains("n12"), "where one goes is seen: {}", driver.screen());
}

#[test]
fn a_node_is_gone_to_by_its_number() {
    let mut driver = branched(120, 40);
    for (keys, node) in
        [("<Esc>2G", 2), (":3<Enter>", 3), (":n1<Enter>", 1), (":go n4<Enter>", 4), ("1G", 1)]
    {
        driver.press(keys);
        assert_eq!(current(&driver), Some(NodeId(node)), "{keys}: {}", driver.screen());
    }
    driver.press("99G");
    assert!(driver.screen().contains("there is no n99"), "{}", driver.screen());
    // One that is not loaded is asked for, and gone to when it comes.
    driver.take();
    let whole = driver.workbench.model.nodes.remove(&NodeId(3)).unwrap();
    driver.press("3G");
    assert_eq!(current(&driver), Some(NodeId(1)));
    let asked = driver.take().into_iter().any(
        |effect| matches!(effect, Effect::Store(StoreEffect::LoadNodes(nodes)) if nodes == [NodeId(3)]),
    );
    assert!(asked);
    driver.finish(TaskResult::Store(StoreResult::Nodes(Ok(vec![whole]))));
    assert_eq!(current(&driver), Some(NodeId(3)));
}

#[test]
fn pages_and_ends_are_gone_to_in_tree_queue_and_log_alike() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    for _ in 0..29 {
        driver.press("<A-r>");
        driver.answer_all();
    }
    driver.press("<A-3>gg");
    assert_eq!(current(&driver), Some(NodeId(1)));
    driver.press("<C-d>");
    let half = current(&driver).map_or(0, |node| node.0);
    assert!((8..20).contains(&half), "{half}");
    driver.press("<PageDown>");
    assert!(current(&driver) > Some(NodeId(half + 8)), "{:?}", current(&driver));
    driver.press("<PageUp><C-u>");
    assert_eq!(current(&driver), Some(NodeId(1)), "there and back");
    driver.press("G");
    assert_eq!(current(&driver), Some(NodeId(31)));
    assert!(driver.screen().contains("31 of 31"), "{}", driver.screen());
    driver.press("<A-4>G");
    assert_eq!(in_queue(&driver), Some(JobId(2)), "the oldest");
    driver.press("gg");
    assert_eq!(in_queue(&driver), Some(JobId(31)));
    driver.press("7G");
    assert_eq!(in_queue(&driver), Some(JobId(25)));
    driver.press("<A-5>gg");
    let top = driver.workbench.ui.panes.log.scroll;
    driver.press("<End>");
    assert!(top > 20 && driver.workbench.ui.panes.log.scroll == 0, "{top}");
}

#[test]
fn the_tree_shows_only_what_the_filter_has_found_and_the_way_there() {
    let mut driver = branched(120, 40);
    driver.press("<Esc>/hat");
    driver.answer_all();
    driver.finish(TaskResult::Store(StoreResult::Found {
        text: "hat".into(),
        nodes: Ok(vec![driver.model().nodes[&NodeId(3)].clone()]),
    }));
    driver.press("<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("tree /hat · 1 of 1") && !screen.contains("n4 Make"), "{screen}");
    assert_eq!(current(&driver), Some(NodeId(3)));
    driver.press("<Esc>");
    assert!(driver.screen().contains("n4 Make it night"), "{}", driver.screen());
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
    driver.press("<A-3>h<Down><Down><Down>vk");
    driver.take();
    let whole = driver.workbench.model.nodes.remove(&NodeId(4)).unwrap();
    driver.press("*");
    assert_eq!(decided(&mut driver), [Change::Star { node: NodeId(4), on: true }]);
    assert!(driver.model().tree.get(NodeId(4)).is_some_and(|summary| summary.starred));
    driver.workbench.model.nodes.insert(NodeId(4), whole);
    driver.press("<A-3><Down>vk");
    driver.workbench.model.nodes.remove(&NodeId(4));
    driver.press("dy");
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

/// The selected job, of thirty that have ended.
fn in_queue(driver: &Driver) -> Option<JobId> {
    queue::selected(&driver.workbench.ui, driver.model())
}

#[test]
fn a_rating_never_touches_the_number_before_it() {
    let mut seen = 0;
    for columns in 80..130 {
        let mut driver = branched(columns, 30);
        driver.press("<Esc>S4*<Esc><Esc>");
        driver.answer_all();
        for line in driver.screen().lines().filter(|line| line.contains("4/5")) {
            let before = line.split("4/5").next().and_then(|before| before.chars().last());
            assert_eq!(before, Some(' '), "{columns}: {line}");
            seen += 1;
        }
    }
    assert!(seen > 40, "a row at nearly every width: {seen}");
}
