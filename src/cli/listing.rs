//! `models` and `schema`: what can be asked, read off the catalogue.

use crate::schema::{self, Catalogue, Endpoint, Takes};

use super::{Trouble, plain, print, print_json};

/// `editree models`.
pub(crate) fn models(catalogue: &Catalogue, json: bool) -> Result<u8, Trouble> {
    if json {
        return print_json(&schema::catalogue_json(catalogue));
    }
    let mut text = String::new();
    for endpoint in catalogue.endpoints() {
        let price = price(endpoint);
        let takes = takes(endpoint);
        text.push_str(&format!("{:<12} {price:<22} {takes:<18} {}\n", endpoint.short, endpoint.id));
    }
    print(plain(&text).as_bytes())
}

/// `editree schema MODEL`.
pub(crate) fn schema(catalogue: &Catalogue, model: &str, json: bool) -> Result<u8, Trouble> {
    let endpoint = find(catalogue, model)?;
    if json {
        return print_json(&endpoint.to_json());
    }
    let mut text = format!("{} ({})\n{}\n\n", endpoint.title, endpoint.id, price(endpoint));
    for param in &endpoint.params {
        let need = if param.required { ", required" } else { "" };
        let default = match &param.default {
            Some(value) => format!(", default {}", param.kind.show(value)),
            None => String::new(),
        };
        text.push_str(&format!("{}: {}{need}{default}\n", param.name, words(param)));
        text.push_str(&format!("    {}\n", param.help));
        if let Some(note) = &param.note {
            text.push_str(&format!("    note: {note}\n"));
        }
    }
    print(plain(&text).as_bytes())
}

pub(crate) fn find<'a>(catalogue: &'a Catalogue, model: &str) -> Result<&'a Endpoint, Trouble> {
    catalogue.find(model).map_err(|unknown| {
        let trouble = Trouble::usage(unknown.to_string());
        trouble.hint("`editree models` lists them")
    })
}

fn price(endpoint: &Endpoint) -> String {
    match &endpoint.price {
        Some(price) => format!("{} per {} ({})", price.each, one(&price.unit), price.read_on),
        None => "price unknown".into(),
    }
}

fn one(unit: &str) -> &str {
    unit.strip_suffix('s').unwrap_or(unit)
}

fn takes(endpoint: &Endpoint) -> &'static str {
    match endpoint.takes {
        Takes::Nothing => "words only",
        Takes::One { .. } => "one picture",
        Takes::Many { .. } => "several pictures",
    }
}

/// What it takes, in a few words.
fn words(param: &schema::Param) -> String {
    use schema::kind::Kind;
    let range = param.kind.range().map_or(String::new(), |range| format!(" {range}"));
    match &param.kind {
        Kind::Text => "text".into(),
        Kind::Integer { .. } => format!("whole number{range}"),
        Kind::Number { .. } => format!("number{range}"),
        Kind::Switch => "true or false".into(),
        Kind::Choice { options, open } => {
            let more = if *open { ", or your own" } else { "" };
            format!("one of {}{more}", options.join(", "))
        }
        Kind::Size { presets, .. } => format!("{}, or WIDTHxHEIGHT", presets.join(", ")),
        Kind::Picture => "a picture".into(),
        Kind::Pictures { .. } => "pictures".into(),
        Kind::Seed => "whole number".into(),
        Kind::Object { .. } | Kind::List { .. } | Kind::Json => format!("JSON{range}"),
    }
}
