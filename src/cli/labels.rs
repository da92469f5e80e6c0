//! What a picture that leaves the store says about itself, and what one that comes says.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::picture::label::{self, Label};
use crate::picture::{self, Limits};
use crate::store::Store;
use crate::tree::{Hash, Node, Picture};

/// So many steps back a label tells of.
const LINEAGE: usize = 64;

/// The picture's file with its recipe and lineage inside; as it is, where the format has no place
/// for that. Reads files.
pub(super) fn labelled(store: &Store, node: &Node, picture: &Picture, file: Vec<u8>) -> Vec<u8> {
    let Some(own) = described(store, picture.hash, &node.global) else {
        return file;
    };
    let mut lineage = Vec::new();
    let mut next = own.get("parent").cloned();
    while let Some(parent) = next.take().filter(|_| lineage.len() < LINEAGE) {
        let name = |key: &str| parent.get(key)?.as_str();
        let hash = name("picture").and_then(|hash| hash.parse().ok());
        let (Some(global), Some(hash)) = (name("global"), hash) else {
            break;
        };
        let Some(step) = described(store, hash, global) else {
            break;
        };
        next = step.get("parent").cloned();
        lineage.push(step);
    }
    let mut recipe = json!({
        "editree": 1,
        "file": picture.hash.to_string(),
        "pixels": pixels(&file),
        "node": own,
        "lineage": lineage,
    });
    let parameters = parameters(node, picture);
    let label =
        |recipe: &Value| Label { parameters: parameters.clone(), recipe: recipe.to_string() };
    if let Some(file) = label::attach(&file, &label(&recipe)) {
        return file;
    }
    // A long branch does not fit into a JPEG: the step itself matters most.
    if let Some(all) = recipe.as_object_mut() {
        all.insert("lineage".into(), json!([]));
    }
    label::attach(&file, &label(&recipe)).unwrap_or(file)
}

/// What stands beside a picture of the store about one of the nodes that show it.
fn described(store: &Store, picture: Hash, global: &str) -> Option<Value> {
    let mut beside = store.description(picture)?;
    let nodes = beside.get_mut("nodes")?.as_array_mut()?;
    let is_it = |node: &&mut Value| node.get("global").and_then(Value::as_str) == Some(global);
    nodes.iter_mut().find(is_it).map(Value::take)
}

/// The name of the picture's pixels, which no other way to write them changes.
pub(super) fn pixels(file: &[u8]) -> Option<String> {
    let decoded = picture::decode(file, Limits::default()).ok()?;
    let (width, height) = decoded.image.dimensions();
    let mut digest = Sha256::new();
    digest.update(width.to_be_bytes());
    digest.update(height.to_be_bytes());
    digest.update(decoded.image.as_raw());
    Some(Hash(digest.finalize().into()).to_string())
}

/// The lines that other tools read.
fn parameters(node: &Node, picture: &Picture) -> String {
    let Some(recipe) = &node.recipe else {
        return node.title.clone().unwrap_or_default();
    };
    let mut settings = Vec::new();
    let value = |name: &str| recipe.values.get(name).map(ToString::to_string);
    settings.extend(value("num_inference_steps").map(|steps| format!("Steps: {steps}")));
    settings.extend(value("guidance_scale").map(|scale| format!("CFG scale: {scale}")));
    settings.extend(node.seed.map(|seed| format!("Seed: {seed}")));
    settings.push(format!("Size: {}x{}", picture.width, picture.height));
    settings.push(format!("Model: {}", recipe.endpoint));
    settings.push("Version: editree".into());
    if node.simulated {
        settings.push("Simulated: true".into());
    }
    format!("{}\n{}", recipe.prompt, settings.join(", "))
}

/// What another tool has written, as far as it makes sense here: words, and settings by name.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Foreign {
    pub(super) tool: &'static str,
    pub(super) prompt: String,
    pub(super) seed: Option<u64>,
}

/// A1111's lines, ComfyUI's graph, InvokeAI's and Fooocus's JSON.
pub(super) fn foreign(words: &[(String, String)]) -> Option<Foreign> {
    let word =
        |name: &str| words.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str());
    let parsed = |name: &str| serde_json::from_str::<Map<String, Value>>(word(name)?).ok();
    if let Some(invoke) = parsed("invokeai_metadata") {
        return Some(of_json("InvokeAI", &invoke, "positive_prompt"));
    }
    if word("fooocus_scheme").is_some()
        && let Some(fooocus) = parsed("parameters")
    {
        return Some(of_json("Fooocus", &fooocus, "prompt"));
    }
    if let Some(graph) = parsed("prompt") {
        return Some(of_graph(&graph));
    }
    let lines = word("parameters")?;
    let settings =
        lines.lines().last().filter(|line| line.contains("Steps:") || line.contains("Seed:"));
    let end = settings.map_or(lines.len(), |settings| lines.len() - settings.len());
    let prompt = lines.get(..end).unwrap_or(lines);
    let prompt = prompt.split("\nNegative prompt:").next().unwrap_or(prompt).trim().to_owned();
    let seed = settings.and_then(|settings| {
        settings.split(", ").find_map(|part| part.trim().strip_prefix("Seed: ")?.parse().ok())
    });
    Some(Foreign { tool: "A1111", prompt, seed })
}

fn of_json(tool: &'static str, json: &Map<String, Value>, prompt: &str) -> Foreign {
    let text = json.get(prompt).and_then(Value::as_str).unwrap_or_default();
    let seed = json.get("seed");
    let seed = seed.and_then(|seed| seed.as_u64().or_else(|| seed.as_str()?.parse().ok()));
    Foreign { tool, prompt: text.to_owned(), seed }
}

/// The longest text of a graph's encoders, and the first seed of a sampler.
fn of_graph(graph: &Map<String, Value>) -> Foreign {
    let inputs = || graph.values().filter_map(|node| node.get("inputs"));
    let text = inputs().filter_map(|inputs| inputs.get("text")?.as_str());
    let prompt = text.max_by_key(|text| text.len()).unwrap_or_default().to_owned();
    let seed =
        |inputs: &Value| ["seed", "noise_seed"].iter().find_map(|name| inputs.get(*name)?.as_u64());
    Foreign { tool: "ComfyUI", prompt, seed: inputs().find_map(seed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Option<Foreign> {
        foreign(&[(name.to_owned(), text.to_owned())])
    }

    fn of(tool: &'static str, prompt: &str, seed: u64) -> Option<Foreign> {
        Some(Foreign { tool, prompt: prompt.into(), seed: Some(seed) })
    }

    #[test]
    fn words_and_seeds_of_other_tools_are_understood() {
        let lines = "a cat,\nin rain\nNegative prompt: dog\nSteps: 20, Seed: 7, Size: 8x8";
        assert_eq!(read("parameters", lines), of("A1111", "a cat,\nin rain", 7));
        let graph = r#"{"3":{"inputs":{"seed":9,"steps":20}},"6":{"inputs":{"text":"a hat"}}}"#;
        assert_eq!(read("prompt", graph), of("ComfyUI", "a hat", 9));
        let invoke = r#"{"positive_prompt":"snow","seed":3}"#;
        assert_eq!(read("invokeai_metadata", invoke), of("InvokeAI", "snow", 3));
        let fooocus = r#"{"prompt":"fog","seed":"5"}"#;
        let words = [
            ("parameters".to_owned(), fooocus.to_owned()),
            ("fooocus_scheme".to_owned(), "fooocus".to_owned()),
        ];
        assert_eq!(foreign(&words), of("Fooocus", "fog", 5));
        assert_eq!(read("Comment", "nothing"), None);
    }
}
