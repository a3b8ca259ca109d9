import { bech32 } from '@scure/base'
import { bytesToHex } from '#nips/kit/bytes'
import { text } from '#nips/kit/settings'
import { setting } from './strfry-conf/row.ts'

export function pubkey(raw: string): string {
  if (!/^[0-9a-f]{64}$/.test(raw)) throw new Error('must be 64 lower-case hex digits')
  return raw
}

/** A public key in either of its usual forms, as hex; '' for none. */
function anyPubkey(raw: string): string {
  if (!raw.startsWith('npub1')) return raw === '' ? '' : pubkey(raw)
  const decoded = bech32.decodeUnsafe(raw as `npub1${string}`)
  if (decoded?.prefix !== 'npub') throw new Error('must be an npub or 64 lower-case hex digits')
  return pubkey(bytesToHex(bech32.fromWords(decoded.words)))
}

/** What NIP-11 tells people about the relay. All of it may change while the relay runs. */
export const aboutSettings = {
  name: setting({
    env: 'RELAY_NAME',
    doc: 'name shown in NIP-11',
    parse: text,
    default: 'OpenAgents relay',
    strfry: 'relay.info.name',
    reload: true,
  }),
  description: setting({
    env: 'RELAY_DESCRIPTION',
    doc: 'what NIP-11 says the relay is for',
    parse: text,
    default:
      'The relay of an OpenAgents deployment: public notes for everybody, jobs and their answers for their parties.',
    strfry: 'relay.info.description',
    reload: true,
  }),
  admin: setting({
    env: 'RELAY_ADMIN',
    doc: "public key (hex or npub) of whoever runs the relay, for NIP-11; empty: the deployment's operator",
    parse: anyPubkey,
    default: '',
    strfry: 'relay.info.pubkey',
    reload: true,
  }),
  contact: announced('RELAY_CONTACT', 'another way to reach them', 'relay.info.contact'),
  icon: announced('RELAY_ICON', 'URL of a square picture', 'relay.info.icon'),
  banner: announced('RELAY_BANNER', 'URL of a wide picture', 'relay.info.banner'),
  privacyPolicy: announced('RELAY_PRIVACY_POLICY', 'URL of the privacy policy', 'relay.info.privacy'),
  terms: announced('RELAY_TERMS', 'URL of the terms of service', 'relay.info.terms'),
}

function announced(
  env: string,
  doc: string,
  strfry: 'relay.info.contact' | 'relay.info.icon' | 'relay.info.banner' | 'relay.info.privacy' | 'relay.info.terms',
) {
  return setting({ env, doc: `${doc}, for NIP-11`, parse: text, default: '', strfry, reload: true })
}
