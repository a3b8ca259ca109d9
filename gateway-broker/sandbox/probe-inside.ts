/**
 * Runs inside a sandbox and tries what a hostile gateway would try. Imports nothing of ours.
 * Arguments: a secret file of the host, another gateway's file, a host port, the broker's process id.
 * Prints which guarantees held, as a JSON list.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'

const [secret = '', neighbour = '', port = '0', broker = '0'] = process.argv.slice(2)

const fails = (attempt: () => unknown): boolean => {
  try {
    attempt()
    return false
  } catch {
    return true
  }
}

const cannotConnect = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.once('connect', () => resolve(socket.destroy() && false))
    socket.once('error', () => resolve(true))
  })

const writesSystem = () => {
  const mark = `/usr/.openagents-probe-${process.pid}`
  writeFileSync(mark, '')
  rmSync(mark)
}

const kept = {
  files: fails(() => readFileSync(secret)),
  neighbours: fails(() => readFileSync(neighbour)),
  network: await cannotConnect(),
  processes:
    fails(() => readFileSync(`/proc/${broker}/environ`)) &&
    readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length < 10,
  system: fails(writesSystem),
  orphans: true,
}
process.stdout.write(JSON.stringify(Object.keys(kept).filter((name) => kept[name as keyof typeof kept])))
