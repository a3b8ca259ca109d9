import NDK, { NDKEvent, NDKPrivateKeySigner, NDKRelayAuthPolicies } from '@nostr-dev-kit/ndk'
const site = await (await fetch(`${process.argv[2] ?? 'http://localhost:8080'}/.well-known/openagents.json`)).json()
const ndk = new NDK({ explicitRelayUrls: [site.relay], signer: NDKPrivateKeySigner.generate(), enableOutboxModel: false })
ndk.relayAuthDefaultPolicy = NDKRelayAuthPolicies.signIn({ ndk })
await ndk.connect(5000)
const { pubkey: service } = await ndk.fetchEvent({ kinds: [31990], authors: [site.service], '#k': ['5770'] })
const make = async (kind, tags) => { const event = new NDKEvent(ndk, { kind, tags, content: '' }); await event.sign(); return event }
const job = async (kind, tags) => {
  const request = await make(kind, [['p', service], ...tags]), answers = { kinds: [5783, 7000, kind + 1000, kind + 20000], '#e': [request.id], authors: [service] }
  const end = new Promise((done, fail) => ndk.subscribe(answers, { closeOnEose: false, groupable: false }).on('event', async (e) => {
    if (e.kind === 5783) (await make(6783, [['e', e.id], ['k', '5783'], ['p', service], ['x', e.tagValue('x')], ['decision', 'approve']])).publish()
    if (e.kind === kind + 20000) process.stdout.write(e.content)
    if (e.kind === kind + 1000) done(e.content)
    if (e.tagValue('status') === 'error') fail(new Error(e.getMatchingTags('status')[0][2]))
  }))
  return (await request.publish(), end)
}
const { instance } = JSON.parse(await job(5770, [])), about = ['a', `31770:${service}:${instance}`, '', 'instance']
for (const [kind, ...said] of [[5785, ['i', 'Introduce yourself in one sentence.', 'text']], [5774]]) console.log('\n=>', await job(kind, [about, ...said]))
process.exit()
