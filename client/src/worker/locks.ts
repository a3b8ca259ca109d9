/** Runs `act` alone among all tabs. With `ifFree`, `act` gets `false` at once when another tab has the lock. */
export type Locks = <T>(name: string, ifFree: boolean, act: (held: boolean) => Promise<T>) => Promise<T>

/** Web Locks; where they are missing (an insecure address) this tab is taken to be the only one. */
export const browserLocks: Locks = async (name, ifFree, act) => {
  const manager = globalThis.navigator?.locks
  if (manager === undefined) return act(true)
  return await manager.request(name, { ifAvailable: ifFree }, (lock) => act(lock !== null))
}
