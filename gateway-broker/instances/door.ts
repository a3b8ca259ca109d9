import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'

type Fetch = (request: Request) => Response | Promise<Response>

/** Opens the model proxy to one sandbox on a unix socket; the returned function closes it and cuts what runs through it. */
export async function openModelDoor(socketPath: string, fetch: Fetch): Promise<() => Promise<void>> {
  await rm(socketPath, { force: true })
  const server = createServer(getRequestListener(fetch))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  await chmod(socketPath, 0o600)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(socketPath, { force: true })
  }
}
