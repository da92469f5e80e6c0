//! `run --dry-run`: the request, its price, and what would leave of each picture.
//!
//! Sends nothing and keeps nothing.

use std::path::Path;

use serde_json::{Value, json};

use super::compare::Source;
use super::run::{check_nodes, is_address};
use super::session::private;
use super::values::NodeName;
use super::{CommandError, print_json, say};
use crate::config::Config;
use crate::config::arguments::Run;
use crate::runtime::open_files::read_picture;
use crate::runtime::sent_form;
use crate::schema::{Endpoint, Usd, Values};

pub(super) async fn dry_run(
    config: &Config,
    endpoint: &Endpoint,
    arguments: &Run,
    values: &Values,
) -> Result<u8, CommandError> {
    let sent = told(config, endpoint, &arguments.input).await?;
    let body = endpoint.request(&arguments.prompt, values, &arguments.input);
    let price = endpoint.price_of(values).map(Usd::to_f64);
    print_json(&json!({ "endpoint": endpoint.id, "input": body, "cost": price, "sent": sent }))
}

/// What would leave of each picture.
async fn told(
    config: &Config,
    endpoint: &Endpoint,
    inputs: &[String],
) -> Result<Vec<Value>, CommandError> {
    check_nodes(config, inputs).await?;
    let mut told = Vec::new();
    for name in inputs.iter().filter(|name| !is_address(name)) {
        let file = match NodeName::parse(name) {
            Some(_) => Source::find_in(config, name).await?.into_bytes(),
            None => read_picture(Path::new(name))?.0,
        };
        let Some(sent) = sent_form::told(file, endpoint.input_need(), private(config)) else {
            continue;
        };
        say(&format!("{name} would be sent as {}", sent.words()));
        told.push(json!({ "input": name, "width": sent.size.0, "height": sent.size.1,
            "format": sent.format, "bytes": sent.bytes, "reduced": sent.is_reduced,
            "flattened": sent.is_normalised }));
    }
    Ok(told)
}
