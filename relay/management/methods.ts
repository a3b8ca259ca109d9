import { isIP } from 'node:net'
import { z } from 'zod'
import { isLasting } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import type { RoleText } from '#nips/nip43'
import { plainAddress } from '../address.ts'
import { type Method, method, type Office } from './method.ts'
import { reasonText } from './reports.ts'
import type { ListName } from './rulebook.ts'

const hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
const word = (most: number) => z.string().max(most)
const number = z.int().min(0).max(65_535)
const address = z
  .string()
  .refine((text) => isIP(plainAddress(text)) !== 0, 'must be an IP address')
  .transform(plainAddress)

const none = z.tuple([])
const subject = z.tuple([hex, word(500).default('')])
const oneKind = z.tuple([number])
const figure = z
  .union([word(10), z.number()])
  .default('')
  .transform(String)
const roleId = z.string().regex(/^[\w-]{1,64}$/, 'must be letters, digits, "_" or "-"')
const role = z
  .tuple([roleId, word(100).default(''), word(500).default(''), figure, figure])
  .transform(([id, label, description, color, order]): [string, RoleText] => [id, { label, description, color, order }])

/**
 * Everything an admin can ask for; one row is all there is to add. Kinds: what is not ruled out is taken, until one
 * is allowed by name, and from then on only those. Allowing what was ruled out only undoes that.
 */
export const methods: readonly Method[] = [
  method('supportedmethods', none, () => methods.map(({ name }) => name).filter((name) => name !== 'supportedmethods')),

  method('banpubkey', subject, async ({ rules, register, isAdmin, self }, pubkey, reason) => {
    if (isAdmin(pubkey) || pubkey === self) throw new Fault('conflict', 'whoever runs the relay cannot be banned')
    await rules.enter('banned-pubkeys', pubkey, reason)
    return register.enter(pubkey, undefined)
  }),
  method('unbanpubkey', subject, ({ rules }, pubkey, _reason) =>
    take(rules.enter('banned-pubkeys', pubkey, undefined)),
  ),
  method('listbannedpubkeys', none, (office) => listed(office, 'banned-pubkeys', 'pubkey')),
  method('allowpubkey', subject, async ({ rules, register }, pubkey, reason) => {
    await rules.enter('banned-pubkeys', pubkey, undefined)
    return register.enter(pubkey, reason)
  }),
  method('unallowpubkey', subject, ({ register }, pubkey, _reason) => register.enter(pubkey, undefined)),
  method('listallowedpubkeys', none, (office) => listed(office, 'allowed-pubkeys', 'pubkey')),

  method('listeventsneedingmoderation', none, async ({ rules, reported }) =>
    (await reported())
      .filter(({ id }) => !rules.list('allowed-events').has(id))
      .map((one) => ({ id: one.id, reason: reasonText(one) })),
  ),
  method('allowevent', subject, async ({ rules }, id, reason) => {
    await rules.enter('banned-events', id, undefined)
    return take(rules.enter('allowed-events', id, reason))
  }),
  method('banevent', subject, async ({ rules, store, self }, id, reason) => {
    const event = await store.get(id)
    if (event && (isLasting(event.kind) || event.pubkey === self))
      throw new Fault('conflict', 'what was decided, done or moderated stays on record')
    await rules.enter('banned-events', id, reason)
    await rules.enter('allowed-events', id, undefined)
    return take(store.erase([id]))
  }),
  method('listbannedevents', none, (office) => listed(office, 'banned-events', 'id')),

  method('changerelayname', z.tuple([word(100)]), ({ rules }, text) =>
    take(rules.enter('about', 'name', text || undefined)),
  ),
  method('changerelaydescription', z.tuple([word(2000)]), ({ rules }, text) =>
    take(rules.enter('about', 'description', text || undefined)),
  ),
  method('changerelayicon', z.tuple([word(2000)]), ({ rules }, text) =>
    take(rules.enter('about', 'icon', text || undefined)),
  ),

  method('allowkind', oneKind, ({ rules }, kind) => {
    const wasOut = rules.list('disallowed-kinds').has(String(kind))
    return take(
      wasOut
        ? rules.enter('disallowed-kinds', String(kind), undefined)
        : rules.enter('allowed-kinds', String(kind), ''),
    )
  }),
  method('disallowkind', oneKind, async ({ rules }, kind) => {
    const allowed = rules.list('allowed-kinds')
    if (!allowed.has(String(kind)) || allowed.size === 1) await rules.enter('disallowed-kinds', String(kind), '')
    return take(rules.enter('allowed-kinds', String(kind), undefined))
  }),
  method('listallowedkinds', none, ({ rules }) => numbers(rules.list('allowed-kinds'))),
  method('listdisallowedkinds', none, ({ rules }) => numbers(rules.list('disallowed-kinds'))),

  method('blockip', z.tuple([address, word(500).default('')]), ({ rules }, ip, reason) =>
    take(rules.enter('blocked-ips', ip, reason)),
  ),
  method('unblockip', z.tuple([address]), ({ rules }, ip) => take(rules.enter('blocked-ips', ip, undefined))),
  method('listblockedips', none, (office) => listed(office, 'blocked-ips', 'ip')),

  method('createrole', role, ({ register }, id, text) => register.describeRole(id, text, 'new')),
  method('editrole', role, ({ register }, id, text) => register.describeRole(id, text, 'known')),
  method('deleterole', z.tuple([z.string()]), ({ register }, id) => register.dropRole(id)),
  method('assignrole', z.tuple([hex, z.string()]), ({ register }, pubkey, id) => register.assign(pubkey, id, true)),
  method('unassignrole', z.tuple([hex, z.string()]), ({ register }, pubkey, id) => register.assign(pubkey, id, false)),
]

/** What every method answers that only does something. */
const take = async (done: Promise<unknown>): Promise<true> => {
  await done
  return true
}

const listed = ({ rules }: Office, list: ListName, name: 'pubkey' | 'id' | 'ip') =>
  [...rules.list(list)].map(([value, reason]) => ({ [name]: value, ...(reason === '' ? {} : { reason }) }))

const numbers = (list: ReadonlyMap<string, string>): number[] => [...list.keys()].map(Number).sort((a, b) => a - b)
