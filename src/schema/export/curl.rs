//! A shell script of curl alone: it submits, waits, and hands each result to the next step.

use serde_json::Value;

use super::{Source, Step, body_with_variables, placeholder, shell_quote, without_marks};

const HEAD: &str = r#"#!/bin/sh
# The key is read from FAL_KEY. FAL_QUEUE may name another service of the same protocol.
set -eu
queue=${FAL_QUEUE:-https://queue.fal.run}

# The first value of a field in the JSON on standard input.
field() { tr -d '\n' | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

# Sends the JSON on standard input to an endpoint, waits, and prints the answer.
ask() {
  sent=$(curl -sS --fail-with-body --request POST --url "$queue/$1" \
    --header "Authorization: Key $FAL_KEY" --header "Content-Type: application/json" --data-binary @-)
  status_url=$(printf '%s' "$sent" | field status_url)
  response_url=$(printf '%s' "$sent" | field response_url)
  while :; do
    state=$(curl -sS --fail-with-body --header "Authorization: Key $FAL_KEY" "$status_url" | field status)
    [ "$state" = COMPLETED ] && break
    sleep 1
  done
  curl -sS --fail-with-body --header "Authorization: Key $FAL_KEY" "$response_url"
}

# The address of the picture of that number, from 1, in the answer on standard input.
picture() { tr -d '\n' | grep -o '"url" *: *"[^"]*"' | sed -n "$1s/.*\"\([^\"]*\)\"$/\1/p"; }
"#;

pub(super) fn export(steps: &[Step<'_>]) -> String {
    let mut code = HEAD.to_owned();
    for (number, step) in steps.iter().enumerate() {
        let (body, variables) = body_with_variables(number, step, without_marks);
        code.push('\n');
        for (name, source) in &variables {
            code.push_str(&format!("{name}={}\n", value(source)));
        }
        let mut json = shell_quote(&format!("{:#}", Value::Object(body)));
        for (name, _) in &variables {
            json = json.replace(&placeholder(name), &format!("'\"${name}\"'"));
        }
        let id = &step.endpoint.id;
        code.push_str(&format!("answer_{}=$(printf '%s' {json} | ask {id})\n", number + 1));
    }
    code.push_str(&format!(
        "printf '%s' \"$answer_{}\" | tr -d '\\n' | grep -o '\"url\" *: *\"[^\"]*\"' | cut -d '\"' -f 4\n",
        steps.len()
    ));
    code
}

fn value(source: &Source) -> String {
    match source {
        // It stands between the quotes of a JSON text.
        Source::Url(url) => {
            let text = Value::from(url.as_str()).to_string();
            shell_quote(
                text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(url),
            )
        }
        Source::File(path) => {
            let path = shell_quote(path);
            format!(
                "\"data:$(file -b --mime-type {path} 2>/dev/null || echo image/png);base64,$(base64 < {path} | tr -d '\\n')\""
            )
        }
        Source::Step { step, picture } => {
            format!("$(printf '%s' \"$answer_{}\" | picture {})", step + 1, picture + 1)
        }
    }
}
