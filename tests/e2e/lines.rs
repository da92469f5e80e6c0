//! A line that drops again and again: every request that was asked for ends, none is paid twice, and
//! the log tells each wait once.
//!
//! Short here; `EDITREE_DROPS=40 cargo test --test e2e lines -- --nocapture` is two minutes of it.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::pty::{Start, Terminal};
use crate::service::Service;

const JOBS: usize = 30;
/// How often the line goes away, and for how long it does.
const DROPS: u32 = 4;
const UP: Duration = Duration::from_millis(1_800);
const DOWN: Duration = Duration::from_millis(1_200);
/// Longest wait for the end; machines are shared.
const PATIENCE: Duration = Duration::from_secs(180);

/// A line to the service that can be cut.
struct Line {
    address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
    is_up: Arc<AtomicBool>,
}

impl Line {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self {
            address: listener.local_addr().unwrap(),
            open: Arc::default(),
            is_up: Arc::new(AtomicBool::new(true)),
        };
        let (address, open, is_up) =
            (line.address, Arc::clone(&line.open), Arc::clone(&line.is_up));
        thread::spawn(move || {
            let mut listener = Some(listener);
            loop {
                if !is_up.load(Ordering::Relaxed) {
                    // Nobody answers at all: connections are refused.
                    listener = None;
                } else if listener.is_none() {
                    listener = TcpListener::bind(address).ok();
                }
                if let Some(listener) = &listener {
                    listener.set_nonblocking(true).unwrap();
                    while let Ok((near, _)) = listener.accept() {
                        near.set_nonblocking(false).unwrap();
                        connect(near, port, &open);
                    }
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        line
    }

    /// Whatever is under way breaks in the middle, and nothing new comes through for a while.
    fn drop_for(&self, time: Duration) {
        self.is_up.store(false, Ordering::Relaxed);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        thread::sleep(time);
        self.is_up.store(true, Ordering::Relaxed);
    }
}

fn connect(near: TcpStream, port: u16, open: &Mutex<Vec<TcpStream>>) {
    let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (from, to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
    open.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
    thread::spawn(move || copy(from, to));
    thread::spawn(move || copy(far, near));
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// What the store says, by another process.
fn states(service: &Service, folder: &Path) -> Vec<(String, Option<String>)> {
    let output = service.editree(folder, &["tree", "--json"]);
    let Ok(tree) = serde_json::from_slice::<Value>(&output.stdout) else {
        return Vec::new();
    };
    let text = |node: &Value, name: &str| node[name].as_str().map(str::to_owned);
    let nodes = tree["nodes"].as_array().unwrap();
    nodes.iter().map(|node| (text(node, "state").unwrap(), text(node, "request_id"))).collect()
}

#[test]
fn thirty_requests_over_a_line_that_keeps_dropping_all_end() {
    let drops = std::env::var("EDITREE_DROPS").ok().and_then(|text| text.parse().ok());
    let drops = drops.unwrap_or(DROPS);
    let folder = tempfile::tempdir().unwrap();
    // Slow enough that the requests outlast the drops.
    let speed = (48.0 / f64::from(drops)).to_string();
    let service = Service::start(folder.path(), &["--speed", &speed]);
    let line = Line::to(service.port());
    service.configure_through(folder.path(), line.address);
    let mut terminal = Terminal::start(&Start {
        folder: folder.path(),
        arguments: &[],
        size: (100, 30),
        environment: &[("FAL_KEY", &service.key)],
    });
    terminal.wait_for("here (127.0.0.1)");
    for number in 0..JOBS {
        terminal.send(&format!("a lighthouse, take {number}\r"));
        if number == 0 {
            terminal.wait_for("cost money");
            terminal.send("y");
        }
        let all = format!(" of {}", number + 1);
        terminal.wait_until("its node in the tree", |screen, _| {
            screen.lines().any(|line| {
                let title = line.trim_end_matches([' ', '━']);
                title.contains(" tree ") && title.ends_with(&all)
            })
        });
    }
    for _ in 0..drops {
        thread::sleep(UP);
        line.drop_for(DOWN);
    }
    let begin = Instant::now();
    let over = |states: &[(String, Option<String>)]| {
        states.iter().filter(|(state, _)| ["done", "unknown"].contains(&state.as_str())).count()
    };
    let mut known = states(&service, folder.path());
    while over(&known) < JOBS {
        assert!(begin.elapsed() < PATIENCE, "{known:?}");
        thread::sleep(Duration::from_millis(300));
        known = states(&service, folder.path());
    }
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
    check(&service, folder.path(), &known, drops);
}

fn check(service: &Service, folder: &Path, states: &[(String, Option<String>)], drops: u32) {
    let done: Vec<&String> = states
        .iter()
        .filter(|(state, _)| state == "done")
        .filter_map(|(_, id)| id.as_ref())
        .collect();
    let unknown = JOBS - done.len();
    let submits = service.ledger();
    let kept = done.iter().collect::<BTreeSet<_>>().len();
    let lines = log_lines(folder);
    println!(
        "line dropped {drops} times: {JOBS} asked for, {} sent, {kept} in the tree, {unknown} maybe \
         paid, {} lines of log",
        submits.len(),
        lines.len()
    );
    assert_eq!(kept, done.len(), "none twice");
    assert!((done.len()..=JOBS).contains(&submits.len()), "{} sent", submits.len());
    let mut told = BTreeSet::new();
    let twice: Vec<_> = lines.iter().filter(|line| !told.insert(*line)).collect();
    assert!(twice.len() <= lines.len() / 4, "told again and again: {twice:?}");
    assert!(lines.len() < JOBS * 30, "{} lines", lines.len());
}

/// Job and words of every line that the store keeps.
fn log_lines(folder: &Path) -> Vec<(Option<i64>, String)> {
    let path = folder.join("data/editree/editree.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT job, text FROM log ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}
