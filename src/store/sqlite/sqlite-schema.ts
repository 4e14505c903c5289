/**
 * Opens the file of an SQLite catalogue and owns its tables. Invariant: what is in the file can be made again by
 * the peers that come back, so a file of another version is emptied, never migrated.
 *
 * - `file`: one row for each content at each path with each size; `key` is a number made of both, content first.
 * - `holder`: which peer has which file, and by its index the other way round.
 * - `peer`: who is known; `sums` beside it, because it is large and seldom needed.
 * - `total`: how many there are of all, and the secret of the keys.
 * - `word`: the tokens of each file, under a row made of its `fid` and kind (sqlite-index.ts). FTS5 holds no text (`content=`) and no
 *   positions (`detail=none`); what it finds is checked on the row.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { FileKeys, secretBytes } from './sqlite-keys.ts';
import { reading } from './sqlite-statements.ts';

/** Says whose file it is ("shol"), so that nobody else's is ever emptied. */
const applicationId = 0x73686f6c;
/** Raise it with every change to the tables, to keys (sqlite-keys.ts) or to what is indexed of a file (tokenizer, facets, kinds). */
const schemaVersion = 10;

/** Who only reads maps nothing: SQLite lets go of a mapping with each commit of somebody else's, and all pages fault again. */
const readPragmas = `
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;
`;

const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA mmap_size = 1073741824;
  ${readPragmas}
  PRAGMA wal_autocheckpoint = 16000;
  PRAGMA journal_size_limit = 67108864;
`;

const tables = `
  CREATE TABLE file (
    fid INTEGER PRIMARY KEY, key INTEGER NOT NULL, size INTEGER NOT NULL, id BLOB NOT NULL, path TEXT NOT NULL
  );
  CREATE INDEX file_key ON file (key);
  CREATE TABLE holder (fid INTEGER, pid INTEGER, PRIMARY KEY (fid, pid)) WITHOUT ROWID;
  CREATE INDEX holder_peer ON holder (pid, fid);
  CREATE TABLE peer (
    pid INTEGER PRIMARY KEY, peer TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL, port INTEGER NOT NULL, online INTEGER NOT NULL, left_ms INTEGER NOT NULL,
    reachable INTEGER,
    generation INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL, digest BLOB NOT NULL
  );
  CREATE INDEX peer_online ON peer (name_key) WHERE online = 1;
  CREATE INDEX peer_away ON peer (left_ms, pid, count) WHERE online = 0;
  CREATE TABLE total (
    files INTEGER NOT NULL, shares INTEGER NOT NULL, last_fid INTEGER NOT NULL, secret BLOB NOT NULL
  );
  CREATE TABLE sums (pid INTEGER PRIMARY KEY, sums BLOB NOT NULL);
  CREATE VIRTUAL TABLE word USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = none, prefix = '2 3', tokenize = "ascii tokenchars ':'"
  );
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab ('word', 'row');
  -- Merging segments half as often saved registering about a tenth of its processor time.
  INSERT INTO word (word, rank) VALUES ('automerge', 8);
  -- What merges when nobody waits may begin with two segments.
  INSERT INTO word (word, rank) VALUES ('usermerge', 2);
`;

/**
 * Opens a catalogue, made when missing, with nobody online. `onEmptied`: told where what was in it is gone, and why. Throws
 * what SQLite throws.
 */
export function openDatabase(
  path: string,
  nowMs: number,
  onEmptied?: (reason: string) => void,
): DatabaseSync {
  // SQLite would let the whole machine read it, and makes its companions as readable as the file.
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: 2_000 });
  try {
    refuseForeign(database);
    database.exec(pragmas);
    const version = read(database, 'PRAGMA user_version');
    if (version !== schemaVersion) {
      recreate(database);
      if (version !== 0) onEmptied?.(`it was kept in another way (${String(version)}, not ${schemaVersion})`);
    }
    database.prepare('UPDATE peer SET online = 0, left_ms = ? WHERE online = 1').run(nowMs);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens a catalogue that `openDatabase` made, to read it beside the one who writes. Throws what SQLite throws. */
export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 2_000 });
  try {
    if (read(database, 'PRAGMA application_id') !== applicationId)
      throw new Error('it is the database of another program');
    if (read(database, 'PRAGMA user_version') !== schemaVersion)
      throw new Error('it is the catalogue of another version');
    database.exec(readPragmas);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** How the files of an open catalogue are numbered. */
export function keysOf(database: DatabaseSync): FileKeys {
  const [secret] = reading(database, 'SELECT secret FROM total').get() as unknown as [Uint8Array];
  return new FileKeys(secret);
}

function refuseForeign(database: DatabaseSync): void {
  const isOurs = read(database, 'PRAGMA application_id') === applicationId;
  if (!isOurs && read(database, 'SELECT count(*) FROM sqlite_schema') !== 0)
    throw new Error('it is the database of another program');
}

function recreate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  for (const table of ['file', 'holder', 'peer', 'total', 'sums', 'vocabulary', 'word'])
    database.exec(`DROP TABLE IF EXISTS ${table}`);
  database.exec(tables);
  const total = database.prepare('INSERT INTO total (files, shares, last_fid, secret) VALUES (0, 0, 0, ?)');
  total.run(randomBytes(secretBytes));
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
  database.exec('COMMIT');
}

function read(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}
