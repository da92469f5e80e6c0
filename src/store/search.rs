//! Finding nodes by words and conditions: newest first, never by rank.
//!
//! Reads only. Words of three letters and more go through an index of trigrams, which also knows
//! the middles of words; shorter ones are compared row by row.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::error::Error;
use super::{Context, nodes};
use crate::tree::query::{Cmp, Filter, Mark, Query, Term};
use crate::tree::{Node, NodeId};

/// One day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Nodes of the open project that the query means, at most `most`. `utc_offset_ms` in milliseconds
/// says where local days begin.
pub(super) fn search(
    connection: &Connection,
    context: &Context,
    query: &Query,
    utc_offset_ms: i64,
    most: usize,
) -> Result<Vec<Node>, Error> {
    let mut sql = Sql::new(context);
    // No text that is kept has one, and the index takes it for the end.
    let has_nul = |term: &Term| matches!(&term.what, Filter::Text(words) if words.contains('\0'));
    if query.terms.iter().any(|term| !term.not && has_nul(term)) {
        return Ok(Vec::new());
    }
    let indexed = query.terms.iter().filter_map(indexed).collect::<Vec<_>>();
    for term in query.terms.iter().filter(|term| indexed_words(term).is_none()) {
        sql.add(term, utc_offset_ms);
    }
    // Without a word in it, the trash is looked for only when it is named.
    if !query.terms.iter().any(|term| term.what == Filter::Is(Mark::Trash)) {
        sql.conditions.push("n.trashed = 0".into());
    }
    let (from, order) = match indexed.is_empty() {
        true => ("nodes n".to_owned(), "n.id"),
        false => {
            // A cross join keeps the index outside, which gives its rows newest first; inside, it
            // would be asked anew for each node.
            sql.values.push(indexed.join(" AND ").into());
            let place = sql.values.len();
            sql.conditions.push(format!("words MATCH ?{place}"));
            ("words CROSS JOIN nodes n ON n.id = words.rowid".to_owned(), "words.rowid")
        }
    };
    let conditions = sql.conditions.join(" AND ");
    let text =
        format!("SELECT n.id FROM {from} WHERE {conditions} ORDER BY {order} DESC LIMIT {most}");
    let mut statement = connection.prepare_cached(&text)?;
    let ids = statement.query_map(params_from_iter(sql.values), |row| row.get(0).map(NodeId))?;
    let ids: Vec<NodeId> = ids.collect::<Result<_, _>>()?;
    let load = |id: NodeId| nodes::load(connection, context, id).transpose();
    ids.into_iter().filter_map(load).collect()
}

/// The words of a term that the index can find.
fn indexed_words(term: &Term) -> Option<&str> {
    match &term.what {
        Filter::Text(words) if !term.not && words.chars().count() >= 3 => Some(words),
        _ => None,
    }
}

fn indexed(term: &Term) -> Option<String> {
    indexed_words(term).map(|words| format!("\"{}\"", words.replace('"', "\"\"")))
}

/// Conditions on a row of `nodes n`, and their values.
struct Sql {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Sql {
    fn new(context: &Context) -> Self {
        Self { conditions: vec!["n.project = ?1".into()], values: vec![context.project.into()] }
    }

    fn add(&mut self, term: &Term, utc_offset_ms: i64) {
        let condition = match &term.what {
            Filter::Text(words) => {
                let place = self.value(format!("%{}%", like(words)));
                let all = "COALESCE(n.prompt, '') || ' ' || COALESCE(n.title, '') || ' ' || \
                           COALESCE(n.name, '')";
                format!("{all} LIKE ?{place} ESCAPE '!'")
            }
            Filter::Model(name) => {
                let place = self.value(format!("%{}%", like(name)));
                format!("COALESCE(n.endpoint, '') LIKE ?{place} ESCAPE '!'")
            }
            Filter::Seed(seed) => {
                let place = self.value(seed.cast_signed());
                format!("n.seed IS ?{place}")
            }
            Filter::Is(mark) => of_mark(*mark).to_owned(),
            Filter::Cost(than, cost) => {
                let place = self.value(cost.0);
                format!("COALESCE(n.cost, 0) {} ?{place}", sign(*than))
            }
            Filter::Node(node) => {
                let place = self.value(i64::from(node.0));
                format!("n.id = ?{place}")
            }
            Filter::Parent(node) => {
                let place = self.value(i64::from(node.0));
                format!("n.parent IS ?{place}")
            }
            Filter::Rating(than, stars) => {
                let place = self.value(i64::from(*stars));
                format!("n.rating {} ?{place}", sign(*than))
            }
            Filter::Day(than, day) => {
                let place = self.value(*day);
                format!("(n.at + {utc_offset_ms}) / {DAY_MS} {} ?{place}", sign(*than))
            }
        };
        let condition = if term.not { format!("NOT ({condition})") } else { condition };
        self.conditions.push(condition);
    }

    fn value(&mut self, value: impl Into<Value>) -> usize {
        self.values.push(value.into());
        self.values.len()
    }
}

fn of_mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Star => "n.starred = 1",
        Mark::Trash => "n.trashed = 1",
        Mark::Named => "n.name IS NOT NULL",
        Mark::Root => "n.state = 'root'",
        Mark::Failed => "n.state = 'failed'",
        Mark::Simulated => "n.simulated = 1",
    }
}

fn sign(than: Cmp) -> &'static str {
    match than {
        Cmp::Less => "<",
        Cmp::Equal => "=",
        Cmp::More => ">",
    }
}

/// A text in which `%` and `_` are only letters.
fn like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
