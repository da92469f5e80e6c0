//! Comparing and healing: asked for here, done off the loop, shown when it is there.

use super::super::effect::Effect;
use super::super::failure::Failure;
use super::super::findings::Findings;
use super::super::log::Level;
use super::super::model::{Found, Model};
use super::super::notice::{Notice, Tone, words};
use super::{Effects, tree};
use crate::app::HITS;
use crate::tree::query::Query;
use crate::tree::{Hash, Node};

/// As many comparisons stay at hand; each is a few words and the names of three pictures.
const KEPT: usize = 64;

/// Below this, repeated editing has worn the picture down visibly.
const WORN: f64 = 30.0;

pub(super) fn compare(model: &mut Model, out: &mut Effects, pair: (Hash, Hash)) {
    if !model.findings.contains_key(&pair) && model.comparing.insert(pair) {
        out.push(Effect::Compare { a: pair.0, b: pair.1 });
    }
}

pub(super) fn compared(
    model: &mut Model,
    pair: (Hash, Hash),
    found: Result<Box<Findings>, Failure>,
) {
    match found {
        Ok(found) => {
            model.comparing.remove(&pair);
            while model.findings.len() >= KEPT {
                model.findings.pop_first();
            }
            if found.changed < 0.6 && found.outside.is_some_and(|outside| outside < WORN) {
                let text = "what was not meant to change has worn down";
                model.say(Notice::new(Tone::Info, text).hint("H takes it back from the parent"));
            }
            model.findings.insert(pair, *found);
        }
        // Stays among those under way, so that it is not asked for again and again.
        Err(failure) => {
            model.note(Level::Warning, None, failure.message.clone());
            model.say(words(&failure));
        }
    }
}

/// The current picture, from the very picture that it was made from.
pub(super) fn heal(model: &mut Model, out: &mut Effects, strength: u8) {
    let Some(child) = model.current else {
        return model.say(Notice::new(Tone::Info, "there is no picture to heal"));
    };
    let Some(parent) = model.current_node().and_then(|node| node.parent) else {
        let text = "this picture was opened, not made: there is nothing to heal from";
        return model.say(Notice::new(Tone::Info, text));
    };
    model.say(Notice::new(Tone::Info, format!("healing {} from {}", child.node, parent.node)));
    out.push(Effect::Heal { child, parent: parent.picture, strength });
}

/// A local node like any result: followed, unless a draft with letters is being composed.
pub(super) fn healed(model: &mut Model, healed: Result<Box<(Node, String)>, Failure>) {
    match healed {
        Ok(healed) => {
            let (node, kept) = *healed;
            let id = node.id;
            model.take_node(node);
            let text = format!("{id} is healed, free; kept of the edit: {kept}");
            model.note(Level::Info, None, text.clone());
            model.say(Notice::new(Tone::Good, text));
            tree::arrive(model, id);
        }
        Err(failure) => {
            model.note(Level::Warning, None, failure.message.clone());
            model.say(words(&failure));
        }
    }
}

/// Asks the store, unless the words mean nothing.
pub(super) fn search(model: &mut Model, out: &mut Effects, text: String) {
    match Query::read(&text) {
        Ok(query) if query.is_empty() => model.found = Found { text, ..Found::default() },
        Ok(query) => {
            let utc_offset = model.utc_offset;
            out.push(Effect::Search { text, query, utc_offset });
        }
        Err(problem) => {
            let problem = Some(problem);
            model.found = Found { text, problem, ..Found::default() };
        }
    }
}

pub(super) fn found(model: &mut Model, text: String, nodes: Result<Vec<Node>, Failure>) {
    match nodes {
        Ok(nodes) => {
            let is_cut = nodes.len() >= HITS;
            let ids = nodes.iter().map(|node| node.id).collect();
            nodes.into_iter().for_each(|node| model.take_node(node));
            model.found = Found { text, nodes: ids, problem: None, is_cut };
        }
        Err(failure) => {
            let problem = Some(failure.message);
            model.found = Found { text, problem, ..Found::default() };
        }
    }
}
