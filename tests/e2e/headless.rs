//! `editree run` and its sisters as a script would use them.

use std::path::Path;
use std::process::{Command, Output};

use crate::command::{editree, json_in, photo, said};
use crate::key_names::names_a_key;
use crate::pty::environment;
use crate::service::Service;

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

#[test]
fn what_the_model_will_not_read_is_said_before_it_costs() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let told = |command: &[&str]| {
        let output = editree(folder.path(), command);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let run = |prompt: &str| told(&["--sim", "run", "-i", &photo, "--dry-run", prompt]);
    let cannot = "the model cannot read most of this: it knows Latin letters only";
    assert!(run("車の色を緑に変えて").contains(cannot));
    assert!(run("pon una señal").contains("the model cannot read `ñ`"));
    assert!(run(r"make it \{red").contains("the model cannot read `{`"), "as it is sent");
    assert!(!run("Make it red").contains("the model "));
    let sweep = ["--sim", "sweep", "-i", &photo, "--dry-run", "{赤い|青い}車にして"];
    assert_eq!(told(&sweep).matches(cannot).count(), 1, "said once");
}

#[test]
fn braces_are_the_same_to_run_as_everywhere_and_it_sends_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let run =
        |prompt: &str| editree(folder.path(), &["--sim", "run", "-i", &photo, "--dry-run", prompt]);
    let several = run("make it {red|blue}");
    assert_eq!(code(&several), 2);
    let told = said(&several);
    assert!(told.contains("1. make it red\n2. make it blue\n"), "{told}");
    assert!(told.contains("the braces mean 2 requests; `run` sends one"), "{told}");
    for (typed, sent) in
        [(r"write \{a\|b\}", "write {a|b}"), (r#"{"colour": "a|b"}"#, r#"{"colour": "a|b"}"#)]
    {
        let output = run(typed);
        assert_eq!(json_in(&output)["input"]["prompt"], sent, "{}", said(&output));
    }
}

#[test]
fn a_word_that_is_neither_command_nor_file_names_the_command_that_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    for (word, hint) in [
        ("rnu", "did you mean `editree run`?"),
        ("hepl", "did you mean `editree help`?"),
        ("nosuch", "--help` lists"),
    ] {
        let output = editree(folder.path(), &[word]);
        assert_eq!(code(&output), 2, "{}", said(&output));
        let told = said(&output);
        assert!(told.contains("there is no command and no file") && told.contains(hint), "{told}");
    }
}

#[test]
fn words_in_the_place_of_a_picture_are_answered_with_the_command_that_takes_them() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    for (words, hint) in [
        (vec![photo.as_str(), "Make it night"], format!("-i '{photo}' 'Make it night'")),
        (vec!["Make it night"], "-i FILE 'Make it night'".into()),
        (vec!["n3"], "`editree show n3`".into()),
    ] {
        let output = editree(folder.path(), &words);
        let told = said(&output);
        assert_eq!(code(&output), 2, "{told}");
        assert!(told.contains("there is no") && told.contains(&hint), "{told}");
    }
    // The name of a picture, which is not here, may have blanks.
    let told = said(&editree(folder.path(), &["my photo.jpg"]));
    assert!(told.contains("there is no file `my photo.jpg`") && !told.contains("run -i"), "{told}");
}

#[test]
fn a_picture_in_the_place_of_the_prompt_is_answered_with_the_line_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(photo("coffee.png"), folder.path().join("photo.png")).unwrap();
    let behind = "hint: a picture goes behind -i: editree";
    for (words, hint) in [
        (&["run", "photo.png", "Add a hat"][..], format!("{behind} run -i photo.png 'Add a hat'")),
        (&["run", "Add a hat", "photo.png"], format!("{behind} run -i photo.png 'Add a hat'")),
        (&["run", "photo.png"], format!("{behind} run -i photo.png WORDS")),
        (&["run", "Add", "a", "hat"], "hint: quote it: editree run 'Add a hat'".into()),
        (
            &["sweep", "n1", "a {red|blue} hat", "--dry-run"],
            format!("{behind} sweep -i n1 'a {{red|blue}} hat'"),
        ),
        (
            &["replay", "photo.png", "n2"],
            "hint: the steps come first: editree replay n2 photo.png".into(),
        ),
        (
            &["heal", "edited.png", "photo.png"],
            "hint: what it was made from: editree heal edited.png --parent photo.png".into(),
        ),
    ] {
        let output = editree(folder.path(), words);
        let told = said(&output);
        assert_eq!(code(&output), 2, "{words:?}: {told}");
        assert!(told.contains(&hint), "{words:?}: {told}");
    }
    let tree = json_in(&editree(folder.path(), &["--sim", "tree", "--json"]));
    assert_eq!(tree["nodes"], serde_json::json!([]), "nothing was sent");
}

#[test]
fn a_place_that_cannot_be_written_to_is_refused_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    for words in [
        &["report", "n1", "-o", "nowhere/x.html"][..],
        &["compare", &photo, &photo, "--heat", "nowhere/x.png"],
        &["heal", &photo, "--parent", &photo, "-o", "nowhere/x.png"],
        &["backup", "nowhere/x.tar"],
        &["sweep", "-i", &photo, "-s", "seed=1,2", "-o", "nowhere/x.png", "Make it red"],
        &["run", "-i", &photo, "-o", "nowhere/x.png", "Make it red"],
    ] {
        let output = editree(folder.path(), words);
        let told = said(&output);
        assert_eq!(code(&output), 2, "{words:?}: {told}");
        assert!(told.contains("mkdir -p 'nowhere'"), "{words:?}: {told}");
        assert!(!folder.path().join("data/editree/media").exists(), "{words:?}");
    }
}

#[test]
fn where_no_graphics_are_wanted_a_picture_is_shown_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let output = editree(folder.path(), &["show", "--graphics", "none", &photo]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(told, format!("{photo}: 600 by 400, png\n"));
}

#[test]
fn a_run_writes_the_picture_and_one_json_object() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let grey =
        ["run", "-m", "pro", "-i", &photo, "Make it black and white", "-o", "out.png", "--json"];
    let output = editree(folder.path(), &grey);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let answer = json_in(&output);
    assert_eq!(answer["endpoint"], "fal-ai/flux-pro/kontext");
    assert_eq!(answer["simulated"], true);
    assert_eq!(answer["cost"], 0.04);
    assert!(answer["seed"].is_u64() && answer["timings"].is_object(), "{answer}");
    assert_eq!(
        (&answer["pictures"][0]["width"], &answer["pictures"][0]["height"]),
        (&1248.into(), &832.into())
    );
    let picture = image::open(folder.path().join("out.png")).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (1248, 832));
    let coloured = picture.pixels().filter(|pixel| {
        let [r, g, b] = pixel.0;
        r.abs_diff(g).max(g.abs_diff(b)) > 8
    });
    assert!(coloured.count() < 1248 * 832 / 50, "not grey");
    assert!(said(&output).to_lowercase().contains("simulat"), "{}", said(&output));
}

#[test]
fn the_same_seed_gives_the_same_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("chelsea.png");
    let run = |to: &str, seed: &str| {
        let seed = format!("seed={seed}");
        let words =
            ["run", "-i", &photo, "-s", &seed, "Make it black and white", "-o", to, "--json"];
        let output = editree(folder.path(), &words);
        assert_eq!(code(&output), 0, "{}", said(&output));
        image::open(folder.path().join(to)).unwrap().to_rgb8().into_raw()
    };
    let first = run("a.png", "7");
    assert_eq!(first, run("b.png", "7"));
    assert_ne!(first, run("c.png", "8"));
}

#[test]
fn bad_input_gets_one_sentence_a_hint_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
    std::fs::write(folder.path().join("broken.toml"), "[budget]\ndya = 1\n").unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let photo = photo("coffee.png");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["run", "-i", "missing.png", "x"], 2, "missing.png"),
        (&["run", "-i", "notes.txt", "x"], 2, "notes.txt"),
        (&["run", "-i", &photo, "-s", "num_images=0", "x"], 2, "num_images"),
        (&["run", "-i", &photo, "-s", "seed=abc", "x"], 2, "seed"),
        (&["run", "-m", "nonsense", "x"], 2, "nonsense"),
        (&["run", "-m", "pro", "x"], 2, "pro-text"),
        (&["run", "--data-dir", "file", "-i", &photo, "x"], 1, "file"),
        (&["--config", "broken.toml", "run", "-i", &photo, "x"], 2, "line 2"),
    ];
    for (arguments, expected, word) in cases {
        let output = editree(folder.path(), arguments);
        let said = said(&output);
        assert_eq!(code(&output), expected, "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
        assert!(said.lines().count() <= 3 && said.contains("hint: "), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

/// There is no workbench here, so no key of it helps.
#[test]
fn a_command_that_fails_names_a_subcommand_or_words_and_never_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    for fault in
        ["submit:account", "submit:key", "submit:422", "submit:404", "run:500", "submit:503"]
    {
        service.inject(&format!("{fault}*1"));
        let output = service.editree(folder.path(), &["run", "-m", "pro-text", "a lighthouse"]);
        let said = said(&output);
        service.inject("off");
        assert_ne!(code(&output), 0, "{fault}: {said}");
        let hint = said.lines().find(|line| line.starts_with("hint: "));
        assert!(hint.is_some_and(|hint| hint.len() > 12), "{fault}: {said}");
        assert_eq!(said.lines().find(|line| names_a_key(line)), None, "{fault}");
    }
}

#[test]
fn a_named_profile_without_a_key_is_told_and_never_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let output = editree(folder.path(), &["run", "--profile", "fal", "a cat"]);
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("FAL_KEY"), "{}", said(&output));
}

#[test]
fn models_and_schemas_are_printed_for_people_and_programs() {
    let folder = tempfile::tempdir().unwrap();
    let models = json_in(&editree(folder.path(), &["models", "--json"]));
    assert_eq!(models["models"].as_array().map(Vec::len), Some(23));
    let schema = json_in(&editree(folder.path(), &["schema", "pro", "--json"]));
    assert_eq!(schema["id"], "fal-ai/flux-pro/kontext");
    let text = editree(folder.path(), &["schema", "pro"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("guidance_scale"));
}

#[test]
fn completions_and_the_manual_page_come_from_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = editree(folder.path(), &["completions", shell]);
        assert!(String::from_utf8_lossy(&output.stdout).contains("EDITREE_COMPLETE"), "{shell}");
    }
    let page = editree(folder.path(), &["man"]);
    assert!(String::from_utf8_lossy(&page.stdout).contains(".TH editree"));
}

#[test]
fn a_job_that_was_left_is_followed_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo("coffee.png");
    let dry = editree(folder.path(), &["run", "-i", &photo, "--dry-run", "--json", "sunset"]);
    assert_eq!(code(&dry), 0, "{}", said(&dry));
    let tree = json_in(&editree(folder.path(), &["tree", "--json"]));
    assert_eq!(tree["nodes"].as_array().map(Vec::len), Some(0), "a dry run keeps nothing: {tree}");
    let done = editree(folder.path(), &["run", "-i", &photo, "--json", "sunset"]);
    assert_eq!(code(&done), 0, "{}", said(&done));
    let tree = json_in(&editree(folder.path(), &["tree", "--json"]));
    assert_eq!(tree["nodes"].as_array().map(Vec::len), Some(2), "{tree}");
    let jobs = json_in(&editree(folder.path(), &["jobs", "--json"]));
    assert_eq!(jobs["jobs"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_key_is_in_nothing_that_is_printed_or_kept() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "0f0f0f0f-1111:thisisthesecret";
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    // Nobody listens there: the request fails before anything is sent.
    let config = "[profiles.fal]\nrun_url = \"http://127.0.0.1:9\"\nqueue_url = \"http://127.0.0.1:9\"\n\
                  rest_url = \"http://127.0.0.1:9\"\ncdn_url = \"http://127.0.0.1:9\"\n";
    std::fs::write(folder.path().join("local.toml"), config).unwrap();
    command.args(["run", "--config", "local.toml", "-m", "pro-text", "a cat"]);
    command.env_clear().envs(environment(folder.path())).env("FAL_KEY", secret);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert_eq!(code(&output), 5, "{}", said(&output));
    let mut waiting = vec![folder.path().to_owned()];
    let mut texts = vec![output.stdout, output.stderr];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            texts.push(std::fs::read(&path).unwrap());
        }
    }
    for text in texts {
        assert!(!text.windows(15).any(|window| window == b"thisisthesecret"));
    }
}

#[test]
fn an_endpoint_that_was_added_is_listed_described_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let document = format!("{}/tests/documents/lora.json", env!("CARGO_MANIFEST_DIR"));
    let unnamed = editree(folder.path(), &["models", "add", &document]);
    assert_eq!(code(&unnamed), 2, "the document does not say its name");
    assert!(said(&unnamed).contains("--as"), "{}", said(&unnamed));
    let added = editree(folder.path(), &["models", "add", &document, "--as", "me/lora-like"]);
    assert_eq!(code(&added), 0, "{}", said(&added));
    let models = editree(folder.path(), &["models"]);
    assert!(String::from_utf8_lossy(&models.stdout).contains("lora-like"));
    let schema = json_in(&editree(folder.path(), &["schema", "lora-like", "--json"]));
    assert_eq!(schema["id"], "me/lora-like");
    let loras = r#"loras=[{"path":"https://x/w"}]"#;
    let dry = ["run", "-m", "lora-like", "-s", loras, "--dry-run", "a cat"];
    let body = json_in(&editree(folder.path(), &dry));
    assert_eq!(body["input"]["loras"][0]["path"], "https://x/w");
    let wrong = ["run", "-m", "lora-like", "-s", "loras=[{}]", "--dry-run", "a cat"];
    assert_eq!(code(&editree(folder.path(), &wrong)), 2);
}

#[test]
fn what_is_no_plain_file_is_no_document_and_nobody_waits_for_it() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let pipe = pipe.display().to_string();
    for what in [pipe.as_str(), "/dev/zero", "/"] {
        let answer = editree(folder.path(), &["models", "add", what, "--as", "me/app"]);
        assert_eq!(code(&answer), 2);
        let why = if what == "/" { "it is a folder" } else { "not a regular file" };
        assert!(said(&answer).contains(why), "{what}: {}", said(&answer));
    }
    // One that lies among those that were added is passed by.
    let models = folder.path().join("data/models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::rename(&pipe, models.join("pipe.json")).unwrap();
    let data = models.parent().unwrap().display().to_string();
    let listed = editree(folder.path(), &["--data-dir", &data, "models"]);
    assert_eq!(code(&listed), 0);
    assert!(said(&listed).contains("ignored"), "{}", said(&listed));
}

#[test]
fn of_a_profile_that_is_not_there_the_doctor_tells_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let told = editree(folder.path(), &["--profile", "wrok", "doctor"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("there is no profile `wrok`"), "{told}");
    assert!(!told.contains("profile `fal`") && !told.contains("\nkey "), "{told}");
    assert!(!told.contains("\nservice "), "{told}");
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "-m", "pro-text", "a lighthouse", "--json"];
    let answer = json_in(&editree(folder.path(), &run));
    let told = |name: &str| {
        let report = json_in(&editree(folder.path(), &["doctor", "--json"]));
        let rows = report["findings"].as_array().unwrap().clone();
        rows.into_iter()
            .filter(|row| row["what"] == name)
            .map(|row| row.to_string())
            .collect::<String>()
    };
    assert!(told("store").contains("integrity ok"), "{}", told("store"));
    assert!(told("service").contains("simulator"));
    assert_eq!(told("media"), "");
    let picture = Path::new(answer["pictures"][0]["file"].as_str().unwrap());
    let database = picture.parent().unwrap().with_file_name("editree.db");
    let database = rusqlite::Connection::open(database).unwrap();
    database.execute("UPDATE nodes SET prompt = 'a lighthousf'", []).unwrap();
    let store = told("store");
    assert!(store.contains("told otherwise") && store.contains("requests under way"), "{store}");
    std::fs::remove_file(picture).unwrap();
    assert!(told("media").contains("have no file"), "{}", told("media"));
}

#[test]
fn what_nothing_refers_to_is_listed_and_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let kept =
        json_in(&editree(folder.path(), &["run", "-m", "pro-text", "a lighthouse", "--json"]));
    let media = folder.path().join("data/editree/media");
    let (old, young) = (media.join(format!("{}.png", "a".repeat(64))), media.join("young.png"));
    std::fs::write(&old, "left over").unwrap();
    std::fs::write(&young, "of a row on its way").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    std::fs::File::options().append(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    let dry = editree(folder.path(), &["gc", "--dry-run"]);
    assert!(String::from_utf8_lossy(&dry.stdout).contains("aaaa") && old.exists());
    let unasked = editree(folder.path(), &["gc"]);
    assert_eq!(code(&unasked), 2, "a script has to say it");
    assert!(said(&unasked).contains("--yes") && old.exists(), "{}", said(&unasked));
    let wet = editree(folder.path(), &["gc", "--yes"]);
    let said = String::from_utf8_lossy(&wet.stdout);
    assert!(said.contains("aaaa") && said.contains("\n1 files removed"), "{said}");
    assert!(!old.exists() && young.exists());
    assert!(Path::new(kept["pictures"][0]["file"].as_str().unwrap()).exists());
}
