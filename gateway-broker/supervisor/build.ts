import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#nips/kit/fault'

/** What the page is made of. */
const sources = [
  'client/index.html',
  'client/vite.config.ts',
  'client/public/**',
  'client/src/**',
  'nips/**/*.ts',
  'bun.lock',
]

/** Builds the page when something it is made of has changed since; resolves with whether it did. */
export async function buildPage(root: string, node: string): Promise<boolean> {
  const stamp = join(root, 'client/dist/.stamp')
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false
  await run(
    node,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', join(root, 'client'), '--logLevel', 'warn'],
    root,
  )
  writeFileSync(stamp, wanted)
  return true
}

function fingerprint(root: string): string {
  const hash = createHash('sha256')
  const files = globSync(sources, { cwd: root }).sort()
  for (const file of files) {
    const path = join(root, file)
    if (statSync(path).isFile()) hash.update(file).update('\0').update(readFileSync(path))
  }
  return hash.digest('hex')
}

function run(command: string, args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const said: string[] = []
    child.stdout.on('data', (chunk) => said.push(String(chunk)))
    child.stderr.on('data', (chunk) => said.push(String(chunk)))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Fault('internal', `the page could not be built:\n${said.join('')}`)),
    )
  })
}
