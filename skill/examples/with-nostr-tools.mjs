import { finalizeEvent, generateSecretKey, nip44, Relay } from 'nostr-tools'
const site = await (await fetch(`${process.argv[2] ?? 'http://localhost:8080'}/.well-known/openagents.json`)).json()
const key = generateSecretKey(), relay = await Relay.connect(site.relay), tag = (event, name) => event.tags.find((t) => t[0] === name) ?? []
const sign = (kind, tags, content = '') => finalizeEvent({ kind, tags, content, created_at: Math.floor(Date.now() / 1000) }, key)
const { pubkey: service } = await new Promise((onevent) => relay.subscribe([{ kinds: [31990], authors: [site.service], '#k': ['5770'] }], { onevent }))
await relay.auth(async (template) => finalizeEvent(template, key))
const secret = nip44.getConversationKey(key, service), open = ({ content }) => content && nip44.decrypt(content, secret)
const job = (kind, tags, params) => new Promise((done, fail) => {
  const request = sign(kind, [['p', service], ['encrypted'], ...tags], nip44.encrypt(JSON.stringify(params), secret))
  relay.subscribe([{ kinds: [5783, 7000, kind + 1000, kind + 20000], '#e': [request.id], authors: [service] }], { onevent: (e) => {
    if (e.kind === 5783) relay.publish(sign(6783, [['e', e.id], ['k', '5783'], ['p', service], tag(e, 'x'), ['decision', 'approve']]))
    if (e.kind === kind + 20000) process.stdout.write(open(e))
    if (e.kind === kind + 1000) done(JSON.parse(open(e)))
    if (tag(e, 'status')[1] === 'error') fail(new Error(tag(e, 'status')[2]))
  } })
  relay.publish(request)
})
const { instance } = await job(5770, [], []), about = ['a', `31770:${service}:${instance}`, '', 'instance']
for (const [kind, ...params] of [[5785, ['i', 'Introduce yourself in one sentence.', 'text']], [5774]]) console.log('\n=>', JSON.stringify(await job(kind, [about], params)))
relay.close()
