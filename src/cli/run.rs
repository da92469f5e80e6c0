//! `run`: one request from the command line, through the same model as the workbench.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::app::action::Action;
use crate::app::draft::{Choice, Draft, Seed};
use crate::app::job::{Job, JobId, State};
use crate::app::model::Model;
use crate::app::news::Cause;
use crate::config::Config;
use crate::config::arguments::Run;
use crate::runtime::perform::open_files;
use crate::schema::{Endpoint, Values};
use crate::tree::{Input, Node, PictureRef};

use super::listing::find;
use super::session::{Session, executor};
use super::values::{NodeName, read_settings};
use super::{Trouble, code, print, print_json, say};

/// `editree run`.
pub(crate) fn run(config: Config, arguments: Run) -> Result<u8, Trouble> {
    let executor = executor()?;
    let result = executor.block_on(async {
        tokio::select! {
            done = go(&config, &arguments) => done,
            _ = tokio::signal::ctrl_c() => Err(Trouble::new(code::INTERRUPTED, "interrupted")),
        }
    });
    executor.shutdown_background();
    result
}

async fn go(config: &Config, arguments: &Run) -> Result<u8, Trouble> {
    let _ = (config, arguments);
    Ok(0)
}
