//! One property of a document becomes one parameter.
//!
//! Invariant: what cannot be understood is still a parameter: typed as JSON, checked by the service.

use serde_json::Value;

use super::limits::LIMITS;
use super::resolve::{Document, text};
use crate::schema::Param;
use crate::schema::kind::Kind;

/// Sides that the service allows where a document names none.
const SIDES: (u32, u32) = (1, 14_142);
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
            Kind::Seed { .. } => "random".to_owned(),
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
    let is_text = |choice: &&Value| is(choice, "string") || options(choice).next().is_some();
    if choices.iter().all(is_text) {
        return of_texts(document, name, choices);
    }
    match choices {
        [one] => single(document, name, one, depth),
        // A number, whole or not.
        [one, other] if is(one, "integer") && is(other, "number") => number(other),
        [one, other] if is(one, "number") && is(other, "integer") => number(one),
        [] => Kind::Json,
        several => either(document, name, several, depth),
    }
}

/// Words to choose from, an address, or any text: whichever the texts allow together.
fn of_texts(document: &Document<'_>, name: &str, choices: &[&Value]) -> Kind {
    let words = words(document, choices);
    let free: Vec<&Value> =
        choices.iter().copied().filter(|choice| options(choice).next().is_none()).collect();
    if !words.is_empty() {
        return Kind::Choice { options: words, open: !free.is_empty() };
    }
    if free.iter().any(|schema| is_picture(name, schema)) || are_addresses(&free) {
        return Kind::Picture;
    }
    match free.as_slice() {
        [one] => text_of(one),
        _several => Kind::Text { shortest: None, longest: None },
    }
}

/// The toolkit's own way to say that a picture can be given: an address or a data URI.
fn are_addresses(schemas: &[&Value]) -> bool {
    let format = |schema: &&Value| schema.get("format").and_then(Value::as_str).map(str::to_owned);
    let formats: Vec<String> = schemas.iter().filter_map(format).collect();
    formats.iter().any(|format| format == "data-uri")
        && formats.iter().all(|format| ["data-uri", "https-url", "uri"].contains(&format.as_str()))
}

/// The words of several choices are one of the kinds, each other choice another.
fn either<'a>(document: &Document<'a>, name: &str, choices: &[&'a Value], depth: usize) -> Kind {
    let words = words(document, choices);
    let mut of = Vec::new();
    of.extend((!words.is_empty()).then_some(Kind::Choice { options: words, open: false }));
    let others = choices.iter().filter(|choice| options(choice).next().is_none());
    of.extend(others.map(|choice| single(document, name, choice, depth)));
    match of.contains(&Kind::Json) {
        true => Kind::Json,
        false => Kind::Either { of },
    }
}

fn single<'a>(document: &Document<'a>, name: &str, schema: &'a Value, depth: usize) -> Kind {
    if is(schema, "boolean") {
        return Kind::Switch;
    }
    if let Some(options) = values(document, schema) {
        return Kind::Values { options };
    }
    if is(schema, "integer") {
        return integer(name, schema);
    }
    if is(schema, "number") {
        return number(schema);
    }
    if is(schema, "string") {
        return of_texts(document, name, &[schema]);
    }
    if is(schema, "array") {
        return list(document, name, schema, depth);
    }
    if schema.get("properties").is_some() && depth < LIMITS.depth {
        let field = |(name, property)| nested(document, schema, name, property, depth + 1);
        return Kind::Object {
            fields: document.properties(schema).into_iter().map(field).collect(),
            closed: schema.get("additionalProperties") == Some(&Value::Bool(false)),
        };
    }
    Kind::Json
}

fn list<'a>(document: &Document<'a>, name: &str, schema: &'a Value, depth: usize) -> Kind {
    let count =
        |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let (min, max) = (count("minItems").unwrap_or(0), count("maxItems"));
    if let Some(parts) = schema.get("prefixItems").and_then(Value::as_array)
        && depth < LIMITS.depth
        && parts.len() <= LIMITS.properties
    {
        let part = |part: &'a Value| kind(document, name, &document.choices(part).0, depth + 1);
        return Kind::Tuple { of: parts.iter().map(part).collect() };
    }
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
    let limit = |key: &str| sides.pointer("/properties/width")?.get(key)?.as_f64();
    // A side that must be more than nothing has at least one pixel.
    let above = limit("exclusiveMinimum").map(|limit| limit.floor() + 1.0);
    let min = limit("minimum").or(above).map_or(SIDES.0, |limit| limit.max(1.0) as u32);
    let below = limit("exclusiveMaximum").map(|limit| limit.ceil() - 1.0);
    let max = limit("maximum").or(below).map_or(SIDES.1, |limit| limit.max(1.0) as u32);
    Some(Kind::Size { presets: words(document, choices), min, max: max.max(min) })
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

/// An enumeration of numbers.
fn values(document: &Document<'_>, schema: &Value) -> Option<Vec<Value>> {
    let listed = schema.get("enum").and_then(Value::as_array)?;
    let is_fine = listed.len() <= LIMITS.options && !listed.is_empty();
    let all_numbers = is_fine && listed.iter().all(Value::is_number);
    (all_numbers && document.account.spend(listed.len() * 8)).then(|| listed.clone())
}

fn text_of(schema: &Value) -> Kind {
    let length = |key: &str| usize::try_from(schema.get(key)?.as_u64()?).ok();
    Kind::Text { shortest: length("minLength"), longest: length("maxLength") }
}

/// A limit of a number; 3.0 says by a switch beside it that it is left out, 3.1 by its name.
fn limit(schema: &Value, key: &str, exclusive: &str) -> (Option<f64>, bool) {
    let closed = schema.get(key).and_then(Value::as_f64);
    match schema.get(exclusive) {
        Some(Value::Bool(is_open)) => (closed, *is_open && closed.is_some()),
        Some(other) if other.as_f64().is_some() => (other.as_f64(), true),
        _ => (closed, false),
    }
}

fn integer(name: &str, schema: &Value) -> Kind {
    let (min, open_min) = limit(schema, "minimum", "exclusiveMinimum");
    let (max, open_max) = limit(schema, "maximum", "exclusiveMaximum");
    // Of whole numbers, the next one inside is the limit.
    let min = min.map(|min| if open_min { min.floor() + 1.0 } else { min.ceil() } as i64);
    let max = max.map(|max| if open_max { max.ceil() - 1.0 } else { max.floor() } as i64);
    if name == "seed" {
        return Kind::Seed { min, max };
    }
    let multiple_of = schema.get("multipleOf").and_then(Value::as_i64).filter(|of| *of > 1);
    Kind::Integer { min, max, multiple_of }
}

fn number(schema: &Value) -> Kind {
    let (min, open_min) = limit(schema, "minimum", "exclusiveMinimum");
    let (max, open_max) = limit(schema, "maximum", "exclusiveMaximum");
    let multiple_of = schema.get("multipleOf").and_then(Value::as_f64).filter(|step| *step > 0.0);
    let narrow = min.zip(max).is_some_and(|(min, max)| max - min <= 2.0);
    let step = multiple_of.unwrap_or(if narrow { 0.05 } else { 0.5 });
    Kind::Number { min, max, step, open_min, open_max, multiple_of }
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
    let is_called = |word: &&str| name.contains(*word);
    let named = name.contains("url") && words.iter().any(is_called) && !name.contains("archive");
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
