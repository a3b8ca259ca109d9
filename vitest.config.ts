import { defineConfig } from 'vitest/config'

const parts = '{nips,relay,gateway-broker,dvm-workers,skill,client}'

/** Beside each other: most of the relay's proof is waiting for relays, disks and clients. */
const WORKERS = 3

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${parts}/**/*.test.ts`, 'tests/{architecture,clients}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'data/**'],
          maxWorkers: WORKERS,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'relay proof',
          include: ['tests/relay-proof/**/*.test.ts'],
          maxWorkers: WORKERS,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'end to end',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/support/installed.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each file starts gateways; on two cores, two at once take longer than one after the other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
