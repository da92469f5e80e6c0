//! Our types as columns and JSON, and back. What was written by hand or by a later version and
//! makes no sense becomes the nearest harmless value, never a panic.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::app::draft::{Choice, Draft, Seed};
use crate::app::job::answer::Answer;
use crate::app::job::spec::{FollowUps, Step};
use crate::app::job::{Ask, Pause, State};
use crate::app::log::Level;
use crate::schema::Usd;
use crate::schema::price::Quote;
use crate::schema::regions::Region;
use crate::tree::decision::Change;
use crate::tree::{Hash, Input, NodeId, NodeState, PictureRef, Recipe, Timestamp, Values};

/// Requests ahead in the service's queue, where the state says so.
pub(super) fn ahead(state: &State) -> Option<u32> {
    if let State::Queued(ahead) = state { *ahead } else { None }
}

/// An unreadable state is held: shown, never sent by itself.
pub(super) fn state(
    name: &str,
    why: Option<&str>,
    ahead: Option<u32>,
    pause: Option<Pause>,
) -> State {
    match name {
        "saved" => State::Saved,
        "uploading" => State::Uploading,
        "sending" => State::Sending,
        "queued" => State::Queued(ahead),
        "running" => State::Running,
        "fetching" => State::Fetching,
        "waiting" => State::Waiting(pause.unwrap_or(Pause {
            ask: Ask::Status,
            since: Timestamp::default(),
            next: None,
        })),
        "done" => State::Done,
        "failed" => State::Failed,
        "cancelling" => State::Cancelling,
        "cancelled" => State::Cancelled,
        "unknown" => State::Unknown,
        "dismissed" => State::Dismissed,
        _ => State::Held(why.unwrap_or("held").to_owned()),
    }
}

pub(super) fn ask_name(ask: Ask) -> &'static str {
    match ask {
        Ask::Status => "status",
        Ask::Result => "result",
    }
}

pub(super) fn pause(ask: Option<String>, since: Option<i64>, next: Option<i64>) -> Option<Pause> {
    let ask = match ask.as_deref() {
        Some("result") => Ask::Result,
        Some(_) | None => Ask::Status,
    };
    Some(Pause { ask, since: Timestamp(since?), next: next.map(Timestamp) })
}

pub(super) fn answer_json(answer: &Answer) -> Value {
    json!({ "body": answer.body, "request_id": answer.request_id,
        "billable_units": answer.billable_units, "served_from": answer.served_from })
}

pub(super) fn answer(value: &Value) -> Option<Answer> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Answer {
        body: value.get("body")?.clone(),
        request_id: text("request_id"),
        billable_units: value.get("billable_units").and_then(Value::as_f64),
        served_from: text("served_from"),
    })
}

pub(super) fn node_state(name: &str) -> NodeState {
    match name {
        "root" => NodeState::Root,
        "done" => NodeState::Done,
        "failed" => NodeState::Failed,
        "cancelled" => NodeState::Cancelled,
        "unknown" => NodeState::Unknown,
        _ => NodeState::Pending,
    }
}

pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Step => "step",
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

pub(super) fn level(name: &str) -> Level {
    match name {
        "debug" => Level::Debug,
        "step" => Level::Step,
        "warning" => Level::Warning,
        "error" => Level::Error,
        _ => Level::Info,
    }
}

pub(super) fn picture_json(picture: PictureRef) -> Value {
    json!({ "node": picture.node.0, "picture": picture.picture.to_string() })
}

pub(super) fn picture(value: &Value) -> Option<PictureRef> {
    let node = u32::try_from(value.get("node")?.as_u64()?).ok()?;
    let picture: Hash = value.get("picture")?.as_str()?.parse().ok()?;
    Some(PictureRef { node: NodeId(node), picture })
}

pub(super) fn inputs_json(inputs: &[Input]) -> Value {
    let one = |input: &Input| match input {
        Input::Picture(picture) => picture_json(*picture),
        Input::Url(url) => json!({ "url": url }),
    };
    Value::Array(inputs.iter().map(one).collect())
}

pub(super) fn inputs(value: &Value) -> Vec<Input> {
    let one = |value: &Value| match value.get("url").and_then(Value::as_str) {
        Some(url) => Some(Input::Url(url.to_owned())),
        None => picture(value).map(Input::Picture),
    };
    value.as_array().into_iter().flatten().filter_map(one).collect()
}

pub(super) fn values_json(values: &Values) -> Value {
    Value::Object(values.clone().into_iter().collect::<Map<_, _>>())
}

pub(super) fn values(value: &Value) -> Values {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// `None` without any steps.
pub(super) fn follow_ups_json(follow_ups: &FollowUps) -> Option<String> {
    let one = |step: &Step| {
        let recipe = &step.recipe;
        json!({ "endpoint": recipe.endpoint, "prompt": recipe.prompt,
            "values": values_json(&recipe.values), "inputs": inputs_json(&recipe.inputs),
            "price": step.quote.amount.map(|amount| amount.0),
            "unit_price": step.quote.unit_price.map(|each| each.0),
            "is_estimate": step.quote.is_estimate })
    };
    let steps = || follow_ups.steps.iter().map(one).collect::<Vec<_>>();
    let all = || json!({ "agreed": follow_ups.is_agreed, "steps": steps() }).to_string();
    (!follow_ups.steps.is_empty()).then(all)
}

pub(super) fn follow_ups(value: &Value) -> FollowUps {
    let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let one = |value: &Value| {
        let recipe = Recipe {
            endpoint: text(value, "endpoint")?,
            prompt: text(value, "prompt")?,
            values: values(value.get("values")?),
            inputs: inputs(value.get("inputs")?),
        };
        let usd = |name: &str| value.get(name).and_then(Value::as_i64).map(Usd);
        let is_estimate = value.get("is_estimate").and_then(Value::as_bool).unwrap_or_default();
        let quote = Quote { amount: usd("price"), unit_price: usd("unit_price"), is_estimate };
        Some(Step { recipe, quote })
    };
    let steps = value.get("steps").and_then(Value::as_array);
    FollowUps {
        steps: steps.into_iter().flatten().filter_map(one).collect(),
        is_agreed: value.get("agreed").and_then(Value::as_bool).unwrap_or_default(),
    }
}

pub(super) fn timings(value: &Value) -> BTreeMap<String, f64> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect()
}

pub(super) fn parse(text: Option<String>) -> Value {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
}

pub(super) fn draft_json(draft: &Draft) -> Value {
    let choice = match &draft.choice {
        Choice::Auto { family } => json!({ "family": family }),
        Choice::Fixed(id) => json!({ "endpoint": id }),
    };
    let seed = match draft.seed {
        Seed::Random => json!("random"),
        Seed::Fixed(seed) => json!({ "fixed": seed }),
        Seed::Pinned(seed) => json!({ "locked": seed }),
    };
    json!({
        "prompt": draft.prompt,
        "aside": draft.aside,
        "values": values_json(&draft.values),
        "choice": choice,
        "parent": draft.parent.map(picture_json),
        "references": inputs_json(&draft.references),
        "regions": draft.regions,
        "seed": seed,
    })
}

pub(super) fn draft(value: &Value) -> Draft {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let choice = value.get("choice");
    let fixed = choice.and_then(|choice| text(choice.get("endpoint")?)).map(Choice::Fixed);
    let family = choice.and_then(|choice| text(choice.get("family")?));
    let auto = family.map(|family| Choice::Auto { family });
    let seed = match value.get("seed") {
        Some(Value::Object(seed)) => match (seed.get("fixed"), seed.get("locked")) {
            (Some(fixed), _) => fixed.as_u64().map_or(Seed::Random, Seed::Fixed),
            (None, Some(locked)) => Seed::Pinned(locked.as_u64()),
            (None, None) => Seed::Random,
        },
        _ => Seed::Random,
    };
    Draft {
        prompt: value.get("prompt").and_then(text).unwrap_or_default(),
        aside: value.get("aside").map(texts).unwrap_or_default(),
        values: value.get("values").map(values).unwrap_or_default(),
        choice: fixed.or(auto).unwrap_or_default(),
        parent: value.get("parent").and_then(picture),
        references: value.get("references").map(inputs).unwrap_or_default(),
        regions: value.get("regions").map(regions).unwrap_or_default(),
        seed,
    }
}

fn regions(value: &Value) -> Vec<Region> {
    Vec::deserialize(value).unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    let entries = value.as_array().into_iter().flatten();
    entries.filter_map(|entry| Some(entry.as_str()?.to_owned())).collect()
}

pub(super) fn change_json(change: &Change) -> Value {
    match change {
        Change::Star { node, on } => json!({ "star": node.0, "on": on }),
        Change::Trash { node, on } => json!({ "trash": node.0, "on": on }),
        Change::Rate { node, from, to } => json!({ "rate": node.0, "from": from, "to": to }),
        Change::Name { node, from, to } => json!({ "name": node.0, "from": from, "to": to }),
        Change::Value { name, from, to } => json!({ "value": name, "from": from, "to": to }),
        Change::Parent { from, to } => json!({
            "parent": true, "from": from.map(picture_json), "to": to.map(picture_json)
        }),
        Change::References { from, to } => json!({
            "references": true, "from": inputs_json(from), "to": inputs_json(to)
        }),
        Change::Regions { from, to } => json!({ "regions": true, "from": from, "to": to }),
    }
}

pub(super) fn change(value: &Value) -> Option<Change> {
    let node = |name: &str| Some(NodeId(u32::try_from(value.get(name)?.as_u64()?).ok()?));
    let on = || value.get("on").and_then(Value::as_bool);
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let some = |name: &str| value.get(name).filter(|value| !value.is_null()).cloned();
    if let Some(node) = node("star") {
        return Some(Change::Star { node, on: on()? });
    }
    if let Some(node) = node("trash") {
        return Some(Change::Trash { node, on: on()? });
    }
    if let Some(node) = node("rate") {
        let side = |name: &str| u8::try_from(value.get(name)?.as_u64()?).ok();
        return Some(Change::Rate { node, from: side("from")?, to: side("to")? });
    }
    if let Some(node) = node("name") {
        return Some(Change::Name { node, from: text("from"), to: text("to") });
    }
    if let Some(name) = text("value") {
        return Some(Change::Value { name, from: some("from"), to: some("to") });
    }
    if value.get("parent").is_some() {
        let side = |name: &str| value.get(name).and_then(picture);
        return Some(Change::Parent { from: side("from"), to: side("to") });
    }
    if value.get("regions").is_some() {
        let side = |name: &str| value.get(name).map(regions).unwrap_or_default();
        return Some(Change::Regions { from: side("from"), to: side("to") });
    }
    value.get("references")?;
    let side = |name: &str| value.get(name).map(inputs).unwrap_or_default();
    Some(Change::References { from: side("from"), to: side("to") })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn a_picture(node: u32) -> PictureRef {
        PictureRef { node: NodeId(node), picture: Hash([7; 32]) }
    }

    fn a_region() -> Region {
        "10,20,30,40: a hat".parse().unwrap()
    }

    #[test]
    fn every_state_comes_back_as_it_went() {
        let states = [
            State::Saved,
            State::Held("why".into()),
            State::Uploading,
            State::Sending,
            State::Queued(None),
            State::Queued(Some(3)),
            State::Running,
            State::Fetching,
            State::Waiting(Pause { ask: Ask::Result, since: Timestamp(3), next: None }),
            State::Waiting(Pause {
                ask: Ask::Status,
                since: Timestamp(3),
                next: Some(Timestamp(9)),
            }),
            State::Done,
            State::Failed,
            State::Cancelling,
            State::Cancelled,
            State::Unknown,
            State::Dismissed,
        ];
        for expected in states {
            let (name, ahead) = (expected.name(), ahead(&expected));
            let ask = expected.pause().map(|pause| ask_name(pause.ask).to_owned());
            let since = expected.pause().map(|pause| pause.since.0);
            let next = expected.pause().and_then(|pause| pause.next).map(|next| next.0);
            let pause = pause(ask, since, next);
            assert_eq!(state(name, Some("why"), ahead, pause), expected);
        }
    }

    #[test]
    fn drafts_come_back_as_they_went() {
        for seed in [Seed::Random, Seed::Fixed(7), Seed::Pinned(None), Seed::Pinned(Some(3))] {
            let expected = Draft {
                prompt: "a \"b\"\nc".into(),
                aside: vec!["typed\nbefore".into(), "and before".into()],
                values: [("num_images".to_owned(), json!(2))].into(),
                choice: Choice::Fixed("fal-ai/x".into()),
                parent: Some(a_picture(4)),
                references: vec![Input::Url("https://x/y".into()), Input::Picture(a_picture(5))],
                regions: vec![a_region()],
                seed,
            };
            assert_eq!(draft(&draft_json(&expected)), expected);
        }
        assert_eq!(draft(&Value::Null), Draft::default());
    }

    #[test]
    fn decisions_come_back_as_they_went() {
        let node = NodeId(3);
        let changes = [
            Change::Star { node, on: true },
            Change::Trash { node, on: false },
            Change::Rate { node, from: 0, to: 4 },
            Change::Name { node, from: None, to: Some("sunset".into()) },
            Change::Value { name: "seed".into(), from: None, to: Some(json!(7)) },
            Change::Parent { from: Some(a_picture(1)), to: None },
            Change::References { from: vec![], to: vec![Input::Url("u".into())] },
            Change::Regions { from: vec![], to: vec![a_region()] },
        ];
        for expected in changes {
            assert_eq!(change(&change_json(&expected)).unwrap(), expected);
        }
    }
}
