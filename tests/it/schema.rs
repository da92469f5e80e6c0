//! Tests of `schema` through its public items.

mod catalogue;
mod families;
mod hostile;
mod import;
mod kinds;
mod lint;
mod prices;
mod programs;
mod requests;
mod shapes;
mod sizes;
mod tokens;

use editree::schema::{Catalogue, Endpoint, Param, Values};
use serde_json::Value;

fn endpoint(name: &str) -> Endpoint {
    Catalogue::builtin().find(name).unwrap().clone()
}

/// Every parameter of every endpoint, with a name for messages.
fn all_params() -> Vec<(String, Param)> {
    let catalogue = Catalogue::builtin();
    let name = |endpoint: &Endpoint, param: &Param| format!("{}.{}", endpoint.short, param.name);
    catalogue
        .endpoints()
        .flat_map(|endpoint| {
            let named = |param: &Param| (name(endpoint, param), param.clone());
            endpoint.params.iter().map(named).collect::<Vec<_>>()
        })
        .collect()
}

fn values(pairs: &[(&str, Value)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}
