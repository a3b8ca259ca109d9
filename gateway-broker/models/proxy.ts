import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { parseJson } from '#nips/kit/bytes'
import { toFault } from '#nips/kit/fault'
import { createExchange, type Exchange, type ExchangeDeps } from './exchange.ts'
import {
  badBody,
  badToken,
  bigBody,
  errorBody,
  type Refusal,
  refusalOf,
  toModelFault,
  unknownModel,
  unknownPath,
} from './fault.ts'
import { isObject, type JsonObject, objectsIn, type Provider, type Wire } from './provider.ts'
import { errorFrame, frame, lastFrame, sseHeaders } from './sse.ts'

export type ModelProxyDeps = ExchangeDeps & {
  /** The provider of the moment; asked anew by every request. */
  provider: () => Provider
  /** Whose token this is; `undefined` for one that is unknown or revoked. Asked again while an answer runs. */
  instanceOf: (token: string) => string | undefined
}

const utf8 = new TextEncoder()

/** Bytes of one request. */
const MAX_BODY = 8 * 1024 * 1024

/**
 * The only way from a sandboxed gateway to a model: OpenAI's API for one model, behind the token of an instance.
 * The provider's key is added behind it, and no error of a provider passes as it is.
 */
export function createModelProxy(deps: ModelProxyDeps): Hono<Env> {
  const app = new Hono<Env>()
  const limit = bodyLimit({ maxSize: MAX_BODY, onError: (context) => refuse(context, bigBody) })

  app.use('/v1/*', async (context, next) => {
    const token = bearer(context.req.header('authorization'))
    const instance = token === undefined ? undefined : deps.instanceOf(token)
    if (token === undefined || instance === undefined) return refuse(context, badToken)
    context.set('caller', { instance, isWelcome: () => deps.instanceOf(token) === instance })
    return next()
  })
  app.get('/v1/models', (context) => context.json(modelList(deps.provider().model)))
  app.post('/v1/chat/completions', limit, (context) => answer(context, 'chat', deps))
  app.post('/v1/responses', limit, (context) => answer(context, 'responses', deps))
  app.notFound((context) => refuse(context, unknownPath))
  app.onError((error, context) => {
    deps.log('model.bug', { error: toFault(error) })
    return refuse(context, refusalOf(toModelFault(error, deps.provider().label)))
  })
  return app
}

type Caller = { instance: string; isWelcome: () => boolean }
type Env = { Variables: { caller: Caller } }

const refuse = (context: Context, refusal: Refusal): Response => context.json(errorBody(refusal), refusal.status)

const bearer = (header: string | undefined): string | undefined => header?.match(/^Bearer ([\x21-\x7e]{1,512})$/i)?.[1]

const modelList = (id: string): JsonObject => ({
  object: 'list',
  data: [{ id, object: 'model', created: 0, owned_by: 'openagents' }],
})

async function answer(context: Context<Env>, wire: Wire, deps: ModelProxyDeps): Promise<Response> {
  const text = await context.req.text()
  const body = parseJson(text)
  const provider = deps.provider()
  if (!isObject(body)) return refuse(context, badBody)
  if (body.model !== provider.model) return refuse(context, unknownModel(provider.model))
  const exchange = createExchange({ ...context.get('caller'), provider, wire, body, characters: text.length }, deps)
  const { signal } = context.req.raw
  signal.addEventListener('abort', exchange.leave, { once: true })
  if (signal.aborted) exchange.leave()
  try {
    return body.stream === true
      ? await streamed(exchange, wire, wantsUsage(body))
      : context.json(await exchange.whole())
  } catch (thrown) {
    return refuse(context, refusalOf(toModelFault(thrown, provider.label)))
  }
}

/** Waits for the first event, so that a model that never starts is still answered with a status. */
async function streamed(exchange: Exchange, wire: Wire, withUsage: boolean): Promise<Response> {
  const shown = (event: JsonObject): string => {
    const wanted = wire === 'chat' && !withUsage ? withoutUsage(event) : event
    return wanted === undefined ? '' : frame(wire, wanted)
  }
  let ready = await exchange.next()
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const event = ready ?? (await exchange.next())
        ready = undefined
        controller.enqueue(utf8.encode(event === undefined ? lastFrame(wire) : shown(event)))
        if (event === undefined) controller.close()
      } catch (thrown) {
        controller.enqueue(utf8.encode(errorFrame(wire, refusalOf(toModelFault(thrown, 'The model')).error)))
        controller.close()
      }
    },
    cancel: () => exchange.leave(),
  })
  return new Response(bytes, { headers: sseHeaders })
}

const wantsUsage = (body: JsonObject): boolean =>
  isObject(body.stream_options) && body.stream_options.include_usage === true

/** The chunk as it would be without `include_usage`: the last one, which has nothing but the count, is not sent at all. */
function withoutUsage({ usage, ...chunk }: JsonObject): JsonObject | undefined {
  return usage && objectsIn(chunk.choices).length === 0 ? undefined : chunk
}
