//! Any other endpoint from its OpenAPI document: the service's public queue document (3.0.4), and
//! what FastAPI writes for an app made with the service's toolkit (3.1).
//!
//! Reads a document that was handed over; fetches and keeps nothing. Invariant: an endpoint that
//! comes out of here is as complete as a built-in one, its price apart, which no document tells;
//! whoever wrote the document, it costs no more than [`limits::LIMITS`] and steers no terminal.

pub mod limits;
mod property;
mod resolve;

use std::collections::BTreeMap;

use serde_json::Value;

use super::inputs::Slot;
use super::kind::Kind;
use super::{Endpoint, OutputField, Param, Sizes, Takes};
use limits::LIMITS;
use resolve::{Document, text};

/// The document describes no endpoint that can be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ImportError {
    pub message: String,
    pub hint: Option<String>,
}

impl ImportError {
    fn new(message: impl Into<String>, hint: &str) -> Self {
        Self { message: message.into(), hint: Some(hint.to_owned()) }
    }
}

/// All endpoints of the document. `owner` (`fal-ai/name`) goes before the paths of a document that
/// does not say where it is served, as one of an app that runs on its own.
///
/// # Errors
/// The document is not OpenAPI, has no path that takes a JSON object by POST, or needs `owner`.
pub fn import(
    document: &Value,
    source: &str,
    owner: Option<&str>,
) -> Result<Vec<Endpoint>, ImportError> {
    let document = Document::new(document).ok_or_else(|| {
        ImportError::new("this is not an OpenAPI document", "it begins with \"openapi\": \"3.…\"")
    })?;
    let posts: Vec<(&str, &Value)> = document.posts().take(LIMITS.paths + 1).collect();
    if posts.len() > LIMITS.paths {
        let message = format!("more than {} paths take a JSON object by POST", LIMITS.paths);
        return Err(ImportError::new(message, "is it the document of one model?"));
    }
    if let Some(refusal) = document.account.refusal() {
        return Err(refusal);
    }
    if posts.is_empty() {
        let message = "no path of this document takes a JSON object by POST";
        return Err(ImportError::new(message, "is it the document of a model?"));
    }
    posts.into_iter().map(|(path, input)| endpoint(&document, path, input, source, owner)).collect()
}

fn endpoint<'a>(
    document: &Document<'a>,
    path: &str,
    input: &'a Value,
    source: &str,
    owner: Option<&str>,
) -> Result<Endpoint, ImportError> {
    let id = checked(id(document, path, owner)?)?;
    let mut params: Vec<Param> = document
        .properties(input)
        .into_iter()
        .map(|(name, property)| property::param(document, input, name, property))
        .collect();
    prefer_lossless(&mut params);
    let takes = takes(&params);
    let sizes = sizes(&params);
    let output = document.output(path).map(|output| fields(document, output)).unwrap_or_default();
    if let Some(refusal) = document.account.refusal() {
        return Err(refusal);
    }
    Ok(Endpoint {
        regions: None,
        // Other encoders cut words otherwise.
        prompt_tokens: None,
        short: short(&id),
        title: document.title().unwrap_or_else(|| id.clone()),
        about: text(input, "description").unwrap_or_default(),
        family: None,
        takes,
        takes_opacity: params.iter().any(tells_of_opacity),
        limits: None,
        sizes,
        price: None,
        note: None,
        source: source.to_owned(),
        added: None,
        params,
        output,
        id,
    })
}

/// Words by which the service says that a picture's transparency counts.
const OPACITY: [&str; 4] = ["alpha channel", "transparen", "RGBA", "opacity"];

fn tells_of_opacity(param: &Param) -> bool {
    let is_picture = matches!(param.kind, Kind::Picture | Kind::Pictures { .. });
    is_picture && OPACITY.iter().any(|word| param.help.contains(word))
}

/// As the document says, else the path behind the owner.
fn id(document: &Document<'_>, path: &str, owner: Option<&str>) -> Result<String, ImportError> {
    let path = path.trim_matches('/');
    let is_whole = |id: &str| id.split('/').filter(|part| !part.is_empty()).count() >= 2;
    match (document.endpoint_id(), owner) {
        (_, Some(owner)) if !is_whole(owner) => Err(ImportError::new(
            format!("`{owner}` is not OWNER/NAME"),
            "use OWNER/NAME, such as fal-ai/my-app",
        )),
        (_, Some(owner)) => {
            Ok(format!("{}/{path}", owner.trim_matches('/')).trim_matches('/').to_owned())
        }
        (Some(id), None) => Ok(id.to_owned()),
        (None, None) if document.is_served_by_the_service() && is_whole(path) => {
            Ok(path.to_owned())
        }
        (None, None) => {
            let message = format!("the document does not say under which name `/{path}` is served");
            Err(ImportError::new(message, "name it: --as fal-ai/NAME"))
        }
    }
}

/// It becomes an address and the name of a file.
fn checked(id: String) -> Result<String, ImportError> {
    let is_part = |part: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        !part.is_empty() && !part.starts_with('.') && part.chars().all(is_plain)
    };
    if id.len() <= LIMITS.name && id.split('/').all(is_part) {
        return Ok(id);
    }
    let shown: String = id.escape_debug().take(60).collect();
    let message = format!("`{shown}` cannot be the name of an endpoint");
    Err(ImportError::new(
        message,
        "letters, digits, `-`, `_`, `.` and `/`, use OWNER/NAME, such as fal-ai/my-app",
    ))
}

/// `fal-ai/fast-sdxl/image-to-image` becomes `fast-sdxl-image-to-image`.
fn short(id: &str) -> String {
    let behind_owner = id.split_once('/').map_or(id, |(_, rest)| rest);
    behind_owner.replace('/', "-")
}

/// Names that the service gives to the picture that one goes on from, and to lists of pictures; the
/// likeliest first.
const FIRST: [&str; 7] = [
    "image_url",
    "input_image_url",
    "image",
    "init_image_url",
    "initial_image_url",
    "first_image_url",
    "face_image_url",
];
const LISTS: [&str; 3] = ["image_urls", "input_image_urls", "reference_image_urls"];

/// Where the pictures of a request go. The one that is worked on is the address that is needed, by
/// the service's usual names, else such a list, else the first address that is needed, else what
/// there is. Other addresses that are needed (a mask, a garment) are places behind it, and so is a
/// list beside it; what may be left out stays a parameter.
fn takes(params: &[Param]) -> Takes {
    let is_one = |param: &&Param| param.kind == Kind::Picture;
    let is_list = |param: &&Param| matches!(param.kind, Kind::Pictures { .. });
    let named = |names: &'static [&'static str]| {
        names.iter().filter_map(|name| params.iter().find(|param| param.name == *name))
    };
    let needed = |param: &&Param| param.required;
    let lists = || named(&LISTS).filter(is_list);
    let firsts = || named(&FIRST).filter(is_one);
    let list = lists().find(needed).or_else(|| lists().next());
    if let Some(first) = firsts().find(needed) {
        return behind(params, first, list);
    }
    let any = params.iter().filter(is_one).find(needed);
    match (any, list) {
        (Some(one), list) if list.is_none_or(|list| !list.required) => behind(params, one, list),
        (_, Some(list)) => many(list),
        (_, None) => match firsts().next().or_else(|| only(params)) {
            Some(one) => behind(params, one, None),
            None => params.iter().filter(is_list).find(needed).map_or(Takes::Nothing, many),
        },
    }
}

/// The one picture that there is a place for at all.
fn only(params: &[Param]) -> Option<&Param> {
    let mut all =
        params.iter().filter(|param| matches!(param.kind, Kind::Picture | Kind::Pictures { .. }));
    all.next().filter(|one| all.next().is_none() && one.kind == Kind::Picture)
}

fn many(list: &Param) -> Takes {
    let (min, max) = match list.kind {
        Kind::Pictures { min, max } => (min, max),
        _ => (0, None),
    };
    let min = if list.required { min.max(1) } else { min };
    Takes::Many { field: list.name.clone(), min, max }
}

/// One picture, and the places behind it.
fn behind(params: &[Param], one: &Param, list: Option<&Param>) -> Takes {
    let is_next = |param: &&Param| param.required || param.name.starts_with("second_");
    let others = params
        .iter()
        .filter(|param| param.kind == Kind::Picture && param.name != one.name)
        .filter(is_next);
    let others = others.map(|param| (param, false));
    let list = list.map(|list| (list, true));
    let then = others.chain(list).map(|(param, many)| Slot {
        field: param.name.clone(),
        required: param.required,
        many,
    });
    Takes::One { field: one.name.clone(), optional: !one.required, then: then.collect() }
}

/// How large the result will be, by the service's usual names of what says so.
fn sizes(params: &[Param]) -> Sizes {
    if params
        .iter()
        .any(|param| param.name == "image_size" && matches!(param.kind, Kind::Size { .. }))
    {
        return Sizes::ImageSize;
    }
    let tiers = params.iter().find(|param| param.name == "resolution");
    let options = match tiers.map(|param| &param.kind) {
        Some(Kind::Choice { options, .. }) => options.as_slice(),
        _ => &[],
    };
    let pixels: BTreeMap<String, u32> =
        options.iter().filter_map(|word| Some((word.clone(), pixels_of(word)?))).collect();
    match tiers.filter(|_| !pixels.is_empty()) {
        Some(param) => Sizes::Tiers { of: param.name.clone(), pixels, multiple: 16 },
        None => Sizes::Unknown,
    }
}

/// `1K`, `2k`, `512sq`: the side of a square of as many pixels.
fn pixels_of(tier: &str) -> Option<u32> {
    let tier = tier.to_ascii_lowercase();
    let side: u32 = match (tier.strip_suffix('k'), tier.strip_suffix("sq")) {
        (Some(thousands), _) => thousands.parse::<u32>().ok()?.checked_mul(1024)?,
        (None, Some(side)) => side.parse().ok()?,
        (None, None) => return None,
    };
    side.checked_mul(side).filter(|pixels| (1..=1 << 28).contains(pixels))
}

/// PNG while editing, as for the built-in endpoints: JPEG wears a picture down at every step.
fn prefer_lossless(params: &mut [Param]) {
    for param in params.iter_mut().filter(|param| param.name == "output_format") {
        if let Kind::Choice { options, .. } = &param.kind
            && options.iter().any(|option| option == "png")
        {
            param.preset = Some("png".into());
        }
    }
}

fn fields<'a>(document: &Document<'a>, output: &'a Value) -> Vec<OutputField> {
    let field = |(name, property): (&str, &'a Value)| OutputField {
        name: name.to_owned(),
        kind: property::output_kind(document, property),
        required: property::is_required(output, name),
        help: text(property, "description").unwrap_or_default(),
    };
    document.properties(output).into_iter().map(field).collect()
}
