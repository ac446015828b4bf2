import { and, count, eq, inArray } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { addDays, shortDay } from '../base/dates.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { askOrder } from '../orders/order.ts'
import type { DeploymentStatus, Language } from '../store/schema.ts'
import type { Read } from '../store/store.ts'
import { toGsm7 } from '../text/gsm7.ts'
import { segments } from '../text/segments.ts'

/**
 * What happened to many letters of one job. `recalled`: they are void and issued anew; `postponed`: the days of the whole job move by
 * `days`; `moved`: who was to go to the station `from` goes to `to`. `county` narrows a recall to its stations.
 */
export type Notice =
  | { kind: 'recalled'; job: string; county?: string | undefined }
  | { kind: 'postponed'; job: string; days: number }
  | { kind: 'moved'; job: string; from: string; to: string }
export const NOTICE_KINDS = ['recalled', 'postponed', 'moved'] as const

/** Those who have a letter in their hand: they are told. Drafts only move. */
export const TOLD: DeploymentStatus[] = ['released', 'accepted']

/** What an officer looks at before asking: how many are told, how many drafts and open places move with them, and what each language says. */
export type Preview = {
  people: number
  drafts: number
  /** Places that are open and follow. */
  places: number
  county: string | null
  texts: Record<Language, { text: string; segments: number }>
}
export type Unasked = 'unknown_job' | 'unknown_station' | 'same_station' | 'days' | 'nobody'

export const MOST_DAYS = 200

/** Looks, and changes nothing. */
export async function previewNotice(
  app: Pick<App, 'store' | 'phrases' | 'publicUrl'>,
  notice: Notice,
): Promise<Preview | { refused: Unasked }> {
  const { read } = app.store
  const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, notice.job))
  if (!job) return { refused: 'unknown_job' }
  if (notice.kind === 'postponed' && (!Number.isInteger(notice.days) || notice.days === 0 || Math.abs(notice.days) > MOST_DAYS))
    return { refused: 'days' }
  let county: string | null = notice.kind === 'recalled' ? (notice.county ?? null) : null
  let station = '…'
  if (notice.kind === 'moved') {
    const codes = [notice.from, notice.to]
    const rows = await read.select().from(read.stations).where(inArray(read.stations.centreCode, codes))
    const [from, to] = codes.map((code) => rows.find(({ centreCode }) => centreCode === code))
    if (!from || !to) return { refused: 'unknown_station' }
    if (from === to) return { refused: 'same_station' }
    station = to.name
    // Both stations must be the business of whoever agrees.
    county = from.county === to.county ? from.county : null
  }
  const people = await countOf(read, notice, TOLD)
  const drafts = await countOf(read, notice, ['draft'])
  const places = await openOf(read, notice)
  if (people + drafts + places === 0) return { refused: 'nobody' }
  const [example] = await read
    .select({ on: read.deployments.reportOn })
    .from(read.deployments)
    .where(isMeant(read, notice))
    .limit(1)
  const reportOn = example?.on ?? job.startsOn
  const say = (language: Language) => {
    const text = toGsm7(
      app.phrases.message(
        `letter_${notice.kind}`,
        {
          title: titleOf(job, language),
          station,
          report_on: shortDay(notice.kind === 'postponed' ? addDays(reportOn, notice.days) : reportOn),
          link: `${app.publicUrl}/l/XXXX-XXXX-XXXX-XXXX`,
        },
        language,
      ),
    )
    return { text, segments: segments(text).count }
  }
  return { people, drafts, places, county, texts: { en: say('en'), sw: say('sw') } }
}

/** Asks for it: a second officer must agree to exactly these people. `id` is the form's `once`: sent twice it asks once. */
export async function askNotice(
  app: App,
  by: Actor,
  notice: Notice,
  id: string,
): Promise<{ order: string } | { refused: Unasked }> {
  const preview = await previewNotice(app, notice)
  if ('refused' in preview) return preview
  const { people, drafts, county } = preview
  return acting<{ order: string }>(app, by, 'notices.ask', `notice:${notice.job}`, async (scene) => {
    const { kind, job, ...more } = notice
    const given = Object.entries(more).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    const summary = { notice: kind, job, ...Object.fromEntries(given), people, notice_drafts: drafts }
    const order = await askOrder(scene, { kind: 'notice', subject: job, county, input: notice, summary, id })
    return [{ order }, { outcome: 'done', detail: { order, ...summary } }]
  })
}

async function countOf(read: Read, notice: Notice, states: DeploymentStatus[]): Promise<number> {
  const { deployments: d } = read
  const [found] = await read
    .select({ n: count() })
    .from(d)
    .where(and(isMeant(read, notice), inArray(d.status, states)))
  return Number(found?.n ?? 0)
}

async function openOf(read: Read, notice: Notice): Promise<number> {
  if (notice.kind === 'recalled') return 0
  const { openings: o } = read
  const from = notice.kind === 'moved' ? eq(o.centreCode, notice.from) : undefined
  const [found] = await read
    .select({ n: count() })
    .from(o)
    .where(and(eq(o.state, 'open'), eq(o.jobCode, notice.job), from))
  return Number(found?.n ?? 0)
}

/** The deployments that a notice is about, whatever their state. */
export const isMeant = ({ deployments: d }: Pick<Read, 'deployments'>, notice: Notice) =>
  and(
    eq(d.jobCode, notice.job),
    notice.kind === 'recalled' && notice.county !== undefined ? eq(d.county, notice.county) : undefined,
    notice.kind === 'moved' ? eq(d.centreCode, notice.from) : undefined,
  )
