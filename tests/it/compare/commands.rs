//! `editree compare` and `editree heal`, as a script uses them.

use std::path::Path;
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use super::edits::photo;
use super::small;

fn editree(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command.args(arguments).env_clear().env("HOME", folder).current_dir(folder);
    command.output().expect("editree runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn answer(output: &Output) -> Value {
    assert_eq!(code(output), 0, "{}", stderr(output));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// A folder with `a.png` and with `b.png`, which has a red square.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let a = image::imageops::thumbnail(&photo, 240, 160);
    let mut b = a.clone();
    for y in 20..60 {
        for x in 160..200 {
            b.put_pixel(x, y, Rgb([230, 20, 30]));
        }
    }
    a.save(folder.path().join("a.png")).unwrap();
    b.save(folder.path().join("b.png")).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> RgbImage {
    image::open(folder.join(name)).unwrap().to_rgb8()
}

#[test]
fn compare_answers_the_object_of_the_contract() {
    let folder = folder();
    let found = answer(&editree(folder.path(), &["compare", "a.png", "b.png", "--json"]));
    let names: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(names, ["psnr", "ssim", "outside", "fit", "shift", "scale", "changed"]);
    assert!(found["psnr"].is_number() && found["ssim"].is_number());
    assert_eq!(found["outside"], json!({ "psnr": null, "ssim": 1.0 }));
    assert_eq!(found["fit"], json!({ "mode": "stretch", "sx": 1.0, "sy": 1.0 }));
    assert_eq!(found["shift"], json!({ "dx": 0.0, "dy": 0.0 }));
    assert_eq!(found["scale"], 1.0);
    assert_eq!(found["changed"]["boxes"], json!([{ "x": 160, "y": 20, "w": 40, "h": 40 }]));
    let equal = answer(&editree(folder.path(), &["compare", "a.png", "a.png", "--json"]));
    assert_eq!((&equal["psnr"], &equal["ssim"]), (&Value::Null, &json!(1.0)));
    assert_eq!(equal["changed"], json!({ "fraction": 0.0, "boxes": [] }));
}

#[test]
fn compare_tells_a_person_and_draws_a_map() {
    let folder = folder();
    let output = editree(folder.path(), &["compare", "a.png", "b.png", "--heat", "map.png"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(words.starts_with("4 % changed strongly at the upper right\n"), "{words}");
    assert!(words.contains("40×40 at 160, 20"), "{words}");
    assert_eq!(read(folder.path(), "map.png").dimensions(), (240, 160));
}

#[test]
fn heal_writes_the_parent_with_the_change_only() {
    let folder = folder();
    let words = ["heal", "b.png", "--parent", "a.png", "--json"];
    let healed = answer(&editree(folder.path(), &words));
    assert_eq!(healed["file"], "b-healed.png");
    assert_eq!((&healed["width"], &healed["height"]), (&json!(240), &json!(160)));
    let picture = read(folder.path(), "b-healed.png");
    assert_eq!(picture.get_pixel(180, 40).0, [230, 20, 30]);
    assert_eq!(picture.get_pixel(40, 120), read(folder.path(), "a.png").get_pixel(40, 120));
}

#[test]
fn heal_gives_the_bytes_to_stdout_when_asked() {
    let folder = folder();
    let output = editree(folder.path(), &["heal", "b.png", "--parent", "a.png", "-o", "-"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let picture = image::load_from_memory(&output.stdout).expect("a PNG").to_rgb8();
    assert_eq!(picture.dimensions(), (240, 160));
}

#[test]
fn what_cannot_be_healed_is_a_sentence_a_hint_and_exit_2() {
    let folder = folder();
    let alone = editree(folder.path(), &["heal", "b.png"]);
    assert_eq!(code(&alone), 2);
    assert!(stderr(&alone).contains("`b.png` has no parent"), "{}", stderr(&alone));
    assert!(stderr(&alone).contains("--parent"), "{}", stderr(&alone));
    let black = RgbImage::new(240, 160);
    black.save(folder.path().join("black.png")).unwrap();
    let other = editree(folder.path(), &["heal", "black.png", "--parent", "a.png"]);
    assert_eq!(code(&other), 2);
    assert!(stderr(&other).contains(" % changed, too much to heal"), "{}", stderr(&other));
    assert!(!folder.path().join("black-healed.png").exists());
    let both = editree(folder.path(), &["heal", "b.png", "--parent", "a.png", "-o", "-", "--json"]);
    assert_eq!((code(&both), both.stdout.len()), (2, 0));
    let missing = editree(folder.path(), &["compare", "a.png", "nothing.png", "--json"]);
    assert_eq!((code(&missing), missing.stdout.len()), (2, 0));
}

#[test]
fn heal_names_the_strength_that_would_do_and_does_it() {
    let folder = folder();
    let parent = small("coffee.png");
    let faint = RgbImage::from_fn(parent.width(), parent.height(), |x, y| {
        let add = if x > parent.width() / 8 { 14 } else { 0 };
        Rgb(parent.get_pixel(x, y).0.map(|value| value.saturating_add(add)))
    });
    parent.save(folder.path().join("coffee.png")).unwrap();
    faint.save(folder.path().join("faint.png")).unwrap();
    let heal = |strength: &str| {
        let named = ["heal", "faint.png", "--parent", "coffee.png", "--strength", strength];
        editree(folder.path(), &named)
    };
    let refused = heal("20");
    let said = stderr(&refused);
    assert_eq!(code(&refused), 2, "{said}");
    let begun = said.split_once(" is strong enough").unwrap_or_else(|| panic!("{said}")).0;
    let (_, enough) = begun.rsplit_once("--strength ").unwrap();
    assert!(enough.parse::<u8>().unwrap() > 20, "{said}");
    let healed = heal(enough);
    assert_eq!(code(&healed), 0, "{}", stderr(&healed));
}

#[test]
fn a_simulated_node_is_healed_to_its_parent_and_keeps_its_mark() {
    let folder = folder();
    let edit = ["--sim", "run", "-i", "a.png", "Add a red balloon", "--json"];
    let made = answer(&editree(folder.path(), &edit));
    let node = made["node"].as_str().unwrap();
    let file = made["pictures"][0]["file"].as_str().unwrap();
    let of_node = answer(&editree(folder.path(), &["--sim", "compare", "a.png", node, "--json"]));
    let of_file = answer(&editree(folder.path(), &["--sim", "compare", "a.png", file, "--json"]));
    assert_eq!(of_node, of_file);
    let output = editree(folder.path(), &["--sim", "heal", node, "-o", "healed.png", "--json"]);
    let healed = answer(&output);
    assert_eq!((&healed["file"], &healed["simulated"]), (&json!("healed.png"), &json!(true)));
    assert_eq!(read(folder.path(), "healed.png").dimensions(), (240, 160));
    let bytes = std::fs::read(folder.path().join("healed.png")).unwrap();
    let words = editree::picture::metadata_of(&bytes);
    assert!(words.iter().any(|(_, text)| text.contains("simulator")), "{words:?}");
}
