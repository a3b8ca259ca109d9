import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignedEvent } from '#nips/event'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { bytesToHex, hexToBytes, isHex } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { decodeDeployment, encodeDeployment, type Role, roles } from '#nips/service'

/** Where each program finds its key, and the operator's signed list of all of them. */
export type Keyring = { file: (role: Role) => string; deployment: string; operator: string }

/** Makes what is missing of the deployment's keys, mode 0600, and the list that the operator signs. */
export function openKeyring(data: string, now: number): Keyring {
  const directory = join(data, 'keys')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = (role: Role): string => join(directory, `${role}.key`)
  const secrets = new Map(roles.map((role) => [role, openKey(file(role))]))
  const keys = new Map([...secrets].map(([role, secret]) => [publicKeyOf(secret), role]))
  const deployment = join(directory, 'deployment.json')
  const operator = secrets.get('operator') ?? new Uint8Array()
  if (!lists(deployment, keys))
    writeFileSync(deployment, JSON.stringify(signEvent(encodeDeployment(keys, now), operator)))
  return { file, deployment, operator: publicKeyOf(operator) }
}

function openKey(path: string): Uint8Array {
  if (!existsSync(path)) writeFileSync(path, bytesToHex(generateSecretKey()), { mode: 0o600 })
  chmodSync(path, 0o600)
  const hex = readFileSync(path, 'utf8').trim()
  if (!isHex(hex, 64)) throw new Fault('invalid', `${path} is no key; move it away and a new one is made`)
  return hexToBytes(hex)
}

/** Whether the list that is there names exactly these keys. */
function lists(path: string, keys: ReadonlyMap<string, Role>): boolean {
  if (!existsSync(path)) return false
  const event = SignedEvent.tryOpen(readFileSync(path, 'utf8'))
  if (event === undefined) return false
  const listed = decodeDeployment(event).keys
  return listed.size === keys.size && [...keys].every(([pubkey, role]) => listed.get(pubkey) === role)
}
