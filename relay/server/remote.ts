/** The client's address: from the header of a proxy that the operator named, else from the connection. */
export function remoteOf(named: string | null | undefined, peer: string): string {
  const first = named?.split(',')[0]?.trim()
  return first || peer
}
