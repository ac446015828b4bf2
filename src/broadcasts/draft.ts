import { eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { askOrder } from '../orders/order.ts'
import { inputOf, type Run, type RunKind, startRun } from '../runs/run.ts'
import type { Read } from '../store/store.ts'
import { type Group, someOf } from './audience.ts'
import { type People, type Price, priceOf, type Texts } from './text.ts'

/** The name of the work in the background that counts whom a broadcast would reach. */
export const COUNT_RUN = 'broadcasts.count'
/** People of the roll looked at in one slice. */
const LOOK = 2_000

export type Draft = { texts: Texts; group: Group }
/** What an officer wrote, and how far it is counted. */
export type Counted = Draft & { run: Run; people: People; price: Price }

/** Keeps what an officer wrote and begins to count. `id` is the form's `once`: sent twice it is one draft. */
export function draftBroadcast(app: App, by: Actor, { id, ...draft }: Draft & { id: string }): Promise<string> {
  return acting(app, by, 'broadcasts.draft', `draft:${id}`, async (scene) => {
    await startRun(scene, { kind: COUNT_RUN, input: draft, by: by.name, id })
    return [id, { outcome: 'done', detail: { draft: id } }]
  })
}

/** Counts by walking over the roll: nothing waits for it. */
export const countRun: RunKind<Draft> = {
  async slice({ tx }, { group }, cursor) {
    const { people, looked, next } = await someOf(tx, group, cursor ?? '', { look: LOOK, most: LOOK + 1 })
    const sw = people.filter(({ language }) => language === 'sw').length
    return { next, done: looked, tally: { people_en: people.length - sw, people_sw: sw } }
  },
}

/** A draft of `by`; undefined for anybody else's. */
export async function findDraft({ store: { read }, keyring }: Pick<App, 'store' | 'keyring'>, by: Actor, id: string) {
  return draftIn(read, keyring, by, id)
}

async function draftIn(read: Read, keyring: App['keyring'], by: Actor, id: string): Promise<Counted | undefined> {
  const [run] = await read.select().from(read.runs).where(eq(read.runs.id, id))
  if (run?.kind !== COUNT_RUN || run.by !== by.name) return undefined
  const draft = inputOf<Draft>({ keyring }, run)
  const people = { en: run.tally.people_en ?? 0, sw: run.tally.people_sw ?? 0 }
  return { ...draft, run, people, price: priceOf(draft.texts, people) }
}

export type AskedBroadcast = { order: string } | { refused: 'unknown' | 'counting' | 'nobody' }

/**
 * Asks that a draft go out: a second officer must agree to its texts, its group and its cost. `group` says the group in words. The draft
 * and the order have one id, so that a draft is asked for once.
 */
export function askBroadcast(
  app: App,
  by: Actor,
  { draft: id, group }: { draft: string; group: string },
): Promise<AskedBroadcast> {
  return acting<AskedBroadcast>(app, by, 'broadcasts.ask', `draft:${id}`, async (scene) => {
    const draft = await draftIn(scene.tx, app.keyring, by, id)
    const refusal = !draft ? 'unknown' : draft.run.state !== 'done' ? 'counting' : draft.price.people === 0 ? 'nobody' : undefined
    if (!draft || refusal) return [{ refused: refusal ?? 'unknown' }, { outcome: refusal ?? 'unknown' }]
    const { texts, people, price } = draft
    const order = await askOrder(scene, {
      kind: 'broadcast',
      county: draft.group.county ?? null,
      input: { texts, group: draft.group } satisfies Draft,
      summary: {
        people: price.people,
        segments: price.segments,
        cost_kes: price.costKes,
        people_en: people.en,
        people_sw: people.sw,
        group,
        text_en: texts.en,
        text_sw: texts.sw,
      },
      id,
    })
    return [{ order }, { outcome: 'done', detail: { order, people: price.people, segments: price.segments } }]
  })
}
