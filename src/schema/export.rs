//! A request as code: what one would type to make it without editree.
//!
//! The key is never part of it: the code reads it from `FAL_KEY`, as the service's own clients do.

use serde_json::{Map, Value};

/// How a request is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Curl,
    Python,
    JavaScript,
    Json,
}

/// The request to `endpoint` with this body as a program, ending in a line feed.
pub fn export(language: Language, endpoint: &str, body: &Map<String, Value>) -> String {
    match language {
        Language::Curl => curl(endpoint, body),
        Language::Python => python(endpoint, body),
        Language::JavaScript => javascript(endpoint, body),
        Language::Json => format!("{}\n", pretty(body)),
    }
}

fn curl(endpoint: &str, body: &Map<String, Value>) -> String {
    format!(
        "curl --request POST \\\n  --url https://queue.fal.run/{endpoint} \\\n  \
         --header \"Authorization: Key $FAL_KEY\" \\\n  \
         --header \"Content-Type: application/json\" \\\n  --data {}\n",
        shell_quote(&pretty(body))
    )
}

fn python(endpoint: &str, body: &Map<String, Value>) -> String {
    format!(
        "import fal_client\n\nresult = fal_client.subscribe(\n    {},\n    arguments={},\n    \
         with_logs=True,\n)\nprint(result)\n",
        Value::from(endpoint),
        python_object(body, 1)
    )
}

fn javascript(endpoint: &str, body: &Map<String, Value>) -> String {
    let input = pretty(body).replace('\n', "\n  ");
    format!(
        "import {{ fal }} from \"@fal-ai/client\";\n\n\
         const result = await fal.subscribe({}, {{\n  input: {input},\n  logs: true,\n}});\n\
         console.log(result.data);\n",
        Value::from(endpoint)
    )
}

fn pretty(body: &Map<String, Value>) -> String {
    format!("{:#}", Value::Object(body.clone()))
}

/// One word for a POSIX shell, whatever is in it.
pub fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// JSON and Python differ only in three words; strings are the same.
fn python_value(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| python_value(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => python_object(fields, depth),
    }
}

fn python_object(fields: &Map<String, Value>, depth: usize) -> String {
    let indent = "    ".repeat(depth + 1);
    let lines: Vec<_> = fields
        .iter()
        .map(|(name, value)| {
            format!("{indent}{}: {},\n", Value::from(name.as_str()), python_value(value, depth + 1))
        })
        .collect();
    format!("{{\n{}{}}}", lines.concat(), "    ".repeat(depth))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn body() -> Map<String, Value> {
        let text = r#"{"prompt":"Put it on the woman's \"t-shirt\".","sync_mode":false,
                       "image_urls":["https://a/1.png","https://a/2.png"],"seed":7}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn curl_survives_quotes_of_both_kinds() {
        let code = export(Language::Curl, "fal-ai/flux-pro/kontext/multi", &body());
        assert!(code.contains("--url https://queue.fal.run/fal-ai/flux-pro/kontext/multi"));
        assert!(code.contains("woman'\\''s"));
        assert!(code.contains("Key $FAL_KEY"));
    }

    #[test]
    fn python_writes_its_own_words_for_true_and_false() {
        let code = export(Language::Python, "fal-ai/flux-pro/kontext/multi", &body());
        assert!(code.contains("\"sync_mode\": False,"));
        assert!(code.contains("\"https://a/1.png\", \"https://a/2.png\"]"));
    }

    #[test]
    fn json_is_the_bare_body_in_its_order() {
        let code = export(Language::Json, "x", &body());
        assert_eq!(serde_json::from_str::<Map<String, Value>>(&code).unwrap(), body());
        assert!(code.find("prompt") < code.find("seed"));
    }

    #[test]
    fn javascript_subscribes_with_the_input() {
        let code = export(Language::JavaScript, "fal-ai/flux-pro/kontext", &body());
        assert!(code.contains("fal.subscribe(\"fal-ai/flux-pro/kontext\", {"));
        assert!(code.contains("  input: {\n    \"prompt\""));
    }
}
