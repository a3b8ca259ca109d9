import NDK, { NDKEvent, NDKPrivateKeySigner, NDKRelayAuthPolicies } from '@nostr-dev-kit/ndk'
const site = await (await fetch(`${process.argv[2] ?? 'http://localhost:8080'}/.well-known/openagents.json`)).json()
const ndk = new NDK({ explicitRelayUrls: [site.relay], signer: NDKPrivateKeySigner.generate(), enableOutboxModel: false })
await (ndk.relayAuthDefaultPolicy = NDKRelayAuthPolicies.signIn({ ndk }), ndk.connect(5000))
const { author: service } = await ndk.fetchEvent({ kinds: [31990], authors: [site.service], '#k': ['5770'] })
const make = async (kind, tags, content = '') => { const event = new NDKEvent(ndk, { kind, tags, content }); await event.sign(); return event }
const open = async ({ content }) => content && ndk.signer.decrypt(service, content, 'nip44')
const job = async (kind, tags, params) => {
  const request = await make(kind, [['p', service.pubkey], ['encrypted'], ...tags], await ndk.signer.encrypt(service, JSON.stringify(params), 'nip44'))
  const kinds = [5783, 7000, kind + 1000, kind + 20000], filter = { kinds, '#e': [request.id], authors: [service.pubkey] }
  const end = new Promise((done, fail) => ndk.subscribe(filter, { closeOnEose: false, groupable: false }).on('event', async (e) => {
    if (e.kind === 5783) (await make(6783, [['e', e.id], ['k', '5783'], ['p', service.pubkey], ['x', e.tagValue('x')], ['decision', 'approve']])).publish()
    if (e.kind === kind + 20000) process.stdout.write(await open(e))
    if (e.kind === kind + 1000) done(JSON.parse(await open(e)))
    if (e.tagValue('status') === 'error') fail(new Error(e.getMatchingTags('status')[0][2]))
  }))
  return (await request.publish(), end) }
const { instance } = await job(5770, [], []), about = ['a', `31770:${service.pubkey}:${instance}`, '', 'instance']
for (const [kind, ...params] of [[5785, ['i', 'Introduce yourself in one sentence.', 'text']], [5774]]) console.log('\n=>', JSON.stringify(await job(kind, [about], params)))
process.exit()
