import type { App } from '../../src/app.ts'
import { openRunner, type RunKinds } from '../../src/runs/run.ts'

/** Does all that waits in the background, to its end. */
export async function finishRuns(app: App, kinds: RunKinds): Promise<void> {
  // That nothing waits is known only once it has looked several times: between two looks it need not sleep as long as a service does.
  const clock: App['clock'] = { ...app.clock, sleep: (ms, signal) => app.clock.sleep(Math.min(ms, 20), signal) }
  const runner = openRunner({ app: { ...app, clock }, kinds })
  runner.start()
  try {
    await runner.idle()
  } finally {
    await runner.stop()
  }
}
