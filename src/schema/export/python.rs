//! A Python program on the service's own client.

use serde_json::{Map, Value};

use super::{Source, Step, body_with_variables, placeholder, without_marks};

pub(super) fn export(steps: &[Step<'_>]) -> String {
    let mut code = "import fal_client  # reads FAL_KEY; pip install fal-client\n".to_owned();
    for (number, step) in steps.iter().enumerate() {
        let (body, variables) = body_with_variables(number, step, without_marks);
        code.push('\n');
        for (name, source) in &variables {
            code.push_str(&format!("{name} = {}\n", value(source)));
        }
        let mut arguments = object(&body, 1);
        for (name, _) in &variables {
            arguments = arguments.replace(&format!("\"{}\"", placeholder(name)), name);
        }
        code.push_str(&format!(
            "answer_{} = fal_client.subscribe(\n    {},\n    arguments={arguments},\n)\n",
            number + 1,
            Value::from(step.endpoint.id.as_str())
        ));
    }
    code.push_str(&format!(
        "\nfor picture in answer_{}[\"images\"]:\n    print(picture[\"url\"])\n",
        steps.len()
    ));
    code
}

fn value(source: &Source) -> String {
    match source {
        Source::Url(url) => Value::from(url.as_str()).to_string(),
        Source::File(path) => format!("fal_client.upload_file({})", Value::from(path.as_str())),
        Source::Step { step, picture } => {
            format!("answer_{}[\"images\"][{picture}][\"url\"]", step + 1)
        }
    }
}

/// JSON and Python differ only in three words; strings are the same.
fn literal(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| literal(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => object(fields, depth),
    }
}

fn object(fields: &Map<String, Value>, depth: usize) -> String {
    let indent = "    ".repeat(depth + 1);
    let lines: Vec<_> = fields
        .iter()
        .map(|(name, value)| {
            format!("{indent}{}: {},\n", Value::from(name.as_str()), literal(value, depth + 1))
        })
        .collect();
    format!("{{\n{}{}}}", lines.concat(), "    ".repeat(depth))
}
