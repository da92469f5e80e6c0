//! One property of a document becomes one parameter.
//!
//! Invariant: what cannot be understood is still a parameter: typed as JSON, checked by the service.

use serde_json::Value;

use super::limits::LIMITS;
use super::resolve::{Document, text};
use crate::schema::Param;
use crate::schema::kind::Kind;

/// Sides that the service allows where a document names none.
const SIDES: (u32, u32) = (64, 14_142);
/// JSON has no more types.
const TYPES: usize = 7;

pub(super) fn param<'a>(
    document: &Document<'a>,
    schema: &'a Value,
    name: &str,
    property: &'a Value,
) -> Param {
    nested(document, schema, name, property, 0)
}

fn nested<'a>(
    document: &Document<'a>,
    schema: &'a Value,
    name: &str,
    property: &'a Value,
    depth: usize,
) -> Param {
    let (choices, _) = document.choices(property);
    let own = document.follow(property);
    // Beside a reference stand the words for this use of it.
    let said = |key: &str| text(property, key).or_else(|| text(own, key));
    let default = property.get("default").or_else(|| own.get("default"));
    let default = default.filter(|default| document.account.value(default));
    let required = is_required(schema, name);
    let kind = kind(document, name, &choices, depth);
    let help = said("description").unwrap_or_default();
    document.account.spend(help.len());
    let hidden = property.pointer("/ui/hidden").and_then(Value::as_bool).unwrap_or_default();
    Param {
        name: name.to_owned(),
        label: said("title").filter(|title| title.len() <= 24).unwrap_or_else(|| label(name)),
        default: default.filter(|default| !default.is_null()).cloned(),
        preset: None,
        unset: (!required && default.is_none_or(Value::is_null)).then(|| match kind {
            Kind::Seed => "random".to_owned(),
            _ => "left out".to_owned(),
        }),
        kind,
        required,
        help,
        note: None,
        advanced: hidden,
    }
}

pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    let names = required.into_iter().flatten().take(LIMITS.properties);
    names.into_iter().any(|known| known == name)
}

/// `num_inference_steps` becomes `Num inference steps`.
fn label(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn kind<'a>(document: &Document<'a>, name: &str, choices: &[&'a Value], depth: usize) -> Kind {
    if document.account.is_over() {
        return Kind::Json;
    }
    if let Some(size) = size(document, choices) {
        return size;
    }
    let words = words(document, choices);
    if !words.is_empty() {
        let free = |choice: &&Value| is(choice, "string") && options(choice).next().is_none();
        return Kind::Choice { options: words, open: choices.iter().any(free) };
    }
    match choices {
        [one] => single(document, name, one, depth),
        // A number, whole or not.
        [one, other] if is(one, "integer") && is(other, "number") => number(other),
        [one, other] if is(one, "number") && is(other, "integer") => number(one),
        _ => Kind::Json,
    }
}

fn single<'a>(document: &Document<'a>, name: &str, schema: &'a Value, depth: usize) -> Kind {
    if is(schema, "boolean") {
        return Kind::Switch;
    }
    if is(schema, "integer") {
        let (min, max) = (whole(schema, "minimum"), whole(schema, "maximum"));
        return if name == "seed" { Kind::Seed } else { Kind::Integer { min, max } };
    }
    if is(schema, "number") {
        return number(schema);
    }
    if is(schema, "string") {
        return if is_picture(name, schema) { Kind::Picture } else { Kind::Text };
    }
    if is(schema, "array") {
        return list(document, name, schema, depth);
    }
    if schema.get("properties").is_some() && depth < LIMITS.depth {
        let field = |(name, property)| nested(document, schema, name, property, depth + 1);
        return Kind::Object {
            fields: document.properties(schema).into_iter().map(field).collect(),
        };
    }
    Kind::Json
}

fn list<'a>(document: &Document<'a>, name: &str, schema: &'a Value, depth: usize) -> Kind {
    let count =
        |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let (min, max) = (count("minItems").unwrap_or(0), count("maxItems"));
    // A list may lead back to itself.
    let Some(items) = schema.get("items").filter(|_| depth < LIMITS.depth) else {
        return Kind::Json;
    };
    let (choices, _) = document.choices(items);
    match kind(document, name.trim_end_matches('s'), &choices, depth + 1) {
        Kind::Picture => Kind::Pictures { min, max },
        of => Kind::List { of: Box::new(of), min, max },
    }
}

/// Preset names or two sides, in either order, or one of both.
fn size(document: &Document<'_>, choices: &[&Value]) -> Option<Kind> {
    let sides = choices.iter().find(|choice| {
        choice.pointer("/properties/width").is_some()
            && choice.pointer("/properties/height").is_some()
    })?;
    let limit = |key: &str, usual: u32| {
        let limit = sides.pointer("/properties/width")?.get(key)?.as_f64()?;
        Some(if limit >= 1.0 { limit as u32 } else { usual })
    };
    Some(Kind::Size {
        presets: words(document, choices),
        min: limit("minimum", SIDES.0)
            .or_else(|| limit("exclusiveMinimum", SIDES.0))
            .unwrap_or(SIDES.0),
        max: limit("maximum", SIDES.1).unwrap_or(SIDES.1),
    })
}

/// The words of all choices.
fn words(document: &Document<'_>, choices: &[&Value]) -> Vec<String> {
    let all = choices.iter().flat_map(|choice| options(choice));
    let words: Vec<&str> = all.take(LIMITS.options + 1).collect();
    if words.len() > LIMITS.options {
        let most = LIMITS.options;
        document.account.refuse(|| format!("a choice has more than {most} words"));
        return Vec::new();
    }
    let fine = words.into_iter().filter(|word| document.account.word("word of a choice", word));
    fine.map(str::to_owned).collect()
}

/// The words of an enumeration, or the only one of a constant.
fn options(schema: &Value) -> impl Iterator<Item = &str> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let constant = schema.get("const");
    let listed = listed.into_iter().flatten().take(LIMITS.options + 1);
    listed.chain(constant).filter_map(Value::as_str)
}

fn number(schema: &Value) -> Kind {
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let (min, max) = (limit("minimum"), limit("maximum"));
    let step = schema.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0);
    let narrow = min.zip(max).is_some_and(|(min, max)| max - min <= 2.0);
    Kind::Number { min, max, step: step.unwrap_or(if narrow { 0.05 } else { 0.5 }) }
}

fn whole(schema: &Value, key: &str) -> Option<i64> {
    let limit = schema.get(key)?;
    limit.as_i64().or_else(|| limit.as_f64().map(|limit| limit as i64))
}

/// 3.1 allows a list of types; `null` in it says nothing about what is typed.
fn is(schema: &Value, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().take(TYPES).any(|name| name == wanted),
        _ => false,
    }
}

fn is_picture(name: &str, schema: &Value) -> bool {
    let field = schema.pointer("/ui/field").and_then(Value::as_str);
    let words = ["image", "picture", "photo", "mask"];
    let named = name.contains("url") && words.iter().any(|word| name.contains(word));
    field == Some("image") || named
}

/// `integer`, `string`, `list<image>`, `image`, `file`, or a word of the document.
pub(super) fn output_kind<'a>(document: &Document<'a>, property: &'a Value) -> String {
    let mut lists = 0;
    let mut property = property;
    let name = loop {
        let (choices, _) = document.choices(property);
        let Some(schema) = choices.first() else {
            break "object".to_owned();
        };
        if !is(schema, "array") {
            break name_of(schema);
        }
        lists += 1;
        match schema.get("items").filter(|_| lists < LIMITS.depth) {
            Some(items) => property = items,
            None => break "object".to_owned(),
        }
    };
    format!("{}{name}{}", "list<".repeat(lists), ">".repeat(lists))
}

fn name_of(schema: &Value) -> String {
    if schema.pointer("/properties/url").is_some() {
        let is_image = schema.pointer("/properties/width").is_some()
            || text(schema, "title").is_some_and(|title| title.contains("Image"));
        return if is_image { "image" } else { "file" }.into();
    }
    text(schema, "type").filter(|name| name.len() <= LIMITS.name).unwrap_or_else(|| "object".into())
}
