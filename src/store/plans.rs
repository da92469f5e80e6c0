//! What is asked again and again costs no more when a month of work lies behind.

use rusqlite::Connection;

use super::{accounts, jobs, migrations, nodes, takeover};

/// How SQLite goes about the statement, a line a table.
fn plan(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let mut rows = plan.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(row.get(3)?);
    }
    Ok(lines)
}

/// Walks over a whole table, over an index of all its rows, or over all rows of a project.
fn is_walk(line: &str) -> bool {
    let is_of_few = |line: &str| line.contains("jobs_open") || line.contains("jobs_reserved");
    let tables = ["jobs", "nodes", "j", "n", "pictures", "p", "log"];
    let scanned = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    let is_whole =
        scanned.is_some_and(|table| tables.contains(&table)) || line.ends_with("(project=?)");
    is_whole && !is_of_few(line)
}

#[test]
fn what_is_asked_again_and_again_does_not_walk_over_all_that_has_ended()
-> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("editree.db");
    let mut connection = Connection::open(&path)?;
    migrations::migrate(&mut connection, &path)?;
    let walks = |sql: &str| plan(&connection, sql).map(|lines| lines.iter().any(|it| is_walk(it)));
    // The eye for it: such walks are seen.
    assert!(walks("SELECT id FROM jobs WHERE state = 'done'")?);
    assert!(walks("SELECT id FROM nodes WHERE project = 1 AND prompt = ''")?);
    let mut statements = takeover::statements();
    statements.extend(jobs::statements());
    statements.extend(accounts::STATEMENTS.map(str::to_owned));
    statements.push(nodes::from_sql());
    for sql in statements {
        assert!(!walks(&sql)?, "{sql}: {:#?}", plan(&connection, &sql)?);
    }
    Ok(())
}
