//! Lines instead of keys: what may send, what may answer, and what stays in the prompt.

use editree::app::effect::{Effect, ScreenEffect, StoreEffect};
use editree::app::job::State;
use editree::app::money::Piped;
use editree::app::money::consent::Limits;
use editree::schema::Usd;
use editree::tree::{Input, NodeId};
use editree::ui::plain::Told;

use crate::support::driver::Driver;

fn said(driver: &Driver) -> String {
    driver.model().notice.as_ref().map_or_else(String::new, |notice| notice.text.clone())
}

fn line(driver: &mut Driver, words: &str) {
    driver.type_lines(&[words], false);
}

fn released(driver: &mut Driver) -> bool {
    driver.take().iter().any(|effect| {
        matches!(effect, Effect::Store(StoreEffect::SetJobState { to: State::Saved, .. }))
    })
}

/// A request that is held, and `:release` that asks about it.
fn asks_about_the_held() -> Driver {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.queue.is_paused = true;
    line(&mut driver, "Make it red");
    driver.answer_all();
    for job in driver.workbench.model.jobs.values_mut() {
        job.state = State::Held("found unsent".into());
    }
    driver.workbench.model.jobs.order_mut().clear();
    driver.workbench.model.money.limits.requests = 0;
    line(&mut driver, ":release");
    assert!(driver.screen().contains("1 request for sim $0.04"), "{}", driver.screen());
    assert!(!released(&mut driver));
    driver
}

#[test]
fn only_a_line_of_exactly_y_releases_what_is_held() {
    for words in ["why?", "maybe later", "stay", "yes", "yy", "j", "n", "Y", ":n1"] {
        let mut driver = asks_about_the_held();
        line(&mut driver, words);
        assert!(!released(&mut driver), "`{words}` pays");
        assert!(said(&driver).contains("closed"), "{words}: {}", said(&driver));
        line(&mut driver, "y y y");
        assert!(!released(&mut driver), "it is a prompt by then");
    }
    let mut driver = asks_about_the_held();
    driver.type_lines(&["y"], true);
    assert!(!released(&mut driver), "it was typed before");
    assert!(said(&driver).contains("came before"), "{}", said(&driver));
    let mut driver = asks_about_the_held();
    driver.type_lines(&["y", ""], false);
    assert!(!released(&mut driver), "it was pasted");
    let mut driver = asks_about_the_held();
    line(&mut driver, "y");
    assert!(released(&mut driver));
}

#[test]
fn words_at_a_menu_choose_nothing_and_stay_in_the_prompt() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, "Make it red");
    driver.answer_all();
    for job in driver.workbench.model.jobs.values_mut() {
        job.state = State::Unknown;
    }
    driver.take();
    line(&mut driver, ":release");
    assert!(driver.screen().contains("send again"), "{}", driver.screen());
    line(&mut driver, "something else, dear");
    assert!(driver.model().money.confirmation.is_none(), "the `s` of it asks for nothing");
    assert_eq!(driver.model().draft.prompt, "something else, dear");
    assert!(said(&driver).contains("closed; it is in the prompt"), "{}", said(&driver));
    assert_eq!(driver.saves(), 0);
}

/// What is hardly a prompt costs nothing unasked, however often it is typed.
#[test]
fn a_lone_command_word_is_asked_about_and_told_what_runs_it() {
    for (words, runs) in [
        ("help", ": `:help` runs it"),
        ("Help!", ": `:help` runs it"),
        ("quit", ": `:quit` runs it"),
        ("exit", ": `:quit` runs it"),
        ("q", ": `:quit` runs it"),
        ("undo", ": `:undo` runs it"),
        ("r", ": `:reroll` runs it"),
        ("n1", ": `:n1` goes to it"),
        ("2", ": `:n2` goes to it"),
        ("photo.jpg", ": `:open photo.jpg` opens it"),
        ("open photo.jpg", ": `:open photo.jpg` runs it"),
        ("model max", ": `:model max` runs it"),
    ] {
        let mut driver = Driver::new(100, 30);
        for turn in 0..3 {
            line(&mut driver, words);
            assert_eq!(driver.saves(), 0, "`{words}` pays");
            let asked = driver.model().money.confirmation.as_ref().map(|asked| asked.lines());
            assert_eq!(asked.is_some(), turn != 1, "what is no answer is a no: {words}");
            let why = asked.map_or(String::new(), |lines| lines[0].clone());
            assert!(turn == 1 || why.starts_with(&format!("`{words}` is ")), "{why}");
            assert!(turn == 1 || why.ends_with(runs), "{why}");
        }
        line(&mut driver, "y");
        assert_eq!(driver.saves(), 1, "`{words}` is sent by those who mean it");
    }
    for words in ["y", "No", "ok"] {
        let mut driver = Driver::new(100, 30);
        (0..3).for_each(|_| line(&mut driver, words));
        assert_eq!(driver.saves(), 0, "`{words}` answers nothing");
        assert!(said(&driver).starts_with(&format!("not sent: `{words}` is ")), "{words}");
    }
}

#[test]
fn an_edit_that_begins_like_a_command_or_is_one_word_is_sent_at_once() {
    for words in ["night", "heal the scratches", "crop the sky", "keep 2 cats", "Model in red", "a"]
    {
        let mut driver = Driver::new(100, 30);
        line(&mut driver, words);
        assert_eq!(driver.saves(), usize::from(words != "a"), "{words}: {}", said(&driver));
    }
}

#[test]
fn lines_that_come_together_are_one_prompt_that_is_not_sent() {
    let mut driver = Driver::new(100, 30);
    driver.type_lines(&["Make it red", "", "y", ":run"], false);
    assert_eq!(driver.saves(), 0);
    assert_eq!(driver.model().draft.prompt, "Make it red\n\ny\n:run");
    assert!(said(&driver).contains("pasted: 4 lines are in the prompt; :run sends it"));
    // What was left of the last line comes with Enter.
    line(&mut driver, "and blue");
    assert_eq!(driver.saves(), 0);
    assert!(driver.model().draft.prompt.ends_with(":run\nand blue"));
    line(&mut driver, ":run");
    assert_eq!(driver.saves(), 1);
    line(&mut driver, "Make it night");
    assert_eq!(driver.saves(), 1, "a line is a request again");
    // Enter that is held down is no paste.
    driver.type_lines(&["", "", ""], false);
    assert_eq!((driver.saves(), driver.model().draft.prompt.as_str()), (0, ""));
}

#[test]
fn what_was_typed_before_a_question_does_not_answer_it() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, "Add a {hat|scarf}");
    for early in [&["y"][..], &["Make it night"], &["y", "y"], &[""]] {
        driver.type_lines(early, true);
        assert!(driver.model().money.confirmation.is_some(), "{early:?}");
        assert_eq!(driver.saves(), 0, "{early:?}");
    }
    assert_eq!(driver.model().draft.aside, ["Make it night"], "the words are kept");
    line(&mut driver, "y");
    assert_eq!(driver.saves(), 2);
}

#[test]
fn a_prompt_on_its_way_into_a_question_is_a_no_and_stays_in_the_prompt() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, "Add a {hat|scarf}");
    line(&mut driver, "Make it night");
    assert!(driver.model().money.confirmation.is_none());
    assert_eq!(driver.saves(), 0);
    assert_eq!(driver.model().draft.prompt, "Make it night");
    assert_eq!(driver.model().draft.aside, ["Add a {hat|scarf}"]);
    assert!(said(&driver).contains("nothing was sent"), "{}", said(&driver));
    // A no is nothing to keep.
    line(&mut driver, "Add a {hat|scarf}");
    line(&mut driver, "no");
    assert_eq!(driver.model().draft.prompt, "Add a {hat|scarf}");
}

#[test]
fn the_lines_of_a_pipe_are_asked_about_together() {
    let mut driver = Driver::new(100, 30);
    let money = &mut driver.workbench.model.money;
    money.piped = Some(Piped::default());
    money.limits = Limits { requests: 3, amount: Usd(90_000) };
    line(&mut driver, "one more hat");
    line(&mut driver, "two more hats");
    assert_eq!(driver.saves(), 2, "$0.08 are no more than sim $0.09");
    line(&mut driver, "three more hats");
    assert_eq!(driver.saves(), 0);
    let asked = driver.model().money.confirmation.as_ref().expect("$0.12 are").lines();
    assert!(asked.iter().any(|line| line.contains("more than sim $0.09")), "{asked:?}");
    line(&mut driver, "y");
    assert_eq!(driver.saves(), 1);
    line(&mut driver, "four more hats");
    line(&mut driver, "five more hats");
    assert_eq!(driver.saves(), 2, "what was agreed to counts no more");
    line(&mut driver, "six more hats");
    let asked = driver.model().money.confirmation.as_ref().expect("$0.12 again").lines();
    assert!(asked.iter().any(|line| line.contains("more than sim $0.09")), "{asked:?}");
    // Nobody is there to say it.
    driver.end_input();
    assert!(driver.model().money.confirmation.is_none());
    assert_eq!(driver.saves(), 0);
}

#[test]
fn a_pipe_is_asked_about_its_number_of_requests_once() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.money.piped = Some(Piped::default());
    line(&mut driver, "one more hat");
    line(&mut driver, "two more hats");
    assert_eq!(driver.saves(), 1);
    let asked = driver.model().money.confirmation.as_ref().expect("a second").lines();
    let why = "this input has sent 1 request unasked; a yes lets its later lines go unasked, too";
    assert!(asked.iter().any(|line| line == why), "{asked:?}");
    line(&mut driver, "y");
    for words in ["three more hats", "four more hats", "five more hats"] {
        line(&mut driver, words);
    }
    assert_eq!(driver.saves(), 4);
    line(&mut driver, "Add a {hat|scarf}");
    assert!(driver.model().money.confirmation.is_some(), "several by one line are");
}

/// Whoever agreed to something else has not agreed to many.
#[test]
fn a_yes_to_one_line_is_none_to_the_number_of_lines() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.money.piped = Some(Piped::default());
    line(&mut driver, "Add a {hat|scarf}");
    line(&mut driver, "y");
    assert_eq!(driver.saves(), 2);
    line(&mut driver, "one more hat");
    line(&mut driver, "two more hats");
    assert_eq!(driver.saves(), 1, "the second is asked about");
    assert!(driver.model().money.confirmation.is_some());
}

#[test]
fn at_the_end_of_the_input_what_cannot_leave_is_held_and_not_waited_for() {
    type Stop = fn(&mut Driver);
    let stops: [Stop; 2] = [
        |driver| driver.workbench.model.queue.is_paused = true,
        |driver| {
            driver.workbench.model.queue.is_paused = true;
            line(driver, "Make it blue");
            driver.answer_all();
            driver.workbench.model.session.offline_since = Some(driver.model().now);
        },
    ];
    for stop in stops {
        let mut driver = Driver::new(100, 30);
        stop(&mut driver);
        line(&mut driver, "Make it red");
        driver.answer_all();
        let waits =
            |driver: &Driver| Told::default().waits(&driver.workbench.model, &driver.workbench.ui);
        assert!(waits(&driver));
        driver.end_input();
        driver.answer_all();
        let held = |driver: &Driver| {
            driver.model().jobs.values().all(|job| matches!(job.state, State::Held(_)))
        };
        assert!(held(&driver) && !waits(&driver));
    }
}

/// What is asked by itself is agreed to by itself.
#[test]
fn a_yes_to_what_is_hardly_a_prompt_is_none_to_the_number_of_lines() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.money.piped = Some(Piped::default());
    line(&mut driver, "one more hat");
    line(&mut driver, "help");
    let asked = driver.model().money.confirmation.as_ref().expect("hardly a prompt").lines();
    assert!(!asked.iter().any(|line| line.contains("unasked")), "{asked:?}");
    line(&mut driver, "y");
    line(&mut driver, "two more hats");
    assert_eq!(driver.saves(), 3);
    line(&mut driver, "three more hats");
    assert_eq!(driver.saves(), 0);
    assert!(driver.model().money.confirmation.is_some(), "the lines were not agreed to");
}

/// A line that begins with `:` is never an answer.
#[test]
fn a_command_at_a_question_closes_it_and_runs() {
    let news = |told: &mut Told, driver: &Driver| {
        told.news(&driver.workbench.model, &driver.workbench.ui).lines
    };
    let mut driver = Driver::new(100, 30);
    let mut told = Told::default();
    line(&mut driver, "Make it red");
    driver.answer_all();
    line(&mut driver, "Add a {hat|scarf}");
    news(&mut told, &driver);
    line(&mut driver, ":star");
    assert!(driver.model().money.confirmation.is_none());
    assert!(driver.model().nodes[&NodeId(2)].starred);
    let lines = news(&mut told, &driver);
    assert!(lines.iter().any(|line| line == "nothing was sent"), "{lines:?}");
    // What is asked about the trash, and what only stands there to be read.
    line(&mut driver, ":trash");
    news(&mut told, &driver);
    line(&mut driver, ":undo");
    assert!(!driver.model().nodes[&NodeId(2)].trashed);
    assert!(!driver.model().nodes[&NodeId(2)].starred, "the command has run");
    let lines = news(&mut told, &driver);
    assert!(lines.iter().any(|line| line.contains("closed, nothing was done")), "{lines:?}");
    for closed in [":help", ":trash-list", ":save", ":copy", ":menu"] {
        line(&mut driver, closed);
        line(&mut driver, ":account");
        let lines = news(&mut told, &driver);
        let is_told = lines.iter().any(|line| line.starts_with("account; an empty line closes"));
        assert!(is_told, "{closed}: {lines:?}");
    }
}

/// Neither by a command that is typed after the question nor by one that came before it was told.
#[test]
fn a_command_at_a_question_pays_for_nothing_unasked() {
    for command in [":run", ":steps", ":release", ":reroll", ":rerun"] {
        let mut driver = Driver::new(100, 30);
        driver.workbench.model.money.limits.requests = 0;
        line(&mut driver, "Add a {hat|scarf}");
        line(&mut driver, command);
        assert_eq!(driver.saves(), 0, "{command}");
        assert!(!released(&mut driver), "{command}");
    }
    let mut driver = Driver::new(100, 30);
    line(&mut driver, "Add a {hat|scarf}");
    driver.type_lines(&[":run"], true);
    assert_eq!(driver.saves(), 0);
    assert_eq!(said(&driver), "`:run` came before the question and was not run");
    assert!(driver.model().money.confirmation.is_some());
    let mut driver = asks_about_the_held();
    line(&mut driver, ":release");
    assert!(!released(&mut driver));
    line(&mut driver, "y");
    assert!(released(&mut driver), "it asks again");
}

#[test]
fn a_question_names_no_key_that_a_line_cannot_press() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, "Make it red");
    driver.answer_all();
    line(&mut driver, ":star");
    line(&mut driver, ":trash");
    let lines = told(&driver);
    let answers = "y: move it; anything else: keep it; later :undo brings it back";
    assert!(lines.iter().any(|line| line == answers), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("Esc") || line.contains(" z ")), "{lines:#?}");
    assert!(lines.iter().any(|line| line == "trash n2?"), "{lines:#?}");
    line(&mut driver, "y");
    assert!(driver.model().nodes[&NodeId(2)].trashed);
}

#[test]
fn the_tree_is_asked_for_in_lines() {
    let mut driver = Driver::new(100, 30);
    for (typed, wanted) in
        [(":tree", false), (":tree all", true), (":whole-tree", true), (":tre", false)]
    {
        line(&mut driver, typed);
        let asked = driver.take().into_iter().find_map(|effect| match effect {
            Effect::Screen(ScreenEffect::TellTree { is_whole }) => Some(is_whole),
            _ => None,
        });
        assert_eq!(asked, Some(wanted), "{typed}: {}", said(&driver));
    }
}

/// What the next line tells.
fn told(driver: &Driver) -> Vec<String> {
    Told::default().news(&driver.workbench.model, &driver.workbench.ui).lines
}

#[test]
fn the_list_of_commands_is_told_to_its_last() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, ":help");
    let lines = told(&driver);
    let rows = driver.workbench.ui.keymap.rows();
    for row in rows.iter().filter(|row| !row.context.is_exclusive()) {
        let name = format!(":{} ", row.name);
        assert!(lines.iter().any(|line| line.starts_with(&name)), "{name}: {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.ends_with(" more")), "{lines:#?}");
}

#[test]
fn a_question_tells_all_that_it_is_about_and_draws_no_rule() {
    let mut driver = Driver::new(100, 30);
    driver.workbench.model.queue.is_paused = true;
    for number in 1..=20 {
        line(&mut driver, &format!("Add hat {number}"));
        driver.answer_all();
    }
    for job in driver.workbench.model.jobs.values_mut() {
        job.state = State::Held("found unsent".into());
    }
    driver.workbench.model.jobs.order_mut().clear();
    driver.workbench.ui.panes.queue.marked = driver.model().jobs.keys().copied().collect();
    line(&mut driver, ":release");
    let lines = told(&driver);
    for number in 1..=20 {
        let words = format!("Add hat {number} ");
        assert!(lines.iter().any(|line| line.contains(&words)), "{words}: {lines:#?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("20 requests")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains('─')), "{lines:#?}");
}

#[test]
fn a_beginning_of_what_costs_asks_for_the_whole_name() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, ":rero");
    assert_eq!(said(&driver), "`reroll` costs: write the whole name to run it");
    line(&mut driver, ":nonsense");
    assert!(!said(&driver).contains("Tab"), "{}", said(&driver));
}

/// On the screen it is seen.
#[test]
fn a_star_is_told_and_what_only_goes_to_a_pane_says_that_it_needs_the_screen() {
    let mut driver = Driver::new(100, 30);
    let mut told = Told::default();
    let mut news =
        |driver: &Driver| told.news(&driver.workbench.model, &driver.workbench.ui).lines.join("\n");
    line(&mut driver, "Make it red");
    driver.answer_all();
    assert!(!news(&driver).contains("starred"));
    line(&mut driver, ":star");
    let told = news(&driver);
    assert!(told.contains("n2: Make it red") && told.contains(", starred"), "{told}");
    assert!(!news(&driver).contains("n2: "), "told once");
    line(&mut driver, ":undo");
    assert!(!news(&driver).contains("starred"));
    for (name, more) in [
        ("log", "; :messages tells what was said"),
        ("canvas", "; :about tells of the picture"),
        ("parameters", "; :set NAME VALUE changes one"),
        ("sheet", "; :tree lists the pictures"),
        ("zoom-in", ""),
        ("cue", ""),
    ] {
        line(&mut driver, &format!(":{name}"));
        assert_eq!(said(&driver), format!("`{name}` needs the screen{more}"));
    }
}

#[test]
fn a_line_edits_the_picture_that_was_told_last() {
    let mut driver = Driver::new(100, 30);
    line(&mut driver, "Make it red");
    driver.answer_all();
    line(&mut driver, ":n1");
    line(&mut driver, "make a moon");
    let spec = driver.model().queue.saving.values().last().unwrap();
    let Some(Input::Picture(from)) = spec.recipe.inputs.first() else { panic!("{spec:?}") };
    assert_eq!(from.node, NodeId(1));
}
