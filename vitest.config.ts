import { defineConfig } from 'vitest/config'
import { breaking } from './test/bar/break.ts'

export default defineConfig({
  plugins: [breaking],
  test: {
    include: ['test/**/*.test.ts'],
    // Only against what hangs: a busy machine is slow, not wrong.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // On two cores: many tests wait, for a second to pass or a process to start, and a third worker goes on meanwhile.
    maxWorkers: 3,
    // As the launcher does: every test file imports drizzle.
    execArgv: ['--import', new URL('./src/cli/imports.js', import.meta.url).href],
    // A shared machine loses a socket or a second now and then: what fails twice has failed. Nobody forgives a control.
    retry: process.env.CI && process.env.WITO_BREAK === undefined ? 1 : 0,
    // What is broken on purpose must not be found again by an ordinary run.
    fsModuleCache: process.env.WITO_BREAK === undefined,
    env: { NODE_ENV: 'test' },
  },
})
