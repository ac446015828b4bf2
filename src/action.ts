import type { z } from 'zod'
import type { App, Tools } from './app.ts'
import type { Msisdn } from './base/msisdn.ts'
import type { Language } from './store/schema.ts'
import type { Tx } from './store/store.ts'

/** A row of a list that an action gives; each value becomes a variable when the row is chosen. */
export type Item = Record<string, string>
/** What an outcome tells: values for the words, `items` for a list. */
export type Vars = Record<string, string | number | boolean | readonly string[] | readonly Item[] | undefined>

/** `done`, or a refusal: a code that the action declares, with words for it in `menus/`. `about` is the row it concerns, for the audit trail. */
export type Outcome =
  | { done: Vars; refused?: never; about?: string | undefined }
  | { refused: string; vars?: Vars; done?: never; about?: string | undefined }

export type Actor = {
  via: 'ussd' | 'sms' | 'web' | 'console' | 'cli' | 'system'
  /** For the audit trail: never a phone or an identity number. */
  name: string
  /** The number that dialled or wrote. */
  msisdn?: Msisdn
  /** Whether the PIN was given in this session; an SMS counts as signed, as the keywords have no place for a PIN. */
  signed: boolean
  language: Language
  /** Names the request that came, the same when it comes again: what is counted before the unit is counted once for it. */
  request?: () => string
}

/** A person of the roll and the account that they made. */
export type Holding = { person: Tx['people']['$inferSelect']; account: Tx['accounts']['$inferSelect'] }

/** Where an action happens: it decides from `tx` and writes to `tx`, and touches nothing else. */
export type Scene = {
  tx: Tx
  actor: Actor
  at: number
  tools: Tools
  /** Who holds the account of the actor's number, as it stood when the action began; left out where nobody looked. */
  holding?: Holding | undefined
}

export type Action<I = never, F = never> = {
  /** `person`: the number stands for one person of the roll, with an account or without; `account`: with one; `pin`: and the PIN was given. */
  who: 'anyone' | 'person' | 'account' | 'pin' | 'operator'
  input: z.ZodType<I>
  /** Every code that `apply` may refuse with. */
  refusals: readonly string[]
  /** Every variable that an outcome may give. */
  gives: readonly string[]
  /** Messages of `menus/messages.yaml` that it may send. */
  sends?: readonly string[]
  /** Writes nothing: a screen may `show` it, and it leaves no audit row. */
  reads?: true
  /** What is slow, done outside the unit and before it. */
  gather?(app: App, actor: Actor, input: I): Promise<F>
  apply(scene: Scene, input: I, facts: F): Promise<Outcome>
}

/** Any action, as the catalogue holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds actions of every input; each checks its own with zod
export type AnyAction = Action<any, any>
export type Catalogue = Readonly<Record<string, AnyAction>>

/** Keeps an action's own types while it is written down. */
export const action = <I, F = undefined>(definition: Action<I, F>): Action<I, F> => definition

export const done = (vars: Vars = {}, about?: string): Outcome => ({ done: vars, about })
export const refused = (code: string, vars: Vars = {}, about?: string): Outcome => ({ refused: code, vars, about })
