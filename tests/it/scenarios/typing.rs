//! What is typed by habit or in the wrong place: the command line, and sentences where letters are
//! commands.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use editree::app::action::Purpose;
use editree::app::effect::{Effect, PictureEffect, ScreenEffect, StoreEffect};
use editree::tree::NodeId;
use editree::ui::pane::Pane;

use super::accidents::{busy, current, edited, harm, trashed};
use crate::support::driver::Driver;

// -- the command line --

#[test]
fn what_a_vim_user_types_by_habit_sends_cancels_and_deletes_nothing() {
    let lines = [
        ":tag<Enter>",
        ":wq<Enter>",
        ":r<Enter>",
        ":nonsense<Enter>",
        ":<Enter>",
        ":w<Enter><Esc>",
        ":x<Enter>",
        ":q!<Enter>",
        ":e<Enter><Esc>",
        ":d<Enter>",
        ":s/a/b/<Enter>",
        ":%d<Enter>",
        ":run away<Enter>",
        ":reroll please<Enter>",
        ":can<Enter>",
        ":rero<Enter>",
        ":ru<Enter>",
        ":trash it<Enter>",
        "?<Enter>",
        "<Space>?<Enter>",
        ":<Down><Enter>",
        "?cancel w<Enter>",
        ":u<Enter>",
        ":1<Enter>",
        ":send<Enter>",
        ":delete<Enter>",
        ":step<Enter>",
    ];
    for line in lines {
        let mut driver = busy();
        driver.press("<Esc>");
        driver.press(line);
        assert_eq!(harm(&mut driver), [], "{line}\n{}", driver.screen());
        assert!(driver.model().money.confirmation.is_none(), "{line}");
        assert_eq!(driver.model().draft.prompt, "Add a boat", "{line}");
    }
}

#[test]
fn aliases_of_vim_do_what_they_say() {
    for line in [":q<Enter>", ":q!<Enter>", ":qa<Enter>", ":wq<Enter>", ":x<Enter>"] {
        let mut driver = busy();
        driver.press("<Esc>");
        driver.press(line);
        let effects = driver.take();
        assert!(effects.contains(&Effect::Screen(ScreenEffect::Quit)), "{line}");
        let is_kept = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::SaveDraft(draft)) if draft.prompt == "Add a boat");
        assert!(effects.iter().any(is_kept), "{line}");
    }
    let mut driver = edited();
    driver.press("<Esc>:e /tmp/x.png<Enter>");
    let open = Effect::Picture(PictureEffect::OpenFiles {
        paths: vec!["/tmp/x.png".into()],
        purpose: Purpose::Parent,
    });
    assert!(driver.take().contains(&open));
    driver.press("<Esc>:w keeper.png<Enter>");
    assert!(
        driver
            .take()
            .iter()
            .any(|effect| matches!(effect, Effect::Picture(PictureEffect::CopyOut { .. })))
    );
    driver.press("<Esc>:h<Enter>");
    assert!(driver.screen().contains("help · canvas"), "{}", driver.screen());
}

#[test]
fn an_unknown_word_names_what_is_nearest_and_waits_for_a_choice() {
    let mut driver = edited();
    driver.press("<Esc>:nonsense<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("no command `nonsense`"), "{screen}");
    assert!(!screen.contains("did you mean"), "of other letters: {screen}");
    // What is not spelt so is no choice yet, though nothing else fits.
    driver.press("<C-u>grphics");
    assert!(!driver.screen().contains("┃▌"), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(driver.screen().contains("did you mean `graphics`?"), "{}", driver.screen());
    driver.press("<Tab><Enter>");
    assert!(driver.screen().contains("how pictures are shown"), "{}", driver.screen());
}

#[test]
fn the_beginning_of_a_harmless_name_runs_it_and_that_of_a_grave_one_completes_it() {
    let mut driver = edited();
    driver.press("<Esc>:graph<Enter>");
    assert!(driver.screen().contains("how pictures are shown"), "{}", driver.screen());
    driver.press("<Esc>:rerol<Enter>");
    assert_eq!(harm(&mut driver), []);
    let screen = driver.screen();
    assert!(screen.contains("`reroll` costs: press Enter again to run it"), "{screen}");
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn a_grave_row_that_was_gone_to_is_completed_first() {
    let mut driver = edited();
    driver.press("<Esc>:send the request<Down><Enter>");
    assert!(driver.screen().contains("`run` costs"), "{}", driver.screen());
    assert_eq!(harm(&mut driver), []);
}

#[test]
fn a_paste_into_the_command_line_is_its_word() {
    use crossterm::event::Event;
    use editree::workbench::{Event as Step, EventKind};
    let mut driver = busy();
    driver.press("<Esc>:");
    let paste = EventKind::Terminal(vec![Event::Paste("graphics\n".into())]);
    driver.workbench.step(Step { at: editree::tree::Timestamp(90_000), kind: paste });
    driver.press("<Enter>");
    assert!(driver.screen().contains("how pictures are shown"), "{}", driver.screen());
    assert_eq!(harm(&mut driver), []);
}

// -- words where letters are commands --

#[test]
fn a_sentence_where_letters_are_commands_does_no_harm_at_any_pace() {
    let sentences = [
        "remove the car",
        "replace the sky with stars",
        "delete the dog",
        "Remove the red car",
        "x-ray the box",
        "make it red",
        "Add a hat",
        "dry the street",
        "give her a red hat",
        "put a dog there",
        "Turn day into night",
        "quiet colours, dark red",
        "Xmas decoration",
        "Change the rug",
        "drain the pool",
        "Show more trees",
        "Make the room darker",
        "add rain",
    ];
    let panes = ["<Esc>", "<A-2><Esc>", "<A-3>", "<A-4>", "<A-5>", "<Esc>S"];
    let gaps = [20, 150, 350];
    for (number, sentence) in sentences.into_iter().enumerate() {
        for (place, pane) in panes.into_iter().enumerate() {
            let gap = gaps[(number + place) % gaps.len()];
            let mut driver = busy();
            driver.press(pane);
            driver.take();
            driver.type_quickly(sentence, gap);
            driver.type_quickly("<Enter>", 200);
            driver.rest();
            let what = format!("`{sentence}` after {pane} with {gap} ms");
            assert_eq!(harm(&mut driver), [], "{what}");
            assert!(driver.model().session.exit.is_none(), "{what}");
        }
    }
}

/// As a script, or a line that packs keys together, brings it.
#[test]
fn a_command_by_its_name_in_one_read_is_a_command() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.take();
    let key = |letter| Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
    driver.send(":messages".chars().map(key).collect());
    let screen = driver.screen();
    assert!(!screen.contains("looks like text") && screen.contains("messages"), "{screen}");
    assert_eq!(driver.model().draft.prompt, "");
}

/// Whatever its letters mean as keys: `a` adds a reference, `b` names, `h` walks, `f` hides panes.
#[test]
fn a_sentence_moves_nothing_on_the_screen_and_nothing_in_the_draft() {
    let sentences = [
        "add a red hat",
        "blur the background",
        "change the cat",
        "show a dog",
        "follow the cat",
        "zoom out",
        "Heal the scar",
        "focus on her",
        "make it night",
        "Sharpen it",
        "color the sky",
        "brighten the sky",
        "open the door",
        "Add a hat",
        "Flip it",
        "Take it away",
        "vary the light",
        "Blur it",
        "crop it more",
        "Zoom in",
        "nicer sky please",
        "paint it",
        "give him a hat",
    ];
    for pane in ["<Esc>", "<A-2><Esc>", "<A-3>", "<A-4>"] {
        for (sentence, gap) in sentences.into_iter().zip([20, 120, 350].into_iter().cycle()) {
            let mut driver = busy();
            driver.press(pane);
            driver.take();
            let seen = |driver: &Driver| {
                let ui = &driver.workbench.ui;
                let at = (driver.model().current, ui.focus(), ui.comparing.mode, ui.zoom);
                (
                    at,
                    ui.sheet().is_some(),
                    driver.screen().contains("[3] tree"),
                    driver.model().trail.follow,
                )
            };
            let before = (seen(&driver), driver.model().draft.clone());
            driver.type_quickly(sentence, gap);
            let what = format!("`{sentence}` after {pane} with {gap} ms\n{}", driver.screen());
            assert_eq!((seen(&driver), driver.model().draft.clone()), before, "{what}");
            assert!(driver.screen().contains("looks like text"), "{what}");
            driver.press("<Enter>");
            assert!(driver.model().draft.prompt.ends_with(sentence), "{what}");
            let decides = |effect: &Effect| {
                matches!(effect, Effect::Store(StoreEffect::AppendDecision(_)) | Effect::Screen(_))
            };
            assert!(!driver.take().iter().any(decides), "{what}");
        }
    }
}

/// The letters of a value's keys begin words, too.
#[test]
fn words_typed_in_the_form_change_no_value() {
    let mut driver = edited();
    driver.press("<A-2>jj");
    let before = driver.model().draft.clone();
    for sentence in ["long shadows", "halo around her", "longer hair", "soft light"] {
        driver.type_quickly(sentence, 90);
        assert_eq!(driver.model().draft, before, "`{sentence}`\n{}", driver.screen());
        driver.press("<Esc>");
    }
}

/// What acted long before it is none of it.
#[test]
fn words_in_one_read_take_back_nothing_that_was_done_before() {
    let mut driver = busy();
    driver.press("<Esc>h");
    driver.rest();
    driver.press("<Left><Right>");
    let before = (driver.model().current, driver.workbench.ui.focus());
    driver.press_at_once("make it blue");
    assert_eq!((driver.model().current, driver.workbench.ui.focus()), before);
    assert!(driver.screen().contains("looks like text"), "{}", driver.screen());
}

#[test]
fn words_are_offered_to_the_prompt() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.take();
    driver.type_quickly("remove the car", 150);
    let screen = driver.screen();
    assert!(screen.contains("looks like text: Enter moves it to the prompt"), "{screen}");
    assert_eq!(driver.model().draft.prompt, "");
    driver.press("<Enter>");
    assert_eq!(driver.workbench.ui.focus(), Pane::PROMPT);
    assert_eq!(driver.model().draft.prompt, "remove the car");
    assert_eq!(harm(&mut driver), []);
    driver.press("<Enter>");
    assert_eq!(driver.saves(), 1);
}

#[test]
fn words_in_one_read_run_no_command_at_all() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.take();
    driver.press_at_once("make a red hat");
    assert_eq!(driver.model().draft.references, [], "the `a` was no command");
    driver.press("i");
    assert_eq!(driver.model().draft.prompt, "make a red hat");
}

#[test]
fn escape_forgets_the_words() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.type_quickly("remove", 100);
    driver.press("<Esc>");
    driver.press("<Enter>");
    assert_eq!(driver.model().draft.prompt, "");
    driver.take();
    driver.press("r");
    assert_eq!(driver.saves(), 1, "letters are keys again");
}

#[test]
fn a_key_that_is_meant_acts_when_nothing_follows_and_at_once_when_no_word_could() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.take();
    driver.type_quickly("r", 500);
    assert_eq!(driver.saves(), 0, "it may be the beginning of a word");
    driver.rest();
    assert_eq!(driver.saves_answered(), 1);
    driver.press("k");
    driver.take();
    driver.type_quickly("r", 500);
    driver.type_quickly("l", 100);
    assert_eq!(driver.saves_answered(), 1, "no word begins so");
    driver.type_quickly("r", 500);
    driver.type_quickly("<Esc>", 100);
    driver.rest();
    assert_eq!(driver.saves(), 0, "Esc takes it back");
}

#[test]
fn what_came_meanwhile_is_not_what_a_held_key_meant() {
    let mut driver = edited();
    driver.press("Make it snow<Enter><Esc>");
    driver.type_quickly("d", 500);
    driver.answer_all();
    assert_eq!(current(&driver), 4, "followed");
    driver.rest();
    assert_eq!(trashed(&mut driver), [0; 0], "n3 was meant, n4 is there");
    assert!(driver.screen().contains("changed meanwhile"), "{}", driver.screen());
}

#[test]
fn quick_keys_of_every_day_act() {
    let mut driver = edited();
    driver.press("<Esc>");
    driver.type_quickly("hh", 30);
    assert_eq!(current(&driver), 1);
    driver.type_quickly("ll*", 30);
    assert!(driver.model().nodes[&NodeId(3)].starred);
    driver.type_quickly("gt", 30);
    assert_eq!(driver.workbench.ui.focus(), Pane("tree"));
    driver.type_quickly("kkjj", 5);
    assert_eq!(current(&driver), 3);
    driver.rest();
    driver.take();
    driver.type_quickly("2r", 60);
    driver.rest();
    driver.press("y");
    assert_eq!(driver.saves(), 2);
}

#[test]
fn a_command_that_is_typed_where_words_are_sent_is_never_paid_for() {
    let table = [
        (":help", "help"),
        (":q", "quit"),
        (": help", "help"),
        ("::quit", "quit"),
        (":profile sim", "profile sim"),
        (":model klein-4b", ": model klein-4b"),
        (":set image_size 320x320", ": set image_size 320x320"),
        (":open", ": open"),
        ("  :q!", ": q!"),
        (":modle klein-4b", "nothing was sent: no command `modle`;"),
        (":wqall", "nothing was sent: no command `wqall`"),
        (":pick", "nothing was sent: `pick` works on the contact sheet only"),
        (":12", ": 12"),
    ];
    for (typed, shown) in table {
        for end in ["<Enter>", "<Esc>:steps<Enter>"] {
            let mut driver = Driver::new(120, 40);
            driver.press(&format!("{}{end}", typed.replace(' ', "<Space>")));
            assert_eq!(driver.saves(), 0, "nothing of {typed} is sent");
            assert!(driver.model().money.confirmation.is_none(), "{typed}");
            let screen = driver.screen();
            assert!(screen.contains("━ commands ━") && screen.contains(shown), "{typed}: {screen}");
            assert!(driver.model().draft.prompt.is_empty(), "{typed}");
        }
    }
    let mut driver = Driver::new(120, 40);
    driver.press(":<Space>a<Space>smile<Enter>");
    assert_eq!(driver.saves(), 1, "no command: words");
}

#[test]
fn what_was_no_command_after_all_is_back_in_the_prompt_with_one_key() {
    let mut driver = Driver::new(120, 40);
    driver.press(":cinematic<Space>light<Enter><Esc><Down>");
    assert_eq!(driver.model().draft.prompt, ":cinematic light", "{}", driver.screen());
}

#[test]
fn a_parameter_is_set_by_its_name_on_the_command_line() {
    let value = |driver: &Driver, name: &str| driver.model().draft.values.get(name).cloned();
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:set guidance_scale 5<Enter>");
    assert_eq!(value(&driver, "guidance_scale"), Some(5.0.into()), "{}", driver.screen());
    assert!(driver.screen().contains("guidance_scale is 5 now"), "{}", driver.screen());
    driver.press(":set output_format=png<Enter>:set guidance_scale 500<Enter>");
    assert_eq!(value(&driver, "output_format"), Some("png".into()));
    assert_eq!(value(&driver, "guidance_scale"), Some(5.0.into()), "out of range");
    driver.press(":set colour red<Enter>");
    assert!(driver.screen().contains("no parameter `colour`; there are"), "{}", driver.screen());
    driver.press(":set guidance_scale<Enter>");
    assert_eq!(driver.workbench.ui.focus().name(), "parameters", "to look at it");
}

#[test]
fn an_old_name_is_good_wherever_a_command_is_named() {
    let mut driver = edited();
    driver.press("<Esc>S:tinier<Enter>");
    let columns = |driver: &Driver| driver.workbench.ui.sheet().map(|sheet| sheet.columns);
    assert_eq!(columns(&driver), Some(1), "{}", driver.screen());
    driver.press(":smaller-pictures<Enter>");
    assert_eq!(columns(&driver), Some(2));
    driver.press("<Esc>:tinier<Enter>");
    let told = "`smaller-pictures` works on the contact sheet only";
    assert!(driver.screen().contains(told), "{}", driver.screen());
}
