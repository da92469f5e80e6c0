CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    simulated INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    global TEXT NOT NULL UNIQUE,
    project INTEGER NOT NULL REFERENCES projects (id),
    state TEXT NOT NULL,
    parent INTEGER REFERENCES nodes (id),
    parent_picture TEXT,
    endpoint TEXT,
    prompt TEXT,
    params TEXT,
    inputs TEXT,
    title TEXT,
    seed INTEGER,
    request_id TEXT,
    cost INTEGER,
    simulated INTEGER NOT NULL,
    starred INTEGER NOT NULL DEFAULT 0,
    trashed INTEGER NOT NULL DEFAULT 0,
    name TEXT,
    at INTEGER NOT NULL,
    timings TEXT,
    raw TEXT
) STRICT;
CREATE INDEX nodes_by_project ON nodes (project, id);
CREATE INDEX nodes_by_parent ON nodes (parent);

CREATE TABLE pictures (
    node INTEGER NOT NULL REFERENCES nodes (id),
    place INTEGER NOT NULL,
    hash TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    nsfw INTEGER NOT NULL,
    url TEXT,
    PRIMARY KEY (node, place)
) STRICT;
CREATE INDEX pictures_by_hash ON pictures (hash);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    node INTEGER NOT NULL REFERENCES nodes (id),
    project INTEGER NOT NULL REFERENCES projects (id),
    profile TEXT NOT NULL,
    simulated INTEGER NOT NULL,
    instance TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    request_id TEXT,
    gateway_request_id TEXT,
    status_url TEXT,
    response_url TEXT,
    cancel_url TEXT,
    estimate INTEGER,
    cost INTEGER,
    billable_units REAL,
    repeats INTEGER REFERENCES jobs (id),
    sync INTEGER NOT NULL,
    webhook TEXT,
    at INTEGER NOT NULL,
    sent_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX jobs_by_state ON jobs (project, state);
CREATE INDEX jobs_by_end ON jobs (ended_at);

CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    change TEXT,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL REFERENCES projects (id),
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    job INTEGER,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE drafts (
    project INTEGER PRIMARY KEY REFERENCES projects (id),
    draft TEXT NOT NULL
) STRICT;

CREATE TABLE uploads (
    hash TEXT NOT NULL,
    profile TEXT NOT NULL,
    url TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (hash, profile)
) STRICT;

-- What an editree of that version left: a root, a result of it, and a decision taken back.
INSERT INTO projects (id, name, simulated) VALUES (1, 'main', 0);
INSERT INTO nodes (id, global, project, state, title, simulated, starred, at)
    VALUES (1, 'root-1', 1, 'root', 'cat.png', 0, 1, 100);
INSERT INTO pictures (node, place, hash, width, height, format, bytes, nsfw)
    VALUES (1, 0, 'abababababababababababababababababababababababababababababababab', 8, 8, 'png', 70, 0);
INSERT INTO nodes (id, global, project, state, parent, parent_picture, endpoint, prompt, params,
        inputs, simulated, at)
    VALUES (2, 'node-2', 1, 'pending', 1, 'abababababababababababababababababababababababababababababababab', 'fal-ai/flux-pro/kontext', 'make it blue', '{}',
        '[{"node":1,"picture":"abababababababababababababababababababababababababababababababab"}]', 0, 200);
INSERT INTO jobs (id, node, project, profile, simulated, instance, state, request_id, status_url,
        response_url, cancel_url, estimate, sync, at, sent_at)
    VALUES (1, 2, 1, 'fal', 0, 'long-dead', 'queued', 'r-1', 's', 'r', 'c', 40000, 0, 200, 210);
INSERT INTO decisions (project, kind, change, at)
    VALUES (1, 'did', '{"star":1,"on":true}', 110), (1, 'did', '{"trash":1,"on":true}', 120),
        (1, 'undid', NULL, 130);
INSERT INTO log (project, at, level, job, text) VALUES (1, 150, 'info', NULL, 'hello');
PRAGMA user_version = 1;
