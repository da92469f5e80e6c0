//! The pictures of a command: files, addresses and nodes of the tree, as they were named.
//!
//! Sends nothing. Invariant: what cannot be used is told before anything is kept.

use std::path::PathBuf;

use super::session::{Session, open_store};
use super::values::NodeName;
use super::{CommandError, code, say, stdin_picture};
use crate::app::draft::sent_picture::RAW;
use crate::app::failure::FailureKind;
use crate::app::money::confirmation::counted;
use crate::config::Config;
use crate::runtime::open_files::{keep_picture, open_files};
use crate::store::Store;
use crate::tree::{Hash, Input, Node, PictureRef};

/// Files are looked at before anything is opened or written.
pub(super) fn check_files(inputs: &[String]) -> Result<(), CommandError> {
    for input in inputs {
        if NodeName::parse(input).is_none() && !is_address(input) {
            stdin_picture::read(input)?;
        }
    }
    Ok(())
}

/// Nodes that are named are there.
pub(super) async fn check_nodes(config: &Config, inputs: &[String]) -> Result<(), CommandError> {
    let nodes = inputs.iter().filter_map(|name| Some((name, NodeName::parse(name)?)));
    let nodes: Vec<_> = nodes.collect();
    if !nodes.is_empty() {
        let (store, _) = open_store(config, false).await?;
        for (name, node) in nodes {
            find_picture((&store, &config.project), name, node).await?;
        }
    }
    Ok(())
}

/// Files become root nodes, nodes are looked up, addresses stay as they are.
pub(super) async fn inputs(
    session: &mut Session,
    names: &[String],
) -> Result<Vec<Input>, CommandError> {
    let mut inputs = Vec::with_capacity(names.len());
    for name in names {
        inputs.push(match NodeName::parse(name) {
            Some(node) => {
                let within = (&session.runtime.store, session.model.session.project.as_str());
                let found = find_picture(within, name, node).await?;
                keep(session, found)
            }
            None if is_address(name) => Input::Url(name.clone()),
            None => keep(session, open(session, name).await?),
        });
    }
    Ok(inputs)
}

/// With its size, which some prices depend on.
fn keep(session: &mut Session, (node, picture): (Node, Hash)) -> Input {
    let id = node.id;
    session.model.nodes.entry(id).or_insert(node);
    Input::Picture(PictureRef { node: id, picture })
}

async fn find_picture(
    (store, project): (&Store, &str),
    name: &str,
    wanted: NodeName,
) -> Result<(Node, Hash), CommandError> {
    let node = store.find_node(wanted.node).await;
    let node = node.map_err(crate::app::failure::Failure::from)?;
    let node = node.ok_or_else(|| {
        CommandError::usage(format!("there is no node `{name}` in project `{project}`"))
            .hint("`editree tree` lists them; a file of that name is ./NAME")
    })?;
    let picture = node.pictures.get(wanted.picture - 1).ok_or_else(|| {
        let count = node.pictures.len();
        CommandError::usage(format!("`{name}`: the node has {}", counted(count, "picture")))
            .hint("count from 1")
    })?;
    let picture = picture.hash;
    Ok((node, picture))
}

async fn open(session: &Session, path: &str) -> Result<(Node, Hash), CommandError> {
    let runtime = &session.runtime;
    let node = if path == stdin_picture::NAME {
        let (bytes, info) = stdin_picture::read(path)?;
        keep_picture(&runtime.store, bytes, info, stdin_picture::TITLE.into()).await?
    } else {
        let path = vec![PathBuf::from(path)];
        open_files(&runtime.store, path, &runtime.login).await.pop().unwrap_or_else(|| {
            Err(crate::app::failure::Failure::new(FailureKind::Bug, "nothing was opened"))
        })?
    };
    if node.pictures.first().is_some_and(|picture| picture.format == RAW) {
        say(&format!("{path}: the preview in the raw file is used"));
    }
    let picture = node.pictures.first().map(|picture| picture.hash);
    let picture =
        picture.ok_or_else(|| CommandError::new(code::INTERNAL, "the picture was not kept"))?;
    Ok((node, picture))
}

pub(super) fn is_address(text: &str) -> bool {
    ["https://", "http://", "data:"].iter().any(|start| text.starts_with(start))
}
