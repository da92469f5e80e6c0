//! `sweep --from`: the rows of a file, as spreadsheets and scripts write them.
//!
//! Reads CSV (with commas, semicolons or tabs), TSV and JSON lines; knows no endpoint. Invariant: a
//! row keeps its number in the file, so that whatever is wrong with it can be found there.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::CommandError;
use crate::cli::catalogue::bounded;
use crate::cli::inputs::is_address;
use crate::cli::values::NodeName;

/// More are surely another file.
const MAX_ROWS: usize = 1_000;

/// What a picture's column may be called; `picture2` and the like are further ones.
const PICTURES: [&str; 7] =
    ["picture", "pictures", "image", "input", "file", "image_url", "image_urls"];

/// One request. What is empty in the file is not here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// As a spreadsheet counts: what is above the rows is the first.
    pub(super) number: usize,
    pub(super) prompt: Option<String>,
    pub(super) model: Option<String>,
    /// Files, addresses and nodes.
    pub(super) pictures: Vec<String>,
    /// The column that the first of them stands in.
    pub(super) picture_column: Option<String>,
    /// Parameters and their values, as they are written.
    pub(super) settings: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// As it was named.
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
}

impl Table {
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let name = path.display().to_string();
        let bytes = bounded(path)
            .map_err(|reason| CommandError::usage(format!("`{name}` cannot be read: {reason}")))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            CommandError::usage(format!("`{name}` is not UTF-8")).hint("save it as `CSV UTF-8`")
        })?;
        let mut table = Self { name, rows: Vec::new() };
        let text = text.trim_start_matches('\u{feff}');
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new(""));
        match ending.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => table.read_json(text, folder)?,
            "tsv" => table.read_cells(text, b'\t', folder)?,
            _other => table.read_cells(text, separator(text), folder)?,
        }
        match table.rows.len() {
            0 => Err(CommandError::usage(format!("`{}` has no rows", table.name))
                .hint("the first row names the columns: `prompt,picture,seed`")),
            count if count > MAX_ROWS => {
                let message = format!("`{}` has {count} rows, more than {MAX_ROWS}", table.name);
                Err(CommandError::usage(message).hint("part it into several files"))
            }
            _count => Ok(table),
        }
    }

    /// Where in the file something is wrong.
    pub(super) fn wrong(&self, row: usize, column: Option<&str>, what: &str) -> CommandError {
        let column = column.map_or(String::new(), |column| format!(", column `{column}`"));
        CommandError::usage(format!("`{}`, row {row}{column}: {what}", self.name))
    }

    fn read_cells(&mut self, text: &str, separator: u8, folder: &Path) -> Result<(), CommandError> {
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.delimiter(separator).flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| self.wrong(1, None, &error.to_string()))?;
        let header: Vec<String> = header.iter().map(column_name).collect();
        for (number, record) in (2..).zip(reader.records()) {
            let record = record.map_err(|error| self.wrong(number, None, &error.to_string()))?;
            let mut row = Row { number, ..Row::default() };
            for (place, cell) in record.iter().enumerate() {
                let column = header.get(place).map_or("", String::as_str);
                if column.is_empty() && !cell.trim().is_empty() {
                    let what =
                        format!("`{cell}` stands in column {}, which has no name", place + 1);
                    return Err(self.wrong(number, None, &what));
                }
                row.add(column, cell, folder);
            }
            self.rows.extend((!row.is_empty()).then_some(row));
        }
        Ok(())
    }

    fn read_json(&mut self, text: &str, folder: &Path) -> Result<(), CommandError> {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        for (number, line) in lines {
            let object = match serde_json::from_str(line) {
                Ok(Value::Object(object)) => object,
                Ok(_other) => return Err(self.wrong(number, None, "it is no JSON object")),
                Err(error) => {
                    return Err(self.wrong(number, None, &format!("it is not JSON: {error}")));
                }
            };
            let mut row = Row { number, ..Row::default() };
            for (name, value) in object {
                let name = column_name(&name);
                match value {
                    Value::Null => {}
                    Value::String(text) => row.add(&name, &text, folder),
                    Value::Array(all) if is_picture(&name) => {
                        let texts = all.iter().filter_map(Value::as_str);
                        texts.for_each(|text| row.add(&name, text, folder));
                    }
                    other => row.add(&name, &other.to_string(), folder),
                }
            }
            self.rows.push(row);
        }
        Ok(())
    }
}

impl Row {
    fn add(&mut self, column: &str, cell: &str, folder: &Path) {
        let cell = cell.trim();
        match column {
            _ if cell.is_empty() => {}
            "prompt" => self.prompt = Some(cell.to_owned()),
            "model" => self.model = Some(cell.to_owned()),
            column if is_picture(column) => {
                self.pictures.push(place(cell, folder));
                self.picture_column.get_or_insert_with(|| column.to_owned());
            }
            column => self.settings.push((column.to_owned(), cell.to_owned())),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self { number: self.number, ..Self::default() }
    }
}

fn column_name(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

fn is_picture(column: &str) -> bool {
    PICTURES.contains(&column.trim_end_matches(|letter: char| letter.is_ascii_digit()))
}

/// Files are named as seen from the table, or from here.
fn place(name: &str, folder: &Path) -> String {
    if is_address(name) || NodeName::parse(name).is_some() {
        return name.to_owned();
    }
    let beside: PathBuf = folder.join(name);
    if beside.exists() { beside.display().to_string() } else { name.to_owned() }
}

/// Spreadsheets write what their country's do not need for numbers.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: &u8| header.bytes().filter(|byte| byte == sign).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Vec<Row>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jpg"), "").unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let shown = format!("{}/", folder.path().display());
        let told = |error: CommandError| error.message.replace(&shown, "");
        let mut rows = Table::read(&path).map_err(told)?.rows;
        for picture in rows.iter_mut().flat_map(|row| &mut row.pictures) {
            *picture = picture.replace(&shown, "/");
        }
        Ok(rows)
    }

    #[test]
    fn commas_semicolons_tabs_and_json_lines_are_the_same_rows() {
        let wanted = |number| Row {
            number,
            prompt: Some("make it red, \"now\"".into()),
            model: Some("max".into()),
            pictures: vec!["/a.jpg".into(), "n3".into()],
            picture_column: Some("picture".into()),
            settings: vec![("seed".into(), "7".into())],
        };
        let csv = "\u{feff}Prompt,picture,picture2,seed,model,\r\n\"make it red, \"\"now\"\"\",a.jpg,n3, 7 ,max\r\n,,,\r\n";
        assert_eq!(read("t.csv", csv).unwrap(), [wanted(2)]);
        let semicolons =
            "prompt;picture;picture2;seed;model\n\"make it red, \"\"now\"\"\";a.jpg;n3;7;max";
        assert_eq!(read("t.csv", semicolons).unwrap(), [wanted(2)]);
        let tabs = "prompt\tpicture\tpicture2\tseed\tmodel\n\"make it red, \"\"now\"\"\"\ta.jpg\tn3\t7\tmax\n";
        assert_eq!(read("t.tsv", tabs).unwrap(), [wanted(2)]);
        let json = r#"{"prompt": "make it red, \"now\"", "picture": ["a.jpg", "n3"], "seed": 7, "model": "max", "x": null}"#;
        assert_eq!(read("t.jsonl", json).unwrap(), [wanted(1)]);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_row() {
        for (name, text, told) in [
            ("t.csv", "", "`t.csv` has no rows"),
            ("t.csv", "prompt\n", "`t.csv` has no rows"),
            (
                "t.csv",
                "prompt\na\nb,c\n",
                "`t.csv`, row 3: `c` stands in column 2, which has no name",
            ),
            ("t.jsonl", "{}\n[]\n", "`t.jsonl`, row 2: it is no JSON object"),
        ] {
            assert_eq!(read(name, text).unwrap_err(), told);
        }
        assert!(read("t.jsonl", "{\"a\":").unwrap_err().contains("row 1: it is not JSON"));
    }
}
