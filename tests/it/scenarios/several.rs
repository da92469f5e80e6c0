//! More than one request at a press: steps, a branch reworded, a branch on other pictures, sweeps.

use editree::app::compare::ComparisonView;
use editree::app::effect::{Effect, PictureEffect, ServiceEffect, StoreEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::spec::RequestSpec;
use editree::app::job::{JobId, State};
use editree::app::message::{PictureResult, ServiceResult, StoreResult, StoreSnapshot, TaskResult};
use editree::tree::{Input, Node, NodeId, Picture, PictureRef};

use crate::support::driver::{Driver, hash, root};

/// Answers everything; pictures are found to be so much alike outside of what changed. What was
/// sent since.
fn answer(driver: &mut Driver, outside: Option<f64>) -> Vec<RequestSpec> {
    let before: Vec<JobId> = driver.model().jobs.keys().copied().collect();
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match effect {
            Effect::Picture(PictureEffect::Compare { a, b, .. }) => Some(compared(a, b, outside)),
            other => driver.answer(other),
        };
        if let Some(result) = result {
            driver.finish(result);
        }
    }
    let new = driver.model().jobs.values().filter(|job| !before.contains(&job.id));
    new.filter(|job| job.sent_at.is_some()).map(|job| job.spec.clone()).collect()
}

fn compared(a: editree::tree::Hash, b: editree::tree::Hash, outside: Option<f64>) -> TaskResult {
    let findings = ComparisonView {
        description: vec!["something".into()],
        in_short: Vec::new(),
        size: (1024, 1024),
        aligned: hash(90),
        blend: hash(91),
        heat: hash(92),
        unchanged_psnr_db: outside,
        changed_fraction: 0.1,
        beside_regions: None,
        fit: None,
    };
    TaskResult::Picture(PictureResult::Compared { a, b, found: Ok(Box::new(findings)) })
}

/// Words and the node that each order goes on from.
fn told(specs: &[RequestSpec]) -> Vec<(&str, u32)> {
    let from = |spec: &RequestSpec| match spec.recipe.inputs.first() {
        Some(Input::Picture(picture)) => picture.node.0,
        _ => 0,
    };
    specs.iter().map(|spec| (spec.recipe.prompt.as_str(), from(spec))).collect()
}

#[test]
fn steps_are_priced_together_and_go_one_after_the_other() {
    let mut driver = Driver::new(120, 40);
    driver.press("1. Make it red<C-j>2. Add a hat<C-j>- Make it night<Esc>:steps<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("3 requests for sim $0.12") && screen.contains("3 steps"), "{screen}");
    assert_eq!(driver.saves(), 0, "nothing before the word is given");
    driver.press("y");
    let specs = answer(&mut driver, Some(40.0));
    assert_eq!(told(&specs), [("Make it red", 1), ("Add a hat", 2), ("Make it night", 3)]);
    let path = [1, 2, 3, 4].map(NodeId);
    assert_eq!(driver.model().tree.path(NodeId(4)), path);
    assert_eq!(driver.model().draft.prompt, "", "the words have left the prompt");
}

#[test]
fn steps_end_where_a_result_has_worn_down() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>y");
    let specs = answer(&mut driver, Some(20.0));
    assert_eq!(told(&specs), [("Make it red", 1)]);
    let screen = driver.screen();
    assert!(screen.contains("the next step, n3, is held"), "{screen}");
    // A person may think otherwise.
    driver.press("<A-4><Enter>");
    let rest = answer(&mut driver, Some(40.0));
    assert!(rest.is_empty(), "released as it was saved, not ordered again: {rest:?}");
    assert_eq!(driver.model().jobs[&JobId(3)].state, State::Done);
}

#[test]
fn a_step_that_was_cancelled_is_followed_by_none_even_when_it_is_done_all_the_same() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>y");
    // Up to the moment when it has been sent.
    while !driver
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::Service(ServiceEffect::Send { .. })))
    {
        let effect = driver.effects.remove(0);
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    driver.press("<A-4>x");
    let sent = answer(&mut driver, Some(40.0));
    assert!(sent.is_empty(), "{sent:?}");
    let mut states = driver.model().jobs.values().map(|job| &job.state);
    assert!(states.all(|state| matches!(state, State::Done | State::Cancelled)));
}

#[test]
fn steps_of_an_earlier_session_wait_for_a_word() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>y");
    driver.workbench.model.session.started = editree::tree::Timestamp(i64::MAX);
    let sent = answer(&mut driver, Some(40.0));
    assert_eq!(told(&sent), [("Make it red", 1)]);
    assert!(driver.screen().contains("the next step, n3, is held"), "{}", driver.screen());
}

#[test]
fn steps_end_where_the_filter_has_blackened_a_result() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>y");
    let mut saves = 0;
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        saves += usize::from(matches!(effect, Effect::Store(StoreEffect::Save { .. })));
        let mut result = driver.answer(effect);
        if let Some(TaskResult::Service(ServiceResult::Fetched { outcome: Ok(outcome), .. })) =
            &mut result
        {
            outcome.pictures[0].nsfw = true;
        }
        if let Some(result) = result {
            driver.finish(result);
        }
    }
    assert_eq!(saves, 1);
    assert!(driver.screen().contains("no picture to continue from"), "{}", driver.screen());
}

#[test]
fn one_line_is_no_list_of_steps() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Esc>:steps<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("one change on each line"), "{}", driver.screen());
}

/// n1 → n2 → n3.
fn chain() -> Driver {
    let mut driver = Driver::new(120, 40);
    for words in ["Make it red<Enter>", "Add a hat<Enter>"] {
        driver.press(words);
        driver.answer_all();
    }
    driver
}

#[test]
fn a_reworded_step_takes_what_followed_it_along_beside_the_old_branch() {
    let mut driver = chain();
    driver.press("<Esc>h:rebase<Enter>");
    assert!(driver.screen().contains("new prompt for this step"), "{}", driver.screen());
    driver.press("<Backspace><Backspace><Backspace>blue<Enter>");
    assert!(driver.screen().contains("2 requests for sim $0.08"), "{}", driver.screen());
    driver.press("y");
    let specs = answer(&mut driver, None);
    assert_eq!(told(&specs), [("Make it blue", 1), ("Add a hat", 4)]);
    assert!(specs.iter().all(|spec| spec.recipe.values["seed"] == 7), "the same seeds");
    assert_eq!(driver.model().tree.path(NodeId(3)), [1, 2, 3].map(NodeId), "the old one stays");
}

/// Of many children one is taken along: which, stands in the question.
#[test]
fn the_question_names_the_steps_that_are_done_again() {
    let mut driver = chain();
    driver.press("<Esc>he");
    driver.press("Add a tie<Enter>");
    driver.answer_all();
    driver.press("<Esc>k");
    assert_eq!(driver.model().current.map(|it| it.node), Some(NodeId(3)));
    driver.press("h:rebase Make it blue<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("n2, then n3: the branch you last followed"), "{screen}");
    driver.press("<Esc>lj");
    assert_eq!(driver.model().current.map(|it| it.node), Some(NodeId(4)));
    driver.press("h:rebase Make it blue<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("n2, then n4: the branch you last followed"), "{screen}");
}

/// n1 → n2 → n3 → n4, which was healed → n5 → n6, which was cropped.
#[test]
fn the_question_names_no_step_that_no_request_has_made() {
    let mut driver = chain();
    let made_here = |driver: &mut Driver, id: u32| {
        let before = driver.model().nodes[&NodeId(id - 1)].clone();
        let picture = PictureRef { node: before.id, picture: before.pictures[0].hash };
        let pictures = vec![Picture { hash: hash(70 + id), ..before.pictures[0].clone() }];
        let parent = Some(picture);
        let node = Node { id: NodeId(id), recipe: None, seed: None, parent, pictures, ..before };
        let result = PictureResult::Healed(Ok(Box::new((node, "a patch".to_owned()))));
        driver.finish(TaskResult::Picture(result));
        driver.next = id + 1;
    };
    made_here(&mut driver, 4);
    driver.press("<Esc>eAdd a tie<Enter>");
    driver.answer_all();
    made_here(&mut driver, 6);
    assert_eq!(driver.model().tree.path(NodeId(6)), [1, 2, 3, 4, 5, 6].map(NodeId));
    driver.press("<Esc><Home>l:rebase Make it blue<Enter>");
    let screen = driver.screen();
    let why = crate::overlays::in_box(&driver);
    assert!(why.contains("n2, then n3, n5: the branch you last followed"), "{why}");
    assert!(why.contains("n4, n6 were made here and are left out"), "{why}");
    assert!(screen.contains("3 requests for sim $0.12"), "{screen}");
    driver.press("y");
    let specs = answer(&mut driver, None);
    let words = ["Make it blue", "Add a hat", "Add a tie"];
    assert_eq!(told(&specs).iter().map(|(told, _)| *told).collect::<Vec<_>>(), words);
}

#[test]
fn an_opened_picture_has_no_words_to_change() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:rebase<Enter>");
    assert!(driver.screen().contains("no picture selected"), "{}", driver.screen());
}

#[test]
fn the_steps_of_a_branch_are_done_again_on_other_pictures() {
    let mut driver = chain();
    driver.take();
    driver.press("<Esc>:replay shots/*.png<Enter>");
    let find = PictureEffect::FindFiles { node: NodeId(3), on: "shots/*.png".into() };
    assert_eq!(driver.take(), [Effect::Picture(find)], "no file is opened before the word");
    let found = || {
        let paths = Ok(["shots/a.png", "shots/b.png"].map(Into::into).into());
        TaskResult::Picture(PictureResult::FilesFound { node: NodeId(3), paths })
    };
    driver.finish(found());
    let screen = driver.screen();
    assert!(screen.contains("2 steps on each of 2 pictures"), "{screen}");
    assert!(screen.contains("4 requests for sim $0.16"), "{screen}");
    assert!(screen.contains("on a.png") && screen.contains("on b.png"), "{screen}");
    driver.press("<Esc>");
    assert_eq!(driver.take(), [], "a no leaves nothing behind");
    driver.finish(found());
    driver.press("y");
    assert_eq!(driver.take(), [], "one letter may have been meant for something else");
    driver.press("es<Enter>");
    let [Effect::Picture(PictureEffect::OpenFiles { paths, purpose })] = &driver.take()[..] else {
        panic!("the files are opened first")
    };
    assert_eq!(paths.len(), 2);
    let files = [root(50, "a.png"), root(51, "b.png")].map(Ok).into();
    driver.finish(TaskResult::Picture(PictureResult::Opened { files, purpose: *purpose }));
    assert!(driver.screen().contains("4 sent for sim $0.16"), "{}", driver.screen());
    let mut specs = answer(&mut driver, None);
    specs.sort_by_key(|spec| spec.recipe.prompt.clone());
    let words: Vec<&str> = told(&specs).iter().map(|(words, _)| *words).collect();
    assert_eq!(words, ["Add a hat", "Add a hat", "Make it red", "Make it red"]);
    assert_eq!(driver.model().draft.references, [], "nobody asked for references");
}

#[test]
fn a_sweep_tells_count_and_price_while_one_types() {
    let mut driver = chain();
    driver.press("<Esc>B");
    let screen = driver.screen();
    assert!(screen.contains("4 requests · sim $0.16") && screen.contains("n3 again"), "{screen}");
    assert!(screen.contains("guidance_scale="), "{screen}");
    driver.press(" guidance_scale=2,3");
    assert!(driver.screen().contains("8 requests · sim $0.32"), "{}", driver.screen());
    driver.press(" nonsense=1");
    assert!(driver.screen().contains("`nonsense`"), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(driver.model().money.confirmation.is_none(), "what is wrong is not asked about");
}

#[test]
fn what_is_sent_by_hand_goes_before_a_sweep() {
    let mut driver = chain();
    driver.take();
    driver.press("<Esc>B<Enter>");
    assert!(driver.screen().contains("a sweep of 4 requests"), "{}", driver.screen());
    driver.workbench.model.profile.limit = Some(1);
    driver.press("y");
    // All are saved; one is under way, three wait.
    let saves: Vec<Effect> = driver.take();
    for effect in saves {
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    let mut later = driver.take();
    driver.press("iMake it night<Enter>");
    let save = driver
        .take()
        .into_iter()
        .find(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. })));
    let saved = driver.answer(save.unwrap()).unwrap();
    driver.finish(saved);
    later.extend(driver.take());
    driver.effects = later;
    let mut sent = Vec::new();
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        if let Effect::Service(ServiceEffect::Send { request, .. }) = &effect {
            sent.push(request.body["prompt"].as_str().unwrap_or_default().to_owned());
        }
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    assert_eq!(sent, ["Add a hat", "Make it night", "Add a hat", "Add a hat", "Add a hat"]);
}

#[test]
fn several_changes_in_one_prompt_are_split_into_lines_with_tab() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make the sky pink, add a boat, remove the sign and then turn the lamp on.");
    assert!(driver.screen().contains("Tab: 4 changes in one request"), "{}", driver.screen());
    driver.press("<Tab>");
    let lines = "Make the sky pink\nAdd a boat\nRemove the sign\nTurn the lamp on";
    assert_eq!(driver.model().draft.prompt, lines);
    assert!(driver.screen().contains(":steps sends these 4 lines"), "{}", driver.screen());
}

#[test]
fn a_question_that_is_open_keeps_its_place_and_its_orders() {
    let mut driver = chain();
    driver.press("<Esc>B<Enter>");
    let paths = Ok(["a.png", "b.png"].map(Into::into).into());
    let found = PictureResult::FilesFound { node: NodeId(3), paths };
    driver.finish(TaskResult::Picture(found));
    let screen = driver.screen();
    assert!(screen.contains("a sweep of 4 requests"), "{screen}");
    assert!(screen.contains("answer the question first"), "{screen}");
    assert_eq!(driver.model().money.confirmation.as_ref().map(|asked| asked.specs.len()), Some(4));
}

#[test]
fn a_reworded_branch_leaves_out_what_was_thrown_away() {
    let mut driver = chain();
    driver.press("<Esc>d");
    driver.answer_all();
    driver.press(":rebase<Enter> now<Enter>");
    // What is left is one request, which needs no question on a simulator.
    let specs = answer(&mut driver, None);
    assert_eq!(told(&specs), [("Make it red now", 1)]);
}

#[test]
fn later_steps_are_checked_before_the_first_is_sent() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc><Space>mpro-text<Enter>");
    driver.workbench.model.draft.parent = None;
    driver.press("iA harbour<C-j>Make it night<Esc>:steps<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("step `Make it night`"), "{}", driver.screen());
}

#[test]
fn marks_from_elsewhere_are_not_acted_on_by_the_sheet() {
    let mut driver = chain();
    // n3 is marked in the tree; the sheet shows what came of n1 only.
    driver.press("<A-3>v");
    driver.press("h");
    driver.press("r");
    driver.answer_all();
    driver.take();
    driver.press("Sx");
    let thrown = driver.take().into_iter().filter_map(|effect| match effect {
        Effect::Store(StoreEffect::AppendDecision(entry)) => Some(format!("{entry:?}")),
        _ => None,
    });
    let thrown: Vec<String> = thrown.collect();
    assert!(thrown.len() == 1 && thrown[0].contains("NodeId(4)"), "{thrown:?}");
}

#[test]
fn x_on_what_is_being_fetched_keeps_the_later_steps_from_leaving() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>y");
    while !driver
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::Service(ServiceEffect::Fetch { .. })))
    {
        let effect = driver.effects.remove(0);
        if let Some(result) = driver.answer(effect) {
            driver.finish(result);
        }
    }
    driver.press("<A-4>x");
    assert!(driver.screen().contains("1 steps after it are not sent"), "{}", driver.screen());
    assert!(answer(&mut driver, None).is_empty());
    assert!(driver.model().jobs.values().all(|job| job.state.is_final()));
}

#[test]
fn a_pair_that_cannot_be_compared_is_no_reason_to_stop() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<C-j>Add a hat<Esc>:steps<Enter>y");
    let mut asked = 0;
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match effect {
            Effect::Picture(PictureEffect::Compare { a, b, .. }) => {
                asked += 1;
                let found = Err(Failure::new(FailureKind::Picture, "too large"));
                Some(TaskResult::Picture(PictureResult::Compared { a, b, found }))
            }
            other => driver.answer(other),
        };
        if let Some(result) = result {
            driver.finish(result);
        }
    }
    assert_eq!(asked, 1);
    assert_eq!(driver.model().jobs[&JobId(3)].state, State::Done);
}

#[test]
fn what_another_window_followed_has_ended_when_its_node_has() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let (id, mut theirs) = {
        let job = driver.model().jobs.values().next().unwrap().clone();
        (job.id, job)
    };
    (theirs.owned, theirs.state) = (false, State::Running);
    driver.workbench.model.jobs.insert(id, theirs);
    let snapshot = StoreSnapshot::default();
    driver.finish(TaskResult::Store(StoreResult::Snapshot(Ok(Box::new(snapshot)))));
    assert_eq!(driver.model().jobs[&id].state, State::Done);
}

#[test]
fn takes_from_words_alone_leave_the_next_request_to_be_from_words_alone() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.model.draft.parent = None;
    driver.press("A {red|blue} hill<Enter>y");
    driver.answer_all();
    let model = driver.model();
    assert_eq!((model.jobs.len(), model.draft.parent), (2, None));
    assert_eq!(model.current.unwrap().node, NodeId(1), "for choosing among");
}

#[test]
fn takes_of_one_sending_leave_the_picture_and_the_next_edit_where_they_were() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it {red|blue}<Enter>y");
    driver.answer_all();
    let node = |picture: Option<PictureRef>| picture.map(|picture| picture.node.0);
    let (current, parent) = (driver.model().current, driver.model().draft.parent);
    assert_eq!((node(current), node(parent)), (Some(1), Some(1)), "for choosing among");
    let screen = driver.screen();
    assert!(screen.contains("2 results") && screen.contains("see all side by side"), "{screen}");
    driver.tick(60_000);
    driver.press("Make it green<Enter>");
    driver.answer_all();
    let (current, parent) = (driver.model().current, driver.model().draft.parent);
    assert_eq!((node(current), node(parent)), (Some(4), Some(4)), "a single one is followed");
}

/// Takes of a picture that has siblings itself: what the message names is what its key shows.
#[test]
fn the_sheet_shows_first_what_was_sent_together_last() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>2ry");
    driver.answer_all();
    driver.press("<End>eMake it {red|blue|green}<Enter>y<Esc>");
    driver.answer_all();
    let screen = driver.screen();
    assert!(
        screen.contains("S: see all side by side") && screen.contains("S the 3 new"),
        "{screen}"
    );
    driver.press("S");
    let screen = driver.screen();
    assert!(screen.contains("contact sheet · last sending · "), "{screen}");
    assert_eq!(driver.frame().placements.len(), 3);
    driver.press("S");
    assert!(driver.screen().contains("· from n1 · "), "{}", driver.screen());
    // Back where they start it is the same, however long ago that was.
    driver.press("ll<Enter>");
    driver.tick(60_000);
    driver.press("S");
    assert!(driver.screen().contains("sheet · last sending · "), "{}", driver.screen());
}
