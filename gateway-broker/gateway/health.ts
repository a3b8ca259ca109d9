import { request } from 'node:http'

/** What `GET /startupz` says: 200 once the gateway's parts have settled. Never throws; a closed door is `false`. */
export function hasStarted(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/startupz', method: 'GET', timeout: 2000 }, (response) => {
      response.resume()
      response.once('close', () => resolve(response.statusCode === 200))
    })
    call.once('timeout', () => call.destroy())
    call.once('error', () => resolve(false))
    call.end()
  })
}
