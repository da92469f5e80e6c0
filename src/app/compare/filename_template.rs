//! Names of the files that pictures are copied to: `{node}-{prompt}.{ext}`, and what stands for
//! each word in braces.
//!
//! Pure: which folders and files there are is asked by `runtime::save_as`. Invariant: what stands
//! for a word is never empty, has no separator and no leading dot, so it never leaves its folder.

use std::path::{Path, PathBuf};

use crate::app::failure::{Failure, FailureKind};
use crate::schema::Catalogue;
use crate::tree::Node;

/// What the workbench offers.
pub const DEFAULT_NAME: &str = "{node}-{prompt}.{ext}";

/// Characters that words of a prompt may take in a name.
const MAX_WORD: usize = 40;

/// Where copies go.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// This very file.
    Literal(PathBuf),
    Template(Template),
}

/// A name with words in braces, in a folder without.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    folder: PathBuf,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Word(Word),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Node,
    Picture,
    Seed,
    Model,
    Prompt,
    Date,
    Time,
    Ext,
}

const WORDS: [(&str, Word); 8] = [
    ("node", Word::Node),
    ("picture", Word::Picture),
    ("seed", Word::Seed),
    ("model", Word::Model),
    ("prompt", Word::Prompt),
    ("date", Word::Date),
    ("time", Word::Time),
    ("ext", Word::Ext),
];

/// What a name may tell of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateFields {
    pub node: String,
    /// Which of the node's pictures, from 1.
    pub picture: usize,
    pub seed: Option<u64>,
    /// Its short name.
    pub model: String,
    /// The words it was made with; the name of the file it was opened from.
    pub prompt: String,
    /// Local day and clock time of its making: `2026-11-21` and `142530`.
    pub moment: (String, String),
    /// As [`crate::tree::Picture::format`] tells it.
    pub format: String,
}

impl TemplateFields {
    /// Of a node's picture, counted from 1; `model` as [`model_of`] tells it.
    pub fn of(node: &Node, picture: usize, model: &str, moment: (String, String)) -> Self {
        let prompt = match (&node.recipe, &node.title) {
            (Some(recipe), _) => recipe.caption().into_owned(),
            (None, Some(title)) => stem(title),
            (None, None) => String::new(),
        };
        let file = node.pictures.get(picture.saturating_sub(1));
        Self {
            node: node.id.to_string(),
            picture,
            seed: node.seed,
            model: model.to_owned(),
            prompt,
            moment,
            format: file.map(|file| file.format.clone()).unwrap_or_default(),
        }
    }
}

/// `cat.png` is about a cat; `a hat. And a coat` has no ending.
pub fn stem(title: &str) -> String {
    match title.rsplit_once('.') {
        Some((stem, ending)) if (1..=4).contains(&ending.len()) && !ending.contains(' ') => {
            stem.to_owned()
        }
        _ => title.to_owned(),
    }
}

/// The short name of what made it.
pub fn model_of(node: &Node, catalogue: &Catalogue) -> String {
    let Some(recipe) = &node.recipe else {
        return "local".into();
    };
    let known = catalogue.find(&recipe.endpoint);
    known.map_or_else(|_| recipe.endpoint.clone(), |endpoint| endpoint.short.clone())
}

impl Target {
    /// A path without braces is itself.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let Some(text) = path.to_str().filter(|text| text.contains('{')) else {
            return Ok(Self::Literal(path.to_owned()));
        };
        let (folder, name) = match text.rfind('/') {
            Some(end) => text.split_at(end + 1),
            None => ("", text),
        };
        if folder.contains('{') {
            let message = format!("`{folder}`: words in braces name the file, not its folder");
            return Err(wrong(message).hint(format!("such as shots/{DEFAULT_NAME}")));
        }
        Ok(Self::Template(Template { folder: folder.into(), pieces: pieces(name)? }))
    }

    pub fn is_template(&self) -> bool {
        matches!(self, Self::Template(_))
    }

    /// The same in a folder that is changed as its path is.
    pub fn moved(self, change: impl Fn(PathBuf) -> PathBuf) -> Self {
        match self {
            Self::Literal(path) => Self::Literal(change(path)),
            Self::Template(Template { folder, pieces }) => {
                Self::Template(Template { folder: change(folder), pieces })
            }
        }
    }

    /// The folder that must be there; empty for the current one.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Literal(path) => path.parent().unwrap_or(path),
            Self::Template(template) => &template.folder,
        }
    }

    /// The name for this picture, which may be taken already.
    pub fn fill(&self, facts: &TemplateFields) -> PathBuf {
        match self {
            Self::Literal(path) => path.clone(),
            Self::Template(template) => {
                let name: String = template.pieces.iter().map(|piece| piece.fill(facts)).collect();
                template.folder.join(name)
            }
        }
    }
}

/// `out.png` becomes `out-2.png`.
pub fn with_number(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending =
        path.extension().map_or(String::new(), |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

fn pieces(name: &str) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    let mut rest = name;
    while let Some((text, after)) = rest.split_once('{') {
        let (word, after) = after
            .split_once('}')
            .ok_or_else(|| wrong(format!("`{name}`: a `{{` without its `}}`")).hint(known()))?;
        let found = WORDS.iter().find(|(name, _)| *name == word);
        let (_, found) = found
            .ok_or_else(|| wrong(format!("unknown placeholder `{{{word}}}`")).hint(known()))?;
        pieces.push(Piece::Text(text.to_owned()));
        pieces.push(Piece::Word(*found));
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

fn wrong(message: String) -> Failure {
    Failure::new(FailureKind::Picture, message)
}

fn known() -> String {
    let words: Vec<String> = WORDS.iter().map(|(name, _)| format!("{{{name}}}")).collect();
    format!("known are {}", words.join(" "))
}

impl Piece {
    fn fill(&self, facts: &TemplateFields) -> String {
        let word = match self {
            Self::Text(text) => return text.clone(),
            Self::Word(word) => word,
        };
        match word {
            Word::Node => safe(&facts.node, "picture"),
            Word::Picture => facts.picture.to_string(),
            Word::Seed => facts.seed.map_or_else(|| "no-seed".into(), |seed| seed.to_string()),
            Word::Model => safe(&facts.model, "unknown"),
            Word::Prompt => safe(&facts.prompt, "picture"),
            Word::Date => safe(&facts.moment.0, "no-day"),
            Word::Time => safe(&facts.moment.1, "no-time"),
            Word::Ext => match facts.format.as_str() {
                "jpeg" => "jpg".into(),
                "file" => "bin".into(),
                format => safe(format, "bin"),
            },
        }
    }
}

/// Letters and digits, with `-` for everything between them; whole words as far as they fit.
fn safe(text: &str, instead: &str) -> String {
    // An accent that stands by itself belongs to the letter before it.
    let belongs = |c: char| c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c);
    let text: String = text.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    let mut name = String::new();
    let mut length = 0;
    for word in text.split(|c| !belongs(c)).filter(|word| !word.is_empty()) {
        let (between, more) = (usize::from(length > 0), word.chars().count());
        if length == 0 {
            name.extend(word.chars().take(MAX_WORD));
            length = more.min(MAX_WORD);
        } else if length + between + more <= MAX_WORD {
            name.push('-');
            name.push_str(word);
            length += between + more;
        } else {
            break;
        }
    }
    if name.is_empty() { instead.to_owned() } else { name }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(prompt: &str) -> TemplateFields {
        TemplateFields {
            node: "n12".into(),
            picture: 2,
            seed: Some(7),
            model: "pro".into(),
            prompt: prompt.into(),
            moment: ("2026-11-21".into(), "142530".into()),
            format: "jpeg".into(),
        }
    }

    fn filled(template: &str, prompt: &str) -> String {
        let target = Target::read(Path::new(template)).unwrap();
        target.fill(&facts(prompt)).display().to_string()
    }

    #[test]
    fn each_word_stands_for_its_fact() {
        let all = "out/{node}.{picture}_{seed}_{model}_{date}_{time}_{prompt}.{ext}";
        let name = filled(all, "Make the man's hat red!");
        assert_eq!(name, "out/n12.2_7_pro_2026-11-21_142530_Make-the-mans-hat-red.jpg");
        assert_eq!(filled("plain name.png", "x"), "plain name.png");
    }

    #[test]
    fn a_prompt_becomes_a_tame_name() {
        for (prompt, name) in [
            ("../../etc/passwd", "etc-passwd"),
            (".hidden", "hidden"),
            ("  ", "picture"),
            ("\u{1b}[31m\n/", "31m"),
            ("Écris « été » 犬", "Écris-été-犬"),
            (
                "one two three four five six seven eight nine",
                "one-two-three-four-five-six-seven-eight",
            ),
        ] {
            assert_eq!(filled("{prompt}", prompt), name);
        }
        let long = filled("{prompt}", &"x".repeat(90));
        assert_eq!(long.len(), 40);
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        let refused = |text: &str| Target::read(Path::new(text)).unwrap_err();
        let unknown = refused("{nod}.png");
        assert_eq!(unknown.message, "unknown placeholder `{nod}`");
        assert!(unknown.hint.unwrap().words().contains("{node} {picture} {seed}"));
        assert!(refused("a{node.png").message.contains("without its `}`"));
        assert!(refused("{date}/a.png").message.contains("not its folder"));
    }

    #[test]
    fn a_number_stands_before_the_ending() {
        assert_eq!(with_number(Path::new("a/b.png"), 2), Path::new("a/b-2.png"));
        assert_eq!(with_number(Path::new("b"), 3), Path::new("b-3"));
    }

    #[test]
    fn opened_files_are_named_without_their_ending() {
        assert_eq!(stem("cat.png"), "cat");
        assert_eq!(stem("n2 in a frame of 3.5 by 4"), "n2 in a frame of 3.5 by 4");
    }

    proptest! {
        #[test]
        fn a_prompt_never_leaves_the_folder(prompt in any::<String>(), other in any::<String>()) {
            let facts = TemplateFields { node: other.clone(), model: other.clone(), format: other, ..facts(&prompt) };
            for template in ["{prompt}", "out/{prompt}", "out/{node}{model}{prompt}.{ext}"] {
                let target = Target::read(Path::new(template)).unwrap();
                let path = target.fill(&facts);
                prop_assert_eq!(path.parent().unwrap(), target.folder().components().as_path());
                let name = path.file_name().unwrap().to_str().unwrap();
                prop_assert!(!name.starts_with('.') && !name.contains(['/', '\\']));
                prop_assert!(!name.chars().any(char::is_control));
            }
            let name = filled("{prompt}", &prompt);
            prop_assert!((1..=40).contains(&name.chars().count()));
        }
    }
}
