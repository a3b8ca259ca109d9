import type { Usage } from '../store/store.ts'

/** What keys have stored: asked of the store once a minute, with what has come since. */
export type Usages = {
  /** What is known now, nothing the first time, when the store is only being asked. For whoever must not wait. */
  peek(pubkey: string): Usage | undefined
  /** Those who ask for one key hear in the order in which they asked. Rejects when the store cannot tell. */
  of(pubkey: string): Promise<Usage>
  /** Adds an event that was stored. */
  add(pubkey: string, bytes: number): void
}

type Known = { readonly asked: Promise<Usage>; readonly until: number; usage: Usage | undefined; since: Usage }

/** Seconds. */
const FRESH = 60
/** Keys that are remembered; the one asked for longest ago is forgotten first. */
const MOST = 20_000

const nothing: Usage = { events: 0, bytes: 0 }
const sum = (a: Usage, b: Usage): Usage => ({ events: a.events + b.events, bytes: a.bytes + b.bytes })

export function createUsages(ask: (pubkey: string) => Promise<Usage>, now: () => number): Usages {
  const known = new Map<string, Known>()

  function find(pubkey: string): Known {
    const found = known.get(pubkey)
    if (found && found.until > now()) return found
    const usage = found?.usage && sum(found.usage, found.since)
    const fresh: Known = { asked: ask(pubkey), until: now() + FRESH, usage, since: nothing }
    fresh.asked.then(
      (answer) => {
        fresh.usage = answer
      },
      () => known.delete(pubkey),
    )
    known.delete(pubkey)
    known.set(pubkey, fresh)
    if (known.size > MOST) known.delete(known.keys().next().value ?? '')
    return fresh
  }

  return {
    peek(pubkey) {
      const { usage, since } = find(pubkey)
      return usage && sum(usage, since)
    },
    async of(pubkey) {
      const found = find(pubkey)
      return sum(await found.asked, found.since)
    },
    add(pubkey, bytes) {
      const found = known.get(pubkey)
      if (found) found.since = sum(found.since, { events: 1, bytes })
    },
  }
}
