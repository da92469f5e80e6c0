//! How many presses each step of the loop takes, besides typed words: the targets as a table.

use editree::app::effect::{Effect, PictureEffect, ScreenEffect, StoreEffect};
use editree::tree::NodeId;
use editree::ui::overlay::commands::Commands;
use editree::ui::overlay::{Overlay as _, OverlayAction, OverlayResult};
use editree::ui::registry;

use crate::support::driver::Driver;

/// Where the person is before the first press that counts.
#[derive(Clone, Copy, Debug)]
enum At {
    /// A first start, nothing done yet.
    FirstStart,
    /// A picture has just come; the cursor stands in the prompt.
    Finished,
    /// The same in normal mode.
    FinishedNormal,
    /// The picture before is on the canvas.
    Older,
    OlderNormal,
    /// The newest is starred.
    Starred,
    StarredNormal,
}

impl At {
    fn driver(self) -> Driver {
        let mut driver = Driver::new(120, 40);
        let way = match self {
            Self::FirstStart => return driver,
            Self::Finished => "",
            Self::FinishedNormal => "<Esc>",
            Self::Older => "<A-h>",
            Self::OlderNormal => "<Esc>h",
            Self::Starred => "<A-*>",
            Self::StarredNormal => "<Esc>*",
        };
        driver.press("Make it red<Enter>");
        driver.answer_all();
        driver.press(way);
        driver.take();
        driver
    }
}

/// What a person does.
#[derive(Clone, Copy, Debug)]
enum Do {
    /// A key, which counts.
    Press(&'static str),
    /// Words, which do not.
    Type(&'static str),
}
use Do::{Press, Type};

/// What must have come of it, judged by what was asked of the world and by the model.
type Done = fn(&Driver, &[Effect]) -> bool;

fn sent_from(node: u32) -> impl Fn(&Effect) -> bool {
    let parent = format!("{:?}", NodeId(node));
    move |effect| match effect {
        Effect::Store(StoreEffect::Save { spec, .. }) => {
            format!("{:?}", spec.recipe.inputs).contains(&parent)
        }
        _ => false,
    }
}

fn sent_once(effects: &[Effect]) -> bool {
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Store(StoreEffect::Save { .. })))
        .count()
        == 1
}

fn edits_the_newest(_: &Driver, effects: &[Effect]) -> bool {
    sent_once(effects) && effects.iter().any(sent_from(2))
}

fn edits_the_older(_: &Driver, effects: &[Effect]) -> bool {
    sent_once(effects) && effects.iter().any(sent_from(1))
}

fn rerolls(driver: &Driver, effects: &[Effect]) -> bool {
    let same = |effect: &Effect| matches!(effect, Effect::Store(StoreEffect::Save { spec, .. }) if spec.recipe.prompt == "Make it red");
    sent_once(effects) && effects.iter().any(same) && driver.model().draft.prompt.is_empty()
}

fn compares(driver: &Driver, effects: &[Effect]) -> bool {
    let asked = |effect: &Effect| matches!(effect, Effect::Picture(PictureEffect::Compare { .. }));
    effects.iter().any(asked) && driver.screen().contains("comparing")
}

fn heals(_: &Driver, effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Picture(PictureEffect::Heal(spec)) if spec.child.node == NodeId(2)))
}

fn is_starred(driver: &Driver, _: &[Effect]) -> bool {
    driver.model().nodes[&NodeId(2)].starred
}

fn is_not_starred(driver: &Driver, effects: &[Effect]) -> bool {
    !is_starred(driver, effects)
}

#[rustfmt::skip]
const STEPS: &[(&str, usize, At, &[Do], Done)] = &[
    ("next edit of a finished picture",        1, At::Finished,       &[Type("Add a hat"), Press("<Enter>")],               edits_the_newest),
    ("next edit of an older picture",          2, At::Older,          &[Press("<A-e>"), Type("Blue"), Press("<Enter>")],    edits_the_older),
    ("next edit of an older one, normal mode", 2, At::OlderNormal,    &[Press("e"), Type("Blue"), Press("<Enter>")],        edits_the_older),
    ("compare with the parent",                1, At::Finished,       &[Press("<A-c>")],                                    compares),
    ("compare, normal mode",                   1, At::FinishedNormal, &[Press("c")],                                        compares),
    ("undo",                                   1, At::Starred,        &[Press("<A-z>")],                                    is_not_starred),
    ("undo, normal mode",                      1, At::StarredNormal,  &[Press("z")],                                        is_not_starred),
    ("re-roll",                                1, At::Finished,       &[Press("<A-r>")],                                    rerolls),
    ("re-roll, normal mode",                   1, At::FinishedNormal, &[Press("r")],                                        rerolls),
    ("star",                                   1, At::Finished,       &[Press("<A-*>")],                                    is_starred),
    ("star, normal mode",                      1, At::FinishedNormal, &[Press("*")],                                        is_starred),
    ("heal",                                   1, At::Finished,       &[Press("<A-H>")],                                    heals),
    ("heal, normal mode",                      1, At::FinishedNormal, &[Press("H")],                                        heals),
    ("first start to the first picture",       2, At::FirstStart,     &[Press("<Tab>"), Press("<Enter>")],                  edits_the_older),
];

#[test]
fn each_step_of_the_loop_takes_as_many_presses_as_promised() {
    for (what, most, at, doings, done) in STEPS {
        let mut driver = at.driver();
        let mut pressed = 0;
        for doing in *doings {
            assert!(!done(&driver, &driver.effects), "{what}: done before it began to be");
            match doing {
                Press(key) => {
                    pressed += 1;
                    driver.press(key);
                }
                Type(words) => driver.press(words),
            }
        }
        let effects = driver.take();
        assert!(done(&driver, &effects), "{what}: {effects:?}\n{}", driver.screen());
        assert!(pressed <= *most, "{what}: {pressed} presses, {most} are promised");
    }
}

#[test]
fn the_first_request_of_a_first_start_brings_a_picture() {
    let mut driver = At::FirstStart.driver();
    driver.press("<Tab><Enter>");
    driver.answer_all();
    let current = driver.model().current.expect("a picture");
    assert_eq!(current.node, NodeId(2));
    assert_eq!(driver.frame().placements[0].picture, current.picture);
}

/// `:` or `?`, letters, `Enter`; from the prompt a key more leads to normal mode.
#[test]
fn every_command_is_three_presses_away_from_anywhere() {
    let ways: [(At, &[&str]); 4] = [
        (At::Finished, &["<Esc>", ":"]),
        (At::Finished, &["<F1>"]),
        (At::FinishedNormal, &[":"]),
        (At::FinishedNormal, &["?"]),
    ];
    for (at, opens) in ways {
        let mut driver = at.driver();
        opens.iter().for_each(|key| driver.press(key));
        assert!(opens.len() < 3, "{opens:?}, and then Enter");
        driver.press("quit<Enter>");
        assert!(
            driver.take().contains(&Effect::Screen(ScreenEffect::Quit)),
            "{opens:?}: {}",
            driver.screen()
        );
    }
    // Others mean something only where they are on the screen, and are keys there.
    for row in registry::rows().into_iter().filter(|row| !row.context.is_exclusive()) {
        let name = row.name;
        let mut commands =
            Commands::all(registry::grouped(), |_| String::new(), &[], (None, "$0.04"));
        let mut press = |key: &str| commands.on_key(crate::support::driver::key(key));
        for letter in name.chars() {
            assert_eq!(press(&letter.to_string()), OverlayResult::Keep, "{name}");
        }
        assert_eq!(press("Enter"), OverlayResult::Accept(OverlayAction::Command(row)), "{name}");
    }
}
