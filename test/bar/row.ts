import type { TestContext } from 'vitest'
import type { Break } from './break.ts'

/** One promise of the service, what shows that it holds, and what must show that the proof can fail. */
export type Row = {
  /** What goes wrong, or what somebody tries. */
  fault: string
  promise: string
  /** The tests that are the proof: a file, and where it holds others too, the beginning of their full names. */
  proof: { file: string; name?: string }
  /** Each breaks the promise; the proof, at its quick size, must then be red. */
  controls: { what: string; edits: Break[] }[]
}
export type Rows = Record<string, Row>

/** How much of a proof is run: `quick` in `npm test`, `full` in `npm run bar`, `long` where somebody asks for a soak. */
export const effort = (process.env.WITO_BAR ?? 'quick') as 'quick' | 'full' | 'long'
export const size = (sizes: { quick: number; full: number; long?: number }): number => sizes[effort] ?? sizes.full

declare module 'vitest' {
  interface TaskMeta {
    /** How much was tried and what was seen, for the table: `204 kills, 31,020 answers`. */
    tried?: string
    /** Why this machine cannot show it. */
    cannot?: string
  }
}

/** For a proof of half a minute and more: `npm run bar` runs it, `npm test` says in words that it does not. */
export function onlyInBar({ skip }: TestContext, row: string): void {
  if (process.env.WITO_BAR === undefined) skip(`takes too long for every day: npm run bar -- ${row}`)
}

/** Tells the table how much was tried. */
export function tried({ task }: TestContext, what: string): void {
  task.meta.tried = what
}

/** Ends the test: this machine cannot show it, and why. It does not count as held. */
export function cannot(context: TestContext, why: string): never {
  context.task.meta.cannot = why
  return context.skip(why)
}
