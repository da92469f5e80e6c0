//! Pictures that leave the store tell how they were made, and come back with it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::command::{editree, json};
use crate::pty::environment;

/// Two steps, the second written to a file of the format.
fn made(folder: &Path, format: &str) -> (String, Value) {
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");
    let format = format!("output_format={format}");
    json(folder, &["run", "-i", photo, "Make it sepia", "-s", "seed=7", "--json"]);
    let file = format!("out.{}", format.rsplit_once('=').unwrap().1);
    let second = ["run", "-i", "@", "Add a \"red\" hat <ü>", "-s", "seed=8", "-s", &format];
    let made = json(folder, &[second.as_slice(), &["-o", &file, "--json"]].concat());
    (file, made)
}

fn recipe(folder: &Path, node: &str) -> Value {
    json(folder, &["--sim", "export", node, "--as", "recipe"])
}

#[test]
fn a_picture_comes_back_into_an_empty_store_with_its_recipe() {
    for format in ["png", "jpeg"] {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (file, made) = made(here.path(), format);
        let file = here.path().join(file).display().to_string();
        let imported = json(there.path(), &["--sim", "import", &file, "--json"]);
        assert_eq!((&imported["known"], &imported["seed"]), (&false.into(), &8.into()), "{format}");
        assert_eq!(imported["parent"], Value::Null, "its parent is not there");
        let node = imported["node"].as_str().unwrap();
        let (mut was, mut is) =
            (recipe(here.path(), made["node"].as_str().unwrap()), recipe(there.path(), node));
        // The picture that went in is only there where it is.
        for recipe in [&mut was, &mut is] {
            if let Some(steps) = recipe["steps"].as_array_mut() {
                steps.iter_mut().for_each(|step| step["inputs"] = Value::Null);
            }
        }
        assert_eq!(was, is, "{format}");
        // In the store it stands as it came, without the label.
        let media = |folder: &Path| {
            let folder = folder.join("data/editree/media");
            let files = std::fs::read_dir(folder).unwrap().flatten();
            files.map(|file| file.file_name()).collect::<Vec<_>>()
        };
        let here = media(here.path());
        let all = media(there.path());
        assert!(all.iter().all(|file| here.contains(file)), "{all:?}");
        let again = json(there.path(), &["--sim", "import", &file, "--json"]);
        assert_eq!((&again["known"], &again["node"]), (&true.into(), &imported["node"]));
    }
}

#[test]
fn a_picture_comes_back_to_its_place_and_not_among_real_ones() {
    let here = tempfile::tempdir().unwrap();
    let (file, made) = made(here.path(), "png");
    let known = json(here.path(), &["--sim", "import", &file, "--json"]);
    assert_eq!(known["known"], true);
    assert_eq!(known["node"], made["node"]);
    let real = ["--data-dir", "real", "--profile", "fal", "--project", "main", "import", &file];
    let output = Command::new(env!("CARGO_BIN_EXE_editree"))
        .args(real)
        .env_clear()
        .envs(environment(here.path()))
        .env("FAL_KEY", "id:secret")
        .current_dir(here.path())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("simulated"), "{words}");
}

#[test]
fn each_picture_of_a_node_is_imported_and_one_from_the_trash_has_its_picture_again() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");
    let two =
        ["run", "-i", photo, "Make it sepia", "-s", "num_images=2", "-o", "two.png", "--json"];
    json(here.path(), &two);
    let import = |name: &str| {
        let file = here.path().join(name).display().to_string();
        json(there.path(), &["--sim", "import", &file, "--json"])
    };
    let (first, second) = (import("two.png"), import("two-2.png"));
    assert_eq!(first["node"], second["node"]);
    assert_eq!((&first["known"], &second["known"]), (&false.into(), &false.into()));
    assert_eq!(import("two-2.png")["known"], true);
    let tree = json(there.path(), &["--sim", "tree", "--json"]);
    assert!(tree.to_string().matches("\"width\"").count() >= 2, "{tree}");
    // Another project of the same store has it already.
    let file = here.path().join("two.png").display().to_string();
    let output = editree(there.path(), &["--sim", "--project", "other", "import", &file]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("of the project `simulator`"), "{words}");
}

#[test]
fn a_changed_picture_starts_a_tree_and_says_what_it_was_made_from() {
    let here = tempfile::tempdir().unwrap();
    let (file, _) = made(here.path(), "png");
    let path = here.path().join(file);
    let bytes = std::fs::read(&path).unwrap();
    let label = editree::picture::metadata::Label {
        parameters: String::new(),
        recipe: editree::picture::metadata::recipe(&bytes).unwrap(),
        source: None,
    };
    let other = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/coffee.png"));
    let other = editree::picture::metadata::attach(&other.unwrap(), &label).unwrap();
    std::fs::write(&path, other).unwrap();
    let imported = json(here.path(), &["--sim", "import", &path.display().to_string(), "--json"]);
    assert_eq!((&imported["known"], &imported["parent"]), (&false.into(), &Value::Null));
    assert_eq!(imported["made_from"], "n3", "{imported}");
    assert_eq!(imported["prompt"], "Add a \"red\" hat <ü>");
    assert_eq!(imported["seed"], 8);
}

/// A reader that knows nothing of ours; skipped aloud where it is not installed.
#[test]
fn exiftool_reads_what_is_written() {
    if Command::new("exiftool").arg("-ver").output().is_err() {
        println!("skipped: exiftool is not installed (Debian: libimage-exiftool-perl)");
        return;
    }
    for (format, words) in [("png", "Parameters"), ("jpeg", "UserComment")] {
        let here = tempfile::tempdir().unwrap();
        let (file, _) = made(here.path(), format);
        let output = Command::new("exiftool").args(["-j", "-G", &file]).current_dir(&here).output();
        let read: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        let all = read[0].as_object().unwrap();
        assert!(
            !all.keys().any(|name| name.ends_with("Warning") || name.ends_with("Error")),
            "{read}"
        );
        let comment = all.iter().find(|(name, _)| name.ends_with(words)).map(|(_, text)| text);
        let comment = comment.and_then(Value::as_str).unwrap_or_else(|| panic!("{read}"));
        assert!(comment.starts_with("Add a \"red\" hat <ü>"), "{comment}");
        assert!(comment.contains("Seed: 8") && comment.contains("fal-ai/flux-pro/kontext"));
        let recipe =
            all.iter().find(|(name, _)| name.ends_with("Recipe") || name.ends_with(":Editree"));
        let recipe = recipe.and_then(|(_, text)| text.as_str()).unwrap_or_else(|| panic!("{read}"));
        let recipe: Value = serde_json::from_str(recipe).unwrap();
        assert_eq!(recipe["node"]["seed"], 8);
        assert_eq!(recipe["lineage"][0]["prompt"], "Make it sepia");
    }
}

#[test]
fn a_report_is_one_page_with_everything_in_it() {
    let here = tempfile::tempdir().unwrap();
    made(here.path(), "png");
    let output = editree(here.path(), &["--sim", "report", "@", "-o", "page.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(here.path().join("page.html")).unwrap();
    assert_eq!(page.matches("src=\"data:image/png;base64,").count(), 3);
    assert!(!page.contains("http://") && !page.contains("https://"), "fetches nothing");
    for words in
        ["Make it sepia", "Add a &quot;red&quot; hat &lt;ü&gt;", "seed 8", "simulator", "$0.08"]
    {
        assert!(page.contains(words), "{words}");
    }
    let told = page.matches("<figcaption><p><strong>").count();
    let changes = page.matches("</strong></p><p>").count();
    assert_eq!((told, changes), (3, 2), "what each step did");
    assert_eq!(page.matches("to the opened picture").count(), 1, "from the second step on");
    // Each picture in it can be imported.
    let (_, last) = page.rsplit_once("base64,").unwrap();
    let file = base64_simd::STANDARD.decode_to_vec(last.split_once('"').unwrap().0).unwrap();
    assert!(editree::picture::metadata::recipe(&file).is_some());
}

#[test]
fn a_report_with_a_folder_is_a_small_page_whose_pictures_come_as_one_scrolls() {
    let here = tempfile::tempdir().unwrap();
    made(here.path(), "png");
    let output = editree(here.path(), &["--sim", "report", "@", "-o", "my page.html", "--folder"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(here.path().join("my page.html")).unwrap();
    assert!(!page.contains("http://") && !page.contains("https://"), "fetches nothing");
    assert!(page.len() < 20_000, "{}", page.len());
    assert_eq!(page.matches("loading=\"lazy\"").count(), 3);
    assert_eq!(page.matches("background:url(data:image/jpeg;base64,").count(), 3, "a first look");
    for node in ["n1", "n2", "n3"] {
        assert!(page.contains(&format!("src=\"my%20page%5Ffiles/{node}.png\"")), "{node}");
        // The same bytes as in one file, recipe and all.
        let file = std::fs::read(here.path().join(format!("my page_files/{node}.png"))).unwrap();
        assert_eq!(editree::picture::metadata::recipe(&file).is_some(), node != "n1", "{node}");
    }
    let refused = editree(here.path(), &["--sim", "report", "@", "-o", "-", "--folder"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
}
