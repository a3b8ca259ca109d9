/**
 * The schema, one entry for each version; an entry that was released never changes.
 *
 * events: `seq` counts arrivals. `place` is NIP-01's `d` for kinds that replace each other, NULL for the rest.
 * `json` is the event as it is sent. tags: what `#x` conditions ask for, one row for each single-letter tag.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    id         BLOB NOT NULL,
    pubkey     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    place      TEXT,
    expires    INTEGER,
    json       TEXT NOT NULL
  ) STRICT;

  -- {"ids": […]}, and whether an event is here already
  CREATE UNIQUE INDEX events_id ON events (id);
  -- the one event that holds a place
  CREATE UNIQUE INDEX events_place ON events (kind, pubkey, place) WHERE place IS NOT NULL;
  -- {"authors": […], "kinds": […]}, and requests to vanish
  CREATE INDEX events_author_kind ON events (pubkey, kind, created_at);
  -- {"authors": […]}, and what a request to vanish erases
  CREATE INDEX events_author ON events (pubkey, created_at);
  -- {"kinds": […]}
  CREATE INDEX events_kind ON events (kind, created_at);
  -- {} and {"since": …}
  CREATE INDEX events_time ON events (created_at);
  -- what to sweep next
  CREATE INDEX events_expires ON events (expires) WHERE expires IS NOT NULL;

  -- {"#e": […]}, {"#p": […]} and the rest, deletions by "e" and "a", gift wraps by "p"
  CREATE TABLE tags (
    name       TEXT NOT NULL,
    value      ANY NOT NULL,
    created_at INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    PRIMARY KEY (name, value, created_at, seq)
  ) STRICT, WITHOUT ROWID
  `,
  `
  -- what an operator has noted (NIP-86)
  CREATE TABLE lists (
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    note  TEXT NOT NULL,
    PRIMARY KEY (name, value)
  ) STRICT, WITHOUT ROWID
  `,
]
