//! Any other endpoint from its OpenAPI document: the service's public queue document (3.0.4), and
//! what FastAPI writes for an app made with the service's toolkit (3.1).
//!
//! Reads a document that was handed over; fetches and keeps nothing. Invariant: an endpoint that
//! comes out of here is as complete as a built-in one, its price apart, which no document tells;
//! whoever wrote the document, it costs no more than [`limits::LIMITS`] and steers no terminal.

pub mod limits;
mod property;
mod resolve;

use serde_json::Value;

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
    let sizes = match params.iter().any(|param| matches!(param.kind, Kind::Size { .. })) {
        true => Sizes::ImageSize,
        false => Sizes::Unknown,
    };
    let output = document.output(path).map(|output| fields(document, output)).unwrap_or_default();
    if let Some(refusal) = document.account.refusal() {
        return Err(refusal);
    }
    Ok(Endpoint {
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

/// Where the picture that one goes on from is put: by the service's usual names, else the first
/// address of a picture that is needed. Masks and the like stay parameters.
fn takes(params: &[Param]) -> Takes {
    let named = |names: &[&str]| params.iter().find(|param| names.contains(&param.name.as_str()));
    if let Some(param) = named(&["image_urls", "input_image_urls", "reference_image_urls"])
        && let Kind::Pictures { min, max } = param.kind
    {
        let min = if param.required { min.max(1) } else { min };
        return Takes::Many { field: param.name.clone(), min, max };
    }
    let usual = named(&["image_url", "input_image_url", "image", "init_image_url"]);
    let usual = usual.filter(|param| param.kind == Kind::Picture);
    let needed = || params.iter().find(|param| param.required && param.kind == Kind::Picture);
    match usual.or_else(needed) {
        Some(param) => {
            Takes::One { field: param.name.clone(), optional: !param.required, then: Vec::new() }
        }
        None => Takes::Nothing,
    }
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
