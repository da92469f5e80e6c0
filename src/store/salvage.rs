//! What the tables of a database that was given up still tell, beside what the pictures do: requests
//! under way with their ids, which are money, earlier ones with their bills, nodes without a picture,
//! stars, names, ratings, what is in the trash, drafts, undo.
//!
//! Reads around what is broken, a row at a time. Invariants: the damaged file itself is never opened,
//! only a copy of it; what stands beside a picture wins; a row that makes no sense, or whose node is
//! not here under its old number, is left out and its table named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{
    Connection, OptionalExtension as _, Transaction, TransactionBehavior, params, params_from_iter,
};

use super::error::Error;
use super::{aside, damage};

/// Tables that hold what no picture tells, and what is lost with their rows.
const TABLES: [(&str, &str); 5] = [
    ("projects", "what belongs to which project"),
    ("nodes", NODES),
    ("jobs", JOBS),
    ("decisions", "undo"),
    ("drafts", "the draft"),
];
const NODES: &str = "stars, names and nodes without a picture";
const JOBS: &str = "requests under way and bills";
/// States of jobs that nothing follows.
const FINAL: [&str; 4] = ["done", "failed", "cancelled", "dismissed"];
/// So many numbers are tried one after the other: more rows than any page has.
const SMALL: i64 = 4_096;
/// No number of a row is looked for beyond this.
const HIGHEST: i64 = 1 << 32;

/// What was brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Salvaged {
    /// Requests that are not over.
    pub(super) open: usize,
    /// Those that are.
    pub(super) over: usize,
    /// Nodes that no picture tells of.
    pub(super) nodes: usize,
    /// Nodes that are starred, named, rated or in the trash.
    pub(super) marked: usize,
    pub(super) drafts: usize,
    pub(super) decisions: usize,
    /// What could not be read, or not all of it.
    pub(super) lost: BTreeSet<&'static str>,
}

/// A row by its column's names.
type Row = BTreeMap<String, Value>;

/// What could be read of a table, by its rows' numbers.
#[derive(Default)]
struct Table {
    rows: BTreeMap<i64, Row>,
    is_whole: bool,
}

/// Brings into the new database what the one that lies aside still tells.
pub(super) fn salvage(connection: &mut Connection, from: &Path) -> Result<Salvaged, Error> {
    let copy = from.with_extension("reading");
    let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
    let remove = || {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&copy, end));
        }
    };
    // Of a start that was killed here.
    remove();
    // Without room for a copy nothing is read, and all of it is told as lost.
    let copied = fs::copy(from, &copy);
    if fs::copy(beside(from, "-wal"), beside(&copy, "-wal")).is_ok_and(|bytes| bytes > 0)
        && copied.as_ref().is_ok_and(|bytes| *bytes < aside::SMALLEST)
        && let Some(page) =
            fs::read(beside(from, "-wal")).ok().as_deref().and_then(aside::first_page)
    {
        let _ = fs::write(&copy, page);
    }
    let old = copied.map_or_else(|_| BTreeMap::new(), |_| read_all(&copy));
    remove();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let bringing = Bringing {
        old: &old,
        transaction: &transaction,
        projects: BTreeMap::new(),
        salvaged: Salvaged::default(),
    };
    let mut salvaged = bringing.all()?;
    let broken =
        TABLES.into_iter().filter(|(name, _)| !old.get(name).is_some_and(|it| it.is_whole));
    salvaged.lost.extend(broken.map(|(_, what)| what));
    transaction.commit()?;
    Ok(salvaged)
}

fn read_all(file: &Path) -> BTreeMap<&'static str, Table> {
    let Ok(old) = Connection::open(file) else { return BTreeMap::new() };
    let names = TABLES.map(|(name, _)| name).into_iter().chain(["pictures"]);
    names.map(|name| (name, read(&old, name))).collect()
}

/// Every row that can be reached: behind one that cannot the search goes on, one number after the
/// other and then ever further ahead, and from there back to the gap.
fn read(old: &Connection, name: &str) -> Table {
    let mut table = Table { is_whole: true, ..Table::default() };
    let (mut floor, mut step) = (0, 0);
    while floor + step < HIGHEST {
        let from = floor + step;
        let end = walk(old, name, Way::Up { from }, &mut table);
        let has_read = end.is_some_and(|last| last > from);
        if step > 1 && (has_read || end.is_none()) {
            walk(old, name, Way::Down { from, floor }, &mut table);
        }
        let Some(last) = end else { return table };
        table.is_whole = false;
        (floor, step) = match (has_read, step) {
            (true, _) => (last, 1),
            (false, ..SMALL) => (floor, step + 1),
            (false, _) => (floor, step * 2),
        };
    }
    table
}

#[derive(Clone, Copy)]
enum Way {
    /// Every number above.
    Up { from: i64 },
    /// From this number down, as far as above the floor.
    Down { from: i64, floor: i64 },
}

/// The rows on the way, up to the first that cannot be read; then the last number that could.
fn walk(old: &Connection, name: &str, way: Way, table: &mut Table) -> Option<i64> {
    let (from, range) = match way {
        Way::Up { from } => (from, format!("rowid > {from} ORDER BY rowid")),
        Way::Down { from, floor } => {
            (from + 1, format!("rowid <= {from} AND rowid > {floor} ORDER BY rowid DESC"))
        }
    };
    let mut last = from;
    let mut reads = || -> rusqlite::Result<bool> {
        let mut statement =
            old.prepare(&format!("SELECT rowid, * FROM {name} NOT INDEXED WHERE {range}"))?;
        let columns: Vec<String> =
            statement.column_names().into_iter().skip(1).map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let goes_on = match way {
                Way::Up { .. } => number > last,
                Way::Down { .. } => number < last,
            };
            if !goes_on {
                // The pages lead in a circle.
                return Ok(false);
            }
            last = number;
            match cells(row, &columns)? {
                Some(cells) => drop(table.rows.insert(number, cells)),
                None => table.is_whole = false,
            }
        }
        Ok(true)
    };
    match reads() {
        Ok(true) => None,
        Ok(false) | Err(_) => Some(last),
    }
}

/// Nothing where one of its texts is none.
fn cells(row: &rusqlite::Row<'_>, columns: &[String]) -> rusqlite::Result<Option<Row>> {
    let mut cells = Row::new();
    for (at, name) in columns.iter().enumerate() {
        let value = row.get_ref(at + 1)?;
        if matches!(value, ValueRef::Text(bytes) if std::str::from_utf8(bytes).is_err()) {
            return Ok(None);
        }
        cells.insert(name.clone(), row.get(at + 1)?);
    }
    Ok(Some(cells))
}

fn number(row: &Row, name: &str) -> Option<i64> {
    match row.get(name)? {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    match row.get(name)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// One table after the other, each by what those before it have brought.
struct Bringing<'a> {
    old: &'a BTreeMap<&'static str, Table>,
    transaction: &'a Transaction<'a>,
    /// Old numbers, and what they are now.
    projects: BTreeMap<i64, i64>,
    salvaged: Salvaged,
}

impl Bringing<'_> {
    fn all(mut self) -> Result<Salvaged, Error> {
        self.projects()?;
        self.nodes()?;
        self.marks()?;
        self.jobs()?;
        self.salvaged.nodes = self.salvaged.nodes.saturating_sub(self.sweep()?);
        self.salvaged.drafts = self.naming_nodes("drafts", "draft")?;
        self.salvaged.decisions = self.naming_nodes("decisions", "change")?;
        Ok(self.salvaged)
    }

    fn rows(&self, table: &str) -> impl Iterator<Item = (i64, &Row)> {
        let table = self.old.get(table);
        table.into_iter().flat_map(|table| table.rows.iter().map(|(number, row)| (*number, row)))
    }

    fn projects(&mut self) -> Result<(), Error> {
        let mut found = BTreeMap::new();
        for (old, row) in self.rows("projects") {
            let simulated = number(row, "simulated").filter(|it| (0..=1).contains(it));
            let name = text(row, "name").filter(|name| !name.is_empty());
            let Some((name, simulated)) = name.zip(simulated) else { continue };
            let sql = "INSERT OR IGNORE INTO projects (name, simulated) VALUES (?1, ?2)";
            self.transaction.execute(sql, params![name, simulated])?;
            let sql = "SELECT id FROM projects WHERE name = ?1 AND simulated = ?2";
            let id = self.transaction.query_row(sql, params![name, simulated], |row| row.get(0));
            // One of that name that holds the other kind of pictures is another.
            found.extend(id.optional()?.map(|id| (old, id)));
        }
        self.projects = found;
        Ok(())
    }

    /// What has this name is called now.
    fn now(&self, old: &Row) -> Result<Option<i64>, Error> {
        let mut statement =
            self.transaction.prepare_cached("SELECT id FROM nodes WHERE global = ?1")?;
        Ok(statement.query_row([text(old, "global")], |row| row.get(0)).optional()?)
    }

    /// Whether the node of this number is the one that it was.
    fn is_here(&self, node: i64) -> Result<bool, Error> {
        let old = self.old.get("nodes").and_then(|nodes| nodes.rows.get(&node));
        Ok(old.map_or(Ok(None), |old| self.now(old))? == Some(node))
    }

    /// Those that no sidecar tells of; requests that failed or are under way have no picture.
    fn nodes(&mut self) -> Result<(), Error> {
        let mut pictures: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for (_, row) in self.rows("pictures") {
            if let Some(node) = number(row, "node") {
                pictures.entry(node).or_default().push(row);
            }
        }
        let (mut brought, mut is_whole) = (0, true);
        for (id, row) in self.rows("nodes") {
            let is_awaited = row.get("awaits").is_some_and(|awaits| *awaits != Value::Null);
            if is_awaited
                || text(row, "global").is_none_or(str::is_empty)
                || self.now(row)?.is_some()
            {
                continue;
            }
            let mut row = row.clone();
            let parent = number(&row, "parent");
            if !parent.map_or(Ok(true), |parent| self.is_here(parent))? {
                row.extend(["parent", "parent_picture"].map(|name| (name.to_owned(), Value::Null)));
            }
            let is_in = self.insert("nodes", &row)?;
            is_whole &= is_in;
            if is_in {
                brought += 1;
                for picture in pictures.remove(&id).unwrap_or_default() {
                    self.insert("pictures", picture)?;
                }
            }
        }
        self.salvaged.nodes = brought;
        self.salvaged.lost.extend((!is_whole).then_some(NODES));
        Ok(())
    }

    /// What the person thinks of nodes that came back from their pictures.
    fn marks(&mut self) -> Result<(), Error> {
        let sql = "UPDATE nodes SET starred = ?3, trashed = ?4, trashed_at = ?5, rating = ?6, name = ?7 \
                   WHERE id = ?1 AND global = ?2";
        let mut marked = 0;
        for (id, row) in self.rows("nodes") {
            let within = |name: &str, most| number(row, name).filter(|it| (0..=most).contains(it));
            let (starred, trashed) = (within("starred", 1), within("trashed", 1));
            let rating = within("rating", 5).unwrap_or_default();
            let name = text(row, "name").filter(|name| !name.is_empty());
            let Some((starred, trashed)) = starred.zip(trashed) else { continue };
            if starred + trashed + rating > 0 || name.is_some() {
                let since = number(row, "trashed_at");
                let global = text(row, "global");
                let values = params![id, global, starred, trashed, since, rating, name];
                marked += self.transaction.execute(sql, values)?;
            }
        }
        self.salvaged.marked = marked;
        Ok(())
    }

    /// Under their old numbers: those that were counted from the pictures give way.
    fn jobs(&mut self) -> Result<(), Error> {
        let (mut over, mut open, mut lost) = (0, 0, false);
        let mut brought = BTreeSet::new();
        for (id, row) in self.rows("jobs") {
            let Some(node) =
                number(row, "node").filter(|node| self.is_here(*node).unwrap_or(false))
            else {
                lost = true;
                continue;
            };
            let is_over = text(row, "state").is_some_and(|state| FINAL.contains(&state));
            let is_answered = ["request_id", "answer"].iter().any(|name| text(row, name).is_some());
            let sql = "SELECT state = 'done' FROM nodes WHERE id = ?1";
            let is_done: bool = self.transaction.query_row(sql, [node], |row| row.get(0))?;
            if is_done && !is_over && !is_answered {
                // Its picture has come; the row had not heard of it.
                continue;
            }
            if self.is_in("jobs", row)? {
                // Of a start that did not come to its end.
                brought.insert(id);
                continue;
            }
            self.transaction.execute_batch("SAVEPOINT job")?;
            let is_in = self.job(id, node, row, &brought)?;
            brought.extend(is_in.then_some(id));
            if is_in && !is_over && is_done {
                // Perhaps others of its pictures are still to come: it is asked for again.
                let sql = "UPDATE nodes SET state = 'pending' WHERE id = ?1";
                self.transaction.execute(sql, [node])?;
            }
            let end = if is_in { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
            self.transaction.execute_batch(end)?;
            match (is_in, is_over) {
                (true, true) => over += 1,
                (true, false) => open += 1,
                (false, _) => lost = true,
            }
        }
        (self.salvaged.over, self.salvaged.open) = (over, open);
        self.salvaged.lost.extend(lost.then_some(JOBS));
        Ok(())
    }

    fn job(&self, id: i64, node: i64, row: &Row, brought: &BTreeSet<i64>) -> Result<bool, Error> {
        // Only one that was counted from a picture has no owner.
        let counted = "DELETE FROM jobs WHERE node = ?1 AND instance = '' AND profile = ''";
        self.transaction.execute(counted, [node])?;
        let away = "UPDATE jobs SET id = (SELECT MAX(id) + 1 FROM jobs) WHERE id = ?1";
        self.transaction.execute(away, [id])?;
        let mut row = row.clone();
        if number(&row, "repeats").is_some_and(|repeated| !brought.contains(&repeated)) {
            row.insert("repeats".into(), Value::Null);
        }
        self.insert("jobs", &row)
    }

    /// Without its job nothing ever ends it.
    fn sweep(&self) -> Result<usize, Error> {
        let sql = "DELETE FROM nodes WHERE state IN ('pending', 'unknown') \
                   AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.node = nodes.id) \
                   AND NOT EXISTS (SELECT 1 FROM pictures WHERE pictures.node = nodes.id) \
                   AND NOT EXISTS (SELECT 1 FROM nodes c WHERE c.parent = nodes.id)";
        Ok(self.transaction.execute(sql, [])?)
    }

    /// Rows that name nodes by their numbers, where those mean the same as before.
    fn naming_nodes(&mut self, table: &'static str, column: &str) -> Result<usize, Error> {
        let mut moved = BTreeSet::new();
        for (id, row) in self.rows("nodes") {
            if self.now(row)? != Some(id) {
                moved.insert(id);
            }
        }
        let (mut brought, mut is_whole) = (0, true);
        for (_, row) in self.rows(table) {
            let told = text(row, column).and_then(|text| serde_json::from_str(text).ok());
            let names_moved = names(&told.unwrap_or_default(), &moved);
            if !self.is_in(table, row)? {
                let is_in = !names_moved && self.insert(table, row)?;
                brought += usize::from(is_in);
                is_whole &= is_in;
            }
        }
        let what = TABLES.into_iter().find(|(name, _)| *name == table).map(|(_, what)| what);
        self.salvaged.lost.extend(what.filter(|_| !is_whole));
        Ok(brought)
    }

    /// Whether an earlier start has brought the row.
    fn is_in(&self, table: &str, row: &Row) -> Result<bool, Error> {
        let (key, node) = (key(table), number(row, "node"));
        let of =
            if table == "jobs" { " AND node = ?2 AND instance <> ''" } else { " AND ?2 IS ?2" };
        let number = match (table, number(row, key)) {
            ("drafts", Some(project)) => self.projects.get(&project).copied(),
            (_, number) => number,
        };
        let sql = format!("SELECT 1 FROM {table} WHERE {key} = ?1{of}");
        Ok(self.transaction.prepare_cached(&sql)?.exists(params![number, node])?)
    }

    /// Whether the row is in: it fits the table as it is today, and makes sense.
    fn insert(&self, table: &str, row: &Row) -> Result<bool, Error> {
        let mut row = row.clone();
        if let Some(project) = number(&row, "project") {
            let Some(now) = self.projects.get(&project) else { return Ok(false) };
            row.insert("project".into(), Value::Integer(*now));
        }
        let columns = columns(self.transaction, table)?;
        row.retain(|name, _| columns.contains(name));
        let names: Vec<&str> = row.keys().map(String::as_str).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", "));
        let key = key(table);
        let is_in = |wrong: &[&str]| -> Result<bool, rusqlite::Error> {
            self.transaction.prepare_cached(&sql)?.execute(params_from_iter(row.values()))?;
            for wrong in wrong {
                let sql = format!("SELECT 1 FROM {table} WHERE {key} = ?1 AND ({wrong})");
                if self.transaction.prepare_cached(&sql)?.exists([number(&row, key)])? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        self.transaction.execute_batch("SAVEPOINT brought")?;
        // What does not fit is left out; what is wrong with the new database its next use tells.
        let is_in = is_in(&damage::wrong(table)).unwrap_or(false);
        let end = if is_in { "RELEASE brought" } else { "ROLLBACK TO brought; RELEASE brought" };
        self.transaction.execute_batch(end)?;
        Ok(is_in)
    }
}

fn columns(connection: &Connection, table: &str) -> Result<BTreeSet<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn key(table: &str) -> &'static str {
    match table {
        "drafts" => "project",
        "pictures" => "node",
        _ => "id",
    }
}

/// Whether any of these nodes is named in it.
fn names(told: &serde_json::Value, nodes: &BTreeSet<i64>) -> bool {
    let is_one = |value: &serde_json::Value| value.as_i64().is_some_and(|it| nodes.contains(&it));
    match told {
        serde_json::Value::Array(values) => values.iter().any(|value| names(value, nodes)),
        serde_json::Value::Object(map) => map.iter().any(|(name, value)| {
            let is_number = matches!(name.as_str(), "node" | "star" | "trash" | "rate" | "name");
            (is_number && is_one(value)) || names(value, nodes)
        }),
        _ => false,
    }
}
