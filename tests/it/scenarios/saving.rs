//! A picture is copied out of the workbench.

use std::path::{Path, PathBuf};

use editree::app::compare::filename_template::{Target, TemplateFields};
use editree::app::effect::{Effect, PictureEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::message::{Copied, PictureResult, TaskResult};
use editree::tree::{NodeId, PictureRef};

use crate::support::driver::{Driver, hash};

/// What is asked for: the node, where it goes, and what made it.
fn asked(driver: &mut Driver) -> Option<(PictureRef, Target, String)> {
    driver.take().into_iter().find_map(|effect| match effect {
        Effect::Picture(PictureEffect::CopyOut { picture, target, model }) => {
            Some((picture, target, model))
        }
        _ => None,
    })
}

fn copied(name: &str, was_taken: bool, format: &str) -> Result<Copied, Failure> {
    Ok(Copied { path: format!("/home/you/{name}"), was_taken, format: format.into() })
}

/// n1 → n2.
pub(super) fn edited() -> Driver {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver
}

#[test]
fn a_name_is_offered_and_enter_copies_the_picture_on_the_canvas() {
    let mut driver = edited();
    driver.press("<Esc> s");
    let screen = driver.screen();
    assert!(screen.contains(" save as (empty: n2-Make-it-red.png) "), "{screen}");
    driver.press("<Enter>");
    let (picture, target, model) = asked(&mut driver).expect("a copy is asked for");
    assert_eq!((picture.node, model.as_str()), (NodeId(2), "pro"));
    let node = &driver.model().nodes[&NodeId(2)];
    let facts = TemplateFields::of(node, 1, &model, Default::default());
    assert_eq!(target.fill(&facts), Path::new("n2-Make-it-red.png"));
    driver.finish(TaskResult::Picture(PictureResult::CopiedOut {
        picture,
        copied: copied("n2-Make-it-red.png", false, "png"),
    }));
    let screen = driver.screen();
    assert!(screen.contains("n2 is saved as /home/you/n2-Make-it-red.png ─"), "{screen}");
    driver.finish(TaskResult::Picture(PictureResult::CopiedOut {
        picture,
        copied: copied("n2-Make-it-red-2.png", true, "png"),
    }));
    let screen = driver.screen();
    let told = "saved as /home/you/n2-Make-it-red-2.png: the other name was taken";
    assert!(screen.contains(told), "{screen}");
}

#[test]
fn the_name_stands_behind_the_command_and_an_opened_picture_is_named_after_its_file() {
    let mut driver = edited();
    driver.press("<A-h><Esc>:save shots/a cat.png<Enter>");
    let (picture, target, model) = asked(&mut driver).expect("a copy is asked for");
    assert_eq!(picture, PictureRef { node: NodeId(1), picture: hash(1) });
    assert_eq!(target, Target::Literal(PathBuf::from("shots/a cat.png")));
    let facts =
        TemplateFields::of(&driver.model().nodes[&NodeId(1)], 1, &model, Default::default());
    assert_eq!((facts.prompt.as_str(), facts.model.as_str()), ("cat", "local"));
}

#[test]
fn what_cannot_be_saved_says_why() {
    let mut driver = edited();
    driver.is_strange = true;
    driver.press("<Esc>:save {nod}.png<Enter>");
    assert_eq!(asked(&mut driver), None);
    let screen = driver.screen();
    assert!(screen.contains("unknown placeholder `{nod}`"), "{screen}");
    driver.press(":save x/{node}.png<Enter>");
    let (picture, ..) = asked(&mut driver).expect("a copy is asked for");
    let refused = Failure::new(FailureKind::Picture, "there is no folder `x/`");
    driver.finish(TaskResult::Picture(PictureResult::CopiedOut { picture, copied: Err(refused) }));
    assert!(driver.screen().contains("there is no folder `x/`"), "{}", driver.screen());
}

#[test]
fn another_format_than_that_of_the_picture_is_told_and_a_name_that_is_not_true() {
    let mut driver = edited();
    driver.press("<Esc>:save bow.jpg<Enter>");
    let (picture, ..) = asked(&mut driver).expect("a copy is asked for");
    let done = |name, format| {
        TaskResult::Picture(PictureResult::CopiedOut {
            picture,
            copied: copied(name, false, format),
        })
    };
    driver.finish(done("bow.jpg", "jpeg"));
    let screen = driver.screen();
    assert!(screen.contains("written as jpeg; the png stays in the store"), "{screen}");
    driver.finish(done("bow.webp", "png"));
    let screen = driver.screen();
    assert!(screen.contains("the name has another extension, but the data is png"), "{screen}");
}

#[test]
fn the_folder_stands_behind_the_name_where_there_is_room() {
    for (columns, is_seen) in [(120, true), (40, false)] {
        let mut driver = edited();
        driver.resize(columns, 24);
        driver.workbench.model.session.folder = "~/shots".into();
        driver.press("<Esc>:save<Enter>");
        let screen = driver.screen();
        assert!(screen.contains("save as (empty: n2-Make-it-re"), "{screen}");
        assert_eq!(screen.contains(" · in ~/shots "), is_seen, "{screen}");
    }
}
