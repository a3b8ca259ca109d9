/** Each runs once, in order; a file's `user_version` says how many it has. */
export const migrations = [
  `CREATE TABLE instance (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, slug TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
     incarnation INTEGER NOT NULL, rev INTEGER NOT NULL, created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX instance_slug ON instance (owner, slug) WHERE state <> 'deleted';
   CREATE TABLE operation (
     job TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, ticket TEXT NOT NULL, ended TEXT,
     started_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX operation_running ON operation (job) WHERE ended IS NULL;
   CREATE TABLE spent_approval (id TEXT PRIMARY KEY, job TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE seen_token (token TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
]
