import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { random, seeds } from '#tests/support/random'
import { canonicalJson, isHex, parseJson, sha256Hex, utf8Length } from './bytes.ts'

/** RFC 8785, Appendix B: the bits of an IEEE 754 double and its text. */
const numbers = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555555', '333333333.3333333'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
] as const

describe('canonical JSON (RFC 8785)', () => {
  test.each(numbers)('writes the double %s as %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
  })

  test('is the example of section 3.2', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    expect(canonicalJson(JSON.parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('sorts members by UTF-16 units, as in section 3.2.3', () => {
    const value = { '€': 5, '\r': 1, '\ufb33': 7, '1': 2, '\u0080': 3, '😀': 6, ö: 4 }
    expect(Object.values(JSON.parse(canonicalJson(value)))).not.toEqual(Object.values(value))
    expect(canonicalJson(value)).toBe('{"\\r":1,"1":2,"\u0080":3,"ö":4,"€":5,"😀":6,"\ufb33":7}')
  })

  test.each([
    ['\b\t\n\f\r', '"\\b\\t\\n\\f\\r"'],
    ['"\\', '"\\"\\\\"'],
    ['\u0000\u001f', '"\\u0000\\u001f"'],
    ['/\u007f\u2028\u2029', '"/\u007f\u2028\u2029"'],
    ['é', '"é"'],
    ['e\u0301', '"e\u0301"'],
  ])('writes the text %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test.each([
    { value: {}, text: '{}' },
    { value: [], text: '[]' },
    { value: { b: [{ z: 1, a: null }], a: '' }, text: '{"a":"","b":[{"a":null,"z":1}]}' },
    { value: { kept: 1, gone: undefined }, text: '{"kept":1}' },
    { value: { ab: 1, a: 2, B: 3, aB: 4 }, text: '{"B":3,"a":2,"aB":4,"ab":1}' },
    { value: JSON.parse('{"b":1,"__proto__":2}'), text: '{"__proto__":2,"b":1}' },
  ])('has neither spaces nor members without a value: $text', ({ value, text }) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test.each([undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, Symbol('x'), () => 1, [undefined], { a: [1n] }])(
    'refuses %s, which JSON cannot carry',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError)
    },
  )

  test.each(seeds(2))('is one text for one value, however its members are ordered (seed %i)', (seed) => {
    const { shuffle, below } = random(seed)
    const members = Array.from({ length: 40 }, (_, at) => [String.fromCodePoint(at * 97), below(9)] as const)
    const texts = Array.from({ length: 50 }, () => canonicalJson({ inner: Object.fromEntries(shuffle(members)) }))
    expect(new Set(texts).size).toBe(1)
    expect(JSON.parse(texts[0] ?? '')).toEqual({ inner: Object.fromEntries(members) })
  })
})

describe('SHA-256', () => {
  test.each([
    { input: '', hex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    { input: 'abc', hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  ])('of $input is the one of FIPS 180-4', ({ input, hex }) => {
    expect(sha256Hex(input)).toBe(hex)
  })

  test('of text and of bytes is what Node computes', () => {
    for (const input of ['ü€😀', randomBytes(55), randomBytes(56), randomBytes(64), randomBytes(1000)])
      expect(sha256Hex(input)).toBe(createHash('sha256').update(input).digest('hex'))
  })
})

describe('hex', () => {
  test.each([
    { value: '', length: 0, is: true },
    { value: '0f', length: 2, is: true },
    { value: '0F', length: 2, is: false },
    { value: '0g', length: 2, is: false },
    { value: '0f\n', length: 3, is: false },
    { value: '0f', length: 4, is: false },
    { value: 15, length: 2, is: false },
    { value: ['0', 'f'], length: 2, is: false },
  ])('of $length digits: $value is $is', ({ value, length, is }) => {
    expect(isHex(value, length)).toBe(is)
  })
})

test.each(['', '{', 'undefined', "{'a':1}", '[1,]', 'NaN'])('%j is not JSON and comes out as undefined', (raw) => {
  expect(parseJson(raw)).toBeUndefined()
})

test.each(['', 'a', '\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '😀', '\u{10ffff}', '\ud83d', 'aé€😀'])(
  'the length of %j in UTF-8 is what it takes on the wire',
  (text) => {
    expect(utf8Length(text)).toBe(Buffer.byteLength(text))
  },
)
