//! Pictures that come from another store, in any order and number, hang where they hung there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::command::{editree, json, json_in, photo, said};
use crate::pty::environment;

/// A root and three steps, each on the one before; the files that were written of the steps.
fn made(folder: &Path) -> Vec<PathBuf> {
    let photo = photo("chelsea.png");
    let steps = [("Make it sepia", photo.as_str()), ("Make it blue", "@"), ("Add a \"hat\"", "@")];
    let write = |(number, (words, on)): (usize, (&str, &str))| {
        let name = format!("{number}.png");
        let size = ["-s", "seed=7", "-o", &name, "--json"];
        json(folder, &[["run", "-i", on, words].as_slice(), &size].concat());
        folder.join(name)
    };
    steps.into_iter().enumerate().map(write).collect()
}

/// Who comes from whom, by words; independent of numbers.
fn shape(folder: &Path) -> Vec<(Value, Value, usize)> {
    let tree = json(folder, &["--sim", "tree", "--json"]);
    let nodes = tree["nodes"].as_array().unwrap();
    let words = |node: &Value| match &node["prompt"] {
        Value::Null => json!("root"),
        words => words.clone(),
    };
    let parent = |node: &Value| {
        let found = nodes.iter().find(|other| other["id"] == node["parent"]["node"]);
        found.map_or(Value::Null, words)
    };
    let pictures = |node: &Value| node["pictures"].as_array().unwrap().len();
    let mut shape: Vec<_> =
        nodes.iter().map(|node| (words(node), parent(node), pictures(node))).collect();
    shape.sort_by_key(|row| row.0.to_string());
    shape
}

#[test]
fn children_that_come_before_their_parents_hang_on_them_as_soon_as_these_come() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = made(here.path());
    let import = |file: &Path| {
        json(there.path(), &["--sim", "import", &file.display().to_string(), "--json"])
    };
    let last = import(&files[2]);
    assert_eq!((&last["parent"], last["awaits"].is_string()), (&Value::Null, true), "{last}");
    let exported = editree(there.path(), &["--sim", "export", last["node"].as_str().unwrap()]);
    let lines = String::from_utf8_lossy(&exported.stdout).into_owned();
    assert!(lines.contains("image_url"), "{lines}");
    assert!(said(&exported).contains("is not here"), "{}", said(&exported));
    // What was made from a picture that is not here is not sent without it.
    let first = import(&files[0]);
    assert_eq!(first["parent"], Value::Null);
    let second = import(&files[1]);
    assert_eq!(second["parent"], first["node"]);
    // The root's own bytes, by another name: as much as its label would say.
    let named = there.path().join("my cat.png");
    std::fs::copy(photo("chelsea.png"), &named).unwrap();
    let root = import(&named);
    assert_eq!(root["known"], false);
    assert_eq!(shape(there.path()), shape(here.path()));
    let again = import(&named);
    assert_eq!((&again["known"], &again["node"]), (&true.into(), &root["node"]));
    assert_eq!(import(&files[2])["parent"], second["node"]);
}

#[test]
fn the_lineage_of_what_is_not_here_survives_in_the_sidecar_alone() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = made(here.path());
    let import = |file: &Path| {
        json(there.path(), &["--sim", "import", &file.display().to_string(), "--json"])
    };
    import(&files[2]);
    for name in ["editree.db", "editree.db-wal", "editree.db-shm"] {
        let _ = std::fs::remove_file(there.path().join("data/editree").join(name));
    }
    import(&files[1]);
    import(&files[0]);
    import(Path::new(&photo("chelsea.png")));
    assert_eq!(shape(there.path()), shape(here.path()));
}

#[test]
fn another_stores_folder_is_one_import_with_a_result_for_each_file() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    made(here.path());
    let media = here.path().join("data/editree/media").display().to_string();
    let all = json(there.path(), &["--sim", "import", &media, "--json"]);
    let files = all["files"].as_array().unwrap();
    assert_eq!(files.len(), 4, "{all}");
    assert!(files.iter().all(|file| file["error"].is_null() && file["known"] == false), "{all}");
    assert_eq!(shape(there.path()), shape(here.path()));
    let again = editree(there.path(), &["--sim", "import", &media]);
    assert!(again.status.success());
    assert!(said(&again).contains("0 imported, 4 already in the tree"), "{}", said(&again));
    let told = String::from_utf8_lossy(&again.stdout).lines().count();
    assert_eq!(told, 4);
    // The same in the other tree: nothing is new.
    assert_eq!(
        json(here.path(), &["--sim", "import", &media, "--json"])["files"][0]["known"],
        true
    );
}

#[test]
fn a_file_that_fails_stops_no_other_and_shows_in_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("broken.png"), "no picture").unwrap();
    std::fs::create_dir(at("empty")).unwrap();
    // A file that is not a sidecar is reported, and the picture is imported.
    let bytes = std::fs::read(photo("chelsea.png")).unwrap();
    std::fs::write(at("cat.png"), &bytes).unwrap();
    let hash = json(folder.path(), &["--sim", "import", &at("cat.png"), "--json"]);
    let tree = json(folder.path(), &["--sim", "tree", hash["node"].as_str().unwrap(), "--json"]);
    let hash = tree["nodes"][0]["pictures"][0]["hash"].as_str().unwrap().to_owned();
    std::fs::write(at(&format!("{hash}.json")), "{ garbage").unwrap();
    let arguments = ["--sim", "import", &at("broken.png"), &at("empty"), &at("cat.png"), "--json"];
    let output = editree(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("ignored the sidecar"), "{}", said(&output));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<bool> =
        all["files"].as_array().unwrap().iter().map(|file| file["error"].is_null()).collect();
    assert_eq!(told, [false, true, false], "named files first, then folders without any: {all}");
}

#[test]
fn a_root_with_the_bytes_of_one_here_is_that_root() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = made(here.path());
    let own = json(there.path(), &["run", "-i", &photo("chelsea.png"), "Make it green", "--json"]);
    let first = files[0].display().to_string();
    let imported = json(there.path(), &["--sim", "import", &first, "--json"]);
    let tree = json(there.path(), &["--sim", "tree", "--json"]);
    let parent = |id: &Value| {
        let nodes = tree["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["id"] == *id).unwrap()["parent"]["node"].clone()
    };
    assert_eq!(parent(&imported["node"]), parent(&own["node"]));
    assert_eq!(tree["nodes"].as_array().unwrap().len(), 3, "{tree}");
}

/// Far fewer open files than nodes, or files, that show the picture.
const LIMITED: &str = "ulimit -n 64; exec \"$0\" \"$@\"";

#[test]
fn a_picture_that_comes_many_times_is_written_once() {
    let (here, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bytes = std::fs::read(photo("coffee.png")).unwrap();
    let node = |number: u32, hash: &str| {
        json!({ "global": format!("g{number}"), "simulated": true, "at": number, "params": {},
            "endpoint": "fal-ai/flux-pro/kontext", "prompt": format!("take {number}"), "inputs": [],
            "pictures": [{ "hash": hash, "width": 9, "height": 9, "format": "png", "bytes": 9 }] })
    };
    let hash = editree::tree::Hash::of(&bytes).to_string();
    let nodes: Vec<_> = (0..300).map(|number| node(number, &hash)).collect();
    let sidecar = json!({ "nodes": nodes }).to_string();
    std::fs::write(folder.path().join(format!("{hash}.json")), sidecar).unwrap();
    std::fs::write(folder.path().join("a.png"), bytes).unwrap();
    for number in 0..60 {
        let copy = folder.path().join(format!("b{number}.png"));
        std::fs::copy(photo("chelsea.png"), copy).unwrap();
    }
    let mut command = Command::new("/bin/sh");
    command.args(["-c", LIMITED, env!("CARGO_BIN_EXE_editree"), "--sim", "import", "--json"]);
    command.arg(folder.path()).env_clear().envs(environment(here.path())).current_dir(here.path());
    let all = json_in(&command.output().unwrap());
    let files = all["files"].as_array().unwrap();
    assert!(files.iter().all(|file| file["error"].is_null()), "{all}");
    assert_eq!((files.len(), files[0]["nodes"].as_array().unwrap().len()), (61, 300));
    assert!(files[2..].iter().all(|file| file["node"] == files[1]["node"]), "{all}");
    let media = std::fs::read_dir(here.path().join("data/editree/media")).unwrap();
    assert_eq!(media.count(), 4, "two pictures and what stands beside them");
}

#[test]
fn a_changed_picture_whose_node_cannot_be_looked_up_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.png");
    let file = made(folder.path()).remove(0);
    let recipe = editree::picture::metadata::recipe(&std::fs::read(file).unwrap()).unwrap();
    let mut recipe: Value = serde_json::from_str(&recipe).unwrap();
    recipe["node"]["global"] = "astray".into();
    let label = editree::picture::metadata::Label {
        parameters: String::new(),
        recipe: recipe.to_string(),
        source: None,
    };
    let other = std::fs::read(photo("coffee.png")).unwrap();
    std::fs::write(&changed, editree::picture::metadata::attach(&other, &label).unwrap()).unwrap();
    // No node has such a number.
    let database = folder.path().join("data/editree/editree.db");
    let sql = "INSERT INTO nodes (id, global, project, state, title, simulated, at) \
               SELECT -5, 'astray', project, 'root', 'x', 1, 1 FROM nodes LIMIT 1";
    assert_eq!(rusqlite::Connection::open(database).unwrap().execute(sql, []).unwrap(), 1);
    let changed = changed.display().to_string();
    let (cat, coffee) = (photo("chelsea.png"), photo("coffee.png"));
    let files = ["--sim", "import", &cat, &changed, &coffee, "--json"];
    let output = editree(folder.path(), &files);
    assert!(!output.status.success());
    let all = json_in(&output);
    let files = all["files"].as_array().unwrap().iter();
    let kept: Vec<bool> = files.map(|file| file["error"].is_null()).collect();
    assert_eq!(kept, [true, false, true], "{all}");
}
