import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSecretKey, signEvent } from '#nips/keys'
import { vectors } from './vectors.ts'
import type { Claim, Verifier } from './verifier.ts'

const keys = Array.from({ length: 5 }, generateSecretKey)
const signed = Array.from({ length: 200 }, (_, at) =>
  signEvent({ kind: 1, created_at: at, tags: [], content: '' }, keys[at % keys.length] as Uint8Array),
)
const claimAt = (at: number): Claim => signed[at % signed.length] as Claim
const otherId = (): string => randomBytes(32).toString('hex')

/** Claims of which those at `wrong` do not hold. */
const claims = (count: number, wrong: (at: number) => boolean = () => false): Claim[] =>
  Array.from({ length: count }, (_, at) => (wrong(at) ? { ...claimAt(at), id: otherId() } : claimAt(at)))

/** What every verifier promises. */
export function describeVerifier(name: string, open: () => Verifier | Promise<Verifier>): void {
  describe(`a verifier: ${name}`, { timeout: 30_000 }, () => {
    let verifier: Verifier
    beforeAll(async () => {
      verifier = await open()
    })
    afterAll(() => verifier.close())

    test('answers nothing with nothing', async () => {
      expect(await verifier.verify([])).toEqual([])
    })

    test("knows BIP-340's vectors", async () => {
      expect(await verifier.verify(vectors)).toEqual(vectors.map(({ valid }) => valid))
    })

    test.each([1, 2, 8, 9, 64, 65, 512])('answers %i claims in their order', async (count) => {
      const wrong = (at: number): boolean => at % 3 === 1
      expect(await verifier.verify(claims(count, wrong))).toEqual(claims(count).map((_, at) => !wrong(at)))
    })

    test('answers batches that are asked at the same time, each with its own', async () => {
      const counts = [3, 70, 1, 40, 130]
      const answers = await Promise.all(
        counts.map((count, batch) => verifier.verify(claims(count, (at) => at === batch))),
      )
      expect(answers).toEqual(counts.map((count, batch) => claims(count).map((_, at) => at !== batch)))
    })

    test('remembers no answer: a claim that held holds for nothing else', async () => {
      const [first, second] = [claimAt(0), claimAt(1)]
      const swapped = [
        { ...first, id: second.id },
        { ...first, pubkey: second.pubkey },
        { ...first, sig: second.sig },
      ]
      expect(await verifier.verify([first, ...swapped, first, second])).toEqual([true, false, false, false, true, true])
      expect(await verifier.verify(swapped)).toEqual([false, false, false])
    })

    test('does not take what a batch before held for the answer to the next', async () => {
      await verifier.verify(claims(64))
      expect(await verifier.verify(claims(64, () => true))).toEqual(claims(64).map(() => false))
    })
  })
}
