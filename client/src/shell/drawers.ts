import { type Accessor, createContext, useContext } from 'solid-js'

/** Which columns have no room now, and how to slide them in. */
export type Drawers = { hasLeft: Accessor<boolean>; hasRight: Accessor<boolean>; open(side: 'left' | 'right'): void }

const DrawersContext = createContext<Drawers>({ hasLeft: () => false, hasRight: () => false, open: () => undefined })
export const DrawersProvider = DrawersContext.Provider
export const useDrawers = (): Drawers => useContext(DrawersContext)
