import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{nips,relay,gateway-broker,dvm-workers,skill,client,tests}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'data/**'],
  },
})
