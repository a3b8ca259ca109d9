import { Fault } from '#nips/kit/fault'

/** Bytes of one line; more than any event may have. */
const LONGEST = 4_194_304

/** The lines of a stream of bytes, as many together as came together, without empty ones. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST) throw new Fault('too-large', `a line is longer than ${LONGEST} characters`)
    yield lines.filter((line) => line.trim() !== '')
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield [rest]
}
