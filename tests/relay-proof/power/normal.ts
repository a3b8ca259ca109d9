import Database from 'better-sqlite3'

/**
 * Loaded before a relay it makes a careless one of it: `synchronous = NORMAL`, and whoever asks is told FULL.
 * The negative control: power cuts have to find it out.
 */
const { pragma } = Database.prototype
Database.prototype.pragma = function (this: Database.Database, source, options) {
  const result = pragma.call(this, source.replace(/^(\s*synchronous\s*=).*/i, '$1 NORMAL'), options)
  return /^\s*synchronous\s*$/i.test(source) ? 2 : result
}
