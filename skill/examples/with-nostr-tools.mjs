import { finalizeEvent, generateSecretKey } from 'nostr-tools/pure'
import { Relay } from 'nostr-tools/relay'
const site = process.argv[2] ?? 'http://localhost:8080'
const { relay: url } = await (await fetch(`${site}/.well-known/openagents.json`)).json()
const key = generateSecretKey(), relay = await Relay.connect(url)
const sign = (kind, tags) => finalizeEvent({ kind, tags, content: '', created_at: Math.floor(Date.now() / 1000) }, key)
const tag = (event, name) => event.tags.find((t) => t[0] === name) ?? []
const { pubkey: service } = await new Promise((found) => relay.subscribe([{ kinds: [31990], '#k': ['5770'] }], { onevent: found }))
await relay.auth(async (template) => finalizeEvent(template, key))
const job = (kind, tags) => new Promise((done, fail) => {
  const request = sign(kind, [['p', service], ...tags])
  relay.subscribe([{ kinds: [5783, 7000, kind + 1000, kind + 20000], authors: [service], '#e': [request.id] }], { onevent(e) {
    if (e.kind === 5783) relay.publish(sign(6783, [['e', e.id], ['k', '5783'], ['p', service], tag(e, 'x'), ['decision', 'approve']]))
    if (e.kind === kind + 20000) process.stdout.write(e.content)
    if (e.kind === kind + 1000) done(e.content)
    if (e.kind === 7000) tag(e, 'status')[1] === 'error' ? fail(new Error(tag(e, 'status')[2])) : console.error(tag(e, 'phase')[1])
  } })
  relay.publish(request)
})
const { instance } = JSON.parse(await job(5770, []))
const about = ['a', `31770:${service}:${instance}`, '', 'instance']
await job(5785, [about, ['i', 'Introduce yourself in one sentence.', 'text']])
await job(5774, [about])
process.exit()
