const places = ['tide', 'reef', 'kelp', 'fjord', 'dune', 'cove', 'delta', 'marsh', 'shoal', 'lagoon', 'harbor', 'isle']
const animals = ['otter', 'heron', 'seal', 'tern', 'crab', 'wren', 'puffin', 'newt', 'osprey', 'prawn', 'gull', 'eel']

/** A name for a gateway that people can say, `tide-otter`; `random` is from 0 up to 1. */
export const newSlug = (random: () => number): string => `${pick(places, random)}-${pick(animals, random)}`

const pick = (from: readonly string[], random: () => number): string => from[Math.floor(random() * from.length)] ?? ''

/** What is wrong with a name; the same rule as the contract's. */
export const slugProblem = (slug: string): string | undefined =>
  /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(slug)
    ? undefined
    : 'A name is 1 to 32 of a to z, 0 to 9 and -, not at the ends.'
