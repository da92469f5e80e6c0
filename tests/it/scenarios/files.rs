//! Finding a picture on this machine, and the references with their pictures.

use std::path::PathBuf;

use editree::app::action::Purpose;
use editree::app::draft::file_browser::{DirListing, Entry, FilePreview};
use editree::app::effect::{Effect, PictureEffect};
use editree::app::message::{PictureResult, TaskResult};

use crate::support::driver::{Driver, hash};

fn entry(name: &str, is_folder: bool) -> Entry {
    let path = PathBuf::from("/pictures").join(name);
    Entry { name: name.into(), path, is_folder, bytes: 12_345 }
}

/// The picker with a folder in it.
fn opened(columns: u16, rows: u16) -> Driver {
    let mut driver = Driver::new(columns, rows);
    driver.press("<Esc><Space>f");
    assert_eq!(driver.take(), [Effect::Picture(PictureEffect::List(".".into()))]);
    let entries = vec![
        entry("..", true),
        entry("old", true),
        entry("cat.png", false),
        entry("dog.png", false),
    ];
    let listing = DirListing { folder: "/pictures".into(), entries, problem: None };
    driver.finish(TaskResult::Picture(PictureResult::Listed(Box::new(listing))));
    driver
}

fn peeked(
    driver: &mut Driver,
    name: &str,
    picture: Result<(editree::tree::Hash, (u32, u32)), String>,
) {
    let path = PathBuf::from("/pictures").join(name);
    driver.finish(TaskResult::Picture(PictureResult::FilePreviewed(Box::new(FilePreview {
        path,
        picture,
    }))));
}

#[test]
fn a_picture_is_found_by_letters_and_seen_before_it_is_opened() {
    let mut driver = opened(120, 40);
    assert!(driver.screen().contains("cat.png") && driver.screen().contains("old/"));
    driver.press("dog");
    assert!(
        driver
            .take()
            .contains(&Effect::Picture(PictureEffect::PreviewFile("/pictures/dog.png".into())))
    );
    peeked(&mut driver, "dog.png", Ok((hash(9), (640, 480))));
    let frame = driver.frame();
    let preview = frame.placements.iter().find(|place| place.is_on_top);
    assert_eq!(preview.map(|place| place.picture), Some(hash(9)));
    assert!(driver.screen().contains("640×480"), "{}", driver.screen());
    driver.press("<Enter>");
    let open = Effect::Picture(PictureEffect::OpenFiles {
        paths: vec!["/pictures/dog.png".into()],
        purpose: Purpose::Parent,
    });
    assert!(driver.take().contains(&open));
}

#[test]
fn folders_are_gone_into_and_out_of() {
    let mut driver = opened(80, 24);
    driver.press("<Up><Enter>");
    assert!(driver.take().contains(&Effect::Picture(PictureEffect::List("/pictures/old".into()))));
    driver.press("<Left>");
    assert!(driver.take().contains(&Effect::Picture(PictureEffect::List("/".into()))));
    driver.press("old/");
    assert!(driver.take().contains(&Effect::Picture(PictureEffect::List("/pictures/old".into()))));
}

#[test]
fn a_file_that_is_no_picture_says_so_in_the_place_of_the_preview() {
    let mut driver = opened(120, 40);
    driver.press("cat");
    peeked(&mut driver, "cat.png", Err("no picture: it begins like a web page".into()));
    let screen = driver.screen();
    // Where its place is narrow it goes on in the next row.
    for words in ["no picture: it begins like a ", " web page"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(driver.frame().placements.iter().all(|place| !place.is_on_top));
}

#[test]
fn a_reference_is_added_without_leaving_the_list() {
    let mut driver = opened(120, 40);
    driver.press("cat<A-a>");
    let add = Effect::Picture(PictureEffect::OpenFiles {
        paths: vec!["/pictures/cat.png".into()],
        purpose: Purpose::References,
    });
    assert!(driver.take().contains(&add));
    assert!(driver.screen().contains("open a picture"), "{}", driver.screen());
}

#[test]
fn a_path_is_opened_by_its_name_without_looking() {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:open /tmp/x.png<Enter>");
    let open = Effect::Picture(PictureEffect::OpenFiles {
        paths: vec!["/tmp/x.png".into()],
        purpose: Purpose::Parent,
    });
    assert!(driver.take().contains(&open));
}

#[test]
fn references_stand_in_their_order_with_their_pictures() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<Esc>haA");
    let frame = driver.frame();
    let shown: Vec<u8> =
        frame.placements.iter().filter(|place| place.is_on_top).map(|p| p.picture.0[3]).collect();
    assert_eq!(shown, [2, 1], "the parent, then the reference\n{}", driver.screen());
    driver.press("d");
    assert!(driver.screen().contains("nothing yet"), "{}", driver.screen());
}

#[test]
fn the_picture_that_the_words_speak_of_is_lit() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver.press("<A-h><A-a>Put the hat of image 2<A-2>");
    let screen = driver.screen();
    let row = |words: &str| screen.lines().find(|line| line.contains(words)).unwrap_or_default();
    assert!(row("Picture 2").trim_end().ends_with("n1 <"), "{screen}");
    assert!(row("Picture 1").trim_end().ends_with("n2"), "{screen}");
}
