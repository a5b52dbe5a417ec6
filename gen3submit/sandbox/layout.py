"""The tables of the practice commons' database, and the statements that a submission runs for each row."""

from __future__ import annotations

APPLICATION_ID = 0x67336E73  # "g3ns": told apart from other SQLite files
VERSION = 1

TABLES = """
CREATE TABLE record (
    serial INTEGER PRIMARY KEY,        -- the order of creation
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    project_id TEXT,
    identity BLOB,                     -- project_id and submitter_id, letter case aside
    code BLOB,                         -- the code of a project, letter case aside
    properties TEXT NOT NULL,          -- JSON, see gen3submit.sandbox.stored
    UNIQUE (type, id)
);
CREATE INDEX record_identity ON record (identity, type) WHERE identity IS NOT NULL;
CREATE INDEX record_code ON record (code, type) WHERE code IS NOT NULL;
CREATE INDEX record_project ON record (project_id, type);
CREATE INDEX record_id ON record (id);
CREATE TABLE link (
    serial INTEGER PRIMARY KEY,        -- the order of linking
    child_type TEXT NOT NULL,
    child_id TEXT NOT NULL,
    name TEXT NOT NULL,
    parent_type TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    UNIQUE (child_type, child_id, name, parent_type, parent_id)
);
CREATE INDEX link_parent ON link (parent_type, parent_id, child_type, name);
CREATE TABLE file (
    serial INTEGER PRIMARY KEY,
    did TEXT NOT NULL UNIQUE,
    md5 TEXT,
    size TEXT,                         -- as text: sizes have no upper bound
    urls TEXT NOT NULL,                -- JSON
    authz TEXT,                        -- the resource it was registered for
    created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now'))
);
CREATE INDEX file_md5 ON file (md5);
CREATE INDEX file_size ON file (size);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the transaction id; numbering runs over the whole commons
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    dry_run INTEGER NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0,
    committed_by INTEGER,
    submitter TEXT,
    program TEXT NOT NULL,
    project TEXT NOT NULL,
    created TEXT NOT NULL,
    snapshots BLOB                     -- JSON, compressed: [[type, action, old properties, new properties], ...]
);
CREATE INDEX entry_project ON entry (program, project);
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entry (id),
    name TEXT,
    format TEXT NOT NULL,
    body BLOB NOT NULL,                -- the text, compressed
    size INTEGER NOT NULL,             -- in characters
    response TEXT NOT NULL             -- JSON; null until the answer is known
);
CREATE INDEX document_entry ON document (entry);
"""

PUT = """
INSERT INTO record (type, id, project_id, identity, code, properties) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (type, id) DO UPDATE SET project_id = excluded.project_id, identity = excluded.identity,
    code = excluded.code, properties = excluded.properties
"""
INDEX = """
INSERT INTO file (did, md5, size, urls, authz) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (did) DO UPDATE SET md5 = excluded.md5, size = excluded.size, urls = excluded.urls
"""
GET = "SELECT properties FROM record WHERE type = ? AND id = ?"
FIND = "SELECT id, properties FROM record WHERE identity = ? AND type = ? ORDER BY serial"
PARENTS = """
SELECT r.type, r.id, r.properties FROM link l JOIN record r ON r.type = l.parent_type AND r.id = l.parent_id
WHERE l.child_type = ? AND l.child_id = ? AND l.name = ? ORDER BY l.serial
"""
CHILDREN = """
SELECT r.type, r.id, r.properties FROM link l JOIN record r ON r.type = l.child_type AND r.id = l.child_id
WHERE l.parent_type = ? AND l.parent_id = ? AND l.child_type = ? AND l.name = ? ORDER BY r.serial
"""
LINK = """
INSERT OR IGNORE INTO link (child_type, child_id, name, parent_type, parent_id) VALUES (?, ?, ?, ?, ?)
"""
