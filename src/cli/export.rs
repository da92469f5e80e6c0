//! `export`: a node, or the chain that led to it, as code or as a recipe.

use std::path::PathBuf;

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, print, say};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::config::arguments::{As, Export};
use crate::schema::export::{Language, Source, Step, export};
use crate::store::Store;
use crate::tree::{Input, Node, PictureRef, Recipe};

/// `editree export NODE`.
pub(crate) fn run(config: Config, arguments: Export) -> Result<u8, CommandError> {
    let language = match arguments.language {
        As::Curl => Language::Curl,
        As::Python => Language::Python,
        As::Javascript => Language::JavaScript,
        As::Json => Language::Json,
        As::Recipe => Language::Recipe,
    };
    let executor = executor()?;
    executor.block_on(async {
        let (store, _) = open_store(&config, false).await?;
        let nodes = chain(&store, &arguments).await?;
        let catalogue = super::catalogue::catalogue(&config.data_dir);
        let mut steps = Vec::with_capacity(nodes.len());
        for (node, recipe) in &nodes {
            let endpoint = super::listing::find(&catalogue, &recipe.endpoint)?;
            let mut values = recipe.values.clone();
            if let (Some(seed), true) = (node.seed, endpoint.param("seed").is_some()) {
                values.insert("seed".into(), seed.into());
            }
            let inputs = recipe.inputs.iter().map(|input| source(&store, &nodes, input));
            let inputs = inputs.collect();
            steps.push(Step { endpoint, prompt: recipe.prompt.clone(), values, inputs });
        }
        print(export(language, &steps).as_bytes())
    })
}

/// The node alone, or with everything that was made on the way to it, oldest first.
async fn chain(store: &Store, arguments: &Export) -> Result<Vec<(Node, Recipe)>, CommandError> {
    let name = NodeName::parse(&arguments.node)
        .ok_or_else(|| CommandError::usage(format!("`{}` is not a node", arguments.node)))?;
    let mut next = name.node;
    let mut nodes = Vec::new();
    loop {
        let node = store.find_node(next).await.map_err(Failure::from)?;
        let node = node.ok_or_else(|| {
            CommandError::usage(format!("there is no node `{}`", arguments.node))
                .hint("`editree tree` lists them")
        })?;
        let Some(recipe) = node.recipe.clone() else {
            break;
        };
        let parent = node.parent;
        nodes.push((node, recipe));
        match parent.filter(|_| arguments.chain) {
            Some(parent) => next = Some(parent.node.0),
            None => break,
        }
    }
    if nodes.is_empty() {
        let text = format!("`{}` was opened, not made: there is nothing to export", arguments.node);
        return Err(CommandError::usage(text));
    }
    nodes.reverse();
    Ok(nodes)
}

/// A picture of an earlier step, else its address as long as it has one, else its file.
fn source(store: &Store, nodes: &[(Node, Recipe)], input: &Input) -> Source {
    let picture = match input {
        Input::Url(url) => return Source::Url(url.clone()),
        Input::Picture(picture) => *picture,
    };
    match step_of(nodes, picture) {
        Some((step, place)) => Source::Step { step, picture: place },
        None => Source::File(file(store, picture).display().to_string()),
    }
}

fn step_of(nodes: &[(Node, Recipe)], picture: PictureRef) -> Option<(usize, usize)> {
    let step = nodes.iter().position(|(node, _)| node.id == picture.node)?;
    let (node, _) = nodes.get(step)?;
    let place = node.pictures.iter().position(|kept| kept.hash == picture.picture)?;
    Some((step, place))
}

/// A picture that is not here is named by its hash, and that is said.
fn file(store: &Store, picture: PictureRef) -> PathBuf {
    store.media().path(picture.picture).unwrap_or_else(|| {
        let name = format!("{}.png", picture.picture);
        say(&format!("the picture of {} is not here; the lines name it `{name}`", picture.node));
        PathBuf::from(name)
    })
}
