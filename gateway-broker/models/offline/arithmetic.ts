/** Words of a sum and their signs, in the order in which they are replaced. */
const signs: readonly (readonly [RegExp, string])[] = [
  [/(\d),(?=\d{3}\b)/g, '$1'],
  [/\bto the power of\b|\*\*/g, '^'],
  [/\bmultiplied by\b|\btimes\b|[×·]|(?<=[\d)]) ?x ?(?=[\d(])/g, '*'],
  [/\bdivided by\b|\bover\b|÷/g, '/'],
  [/\bplus\b/g, '+'],
  [/\bminus\b|−/g, '-'],
  [/\bsquared\b/g, '^2'],
  [/(?:%|\bper ?cent\b) of\b/g, '/100*'],
]

const ASKED =
  /^(?:please )?(?:what(?:['’]s| is)|how much is|calculate|compute|work out|solve|and)? *(.*?)(?: equals?)?[ =?.!]*$/

/** The sum in a text such as `What is 3 times (4 + 1)?`, as it was written and in signs; `undefined` when there is no more than a sum. */
export function sumIn(text: string): { words: string; sum: string } | undefined {
  const words = ASKED.exec(text.trim().toLowerCase())?.[1] ?? ''
  const sum = signs.reduce((line, [word, sign]) => line.replace(word, sign), words).trim()
  const isSum = /^[\d\s.+\-*/^()]{3,200}$/.test(sum) && /\d\s*[)]*\s*[+\-*/^]\s*[(-]*\s*[.\d]/.test(sum)
  return isSum && !/^\d{4}-\d{2}-\d{2}$/.test(sum) ? { words, sum } : undefined
}

/** What the sum comes to; `undefined` when it is not well formed. Division by zero gives an infinity or NaN. */
export function evaluate(sum: string): number | undefined {
  const tokens = sum.match(/\d+(?:\.\d+)?|\.\d+|[+\-*/^()]/g) ?? []
  if (tokens.join('') !== sum.replace(/\s/g, '')) return undefined
  const cursor: Cursor = { tokens, at: 0, isBad: false }
  const value = additions(cursor)
  return cursor.isBad || cursor.at < tokens.length ? undefined : value
}

/** Where the reading is; `isBad` once something stood where it may not stand, and the value counts no more. */
type Cursor = { tokens: readonly string[]; at: number; isBad: boolean }
type Reading = (cursor: Cursor) => number

const operations: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

/** `operand (sign operand)*`, from left to right. */
const chain =
  (signsHere: readonly string[], operand: Reading): Reading =>
  (cursor) => {
    let value = operand(cursor)
    for (;;) {
      const sign = signsHere.find((one) => one === cursor.tokens[cursor.at])
      const operation = sign && operations[sign]
      if (!operation) return value
      cursor.at += 1
      value = operation(value, operand(cursor))
    }
  }

const multiplications = chain(['*', '/'], signed)
const additions = chain(['+', '-'], multiplications)

/** A minus before a power belongs to the whole power: -2^2 is -4. */
function signed(cursor: Cursor): number {
  if (cursor.tokens[cursor.at] !== '-') return power(cursor)
  cursor.at += 1
  return -signed(cursor)
}

function power(cursor: Cursor): number {
  const base = operand(cursor)
  if (cursor.tokens[cursor.at] !== '^') return base
  cursor.at += 1
  return base ** signed(cursor)
}

function operand(cursor: Cursor): number {
  const token = cursor.tokens[cursor.at] ?? ''
  cursor.at += 1
  if (token !== '(') {
    cursor.isBad ||= !/^[\d.]/.test(token)
    return Number(token)
  }
  const value = additions(cursor)
  cursor.isBad ||= cursor.tokens[cursor.at] !== ')'
  cursor.at += 1
  return value
}
