import { eq } from 'drizzle-orm'
import { leaveTrace } from './acting.ts'
import type { Action, Actor, AnyAction, Catalogue, Holding, Outcome, Scene } from './action.ts'
import { refused } from './action.ts'
import type { App } from './app.ts'
import { Fault } from './base/fault.ts'
import { once, type Tx } from './store/store.ts'

const isSomebody = (who: AnyAction['who']): boolean => who === 'person' || who === 'account' || who === 'pin'

/** Refusals that any action may give, by its `who`. */
export const refusalsOf = (action: AnyAction): readonly string[] => [
  ...(isSomebody(action.who) ? ['no_account', 'suspended'] : []),
  ...(action.who === 'pin' ? ['pin_needed'] : []),
  ...action.refusals,
]

/** Not an error: an action in this unit needs something slow first. The unit is undone, the facts gathered, the unit run again. */
class NeedsFacts extends Error {
  readonly gather: () => Promise<unknown>
  constructor(gather: () => Promise<unknown>) {
    super('facts are needed')
    this.gather = gather
  }
}

export type Perform = (name: string, actor: Actor, input: unknown) => Promise<Outcome>

/**
 * Runs `unit` as one unit of work in which actions can be performed, whatever they must gather first.
 * Gathered facts are kept by the order in which they were asked for, so a repeated unit finds them again.
 */
export async function performing<T>(
  app: App,
  actions: Catalogue,
  key: string,
  unit: (tx: Tx, perform: Perform, at: number) => Promise<T>,
): Promise<T> {
  const gathered: unknown[] = []
  for (;;) {
    try {
      return await app.store.work(key, (tx) => {
        let asked = 0
        const at = app.clock.now()
        const perform: Perform = async (name, actor, input) => {
          const action = actions[name]
          if (!action) throw new Fault('bad_settings', `there is no action '${name}'`)
          const read = action.input.safeParse(input)
          if (!read.success)
            throw new Fault('bad_request', `'${name}' was given what it cannot read: ${read.error.issues[0]?.path.join('.')}`)
          let facts: unknown
          if (action.gather) {
            if (asked === gathered.length) throw new NeedsFacts(() => action.gather?.(app, actor, read.data) ?? Promise.resolve())
            facts = gathered[asked++]
          }
          return performOne(name, action, { tx, actor, at, tools: app }, read.data, facts)
        }
        return unit(tx, perform, at)
      })
    } catch (reason) {
      if (!(reason instanceof NeedsFacts)) throw reason
      gathered.push(await reason.gather())
    }
  }
}

/** Whether the actor may, then the action itself, then its row in the audit trail: all in the unit that is open. */
async function performOne<I, F>(name: string, action: Action<I, F>, bare: Scene, input: I, facts: F): Promise<Outcome> {
  const holding = isSomebody(action.who) ? await holdingOf(bare.tx, bare.actor.msisdn) : undefined
  const scene = { ...bare, holding }
  const holder = holding?.person ?? (action.who === 'person' ? await onlyOneOnRoll(scene) : undefined)
  const outcome = mayNot(action.who, scene.actor, holder) ?? (await action.apply(scene, input, facts))
  if (outcome.refused !== undefined && !refusalsOf(action as unknown as AnyAction).includes(outcome.refused))
    throw new Fault('bad_settings', `'${name}' refused with '${outcome.refused}', which it does not declare`)
  if (!action.reads) await leaveTrace(scene, name, { subject: outcome.about ?? holder?.id, outcome: outcome.refused ?? 'done' })
  return outcome
}

function mayNot(who: AnyAction['who'], actor: Actor, holder: Holder | undefined): Outcome | undefined {
  if (who === 'anyone') return undefined
  if (who === 'operator') {
    if (['cli', 'system', 'console'].includes(actor.via)) return undefined
    throw new Fault('bad_settings', 'an operator action was reached from outside')
  }
  if (!holder) return refused('no_account')
  if (holder.status === 'suspended') return refused('suspended')
  return who === 'pin' && !actor.signed ? refused('pin_needed') : undefined
}

type Holder = { id: string; status: string }

/** The person and the account behind a number; undefined where there is no account. */
export async function holdingOf(tx: Tx, msisdn: string | undefined): Promise<Holding | undefined> {
  return msisdn === undefined ? undefined : (await behind(tx, { msisdn }))[0]
}

const behind = once('holding', (tx, hole: { msisdn: never }) =>
  tx
    .select({ person: tx.people, account: tx.accounts })
    .from(tx.accounts)
    .innerJoin(tx.people, eq(tx.people.id, tx.accounts.personId))
    .where(eq(tx.accounts.msisdn, hole.msisdn)),
)

/** A number that two people of the roll share stands for neither of them. */
async function onlyOneOnRoll({ tx, actor }: Scene): Promise<Holder | undefined> {
  if (!actor.msisdn) return undefined
  const [only, ...others] = await onRoll(tx, { msisdn: actor.msisdn })
  return others.length === 0 ? only : undefined
}

const onRoll = once<{ msisdn: string }, Holder[]>('on_roll', (tx, hole) =>
  tx.select({ id: tx.people.id, status: tx.people.status }).from(tx.people).where(eq(tx.people.msisdn, hole.msisdn)).limit(2),
)
