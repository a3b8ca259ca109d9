import { fileURLToPath } from 'node:url'

/** What runs a relay: both have to keep every promise. */
export const runtimes = {
  node: process.execPath,
  bun: fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url)),
} as const
export type Runtime = keyof typeof runtimes
