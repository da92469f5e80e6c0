//! What a picture that comes from another tool says about how it was made.

use serde_json::{Map, Value};

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
