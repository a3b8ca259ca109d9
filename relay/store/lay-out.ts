import type { NostrEvent } from '#nips/keys'
import type { Rows } from './migrations.ts'
import { expiryOf, standingOf } from './postings.ts'
import { bytesOf, expiring, termsOf } from './terms.ts'

/** Version 3: the log, the one index over it, and what each key has stored; all of it from the texts of version 2. */
export function layOut(db: Rows): void {
  db.exec(`
    ALTER TABLE events RENAME TO earlier;

    CREATE TABLE events (
      seq  INTEGER PRIMARY KEY,
      json TEXT NOT NULL
    ) STRICT;
    INSERT INTO events SELECT seq, json FROM earlier ORDER BY seq;
    DROP TABLE earlier;
    DROP TABLE tags;

    -- A range of one term is in NIP-01's order: age is the date with its sign turned, prefix the head of the id.
    CREATE TABLE postings (
      term    BLOB NOT NULL,
      age     INTEGER NOT NULL,
      prefix  INTEGER NOT NULL,
      seq     INTEGER NOT NULL,
      kind    INTEGER NOT NULL,
      expires INTEGER,
      PRIMARY KEY (term, age, prefix, seq)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE marks (
      name   TEXT PRIMARY KEY,
      number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO marks SELECT name, coalesce(max(seq), 0) FROM events, (SELECT 'newest' AS name UNION SELECT 'indexed') GROUP BY name;

    CREATE TABLE usage (
      pubkey BLOB PRIMARY KEY,
      events INTEGER NOT NULL,
      bytes  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO usage
      SELECT unhex(json ->> 'pubkey'), count(*), sum(length(CAST(json AS BLOB))) FROM events GROUP BY 1;

    -- the words of public events (NIP-50), made by nips/nip50.ts; filled behind the log, up to the mark 'searched'
    CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='ascii');
    -- entries of what is erased are taken out, not crossed out
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

    CREATE TEMP TABLE found (term, age, prefix, seq, kind, expires);
  `)
  collectPostings(db)
  db.exec(`
    INSERT OR IGNORE INTO postings SELECT * FROM found ORDER BY term, age, prefix, seq;
    DROP TABLE found;
  `)
}

/** Events that are read together. */
const SOME = 1000

function collectPostings(db: Rows): void {
  const next = db.prepare(`SELECT seq, json FROM events WHERE seq > ? ORDER BY seq LIMIT ${SOME}`)
  const found = db.prepare('INSERT INTO found VALUES (?, ?, ?, ?, ?, ?)')
  let after = 0
  for (let rows = next.all(after); rows.length > 0; rows = next.all(after))
    for (const { seq, json } of rows as { seq: number; json: string }[]) {
      for (const row of rowsOf(JSON.parse(json) as NostrEvent, seq)) found.run(...row)
      after = seq
    }
}

function rowsOf(event: NostrEvent, seq: number): unknown[][] {
  const standing = standingOf(event, seq)
  const [, age, prefix, kind, expires] = standing
  const expiry = expiryOf(standing)
  const rows = termsOf(event).map((term) => [bytesOf(term), age, prefix, seq, kind, expires])
  return expiry ? [...rows, [bytesOf(expiring), expiry[1], prefix, seq, kind, expires]] : rows
}
