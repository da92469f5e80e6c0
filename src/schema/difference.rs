//! What has changed between two descriptions of an endpoint, in plain words.
//!
//! Pure. Speaks of what a person sets, gives and pays; titles and helps may change unsaid.
//! Invariant: no words for two that work the same.

use super::{Endpoint, Param, Price, Takes};

/// A line for each change from `old` to `new`, the fields in the order of `new`, prices last.
pub fn differences(old: &Endpoint, new: &Endpoint) -> Vec<String> {
    let mut lines = Vec::new();
    if is_other(&old.takes, &new.takes) {
        lines.push(format!("it takes {}; before: {}", takes(new), takes(old)));
    }
    for param in &new.params {
        match old.param(&param.name) {
            Some(before) => lines.extend(changes(before, param)),
            None => lines.push(format!("new: `{}`, {}", param.name, described(param))),
        }
    }
    let is_gone = |param: &&Param| new.param(&param.name).is_none();
    let gone = old.params.iter().filter(is_gone);
    lines.extend(gone.map(|param| format!("gone: `{}`", param.name)));
    lines.extend(price(old.price.as_ref(), new.price.as_ref()));
    lines
}

fn changes(before: &Param, after: &Param) -> Vec<String> {
    let name = &after.name;
    let mut lines = Vec::new();
    let (kind, was) = (after.kind.describe(), before.kind.describe());
    if kind != was {
        lines.push(format!("`{name}` is {kind}; before: {was}"));
    }
    if after.required != before.required {
        let now = if after.required { "is required" } else { "may be left out" };
        lines.push(format!("`{name}` {now}"));
    }
    if after.default != before.default {
        let shown = |param: &Param| {
            param
                .default
                .as_ref()
                .map_or("none".to_owned(), |value| format!("`{}`", param.kind.show(value)))
        };
        lines.push(format!(
            "the default of `{name}` is {}; before: {}",
            shown(after),
            shown(before)
        ));
    }
    lines
}

fn described(param: &Param) -> String {
    let need = if param.required { ", required" } else { "" };
    format!("{}{need}", param.kind.describe())
}

/// A limit that one of them does not tell is no change.
fn is_other(old: &Takes, new: &Takes) -> bool {
    let limit = |takes: &Takes| match takes {
        Takes::Many { max, .. } => *max,
        Takes::Nothing | Takes::One { .. } => Some(1),
    };
    let shape = |takes: &Takes| {
        let may_be_left_out = matches!(takes, Takes::One { optional: true, .. });
        (std::mem::discriminant(takes), takes.field().map(str::to_owned), may_be_left_out)
    };
    let limits = limit(old).zip(limit(new));
    shape(old) != shape(new) || limits.is_some_and(|(before, now)| before != now)
}

fn takes(endpoint: &Endpoint) -> String {
    match &endpoint.takes {
        Takes::Nothing => "no picture".into(),
        Takes::One { field, optional: true, .. } => format!("a picture or none (`{field}`)"),
        Takes::One { field, .. } => format!("a picture (`{field}`)"),
        Takes::Many { field, max: Some(max), .. } => format!("up to {max} pictures (`{field}`)"),
        Takes::Many { field, .. } => format!("several pictures (`{field}`)"),
    }
}

/// What is not known on either side is no change.
fn price(old: Option<&Price>, new: Option<&Price>) -> Option<String> {
    let (old, new) = (old?, new?);
    let (before, now) = (old.each?, new.each?);
    if (before, &old.unit) == (now, &new.unit) {
        return None;
    }
    let word = match now.cmp(&before) {
        _ if old.unit != new.unit => "counted otherwise",
        std::cmp::Ordering::Less => "cheaper",
        std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => "dearer",
    };
    Some(format!(
        "{word}: {now} for each of its {}; before, on {}: {before} for each of its {}",
        new.unit, old.read_on, old.unit
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::schema::{Catalogue, Usd};

    #[test]
    fn each_change_is_a_line_and_nothing_else_is() {
        let catalogue = Catalogue::builtin();
        let old = catalogue.find("pro").unwrap().clone();
        let mut new = old.clone();
        assert_eq!(differences(&old, &new), [""; 0]);
        new.title = "Another".into();
        assert_eq!(differences(&old, &new), [""; 0], "a title is none");
        let other = catalogue.find("flux2-pro").unwrap();
        new.takes = other.takes.clone();
        new.params.retain(|param| param.name != "seed");
        new.params.extend(other.param("image_size").cloned());
        if let Some(format) = new.params.iter_mut().find(|param| param.name == "num_images") {
            format.default = Some(2.into());
            format.required = true;
        }
        if let Some(price) = &mut new.price {
            price.each = Some(Usd(50_000));
        }
        let wanted = [
            "it takes up to 8 pictures (`image_urls`); before: a picture (`image_url`)",
            "`num_images` is required",
            "the default of `num_images` is `2`; before: `1`",
            "new: `image_size`, auto, square_hd, square, portrait_4_3, portrait_16_9, \
             landscape_4_3, landscape_16_9, or WIDTHxHEIGHT",
            "gone: `seed`",
            "dearer: $0.05 for each of its images; before, on 2026-11-20: $0.04 for each of its images",
        ];
        assert_eq!(differences(&old, &new), wanted);
    }
}
