//! No money by accident, and nothing cancelled or thrown away by one: what is asked first.

use editree::app::action::Purpose;
use editree::app::effect::{Effect, ServiceEffect, StoreEffect};
use editree::app::job::State;
use editree::app::message::{PictureResult, StoreResult, StoreSnapshot, TaskResult};
use editree::app::money::consent::Limits;
use editree::schema::{Price, Usd};
use editree::tree::decision::{Change, Entry};
use editree::tree::index::NodeSummary;
use editree::tree::{Input, Node, NodeId, NodeState, PictureRef};

use crate::support::driver::{Driver, root};

/// n1 → n2 → n3, a draft with words in it, one request that waits in a paused line.
pub(super) fn busy() -> Driver {
    let mut driver = edited();
    driver.workbench.model.queue.is_paused = true;
    driver.press("Make it snow<Enter>");
    driver.answer_all();
    driver.press("Add a boat");
    driver.take();
    driver
}

/// n1 → n2 → n3.
pub(super) fn edited() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red<Enter>", "Add a hat<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    driver
}

pub(super) fn current(driver: &Driver) -> u32 {
    driver.model().current.map_or(0, |current| current.node.0)
}

/// What has left, was cancelled or thrown away, since the last call.
pub(super) fn harm(driver: &mut Driver) -> Vec<Effect> {
    let harms = |effect: &Effect| match effect {
        Effect::Store(StoreEffect::Save { .. })
        | Effect::Service(ServiceEffect::Send { .. })
        | Effect::Service(ServiceEffect::CancelRemote { .. }) => true,
        Effect::Store(StoreEffect::SetJobState { to, .. }) => {
            matches!(to, State::Cancelled | State::Cancelling)
        }
        Effect::Store(StoreEffect::AppendDecision(Entry::Did(change))) => {
            matches!(change, Change::Trash { on: true, .. })
        }
        Effect::Abort(_) | Effect::Translate(_) => true,
        _ => false,
    };
    driver.take().into_iter().filter(harms).collect()
}

pub(super) fn trashed(driver: &mut Driver) -> Vec<u32> {
    let node = |effect| match effect {
        Effect::Store(StoreEffect::AppendDecision(Entry::Did(Change::Trash {
            node,
            on: true,
        }))) => Some(node.0),
        _ => None,
    };
    driver.take().into_iter().filter_map(node).collect()
}

// -- the one rule --

#[test]
fn a_count_is_asked_about_with_the_words_of_each() {
    let mut driver = edited();
    driver.press("<Esc>3r");
    let screen = driver.screen();
    assert!(screen.contains("3 requests for sim $0.12"), "{screen}");
    assert!(screen.contains("3 × Add a hat · a new seed"), "{screen}");
    assert_eq!(driver.saves(), 0);
    driver.press("y");
    assert_eq!(driver.saves(), 3);
}

#[test]
fn the_same_seed_again_is_always_asked_about() {
    let mut driver = edited();
    driver.workbench.model.money.limits = Limits { requests: 100, amount: Usd(100_000_000) };
    driver.press("<Esc>R");
    assert!(driver.screen().contains("pays for the same picture again"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
    driver.press("<Esc>");
    assert_eq!(driver.saves(), 0);
    driver.press("Ry");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn requests_that_have_the_same_words_are_told_apart() {
    let mut driver = edited();
    driver.press("<Esc>B");
    driver.press("<C-u>seed=1,2 model=pro,max<Enter>");
    let screen = driver.screen();
    for words in ["1. Add a hat · pro · seed 1", "4. Add a hat · max · seed 2"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert_eq!(driver.saves(), 0);
}

#[test]
fn a_long_list_of_words_is_gone_through_and_never_hides_the_answer() {
    for (columns, rows) in [(120, 40), (80, 24), (40, 12)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("take {1..20}<Enter>");
        let screen = driver.screen();
        assert!(screen.contains("y send  Esc cancel"), "{screen}");
        assert!(!screen.contains("20. take 20"), "{screen}");
        driver.press(&"<Down>".repeat(20));
        let screen = driver.screen();
        assert!(
            screen.contains("20. take 20") && screen.contains("y send  Esc cancel"),
            "{screen}"
        );
        assert_eq!(driver.saves(), 0);
        driver.press("y");
        assert_eq!(driver.saves(), 20);
    }
}

#[test]
fn one_request_that_costs_much_is_asked_about() {
    let mut driver = edited();
    driver.workbench.model.money.limits = Limits { requests: 1, amount: Usd(30_000) };
    driver.press("Make it night<Enter>");
    assert!(driver.screen().contains("more than sim $0.03 at once"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
    driver.press("<Esc>");
    driver.workbench.model.money.limits.amount = Usd(40_000);
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 1, "as much as the limit is no more than it");
}

#[test]
fn a_price_that_is_unknown_is_asked_about_where_it_costs() {
    let mut driver = edited();
    driver.workbench.model.profile.simulated = false;
    let endpoint = driver.model().endpoint().unwrap().clone();
    let unknown = editree::schema::Endpoint { price: None::<Price>, ..endpoint };
    *driver.workbench.model.catalogue = driver.model().catalogue.with(unknown);
    driver.press("Make it night<Enter>");
    assert!(driver.screen().contains("price of this endpoint is not known"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
}

#[test]
fn the_limits_are_the_configs() {
    let mut driver = edited();
    driver.workbench.model.money.limits.requests = 4;
    driver.press("<Esc>4r");
    assert_eq!(driver.saves_answered(), 4, "as many as may leave unasked");
    driver.press("5r");
    assert_eq!(driver.saves(), 0);
    driver.press("<Esc>");
    driver.workbench.model.money.limits.requests = 0;
    driver.press("r");
    assert!(driver.screen().contains("every request is asked about"), "{}", driver.screen());
    assert_eq!(driver.saves(), 0);
}

#[test]
fn what_was_held_is_asked_about_when_several_leave_at_once() {
    let mut driver = edited();
    driver.workbench.model.queue.is_paused = true;
    for words in ["one", "two", "three"] {
        driver.press(&format!("{words}<Enter>"));
        driver.answer_all();
    }
    let held = driver.model().jobs.waiting().to_vec();
    for id in &held {
        let job = driver.workbench.model.jobs.get_mut(id).unwrap();
        job.state = State::Held("found unsent".into());
    }
    driver.workbench.model.jobs.order_mut().clear();
    driver.press("<Esc>gqkkkvvv<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("3 requests for sim $0.12") && screen.contains("n5 two"), "{screen}");
    let is_released = |driver: &mut Driver| {
        driver.take().iter().any(|effect| {
            matches!(effect, Effect::Store(StoreEffect::SetJobState { to: State::Saved, .. }))
        })
    };
    assert!(!is_released(&mut driver));
    driver.press("y");
    assert!(is_released(&mut driver));
}

/// Two that are held, with the same words and these pictures; the question in so many columns.
fn release_of(inputs: [Vec<Input>; 2], (columns, rows): (u16, u16)) -> String {
    let mut driver = edited();
    driver.workbench.model.queue.is_paused = true;
    for _ in &inputs {
        driver.press("Make it snow<Enter>");
        driver.answer_all();
    }
    let held = driver.model().jobs.waiting().to_vec();
    for (id, inputs) in held.iter().zip(inputs) {
        let job = driver.workbench.model.jobs.get_mut(id).unwrap();
        job.state = State::Held("found unsent".into());
        job.spec.recipe.inputs = inputs;
    }
    driver.workbench.model.jobs.order_mut().clear();
    driver.press("<Esc>gqkkvv<Enter>");
    driver.resize(columns, rows);
    driver.screen()
}

#[test]
fn held_requests_that_differ_in_a_later_picture_are_told_apart() {
    let own = || edited().model().nodes[&NodeId(3)].pictures[0].hash;
    let picture = |node| Input::Picture(PictureRef { node: NodeId(node), picture: own() });
    let with = |node| vec![picture(2), picture(node)];
    let screen = release_of([with(1), with(3)], (120, 40));
    assert!(screen.contains("on n2 with n1") && screen.contains("on n2 with n3"), "{screen}");
    let screen = release_of([with(1), with(1)], (120, 40));
    assert!(screen.contains("2 × Make it snow · n4–5"), "{screen}");
    assert!(screen.contains("on n2 with n1"), "in the sum: {screen}");
}

#[test]
fn a_picture_by_a_long_address_is_told_shortly_in_the_sum() {
    let url = format!("https://pictures.example/{}/cat.png", "folder/".repeat(40));
    let inputs = || vec![Input::Url(url.clone())];
    let screen = release_of([inputs(), inputs()], (60, 20));
    assert!(screen.contains("┃ on pictures.example/…/cat.png "), "{screen}");
    assert!(screen.contains("n4–5") && !screen.contains("folder"), "{screen}");
}

#[test]
fn every_send_is_confirmed_with_its_price_and_the_key_that_takes_it_back() {
    let mut driver = edited();
    driver.press("Make it snow<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("sent for sim $0.04 · Alt-4 x: cancel it"), "{screen}");
    for effect in driver.take() {
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    // The key does as it was told, to the newest.
    driver.press("<A-4>x");
    let newest = driver.model().jobs.values().next_back().unwrap();
    assert!(matches!(newest.state, State::Cancelled | State::Cancelling), "{newest:?}");
    driver.answer_all();
    driver.press("<Esc><A-6>2ry");
    assert!(driver.screen().contains("2 sent for sim $0.08"), "{}", driver.screen());
    driver.answer_all();
    assert!(!driver.screen().contains("2 sent for"), "it is over when they are");
}

#[test]
fn a_letter_amid_others_is_no_answer() {
    let mut driver = edited();
    driver.press("take {1..3}<Enter>");
    driver.type_quickly("by the way", 120);
    assert_eq!(driver.saves(), 0, "{}", driver.screen());
    assert!(driver.model().money.confirmation.is_some());
    driver.press("y");
    assert_eq!(driver.saves(), 3);
}

// -- the trash --

#[test]
fn a_question_about_the_trash_stays_one_at_every_size() {
    for (keys, words) in [
        ("<Esc>1Gd", "n1 and the 56 made from it"),
        ("<Esc>:n57<Enter>*d", "n57"),
        ("<Esc>:n1<Enter><A-3>vvd", "2 marked and 55 made from them"),
    ] {
        let mut driver = crate::screens::sixty(120, 40);
        driver.press(keys);
        for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
            driver.resize(columns, rows);
            let screen = driver.screen();
            let title = format!("┏━ trash {words}? ━");
            assert!(screen.contains(&title), "{title}\n{screen}");
        }
    }
}

#[test]
fn what_takes_others_along_is_asked_about_before_it_goes() {
    let mut driver = edited();
    driver.press("<Esc>*h");
    driver.take();
    driver.press("d");
    let screen = driver.screen();
    assert!(screen.contains("trash n2 and the one made from it?"), "{screen}");
    // It is among what adds up, and the prices end in one column.
    for told in ["spent on these 2, 1 starred", "n2 Make it red", "★ n3 Add a hat"] {
        let is_row = |line: &&str| line.contains(&format!("┃ {told} ")) && line.ends_with('┃');
        let row = screen.lines().map(|line| line.trim_end()).find(is_row);
        let price = if told.starts_with("spent") { " sim $0.08 ┃" } else { " sim $0.04 ┃" };
        assert!(row.is_some_and(|row| row.ends_with(price)), "{told}\n{screen}");
    }
    // The way out stands in the box, and only there.
    assert!(screen.contains("┃  y move all 2  Esc keep them · z brings them back"), "{screen}");
    assert_eq!(screen.matches("Esc keep them").count(), 1, "{screen}");
    assert_eq!(trashed(&mut driver), [0; 0]);
    driver.press("n");
    assert_eq!(trashed(&mut driver), [0; 0]);
    driver.press("dy");
    assert_eq!(trashed(&mut driver), [2]);
    assert!(driver.screen().contains("n2 and 1 more in the trash"), "{}", driver.screen());
    assert_eq!(current(&driver), 1);
    driver.press(":trash-list<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("n2 Make it red") && screen.contains("with 1 descendant"), "{screen}");
    assert!(screen.contains("n3 Add a hat") && screen.contains("with n2"), "{screen}");
    driver.press("<Down><Enter>");
    assert_eq!(driver.model().tree.children(NodeId(1)).count(), 1, "n3 brings n2 back");
}

#[test]
fn one_alone_goes_at_once_and_the_cursor_to_its_neighbour() {
    let mut driver = edited();
    // n4, n5, n6 beside n3.
    driver.press("<Esc>3ry");
    driver.answer_all();
    driver.press("<End>kk");
    assert_eq!(current(&driver), 4);
    driver.take();
    driver.press("d");
    assert_eq!((trashed(&mut driver), current(&driver)), (vec![4], 5), "the next one");
    driver.press("jd");
    assert_eq!((trashed(&mut driver), current(&driver)), (vec![6], 5), "else the one before");
    driver.press("dd");
    assert_eq!((trashed(&mut driver), current(&driver)), (vec![5, 3], 2), "else the parent");
}

#[test]
fn marked_ones_that_contain_all_that_goes_are_not_asked_about() {
    let mut driver = edited();
    driver.press("<A-3>kvv");
    driver.take();
    driver.press("d");
    assert_eq!(trashed(&mut driver), [2, 3]);
}

#[test]
fn the_sheet_asks_as_well() {
    let mut driver = edited();
    driver.press("<Esc>SS");
    driver.press("l");
    assert_eq!(current(&driver), 2);
    driver.take();
    driver.press("x");
    assert_eq!(trashed(&mut driver), [0; 0]);
    driver.press("y");
    assert_eq!(trashed(&mut driver), [2]);
}

// -- several pictures --

#[test]
fn several_opened_pictures_are_no_references() {
    let mut driver = Driver::new(120, 40);
    let files = (50..60).map(|number| Ok(root(number, "x.png"))).collect();
    driver.finish(TaskResult::Picture(PictureResult::Opened { files, purpose: Purpose::Parent }));
    assert_eq!(driver.model().draft.references, []);
    assert_eq!(current(&driver), 50);
    let files = (60..70).map(|number| Ok(root(number, "x.png"))).collect();
    driver.finish(TaskResult::Picture(PictureResult::Opened { files, purpose: Purpose::Roots }));
    assert_eq!((driver.model().draft.references.len(), current(&driver)), (0, 50));
    assert!(
        driver.screen().contains("opened 10 more pictures, n50 is shown"),
        "{}",
        driver.screen()
    );
    assert_eq!(driver.model().tree.roots().count(), 21);
    driver.press("Make it red<Enter>");
    let inputs = driver.take().into_iter().find_map(|effect| match effect {
        Effect::Store(StoreEffect::Save { spec, .. }) => Some(spec.recipe.inputs.len()),
        _ => None,
    });
    assert_eq!(inputs, Some(1));
}

#[test]
fn hundreds_of_references_are_not_sent() {
    let mut driver = Driver::new(120, 40);
    let picture = driver.model().current.unwrap();
    driver.workbench.model.draft.references = vec![Input::Picture(picture); 499];
    driver.press("Make it red<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("500 pictures at once"), "{}", driver.screen());
}

#[test]
fn what_another_editree_makes_moves_neither_the_canvas_nor_the_draft() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc><Home>e");
    let (shown, parent) = (driver.model().current, driver.model().draft.parent);
    let recipe = driver.model().nodes[&NodeId(2)].recipe.clone();
    let node = Node { state: NodeState::Done, recipe, ..root(9, "made elsewhere") };
    let summary = NodeSummary {
        id: node.id,
        parent: None,
        parent_picture: 0,
        pictures: 1,
        state: node.state,
        starred: false,
        trashed: false,
        simulated: true,
        cost: None,
    };
    let snapshot =
        StoreSnapshot { summaries: vec![summary], nodes: vec![node], ..StoreSnapshot::default() };
    driver.finish(TaskResult::Store(StoreResult::Snapshot(Ok(Box::new(snapshot)))));
    assert!(
        driver.screen().contains("n9 is new: another window or a command made it"),
        "{}",
        driver.screen()
    );
    assert_eq!((driver.model().current, driver.model().draft.parent), (shown, parent));
}

/// Neither price nor question can be seen there.
#[test]
fn where_nothing_can_be_shown_nothing_is_done() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red");
    driver.resize(20, 6);
    driver.press(" and blue<Enter>");
    assert_eq!(driver.saves(), 0);
    driver.press("<Esc>4ry");
    assert_eq!(driver.saves(), 0);
    driver.resize(120, 40);
    let screen = driver.screen();
    assert!(screen.contains("Make it red") && screen.contains("nothing was done"), "{screen}");
    // A question that was seen is answered where it is seen.
    driver.press("{a|b}<Enter>");
    assert!(driver.model().money.confirmation.is_some(), "{}", driver.screen());
    driver.resize(20, 6);
    driver.press("y");
    assert_eq!(driver.saves(), 0);
    driver.resize(120, 40);
    driver.press("y");
    assert_eq!(driver.saves(), 2);
}
