import type { Engine, Migration } from '#nips/kit/database'
import { layOut } from './lay-out.ts'

/** What a migration that reads and writes rows needs of the engine. */
export type Rows = Engine & {
  prepare(text: string): { all(...values: unknown[]): unknown[]; run(...values: unknown[]): unknown }
}

/**
 * The schema, one entry for each version; an entry that was released never changes.
 *
 * Since version 3: events: the log. `seq` counts arrivals and `json` is the event as it is sent; everything else
 * follows from it. postings: the one index. marks: numbers that have to outlive a process. usage: what each key has here.
 */
export const migrations: readonly Migration<Rows>[] = [
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
  layOut,
]
