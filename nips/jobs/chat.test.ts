import { describe, expect, test } from 'vitest'
import { author, NOW } from '#tests/support/author'
import { refusalOf } from '#tests/support/refusal'
import { decodeRequest, encodeRequest } from '../job-events.ts'
import { chat, MAX_CHAT_TEXT } from './chat.ts'

const alice = author()
const service = author()
const instance = '3f9c2a7d51e8b604'

const ask = (text: string) =>
  encodeRequest({ job: chat, input: { instance, text }, service: service.pubkey, now: NOW, cipher: alice.cipher })

const tooLong = { code: 'invalid', message: expect.stringContaining('has at most 32768 bytes') }

describe('the text of a chat message', () => {
  test.each([
    { says: 'letters', text: 'a'.repeat(MAX_CHAT_TEXT) },
    { says: 'letters of two bytes', text: 'é'.repeat(MAX_CHAT_TEXT / 2) },
    { says: 'signs of four bytes', text: '😀'.repeat(MAX_CHAT_TEXT / 4) },
  ])('arrives up to 32,768 bytes of UTF-8, here of $says, and is not asked beyond', async ({ text }) => {
    expect(Buffer.byteLength(text)).toBe(32_768)
    const request = await decodeRequest(alice.sign(await ask(text)), chat, service)
    expect(request.input.text).toBe(text)
    expect(await refusalOf(() => ask(`${text}a`))).toEqual(tooLong)
  })

  test('is refused when it is too long, whoever wrote it', async () => {
    const params = JSON.stringify([['i', 'a'.repeat(MAX_CHAT_TEXT + 1), 'text']])
    const content = await alice.cipher.encrypt(service.pubkey, params)
    const event = alice.sign({ ...(await ask('x')), content })
    expect(await refusalOf(() => decodeRequest(event, chat, service))).toEqual(tooLong)
  })
})
