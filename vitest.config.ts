import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers would only take turns.
    maxWorkers: 2,
    env: { NODE_ENV: 'test' },
  },
})
