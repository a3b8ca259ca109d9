import { defineConfig } from 'vitest/config'

const parts = '{nips,relay,gateway-broker,dvm-workers,skill,client}'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${parts}/**/*.test.ts`, 'tests/{architecture,clients}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'data/**'],
        },
      },
      {
        test: {
          name: 'relay proof',
          include: ['tests/relay-proof/**/*.test.ts'],
          // Most of the time of each file is waiting for relays, disks and clients.
          maxWorkers: 3,
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
        },
      },
    ],
  },
})
