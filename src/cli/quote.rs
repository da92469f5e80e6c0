//! What requests will cost, and whether their pictures are large enough, before anything is opened
//! or kept.
//!
//! Reads pictures only to measure them. Invariant: it computes no price; `schema::price` does.

use super::CommandError;
use super::compare::Source;
use super::inputs::is_address;
use super::stdin_picture;
use super::values::NodeName;
use crate::config::Config;
use crate::picture;
use crate::schema::price::{Quote, Size};
use crate::schema::{Catalogue, Endpoint, Values};

/// Sizes of the named pictures; `None` where it cannot be told here.
pub(super) async fn sizes(config: &Config, names: &[String]) -> Vec<Size> {
    let mut sizes = Vec::with_capacity(names.len());
    for name in names {
        let bytes = match NodeName::parse(name) {
            Some(_) => Source::find_in(config, name).await.ok().map(Source::into_bytes),
            None if is_address(name) => None,
            None => stdin_picture::read(name).ok().map(|(bytes, _)| bytes),
        };
        let info = bytes.and_then(|bytes| picture::inspect(&bytes).ok());
        sizes.push(info.map(|info| (info.width, info.height)));
    }
    sizes
}

/// Pictures that the service would refuse by their size are told before anything is sent.
pub(super) async fn check_sizes(
    config: &Config,
    endpoint: &Endpoint,
    names: &[String],
) -> Result<(), CommandError> {
    if endpoint.limits.is_none() {
        return Ok(());
    }
    match endpoint.problem_of_size(&sizes(config, names).await) {
        Some(problem) => Err(CommandError::usage(problem.message).hint_opt(problem.hint)),
        None => Ok(()),
    }
}

/// Of one request to the endpoint of that name.
pub(super) fn quote(
    catalogue: &Catalogue,
    endpoint: &str,
    values: &Values,
    sizes: &[Size],
) -> Quote {
    catalogue.find(endpoint).map_or_else(|_| Quote::default(), |found| found.quote(values, sizes))
}
