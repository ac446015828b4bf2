import { onTestFinished } from 'vitest'
import { openApp } from '../../src/open.ts'
import { openDesk } from './desk.ts'

/** Two processes' worth of the service on one database: each has its own connections and its own memory. Both end with the test. */
export async function openNodes(options: Parameters<typeof openDesk>[0] = {}) {
  const one = await openDesk(options)
  const other = await openApp(one.app.config, undefined, one.clock)
  onTestFinished(async () => {
    await other.close()
    await one.close()
  })
  return {
    one,
    clock: one.clock,
    apps: [one.app, other.app] as const,
    desks: [one.desk, { ...one.desk, app: other.app, menu: other.menu }] as const,
  }
}
