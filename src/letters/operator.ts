import { acting, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'

export type { Trace }

/** Whoever sits at the command line, unless a command or a page says who. */
const operator: Actor = { via: 'cli', name: 'operator', signed: false, language: 'en' }

/** Runs what an operator asked for as one unit with its row in the audit trail. */
export const operating = <T>(
  app: App,
  action: string,
  key: string,
  unit: (scene: Scene) => Promise<[T, Trace]>,
  by: Actor = operator,
): Promise<T> => acting(app, by, action, key, unit)
