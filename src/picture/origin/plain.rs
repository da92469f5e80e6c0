//! Tools that give each field a text of its own, or only a sentence: Easy Diffusion, Black Forest
//! Labs' own command, Midjourney, Draw Things by its description.

use super::super::texts::Texts;
use super::Origin;

/// One PNG text for each field.
pub(super) fn easy_diffusion(texts: &Texts) -> Option<Origin> {
    let number = |name: &str| texts.get(name)?.trim().parse().ok();
    let is_ours = texts.get("use_stable_diffusion_model").or(texts.get("num_inference_steps"));
    is_ours?;
    Some(Origin {
        tool: "Easy Diffusion",
        prompt: texts.get("prompt")?.to_owned(),
        negative_prompt: texts.get("negative_prompt").unwrap_or_default().to_owned(),
        seed: texts.get("seed").and_then(|seed| seed.trim().parse().ok()),
        steps: number("num_inference_steps"),
        guidance: texts.get("guidance_scale").and_then(|scale| scale.trim().parse().ok()),
        model: texts.get("use_stable_diffusion_model").map(str::to_owned),
        size: number("width").zip(number("height")),
        made_from: None,
    })
}

pub(super) fn read(texts: &Texts) -> Option<Origin> {
    let software = texts.get("exif:Software").or(texts.get("Software")).unwrap_or_default();
    let description = texts.get("exif:ImageDescription");
    // "AI generated;img2img;flux", the same for all of its models but two.
    if software.starts_with("AI generated") && software.contains("flux") {
        return Some(Origin {
            tool: "Black Forest Labs",
            prompt: description.unwrap_or_default().trim().to_owned(),
            model: texts.get("exif:Model").map(|model| model.trim().to_owned()),
            ..Origin::default()
        });
    }
    let description = texts.get("Description").or(description).or(texts.get("xmp:description"));
    let is_draw_things = texts.get("xmp:CreatorTool").is_some_and(|tool| tool == "Draw Things");
    if is_draw_things {
        return Some(Origin {
            tool: "Draw Things",
            prompt: description?.lines().next()?.trim().to_owned(),
            ..Origin::default()
        });
    }
    midjourney(description?)
}

/// The prompt, its switches, and the number of the job.
fn midjourney(description: &str) -> Option<Origin> {
    let words =
        description.split(" Job ID: ").next().filter(|words| words.len() < description.len())?;
    let prompt = words.split(" --").next().unwrap_or(words);
    let value = |name: &str| {
        let (_, rest) = words.split_once(&format!(" --{name} "))?;
        rest.split_whitespace().next()
    };
    Some(Origin {
        tool: "Midjourney",
        prompt: prompt.trim().to_owned(),
        negative_prompt: value("no").unwrap_or_default().to_owned(),
        seed: value("seed").and_then(|seed| seed.parse().ok()),
        model: value("v").or(value("version")).map(str::to_owned),
        ..Origin::default()
    })
}
