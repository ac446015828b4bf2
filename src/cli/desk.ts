import { constants, setPriority, userInfo } from 'node:os'
import { eq } from 'drizzle-orm'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type Config, readConfig } from '../config.ts'
import { openApp } from '../open.ts'
import { openRunner, type RunKinds } from '../runs/run.ts'

export type Opened = Awaited<ReturnType<typeof openApp>> & { config: Config }

/** Opens storage, keys and words for one command and closes them after it, whatever happens. */
export async function withApp<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = readConfig()
  const opened = await openApp(config)
  try {
    return await work({ ...opened, config })
  } finally {
    await opened.close()
  }
}

/** Who the audit trail names: the account on this machine that ran the command. */
export const operator = (): Actor => ({ via: 'cli', name: `operator:${userInfo().username}`, signed: false, language: 'en' })

export const print = (text: string): boolean => process.stdout.write(`${text}\n`)

/**
 * A long command leaves the processor to whoever waits for an answer of the service beside it; not more than that, as the service would
 * wait for a lock of the database that is held by somebody who never gets a turn.
 */
export const stepBack = (): void => setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

/** The result as one JSON object, or as `name: value` lines. */
export function printResult(result: Record<string, unknown>, json: boolean | undefined): void {
  if (json) print(JSON.stringify(result))
  else
    for (const [name, value] of Object.entries(result))
      print(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
}

/** Counts on stderr while a command works; silent where nobody watches. */
export function progress(what: string, wanted = process.stderr.isTTY === true): { at(done: number): void; end(): void } {
  if (!wanted) return { at: () => undefined, end: () => undefined }
  return {
    at: (done) => process.stderr.write(`\r${what}: ${done}`),
    end: () => process.stderr.write('\n'),
  }
}

/** Carries out one run in this process, or waits for the service to have done it. Gives its counts; throws where it did not get to its end. */
export async function finishRun(app: App, kinds: RunKinds, id: string): Promise<Record<string, number>> {
  const { read } = app.store
  const runner = openRunner({ app, kinds })
  runner.start()
  try {
    for (;;) {
      const [run] = await read.select().from(read.runs).where(eq(read.runs.id, id))
      if (run?.state === 'done') return run.tally
      if (run?.state !== 'waiting' && run?.state !== 'running')
        throw new Fault('busy', `it did not get to its end: ${run?.why ?? 'stopped'}`)
      await app.clock.sleep(100)
    }
  } finally {
    await runner.stop()
  }
}
