import { hostOf } from '#nips/nip42'

const everywhere: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::'])

/**
 * Host and port (unless it is the usual one) of every URL this relay is known by: the public ones first, then the address it listens on.
 * Loopback names count always: only a program on this machine can have been told them.
 */
export function hostsOf({ urls, host, port }: { urls: readonly string[]; host: string; port: number }): string[] {
  const named = urls.flatMap((url) => hostOf(url) ?? [])
  const listening = everywhere.has(host)
    ? ['127.0.0.1', 'localhost', '[::1]']
    : [host.includes(':') ? `[${host}]` : host]
  const own = listening.flatMap((name) => hostOf(`ws://${name}:${port}`) ?? [])
  return [...new Set([...named, ...own])]
}
