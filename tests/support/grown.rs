//! A store of many nodes, made by copying the one that is there: rows, picture files and what stands
//! beside them, as a person would have them after years. In branches of all lengths.

use std::fs;
use std::path::Path;

use editree::tree::Hash;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

/// Of the node `n1` of `store`, which was made from words: so many more that each go on from an
/// earlier one.
pub fn grow(store: &Path, count: u32) {
    let mut connection = Connection::open(store.join("editree.db")).unwrap();
    let of = |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let first = of("SELECT hash FROM pictures WHERE node = 1");
    let global = of("SELECT global FROM nodes WHERE id = 1");
    // The newest node is what is gone on from.
    connection.execute("DELETE FROM drafts", []).unwrap();
    let sidecar = store.join(format!("media/{first}.json"));
    let told: Value = serde_json::from_str(&fs::read_to_string(sidecar).unwrap()).unwrap();
    let transaction = connection.transaction().unwrap();
    let mut node = transaction
        .prepare(
            "INSERT INTO nodes (id, global, project, state, parent, parent_picture, endpoint, prompt, \
             params, inputs, seed, cost, simulated, at) SELECT ?1, ?2, project, 'done', ?3, ?4, \
             ?8, ?5, params, ?6, ?1, cost, simulated, ?7 FROM nodes WHERE id = 1",
        )
        .unwrap();
    let mut picture = transaction
        .prepare(
            "INSERT INTO pictures SELECT ?1, place, ?2, width, height, format, 4, nsfw, NULL \
             FROM pictures WHERE node = 1",
        )
        .unwrap();
    let picture_of = |id: u32| match id {
        1 => first.clone(),
        _ => Hash::of(&id.to_le_bytes()).to_string(),
    };
    let global_of = |id: u32| if id == 1 { global.clone() } else { format!("g{id}") };
    let mut state = 1_u32;
    for id in 2..=count + 1 {
        // Mostly a step further, now and then a branch from long ago.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let parent = if state >> 29 == 0 { 1 + (state >> 8) % (id - 1) } else { id - 1 };
        let (own, from, at) = (picture_of(id), picture_of(parent), i64::from(id) * 60_000);
        let prompt = prompt(id);
        let inputs = json!([{ "node": parent, "picture": from }]).to_string();
        node.execute(params![id, global_of(id), parent, from, prompt, inputs, at, EDIT]).unwrap();
        picture.execute(params![id, own]).unwrap();
        let lineage = json!({ "global": global_of(parent), "picture": from });
        let mut told = told["nodes"][0].clone();
        told["pictures"][0]["hash"] = json!(own);
        let changed = json!({ "global": global_of(id), "node": format!("n{id}"), "prompt": prompt,
            "endpoint": EDIT, "inputs": [lineage], "parent": lineage, "seed": id, "at": at,
            "request_id": null });
        told.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let media = store.join("media");
        fs::write(media.join(format!("{own}.png")), id.to_le_bytes()).unwrap();
        let beside = format!("{:#}\n", json!({ "nodes": [told] }));
        fs::write(media.join(format!("{own}.json")), beside).unwrap();
    }
    drop((node, picture));
    transaction.commit().unwrap();
}

const EDIT: &str = "fal-ai/flux-pro/kontext";
const WORDS: [&str; 8] =
    ["sepia", "a red hat", "at night", "in the rain", "as a sketch", "snow", "a boat", "fog"];

fn prompt(node: u32) -> String {
    format!("Make it {}, take {node}", WORDS[node as usize % WORDS.len()])
}
