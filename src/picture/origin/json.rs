//! Tools that write JSON: InvokeAI, SwarmUI, Fooocus, NovelAI, mflux, Easy Diffusion, Draw Things.

use serde_json::{Map, Value};

use super::super::texts::Texts;
use super::Origin;

type Object = Map<String, Value>;

/// What a tool calls its fields.
struct Names {
    prompt: &'static str,
    negative: &'static str,
    guidance: &'static [&'static str],
    model: &'static [&'static str],
    made_from: &'static [&'static str],
}

const INVOKE: Names = Names {
    prompt: "positive_prompt",
    negative: "negative_prompt",
    guidance: &["guidance", "cfg_scale"],
    model: &["model"],
    made_from: &["flux_kontext_reference_image", "init_image"],
};
const SWARM: Names = Names {
    prompt: "prompt",
    negative: "negativeprompt",
    guidance: &["fluxguidancescale", "cfgscale"],
    model: &["model"],
    made_from: &[],
};
const FOOOCUS: Names = Names {
    prompt: "prompt",
    negative: "negative_prompt",
    guidance: &["guidance_scale"],
    model: &["base_model"],
    made_from: &[],
};
const NOVEL: Names =
    Names { prompt: "prompt", negative: "uc", guidance: &["scale"], model: &[], made_from: &[] };
const MFLUX: Names = Names {
    prompt: "prompt",
    negative: "negative_prompt",
    guidance: &["guidance"],
    model: &["model"],
    made_from: &["image_path", "image_paths"],
};
const EASY: Names = Names {
    prompt: "prompt",
    negative: "negative_prompt",
    guidance: &["guidance_scale"],
    model: &["use_stable_diffusion_model"],
    made_from: &[],
};
const DRAW_THINGS: Names =
    Names { prompt: "c", negative: "uc", guidance: &["scale"], model: &["model"], made_from: &[] };

pub(super) fn read(texts: &Texts) -> Option<Origin> {
    if let Some(invoke) = texts.get("invokeai_metadata").and_then(object) {
        return Some(of("InvokeAI", &invoke, &INVOKE));
    }
    let is_novel = texts.get("Software") == Some("NovelAI");
    let is_fooocus = texts.get("fooocus_scheme").or(texts.get("exif:MakerNote")) == Some("fooocus");
    texts.settings().filter_map(object).find_map(|settings| {
        if let Some(Value::Object(swarm)) = settings.get("sui_image_params") {
            return Some(of("SwarmUI", swarm, &SWARM));
        }
        let has = |name: &str| settings.contains_key(name);
        if is_novel && has("prompt") {
            return Some(of("NovelAI", &settings, &NOVEL));
        }
        if is_fooocus || has("full_prompt") && has("base_model") {
            return Some(of("Fooocus", &settings, &FOOOCUS));
        }
        if has("mflux_version") {
            return Some(of("mflux", &settings, &MFLUX));
        }
        if has("prompt") && (has("use_stable_diffusion_model") || has("num_inference_steps")) {
            return Some(of("Easy Diffusion", &settings, &EASY));
        }
        (has("c") && has("sampler")).then(|| of("Draw Things", &settings, &DRAW_THINGS))
    })
}

/// JSON as it is meant: Python writes `NaN` and `Infinity`, which JSON does not have.
pub(super) fn object(text: &str) -> Option<Object> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&without_nan(text))).ok()
}

/// Bare `NaN`, `Infinity` and `-Infinity` outside of strings become `null`.
fn without_nan(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut is_escaped, mut rest) = (false, false, text);
    while let Some(c) = rest.chars().next() {
        let bare = ["NaN", "-Infinity", "Infinity"].iter().find(|word| rest.starts_with(**word));
        if let Some(word) = bare.filter(|_| !in_string) {
            out.push_str("null");
            rest = rest.get(word.len()..).unwrap_or_default();
            continue;
        }
        match c {
            '"' if !is_escaped => in_string = !in_string,
            _ => {}
        }
        is_escaped = in_string && c == '\\' && !is_escaped;
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

fn of(tool: &'static str, json: &Object, names: &Names) -> Origin {
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let side =
        |name: &str| json.get(name).and_then(whole).and_then(|side| u32::try_from(side).ok());
    let steps = ["steps", "num_steps", "num_inference_steps"].iter().find_map(|name| side(name));
    let named = |names: &[&str]| names.iter().find_map(|name| name_in(json.get(*name)?));
    Origin {
        tool,
        prompt: text(names.prompt),
        negative_prompt: text(names.negative),
        seed: json.get("seed").and_then(whole),
        steps,
        guidance: names.guidance.iter().find_map(|name| number(json.get(*name)?)),
        model: named(names.model),
        size: side("width").zip(side("height")),
        made_from: named(names.made_from),
    }
}

/// A name itself, or the one in an object or a list.
fn name_in(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name.clone()),
        Value::Array(all) => all.iter().find_map(name_in),
        Value::Object(object) => ["name", "model_name", "image_name", "image"]
            .iter()
            .find_map(|key| name_in(object.get(*key)?)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A whole number that is not negative, also as text or as a float.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let exact =
        |float: f64| (float >= 0.0 && float.fract() == 0.0 && float < 1e19).then_some(float as u64);
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(exact)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}
