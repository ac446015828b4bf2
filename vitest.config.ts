import { defineConfig } from 'vitest/config'
import { breaking } from './test/bar/break.ts'
import { LongFirst } from './test/kit/order.ts'

// Three put something in the place of a module, which would stand in the way of others; some run the tests of other files once more.
const apart = ['allocation/assign', 'cli/bench', 'deployments/bars', 'both-engines/*'].map((name) => `test/${name}.test.ts`)

export default defineConfig({
  plugins: [breaking],
  test: {
    // One process reads the modules once for all its files: a quarter of the time went into reading them for each.
    projects: [
      { extends: true, test: { name: 'together', include: ['test/**/*.test.ts'], exclude: apart, isolate: false } },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
    // Only against what hangs: a busy machine is slow, not wrong.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // On two cores: many tests wait, for a second to pass or a process to start, and a third worker goes on meanwhile.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    // As the launcher does: every test file imports drizzle.
    execArgv: ['--import', new URL('./src/cli/imports.js', import.meta.url).href],
    // A shared machine loses a socket or a second now and then: what fails twice has failed. Nobody forgives a control.
    retry: process.env.CI && process.env.WITO_BREAK === undefined ? 1 : 0,
    // What is broken on purpose must not be found again by an ordinary run.
    fsModuleCache: process.env.WITO_BREAK === undefined,
    env: { NODE_ENV: 'test' },
  },
})
