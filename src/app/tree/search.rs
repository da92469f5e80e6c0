//! Searching the tree: asked of the store, unless the words mean nothing.

use crate::app::HITS;
use crate::app::effect::{Effect, StoreEffect};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::model::Model;
use crate::app::tree::Found;
use crate::schema::Catalogue;
use crate::tree::Node;
use crate::tree::query::{Filter, Query};

/// Asks the store, unless the words mean nothing.
pub(in crate::app) fn search(model: &mut Model, out: &mut Effects, text: String) {
    match Query::read(&text) {
        Ok(query) if query.is_empty() => model.finder.found = Found { text, ..Found::default() },
        Ok(mut query) => {
            name_models(&mut query, &model.catalogue);
            let utc_offset_ms = model.session.utc_offset_ms;
            out.push(Effect::Store(StoreEffect::Search { text, query, utc_offset_ms }));
        }
        Err(problem) => {
            let problem = Some(problem);
            model.finder.found = Found { text, problem, ..Found::default() };
        }
    }
}

/// A short name that is no part of any id means the endpoint that is called so.
fn name_models(query: &mut Query, catalogue: &Catalogue) {
    for term in &mut query.terms {
        let Filter::Model(name) = &mut term.what else { continue };
        let is_part = catalogue.endpoints().any(|endpoint| endpoint.id.contains(name.as_str()));
        if let (false, Ok(endpoint)) = (is_part, catalogue.find(name)) {
            *name = endpoint.id.clone();
        }
    }
}

pub(in crate::app) fn found(model: &mut Model, text: String, nodes: Result<Vec<Node>, Failure>) {
    match nodes {
        Ok(nodes) => {
            let is_cut = nodes.len() >= HITS;
            let ids = nodes.iter().map(|node| node.id).collect();
            nodes.into_iter().for_each(|node| model.insert_node(node));
            model.finder.found = Found { text, nodes: ids, problem: None, is_cut };
        }
        Err(failure) => {
            let problem = Some(failure.message);
            model.finder.found = Found { text, problem, ..Found::default() };
        }
    }
}
