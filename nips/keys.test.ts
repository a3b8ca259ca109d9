import { finalizeEvent, verifyEvent } from 'nostr-tools/pure'
import { describe, expect, test } from 'vitest'
import { random, seeds } from '#tests/support/random'
import { SignedEvent } from './event.ts'
import {
  type EventTemplate,
  eventId,
  generateSecretKey,
  type NostrEvent,
  publicKeyOf,
  serialise,
  signEvent,
  verifySchnorr,
} from './keys.ts'
import { hexToBytes } from './kit/bytes.ts'

/** BIP-340's test-vectors.csv, the rows with 32-byte messages: secret key, public key, message, signature, result, why. */
const vectors = `
0000000000000000000000000000000000000000000000000000000000000003,F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9,0000000000000000000000000000000000000000000000000000000000000000,E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA821525F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0,TRUE,
B7E151628AED2A6ABF7158809CF4F3C762E7160F38B4DA56A784D9045190CFEF,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,6896BD60EEAE296DB48A229FF71DFE071BDE413E6D43F917DC8DCF8C78DE33418906D11AC976ABCCB20B091292BFF4EA897EFCB639EA871CFA95F6DE339E4B0A,TRUE,
C90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B14E5C9,DD308AFEC5777E13121FA72B9CC1B7CC0139715309B086C960E18FD969774EB8,7E2D58D8B3BCDF1ABADEC7829054F90DDA9805AAB56C77333024B9D0A508B75C,5831AAEED7B44BB74E5EAB94BA9D4294C49BCF2A60728D8B4C200F50DD313C1BAB745879A5AD954A72C45A91C3A51D3C7ADEA98D82F8481E0E1E03674A6F3FB7,TRUE,
0B432B2677937381AEF05BB02A66ECD012773062CF3FA2549E44F58ED2401710,25D1DFF95105F5253C4022F628A996AD3A0D95FBF21D468A1B33F8C160D8F517,FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF,7EB0509757E246F19449885651611CB965ECC1A187DD51B64FDA1EDC9637D5EC97582B9CB13DB3933705B32BA982AF5AF25FD78881EBB32771FC5922EFC66EA3,TRUE,message not reduced modulo p or n
,D69C3509BB99E412E68B0FE8544E72837DFA30746D8BE2AA65975F29D22DC7B9,4DF3C3F68FCC83B27E9D42C90431A72499F17875C81A599B566C9889B9696703,00000000000000000000003B78CE563F89A0ED9414F5AA28AD0D96D6795F9C6376AFB1548AF603B3EB45C9F8207DEE1060CB71C04E80F593060B07D28308D7F4,TRUE,
,EEFDEA4CDB677750A420FEE807EACF21EB9898AE79B9768766E4FAA04A2D4A34,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E17776969E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B,FALSE,public key not on the curve
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,FFF97BD5755EEEA420453A14355235D382F6472F8568A18B2F057A14602975563CC27944640AC607CD107AE10923D9EF7A73C643E166BE5EBEAFA34B1AC553E2,FALSE,has_even_y(R) is false
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,1FA62E331EDBC21C394792D2AB1100A7B432B013DF3F6FF4F99FCB33E0E1515F28890B3EDB6E7189B630448B515CE4F8622A954CFE545735AAEA5134FCCDB2BD,FALSE,negated message
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E177769961764B3AA9B2FFCB6EF947B6887A226E8D7C93E00C5ED0C1834FF0D0C2E6DA6,FALSE,negated s value
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,0000000000000000000000000000000000000000000000000000000000000000123DDA8328AF9C23A94C1FEECFD123BA4FB73476F0D594DCB65C6425BD186051,FALSE,sG - eP is infinite and x(inf) would be 0
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,00000000000000000000000000000000000000000000000000000000000000017615FBAF5AE28864013C099742DEADB4DBA87F11AC6754F93780D5A1837CF197,FALSE,sG - eP is infinite and x(inf) would be 1
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,4A298DACAE57395A15D0795DDBFD1DCB564DA82B0F269BC70A74F8220429BA1D69E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B,FALSE,sig[0:32] is not an X coordinate on the curve
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F69E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B,FALSE,sig[0:32] is equal to field size
,DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E177769FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,FALSE,sig[32:64] is equal to curve order
,FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC30,243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89,6CFF5C3BA86C69EA4B7376F31A9BCB4F74C1976089B2D9963DA2E5543E17776969E89B4C5564D00349106B8497785DD7D1D713A8AE82B32FA79D5F7FC407D39B,FALSE,public key exceeds the field size
`
  .trim()
  .split('\n')
  .map((line, index) => {
    const [secret = '', pubkey = '', message = '', sig = '', result, why = ''] = line.split(',')
    const [secretKey, key, id, signature] = [secret, pubkey, message, sig].map((hex) => hex.toLowerCase())
    return { index, secretKey, pubkey: key ?? '', id: id ?? '', sig: signature ?? '', holds: result === 'TRUE', why }
  })

describe('BIP-340', () => {
  test.each(vectors)('vector $index verifies as $holds ($why)', ({ id, pubkey, sig, holds }) => {
    expect(verifySchnorr(id, pubkey, sig)).toBe(holds)
  })

  test.each(vectors.filter(({ secretKey }) => secretKey))('vector $index derives its public key', (vector) => {
    expect(publicKeyOf(hexToBytes(vector.secretKey ?? ''))).toBe(vector.pubkey)
  })

  test.each([
    { says: 'an empty signature', id: 'a'.repeat(64), pubkey: 'b'.repeat(64), sig: '' },
    { says: 'half a byte', id: 'a'.repeat(63), pubkey: 'b'.repeat(64), sig: 'c'.repeat(128) },
    { says: 'no hex', id: 'z'.repeat(64), pubkey: 'b'.repeat(64), sig: 'c'.repeat(128) },
  ])('$says is no signature, and nothing is thrown', ({ id, pubkey, sig }) => {
    expect(verifySchnorr(id, pubkey, sig)).toBe(false)
  })
})

/** A copy without the verdict that nostr-tools leaves on what it has signed or seen. */
const fresh = (event: NostrEvent): NostrEvent => JSON.parse(JSON.stringify(event))

const texts = ['', 'plain', '"\\/\b\f\n\r\t', '\u0001\u001f\u007f', '\u2028\u2029', 'ü€😀', '{"a":[1]}'] as const

function templates(seed: number, count: number): EventTemplate[] {
  const { below, pick } = random(seed)
  return Array.from({ length: count }, () => ({
    kind: pick([0, 1, 5785, 27_235, 65_535]),
    created_at: below(2 ** 31),
    tags: Array.from({ length: below(4) }, () => Array.from({ length: 1 + below(3) }, () => pick(texts))),
    content: pick(texts) + pick(texts),
  }))
}

/** Turns over one bit of a hex string. */
function flipped(hex: string, bit: number): string {
  const at = bit >> 2
  const digit = Number.parseInt(hex[at] ?? '0', 16) ^ (1 << (bit & 3))
  return hex.slice(0, at) + digit.toString(16) + hex.slice(at + 1)
}

describe.each(seeds(2))('against nostr-tools with seed %i', (seed) => {
  test('it verifies what we sign', () => {
    const signed = templates(seed, 10).map((template) => signEvent(template, generateSecretKey()))
    expect(signed.map((event) => verifyEvent(fresh(event)))).toEqual(signed.map(() => true))
  })

  test('we open what it signs', () => {
    const signed = templates(seed, 10).map((template) => fresh(finalizeEvent(template, generateSecretKey())))
    expect(signed.map((event) => ({ ...SignedEvent.tryOpen(event) }))).toEqual(signed)
  })

  test('both refuse an event with one bit turned over', () => {
    const { below, pick } = random(seed)
    const event = signEvent({ kind: 1, created_at: 5, tags: [], content: 'one' }, generateSecretKey())
    for (let round = 0; round < 40; round += 1) {
      const name = pick(['id', 'pubkey', 'sig', 'sig'] as const)
      const bad = { ...event, [name]: flipped(event[name], below(event[name].length * 4)) }
      expect([SignedEvent.tryOpen(bad), verifyEvent(fresh(bad))], JSON.stringify(bad)).toEqual([undefined, false])
    }
  })
})

describe('signing', () => {
  const template: EventTemplate = { kind: 1, created_at: 5, tags: [['t', 'a']], content: 'x' }

  test('leaves the template as it was and keeps no part of it', () => {
    const before = structuredClone(template)
    const event = signEvent(template, generateSecretKey())
    expect(template).toEqual(before)
    event.tags[0]?.push('later')
    expect(template).toEqual(before)
  })

  test('hashes the six members in the order of NIP-01', () => {
    expect(serialise({ ...template, pubkey: 'ab' })).toBe('[0,"ab",5,1,[["t","a"]],"x"]')
    expect(eventId({ ...template, pubkey: 'ab' })).toMatch(/^[0-9a-f]{64}$/)
  })

  test('never makes the same key twice', () => {
    const keys = Array.from({ length: 20 }, () => publicKeyOf(generateSecretKey()))
    expect(new Set(keys).size).toBe(20)
  })
})
