import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from '../support/installed.ts'
import { type Figure, kibibytes } from './figures.ts'

const dist = join(root, 'client/dist')
const gzipped = (file: string): number => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length

/** What the browser loads before the first page is drawn, as index.html names it; the worker comes after. */
export function bundleFigures(): Figure[] {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].flatMap(([, file]) => (file ? [file] : []))
  const sum = (ending: string) =>
    named.filter((file) => file.endsWith(ending)).reduce((total, file) => total + gzipped(file), 0)
  const all = readdirSync(join(dist, 'assets')).filter((file) => file.endsWith('.js'))
  // Named after its entry, client/src/worker/main.ts; the page's own entry is index.
  const worker = all
    .filter((file) => file.startsWith('main-'))
    .reduce((total, file) => total + gzipped(join('assets', file)), 0)
  const every = all.reduce((total, file) => total + gzipped(join('assets', file)), 0)
  return [
    { name: 'first route, JS gz', value: kibibytes(sum('.js')), peer: 'goal 30 KiB' },
    { name: 'first route, CSS gz', value: kibibytes(sum('.css')), peer: 'goal 8 KiB' },
    { name: 'worker (relay, crypto, cache), JS gz', value: kibibytes(worker) },
    { name: 'all JS gz', value: kibibytes(every) },
  ]
}
