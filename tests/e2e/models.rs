//! The service's catalogue: finding models, adding one, and what has changed since.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::command::{json_in, said, with_variables};
use crate::service::Service;

/// With the interface that lists models.
fn start(folder: &Path) -> Service {
    let service = Service::start(folder, &[]);
    service.configure(folder, "");
    let config = folder.join("config/editree/config.toml");
    let mut file = std::fs::OpenOptions::new().append(true).open(config).unwrap();
    writeln!(file, "api_url = \"{}/_api\"", service.base).unwrap();
    service
}

#[test]
fn models_are_found_at_the_service_and_one_is_added_with_its_price() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path());
    let found = json_in(&service.editree(folder.path(), &["models", "find", "kontext", "--json"]));
    let rows = found["models"].as_array().unwrap();
    let pro = rows.iter().find(|row| row["id"] == "fal-ai/flux-pro/kontext").unwrap();
    assert_eq!((&pro["short"], &pro["deprecated"]), (&Value::from("pro"), &Value::from(false)));
    let listed = service.editree(folder.path(), &["models", "find", "sdxl"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(
        text.contains("fal-ai/fast-sdxl/image-to-image") && text.contains("deprecated"),
        "{text}"
    );
    let id = "fal-ai/fast-sdxl/image-to-image";
    let added = service.editree(folder.path(), &["models", "add", id]);
    assert!(added.status.success(), "{}", said(&added));
    let schema = json_in(&service.editree(folder.path(), &["schema", id, "--json"]));
    assert!(
        schema["added"]["on"].is_string() && schema["added"]["document"].is_string(),
        "{schema}"
    );
    let again = json_in(&service.editree(folder.path(), &["models", "find", "sdxl", "--json"]));
    let row =
        again["models"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
    assert!(row["short"].is_string(), "it is here: {row}");
    let missing = service.editree(folder.path(), &["models", "add", "fal-ai/no-such"]);
    assert!(!missing.status.success());
    assert!(said(&missing).contains("the service knows no model `fal-ai/no-such`"));
    assert_eq!(service.ledger().len(), 0, "all of it is free");
}

#[test]
fn what_was_found_is_told_with_its_day_when_the_service_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let find = ["models", "find", "kontext"];
    let before = {
        let service = start(folder.path());
        service.editree(folder.path(), &find).stdout
    };
    let alone = |arguments: &[&str]| {
        with_variables(folder.path(), arguments, &[("FAL_KEY", "an-id:a-secret")])
    };
    let offline = alone(&find);
    assert_eq!(offline.stdout, before, "{}", said(&offline));
    assert!(said(&offline).contains("the service cannot be reached; this is what it told on 20"));
    let unknown = alone(&["models", "find", "never asked"]);
    assert_eq!(unknown.status.code(), Some(5), "{}", said(&unknown));
}

#[test]
fn what_has_changed_since_a_model_was_added_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path());
    let id = "fal-ai/fast-sdxl/image-to-image";
    service.editree(folder.path(), &["models", "add", id]);
    let told = service.editree(folder.path(), &["models", "diff"]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(text.contains(": unchanged since 20") && text.lines().count() == 1, "{text}");
    // As if another document had been added, with less in it.
    let file =
        std::fs::read_dir(folder.path().join("data/editree/models")).unwrap().next().unwrap();
    let path = file.unwrap().path();
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    kept["added"]["document"] = "0".into();
    let params = kept["params"].as_array_mut().unwrap();
    params.retain(|param| param["name"] != "seed");
    let strength = params.iter_mut().find(|param| param["name"] == "strength").unwrap();
    strength["default"] = 0.1.into();
    std::fs::write(&path, kept.to_string()).unwrap();
    let told = json_in(&service.editree(folder.path(), &["models", "diff", id, "--json"]));
    let changes = told["models"][0]["changes"].as_array().unwrap();
    let lines: Vec<&str> = changes.iter().filter_map(Value::as_str).collect();
    assert!(lines.iter().any(|line| line.starts_with("new: `seed`, ")), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.starts_with("the default of `strength` is ")),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
}
