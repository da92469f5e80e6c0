//! A JavaScript program on the service's own client.

use serde_json::Value;

use super::{Source, Step, body_with_variables, placeholder, without_marks};

pub(super) fn export(steps: &[Step<'_>]) -> String {
    let mut code =
        "import { fal } from \"@fal-ai/client\"; // reads FAL_KEY; npm install @fal-ai/client\n"
            .to_owned();
    let has_file = |source: &Source| matches!(source, Source::File(_));
    if steps.iter().any(|step| step.inputs.iter().any(has_file)) {
        code.push_str("import { readFile } from \"node:fs/promises\";\n");
    }
    for (number, step) in steps.iter().enumerate() {
        let (body, variables) = body_with_variables(number, step, without_marks);
        let (mut body, mut exact) = (Value::Object(body), Vec::new());
        set_apart(&mut body, &mut exact);
        code.push('\n');
        for (name, source) in &variables {
            code.push_str(&format!("const {name} = {};\n", value(source)));
        }
        let mut input = format!("{body:#}").replace('\n', "\n  ");
        for digits in &exact {
            let raw = format!("JSON.rawJSON(\"{digits}\")");
            input = input.replace(&format!("\"{}\"", placeholder(digits)), &raw);
        }
        for (name, _) in &variables {
            input = input.replace(&format!("\"{}\"", placeholder(name)), name);
        }
        code.push_str(&format!(
            "const answer_{} = await fal.subscribe({}, {{\n  input: {input},\n}});\n",
            number + 1,
            Value::from(step.endpoint.id.as_str())
        ));
    }
    code.push_str(&format!(
        "\nfor (const picture of answer_{}.data.images) console.log(picture.url);\n",
        steps.len()
    ));
    code
}

/// JavaScript rounds whole numbers beyond 2^53: a seed would be another, silently.
fn set_apart(value: &mut Value, exact: &mut Vec<String>) {
    const LARGEST: u64 = 1 << 53;
    match value {
        Value::Number(number) if number.as_u64().is_some_and(|number| number > LARGEST) => {
            let digits = number.to_string();
            *value = placeholder(&digits).into();
            exact.push(digits);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_apart(item, exact)),
        Value::Object(fields) => fields.values_mut().for_each(|field| set_apart(field, exact)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A file without a type is kept as something unknown.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some(_) | None => "image/png",
    }
}

fn value(source: &Source) -> String {
    match source {
        Source::Url(url) => Value::from(url.as_str()).to_string(),
        Source::File(path) => {
            let (kind, path) = (media_type(path), Value::from(path.as_str()));
            format!(
                "await fal.storage.upload(new Blob([await readFile({path})], {{ type: \"{kind}\" }}))"
            )
        }
        Source::Step { step, picture } => {
            format!("answer_{}.data.images[{picture}].url", step + 1)
        }
    }
}
