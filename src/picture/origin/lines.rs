//! The lines that A1111's web UI began: prompt, `Negative prompt:`, `Steps: …, Seed: …`.
//!
//! Forge, Fooocus in its second scheme, Civitai, ComfyUI's save nodes and editree write them too.

use super::super::texts::Texts;
use super::Origin;

const NEGATIVE: &str = "Negative prompt:";

pub(super) fn read(texts: &Texts) -> Option<Origin> {
    texts.settings().chain(texts.get("exif:ImageDescription")).find_map(of_lines)
}

/// The settings stand in the last line that has them; a tool may put more lines behind.
fn of_lines(text: &str) -> Option<Origin> {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().rposition(|line| is_settings(line))?;
    let (words, settings) = (lines.get(..at)?, settings(lines.get(at)?));
    let negative_at =
        words.iter().position(|line| line.starts_with(NEGATIVE)).unwrap_or(words.len());
    let (prompt, negative) = words.split_at_checked(negative_at)?;
    let negative = negative.join("\n");
    let value = |name: &str| {
        settings.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let size = value("Size").and_then(|size| {
        let (width, height) = size.split_once('x')?;
        Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
    });
    let guidance = value("Distilled CFG Scale").or(value("Guidance")).or(value("CFG scale"));
    Some(Origin {
        tool: tool(value("Version").map(String::as_str), &settings),
        prompt: prompt.join("\n").trim().to_owned(),
        negative_prompt: negative.trim_start_matches(NEGATIVE).trim().to_owned(),
        seed: value("Seed").and_then(|seed| seed.parse().ok()),
        steps: value("Steps").and_then(|steps| steps.parse().ok()),
        guidance: guidance.and_then(|guidance| guidance.parse().ok()),
        model: value("Model").cloned(),
        size,
        made_from: None,
    })
}

fn is_settings(line: &str) -> bool {
    let line = line.trim_start();
    let starts = ["Steps: ", "Seed: "].iter().any(|name| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    starts || line.contains(", Seed: ") || line.contains(", Steps: ")
}

fn tool(version: Option<&str>, settings: &[(String, String)]) -> &'static str {
    let is_civitai = settings.iter().any(|(key, _)| key.starts_with("Civitai"));
    match version {
        Some(version) if version.starts_with("editree") => "editree",
        Some(version) if version.starts_with("Fooocus") => "Fooocus",
        Some(version) if version.starts_with("ComfyUI") => "ComfyUI",
        // Forge counts from an f, its neo branch says so.
        Some(version) if version.starts_with("f") || version.starts_with("neo") => "Forge",
        Some(_) | None if is_civitai => "Civitai",
        Some(_) | None => "A1111",
    }
}

/// `name: value` between commas; a value in quotes or brackets may hold commas.
fn settings(line: &str) -> Vec<(String, String)> {
    let (mut found, mut start, mut depth, mut in_quotes, mut is_escaped) =
        (Vec::new(), 0, 0, false, false);
    let ends = line.char_indices().filter_map(|(at, c)| {
        match c {
            '"' if !is_escaped => in_quotes = !in_quotes,
            '[' | '{' if !in_quotes => depth += 1,
            ']' | '}' if !in_quotes => depth -= 1,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
        (c == ',' && !in_quotes && depth <= 0).then_some(at)
    });
    let ends: Vec<usize> = ends.chain([line.len()]).collect();
    for end in ends {
        let part = line.get(start..end).unwrap_or_default();
        if let Some((name, value)) = part.split_once(':') {
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            found.push((name.trim().to_owned(), bare.unwrap_or(value).to_owned()));
        }
        start = end + 1;
    }
    found
}
