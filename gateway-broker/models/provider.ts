/** The two shapes of OpenAI's API: `chat` is `/v1/chat/completions`, `responses` is `/v1/responses`. */
export type Wire = 'chat' | 'responses'

export type JsonObject = Readonly<Record<string, unknown>>

/** One question to a model. `body` is OpenAI's request; its `model` and `stream` members are the provider's to set. */
export type ModelCall = { wire: Wire; body: JsonObject; signal: AbortSignal }

/** Something that answers: an OpenAI-compatible service, or the built-in offline model. */
export type Provider = {
  /** Name of its row. */
  readonly name: string
  /** What people call it. */
  readonly label: string
  /** The one model it offers; the id that gateways ask for and people see. */
  readonly model: string
  /** Whether it is the built-in model, which no AI stands behind. */
  readonly offline: boolean
  /** The whole answer in OpenAI's shape. Rejects with a Fault, or with the signal's reason. */
  complete(call: ModelCall): Promise<JsonObject>
  /** The answer while it is made: chunks (`chat`) or events (`responses`) in OpenAI's shape. Throws as `complete` does. */
  stream(call: ModelCall): AsyncIterable<JsonObject>
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The objects in a list that may hold anything or be missing. */
export const objectsIn = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** A rough count where nobody counted: four characters are about one token. */
export const tokensIn = (characters: number): number => Math.ceil(characters / 4)
