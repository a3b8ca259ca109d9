/** How much may be used in a minute, and at once. 0: there is no limit. */
type PerMinute = number

/** Token buckets by name. Each begins full; the one that was used longest ago is forgotten first. */
export type Buckets = {
  /** Whether `cost` is there. What costs more than a bucket holds can be had from a full one. */
  has(name: string, cost: number, rate: PerMinute): boolean
  /** Takes `cost`, also if less is there: the bucket then fills up from below nothing. */
  spend(name: string, cost: number, rate: PerMinute): void
  /** How many are remembered. */
  readonly size: number
}

type Bucket = { level: number; at: number }

const MINUTE = 60_000

/** `millis` only goes forward; `most` buckets are remembered. */
export function createBuckets(millis: () => number, most: number): Buckets {
  const buckets = new Map<string, Bucket>()

  function levelOf(name: string, rate: PerMinute): number {
    const bucket = buckets.get(name)
    return bucket ? Math.min(rate, bucket.level + ((millis() - bucket.at) * rate) / MINUTE) : rate
  }

  return {
    has: (name, cost, rate) => rate === 0 || levelOf(name, rate) >= Math.min(cost, rate),
    spend(name, cost, rate) {
      if (rate === 0) return
      const level = levelOf(name, rate) - cost
      buckets.delete(name)
      buckets.set(name, { level, at: millis() })
      if (buckets.size > most) buckets.delete(buckets.keys().next().value ?? '')
    },
    get size() {
      return buckets.size
    },
  }
}
