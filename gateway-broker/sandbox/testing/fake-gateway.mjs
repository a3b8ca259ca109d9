// Stands for a gateway in the driver suite: listens, and does what a test asks of it from inside.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'

const [port, modelPort, mode] = process.argv.slice(2)
if (mode === 'stubborn') process.on('SIGTERM', () => undefined)

const attempts = {
  env: () => process.env,
  read: (path) => readFileSync(path, 'utf8'),
  write: (path) => writeFileSync(path, 'written'),
  model: async (path) => (await fetch(`http://127.0.0.1:${modelPort}${path}`)).text(),
  dial: (target) =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(target), '127.0.0.1')
      socket.once('connect', () => resolve('open'))
      socket.once('error', reject)
    }),
  child: () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'oa-grandchild'], { stdio: 'ignore' }).pid,
  exit: (code) => process.exit(Number(code)),
}

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://inside')
  try {
    const value = await attempts[pathname.slice(1)](searchParams.get('with'))
    response.end(JSON.stringify({ ok: true, value }))
  } catch (error) {
    response.end(JSON.stringify({ ok: false, value: error.code ?? error.message }))
  }
}).listen(Number(port), '127.0.0.1')
