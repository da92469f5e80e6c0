//! `models` and `schema`: what can be asked, read off the catalogue.

use unicode_width::UnicodeWidthStr as _;

use crate::schema::{Catalogue, Endpoint, Takes};

use crate::text::plain;

use super::{CommandError, print, print_json};

/// `editree models`.
pub(crate) fn models(catalogue: &Catalogue, json: bool) -> Result<u8, CommandError> {
    if json {
        return print_json(&catalogue.to_json());
    }
    let rows = catalogue.endpoints().map(|endpoint| {
        let takes = takes(endpoint).to_owned();
        [endpoint.short.clone(), price(endpoint), takes, endpoint.id.clone()]
    });
    print(plain(&columns(&rows.collect::<Vec<_>>())).as_bytes())
}

/// Each column as wide as its widest text, two blanks between, none at the ends of lines.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = text.width().max(*width);
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, text) in widths.iter().zip(row) {
            line.push_str(text);
            line.push_str(&" ".repeat(width.saturating_sub(text.width()) + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// `editree schema MODEL`.
pub(crate) fn schema(catalogue: &Catalogue, model: &str, json: bool) -> Result<u8, CommandError> {
    let endpoint = find(catalogue, model)?;
    if json {
        return print_json(&endpoint.to_json());
    }
    let mut text = format!("{} ({})\n{}\n\n", endpoint.title, endpoint.id, price(endpoint));
    if let Some(note) = &endpoint.note {
        text.push_str(&format!("{note}\n\n"));
    }
    if let Some(note) = endpoint.price.as_ref().and_then(|price| price.note.as_ref()) {
        text.push_str(&format!("price: {note}\n\n"));
    }
    for param in &endpoint.params {
        let need = if param.required { ", required" } else { "" };
        let default = match &param.default {
            Some(value) => format!(", default {}", param.kind.show(value)),
            None => String::new(),
        };
        text.push_str(&format!("{}: {}{need}{default}\n", param.name, param.kind.describe()));
        if !param.help.is_empty() {
            text.push_str(&format!("    {}\n", param.help));
        }
        if let Some(note) = &param.note {
            text.push_str(&format!("    note: {note}\n"));
        }
    }
    print(plain(&text).as_bytes())
}

pub(crate) fn find<'a>(
    catalogue: &'a Catalogue,
    model: &str,
) -> Result<&'a Endpoint, CommandError> {
    catalogue.find(model).map_err(|unknown| {
        let command_error = CommandError::usage(unknown.to_string());
        command_error.hint("`editree models` lists them")
    })
}

pub(super) fn price(endpoint: &Endpoint) -> String {
    match &endpoint.price {
        Some(price) if price.each.is_some() => format!("{price} ({})", price.read_on),
        Some(price) => price.to_string(),
        None => "price not known".into(),
    }
}

fn takes(endpoint: &Endpoint) -> &'static str {
    match endpoint.takes {
        Takes::Nothing => "words only",
        Takes::One { ref then, .. } if !then.is_empty() => "a picture and others",
        Takes::One { .. } => "one picture",
        Takes::Many { .. } => "several pictures",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_text() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows =
            [row(["pro", "$0.04 per image", "x"]), row(["犬犬", "$1", "y"]), row(["a", "", ""])];
        assert_eq!(columns(&rows), "pro   $0.04 per image  x\n犬犬  $1               y\na\n");
    }
}
