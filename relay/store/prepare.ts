/** What reading and writing need of an SQL engine. */
export type Statement = {
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  run(...values: unknown[]): unknown
}
export type Prepare = (sql: string) => Statement

/** Keeps each statement once it is prepared; the texts are few and fixed. */
export function remember(prepare: Prepare): Prepare {
  const known = new Map<string, Statement>()
  return (sql) => {
    const statement = known.get(sql) ?? prepare(sql)
    known.set(sql, statement)
    return statement
  }
}
