/** What is kept in the browser. `account` never leaves it; everything else can be read again from the relay. */
const stores = ['account', 'facts', 'drafts', 'turns', 'posts'] as const
type StoreName = (typeof stores)[number]

/** What no relay has: a key, and what was not sent yet. Written through to the disk before the promise resolves. */
const irreplaceable: readonly StoreName[] = ['account', 'drafts']

/** The few verbs we need of IndexedDB; a write has happened when its promise resolves. */
export type Database = {
  get<T>(store: StoreName, key: string): Promise<T | undefined>
  all<T>(store: StoreName): Promise<T[]>
  put(store: StoreName, key: string, value: unknown): Promise<void>
  remove(store: StoreName, key: string): Promise<void>
  clear(store: StoreName): Promise<void>
}

/** Opens the browser's database. Rejects where it is blocked; `memoryDatabase` does then, for this visit. */
export async function openDatabase(name: string, factory: IDBFactory): Promise<Database> {
  const opening = factory.open(name, 1)
  opening.onupgradeneeded = () => {
    for (const store of stores) opening.result.createObjectStore(store)
  }
  const db = await answer(opening)
  const read = (store: StoreName) => db.transaction(store, 'readonly').objectStore(store)
  const write = async (store: StoreName, act: (in_: IDBObjectStore) => void): Promise<void> => {
    const durability = irreplaceable.includes(store) ? 'strict' : 'relaxed'
    const transaction = db.transaction(store, 'readwrite', { durability })
    act(transaction.objectStore(store))
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
  }
  return {
    get: (store, key) => answer(read(store).get(key)),
    all: (store) => answer(read(store).getAll()),
    put: (store, key, value) => write(store, (in_) => in_.put(value, key)),
    remove: (store, key) => write(store, (in_) => in_.delete(key)),
    clear: (store) => write(store, (in_) => in_.clear()),
  }
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** The same verbs without anything that lasts: for tests, and for browsers that keep nothing. */
export function memoryDatabase(): Database {
  const kept = new Map(stores.map((store) => [store, new Map<string, unknown>()]))
  const of = (store: StoreName): Map<string, unknown> => kept.get(store) ?? new Map()
  return {
    get: async <T>(store: StoreName, key: string) => of(store).get(key) as T | undefined,
    all: async <T>(store: StoreName) => [...of(store).values()] as T[],
    put: async (store, key, value) => {
      of(store).set(key, structuredClone(value))
    },
    remove: async (store, key) => {
      of(store).delete(key)
    },
    clear: async (store) => of(store).clear(),
  }
}
