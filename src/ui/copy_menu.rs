//! What can be copied of the current picture: words, seed, address, code.

use super::cells::cut;
use super::overlay::OverlayAction;
use super::overlay::menu::Menu;
use crate::app::action::{Action, PictureAction, SessionAction};
use crate::app::model::Model;
use crate::schema::export::{Language, Source, Step, export};
use crate::tree::{Input, Node};

/// Columns of what can be copied, and of the short ones themselves behind it.
const NAMES: usize = 18;
const VALUE: usize = 30;

/// After `y`: only what there is of this node.
pub fn menu(model: &Model) -> Option<Menu> {
    let node = model.current_node()?;
    let mut rows: Vec<(char, &str, String)> = Vec::new();
    match &node.recipe {
        Some(recipe) => rows.push(('t', "the prompt", recipe.prompt.clone())),
        None => rows.extend(node.title.clone().map(|title| ('t', "the file's name", title))),
    }
    rows.extend(node.seed.map(|seed| ('s', "the seed", seed.to_string())));
    let picture =
        node.pictures.iter().find(|picture| Some(picture.hash) == model.current.map(|c| c.picture));
    rows.extend(picture.and_then(|picture| Some(('u', "the URL", picture.url.clone()?))));
    for (letter, what, language) in [
        ('c', "as curl", Language::Curl),
        ('y', "as Python", Language::Python),
        ('j', "as JavaScript", Language::JavaScript),
        ('J', "as JSON", Language::Json),
    ] {
        rows.extend(code(model, node, language).map(|code| (letter, what, code)));
    }
    let chosen = |text: String, what: &str| {
        OverlayAction::Actions(vec![Action::Session(SessionAction::Copy {
            text,
            what: what.trim_start_matches("as ").to_owned(),
        })])
    };
    let told = |letter, what: &str, text: &str| match letter {
        't' | 's' | 'u' => format!("{what:<NAMES$}{}", cut(text, VALUE)),
        _ => what.to_owned(),
    };
    let rows = rows.into_iter().map(|(letter, what, text)| {
        let told = told(letter, what, &text);
        (letter, told, chosen(text, what))
    });
    let mut rows: Vec<(char, String, OverlayAction)> = rows.collect();
    if let Some(current) = model.current {
        let place = |scp| {
            OverlayAction::Actions(vec![Action::Picture(PictureAction::CopyPath {
                picture: current.picture,
                scp,
            })])
        };
        let itself = Action::Picture(PictureAction::CopyPicture(current.picture));
        rows.push(('P', "the picture itself".into(), OverlayAction::Actions(vec![itself])));
        rows.push(('p', "the path".into(), place(false)));
        rows.push(('i', "an scp command".into(), place(true)));
    }
    Some(Menu::new("copy", rows))
}

fn code(model: &Model, node: &Node, language: Language) -> Option<String> {
    let recipe = node.recipe.as_ref()?;
    let endpoint = model.catalogue.find(&recipe.endpoint).ok()?;
    let source = |input: &Input| match input {
        Input::Url(url) => Source::Url(url.clone()),
        // A picture of the tree has an address only while the service keeps it.
        Input::Picture(picture) => {
            let known = model.picture(*picture).and_then(|picture| picture.url.clone());
            Source::Url(known.unwrap_or_else(|| format!("ADDRESS OF {}", picture.node)))
        }
    };
    let mut values = recipe.values.clone();
    if let (Some(seed), true) = (node.seed, endpoint.param("seed").is_some()) {
        values.insert("seed".into(), seed.into());
    }
    let inputs = recipe.inputs.iter().map(source).collect();
    let step = Step { endpoint, prompt: recipe.prompt.clone(), values, inputs };
    Some(export(language, &[step]))
}
