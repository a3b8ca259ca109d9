import { Fault } from '#nips/kit/fault'
import type { Account, Accounts } from './account.ts'
import { Desk, type DeskDeps } from './desk.ts'
import { type Found, findDeployment, shiftClock } from './discovery.ts'
import { isSecure } from './vault.ts'

export type OfficeDeps = Pick<DeskDeps, 'db' | 'clock' | 'locks' | 'outlet' | 'dial' | 'random' | 'newId'> & {
  accounts: Accounts
  fetch: typeof fetch
  /** Tells the other tabs of this browser. */
  tell(what: 'account' | 'drafts'): void
}

/** Milliseconds between two tries to find the deployment. */
const FIND_AGAIN = 3000
const DEPLOYMENT = 'deployment'

/** Keeps a desk for whatever key and deployment there are now. */
export class Office {
  readonly #deps: OfficeDeps
  #found: Found | undefined
  #desk: Desk | undefined
  #owner: string | undefined
  #wake: (() => void) | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: OfficeDeps) {
    this.#deps = deps
  }

  /** Begins with what the last visit knew, then with what the server says now. */
  async open(): Promise<void> {
    const { db, outlet } = this.#deps
    outlet.slice('secure', isSecure())
    this.#found = await db.get<Found>('facts', DEPLOYMENT)
    await this.restart()
    const found = await this.#find()
    const same = JSON.stringify(found) === JSON.stringify(this.#found)
    this.#found = found
    await db.put('facts', DEPLOYMENT, found)
    if (!same) await this.restart()
  }

  desk(): Desk {
    if (this.#desk === undefined) throw new Fault('unavailable', 'the server has not answered yet')
    return this.#desk
  }

  /** The account or the deployment is another one. One restart at a time. */
  restart(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#begin())
    return this.#turn
  }

  async #begin(): Promise<void> {
    this.close()
    const account = await this.#account()
    // Another tab signed out while this one was still writing down what it read.
    if (account === undefined && this.#owner !== undefined) await this.#deps.accounts.signOut()
    if (account?.view.pubkey !== this.#owner) this.#clear()
    this.#owner = account?.view.pubkey
    if (this.#found === undefined) {
      this.#deps.outlet.slice('account', account?.view ?? null)
      return
    }
    const { discovery, ahead } = this.#found
    const clock = shiftClock(this.#deps.clock, ahead)
    this.#desk = new Desk({ ...this.#deps, clock, ahead, discovery, account, tell: () => this.#deps.tell('drafts') })
    await this.#desk.open()
  }

  /** Nothing is heard or written any more, until the next restart. */
  close(): void {
    this.#desk?.close()
    this.#desk = undefined
  }

  /** Another tab changed something. */
  async heard(what: unknown): Promise<void> {
    if (what === 'account') await this.restart()
    if (what === 'drafts') await this.#desk?.work?.outbox.load()
  }

  retryNow(): void {
    this.#wake?.()
    this.#desk?.retryNow()
  }

  async #account(): Promise<Account | undefined> {
    try {
      return await this.#deps.accounts.current()
    } catch {
      this.#deps.outlet.notice('The key in this browser could not be opened.')
      return undefined
    }
  }

  #clear(): void {
    const { outlet } = this.#deps
    outlet.clear('turns')
    outlet.slice('instances', [])
    outlet.slice('tasks', [])
    outlet.slice('tickets', [])
    outlet.slice('waiting', 0)
  }

  async #find(): Promise<Found> {
    const { fetch: get, clock, outlet } = this.#deps
    for (;;) {
      try {
        return await findDeployment(get, clock)
      } catch {
        if (this.#found === undefined)
          outlet.slice('link', { state: 'offline', tryAt: clock.now() + FIND_AGAIN / 1000, before: false })
        const woken = new AbortController()
        this.#wake = () => woken.abort()
        await clock.sleep(FIND_AGAIN, woken.signal).catch(() => undefined)
      }
    }
  }
}
