/**
 * The tables of a profile's database, as the steps that made them. A step that was released never changes;
 * what is new is a new step.
 */
export const migrations: readonly string[] = [
  // Stamps of files and the manifests they had. Days count from 1970.
  `CREATE TABLE manifest (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     size_bytes INTEGER NOT NULL,
     leaves BLOB NOT NULL
   );
   CREATE TABLE hashed_file (
     stamp TEXT PRIMARY KEY,
     manifest INTEGER NOT NULL REFERENCES manifest (number),
     seen_day INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX hashed_file_manifest ON hashed_file (manifest);
   CREATE INDEX hashed_file_seen ON hashed_file (seen_day);
   CREATE TABLE shared_file (
     path TEXT PRIMARY KEY,
     id TEXT NOT NULL,
     size_bytes INTEGER NOT NULL
   ) WITHOUT ROWID;`,
  // What the user set while a peer ran.
  `CREATE TABLE chosen_limit (
     name TEXT PRIMARY KEY,
     value INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE blocked_peer (
     number INTEGER PRIMARY KEY,
     peer TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL
   );
   CREATE TABLE added_share (
     number INTEGER PRIMARY KEY,
     folder TEXT NOT NULL UNIQUE
   );`,
  // The download queue. `body` is JSON: only whether it goes on, and when, is asked for.
  `CREATE TABLE transfer (
     number INTEGER PRIMARY KEY,
     state TEXT NOT NULL,
     place REAL NOT NULL,
     body TEXT NOT NULL
   );`,
  // Where shared files lie, for those who look for a content while nothing runs.
  `CREATE INDEX shared_file_id ON shared_file (id);
   CREATE TABLE shared_root (
     path TEXT PRIMARY KEY,
     folder TEXT NOT NULL
   ) WITHOUT ROWID;`,
];
