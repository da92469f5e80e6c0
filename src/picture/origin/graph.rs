//! ComfyUI's graph: from what was saved back to the sampler, and from there to words and seed.
//!
//! Nodes are known by what their inputs are called, so that nodes of other authors are understood
//! too. Invariant: each node is visited once, so that a graph that leads back to itself ends.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::super::texts::Texts;
use super::Origin;
use super::json::{number, object, whole};

type Object = Map<String, Value>;

/// Where a node that encodes words has them, the most telling first.
const WORDS: [&str; 9] =
    ["text", "t5xxl", "prompt", "positive_prompt", "text_g", "clip_l", "clip_g", "text_l", "llama"];
/// Where a node that only holds a value has it.
const VALUES: [&str; 6] = ["value", "string", "text", "prompt", "int", "number"];
/// Further than this nobody links a value on.
const HOPS: usize = 16;

/// The graph is a PNG text, or stands in an Exif text behind its name.
pub(super) fn read(texts: &Texts) -> Option<Origin> {
    let named = |text: &str| {
        let rest = text.strip_prefix("prompt:").or_else(|| text.strip_prefix("Prompt:"))?;
        object(rest)
    };
    let in_png = texts.get("prompt").and_then(object);
    let graph = in_png.or_else(|| texts.iter().find_map(|(_, text)| named(text)))?;
    graph.values().any(|node| node.get("class_type").is_some()).then(|| Graph(&graph).origin())
}

struct Graph<'file>(&'file Object);

/// A node's inputs under its id.
#[derive(Clone, Copy)]
struct Node<'file> {
    id: &'file str,
    class: &'file str,
    inputs: &'file Object,
}

impl<'file> Graph<'file> {
    fn node(&self, id: &str) -> Option<Node<'file>> {
        let (id, node) = self.0.get_key_value(id)?;
        let class = node.get("class_type").and_then(Value::as_str).unwrap_or_default();
        Some(Node { id, class, inputs: node.get("inputs")?.as_object()? })
    }

    /// The node that an input comes from, and which of its outputs.
    fn linked(&self, value: &Value) -> Option<(Node<'file>, u64)> {
        let [id, output] = value.as_array()?.as_slice() else { return None };
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        Some((self.node(&id)?, output.as_u64().unwrap_or(0)))
    }

    /// An input's value, through the nodes that only hand it on.
    fn value(&self, value: &'file Value) -> Option<&'file Value> {
        let mut value = value;
        for _ in 0..HOPS {
            match self.linked(value) {
                Some((node, _)) => value = VALUES.iter().find_map(|name| node.inputs.get(*name))?,
                None => return Some(value),
            }
        }
        None
    }

    /// From nodes back along their inputs, those of the first one first, and the nearest first.
    fn behind(&self, from: &[Node<'file>]) -> Vec<Node<'file>> {
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        from.iter().for_each(|from| self.follow(*from, &mut seen, &mut found));
        found
    }

    fn follow(
        &self,
        from: Node<'file>,
        seen: &mut BTreeSet<&'file str>,
        found: &mut Vec<Node<'file>>,
    ) {
        let mut waiting: VecDeque<_> = seen.insert(from.id).then_some(from).into_iter().collect();
        while let Some(node) = waiting.pop_front() {
            found.push(node);
            let linked = node.inputs.values().filter_map(|value| self.linked(value));
            waiting.extend(linked.map(|(node, _)| node).filter(|node| seen.insert(node.id)));
        }
    }

    /// What saves or shows pictures; a graph without such a node counts as a whole.
    fn outputs(&self) -> Vec<Node<'file>> {
        let all = || self.0.keys().filter_map(|id| self.node(id));
        let linked: BTreeSet<&str> = all()
            .flat_map(|node| node.inputs.values())
            .filter_map(|value| Some(self.linked(value)?.0.id))
            .collect();
        let is_end = |node: &Node| !linked.contains(node.id);
        let saves = |node: &Node| node.class.contains("Save") || node.class.contains("Preview");
        let mut ends: Vec<_> = all().filter(is_end).collect();
        // What is saved comes before what is only shown.
        ends.sort_by_key(|node| (!saves(node), node.class.contains("Preview")));
        ends
    }

    fn origin(&self) -> Origin {
        let reached = self.behind(&self.outputs());
        let sampler = reached.iter().copied().find(|node| is_sampler(node.inputs));
        let mut origin = match sampler {
            Some(sampler) => self.sampled(sampler),
            None => self.made_by_a_service(&reached),
        };
        origin.tool = "ComfyUI";
        let file = |names: &[&str]| {
            let inputs = reached.iter().map(|node| node.inputs);
            let mut found = inputs
                .filter_map(|inputs| names.iter().find_map(|name| inputs.get(*name)?.as_str()));
            found.next().map(str::to_owned)
        };
        origin.model = origin.model.or_else(|| file(&["unet_name", "ckpt_name", "model_name"]));
        let loaded = reached.iter().filter(|node| node.class.contains("LoadImage"));
        origin.made_from =
            loaded.filter_map(|node| node.inputs.get("image")?.as_str()).map(str::to_owned).next();
        origin
    }

    fn sampled(&self, sampler: Node<'file>) -> Origin {
        let input = |name: &str| sampler.inputs.get(name);
        let guider = input("guider").and_then(|value| self.linked(value)).map(|(node, _)| node);
        let of = |names: &[&str]| {
            let inputs = [Some(sampler), guider].into_iter().flatten();
            let mut found =
                inputs.filter_map(|node| names.iter().find_map(|name| node.inputs.get(*name)));
            found.next()
        };
        let positive = of(&["positive", "conditioning", "pos", "base_positive"]);
        let negative = of(&["negative", "neg"]);
        let words = |value: Option<&'file Value>| {
            value.and_then(|value| self.words(value)).unwrap_or_default()
        };
        let near = self.behind(&[sampler]);
        let first = |names: &[&str]| {
            let named = |node: &Node<'file>| names.iter().find_map(|name| node.inputs.get(*name));
            near.iter().find_map(named).and_then(|value| self.value(value))
        };
        Origin {
            prompt: words(positive),
            negative_prompt: words(negative),
            seed: first(&["seed", "noise_seed"]).and_then(whole),
            steps: first(&["steps"]).and_then(whole).and_then(|steps| u32::try_from(steps).ok()),
            guidance: first(&["guidance"]).or_else(|| first(&["cfg"])).and_then(number),
            ..Origin::default()
        }
    }

    /// The words that a conditioning goes back to.
    fn words(&self, value: &'file Value) -> Option<String> {
        let (mut seen, mut waiting) = (BTreeSet::new(), VecDeque::from([value]));
        while let Some(value) = waiting.pop_front() {
            let Some((node, output)) = self.linked(value) else { continue };
            if !seen.insert((node.id, output.min(1))) {
                continue;
            }
            if node.class.contains("ZeroOut") {
                return None;
            }
            let has_both = ["positive", "negative"].map(|name| node.inputs.get(name));
            if let [Some(positive), Some(negative)] = has_both {
                // Such as a control net: what goes in first comes out first.
                waiting.push_back(if output == 0 { positive } else { negative });
                continue;
            }
            let texts: Vec<&str> = WORDS
                .iter()
                .filter_map(|name| self.value(node.inputs.get(*name)?)?.as_str())
                .collect();
            let says = texts.iter().find(|text| !text.trim().is_empty());
            if let Some(text) = says.or(texts.first()) {
                return Some((*text).to_owned());
            }
            waiting.extend(node.inputs.values());
        }
        None
    }

    /// A node that calls a service holds the prompt itself.
    fn made_by_a_service(&self, reached: &[Node<'file>]) -> Origin {
        let prompt = |node: &Node<'file>| {
            let value = node.inputs.get("prompt").or_else(|| node.inputs.get("text"))?;
            Some((*node, self.value(value)?.as_str()?))
        };
        let Some((node, prompt)) = reached.iter().find_map(prompt) else {
            return Origin::default();
        };
        let value = |name: &str| node.inputs.get(name).and_then(|value| self.value(value));
        let side =
            |name: &str| value(name).and_then(whole).and_then(|side| u32::try_from(side).ok());
        Origin {
            prompt: prompt.to_owned(),
            negative_prompt: value("negative_prompt")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            seed: value("seed").and_then(whole),
            steps: side("steps"),
            guidance: value("guidance").and_then(number),
            model: Some(node.class.to_owned()),
            size: side("width").zip(side("height")),
            ..Origin::default()
        }
    }
}

fn is_sampler(inputs: &Object) -> bool {
    let has = |name: &str| inputs.contains_key(name);
    let has_seed = has("seed") || has("noise_seed") || has("noise");
    has_seed && (has("positive") || has("guider") || has("conditioning"))
}
