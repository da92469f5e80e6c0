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
        code.push('\n');
        for (name, source) in &variables {
            code.push_str(&format!("const {name} = {};\n", value(source)));
        }
        let mut input = format!("{:#}", Value::Object(body)).replace('\n', "\n  ");
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

fn value(source: &Source) -> String {
    match source {
        Source::Url(url) => Value::from(url.as_str()).to_string(),
        Source::File(path) => {
            let path = Value::from(path.as_str());
            format!("await fal.storage.upload(new Blob([await readFile({path})]))")
        }
        Source::Step { step, picture } => {
            format!("answer_{}.data.images[{picture}].url", step + 1)
        }
    }
}
