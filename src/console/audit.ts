import { Readable } from 'node:stream'
import { and, asc, desc, eq, exists, gte, inArray, lt, or, type SQL } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { acting } from '../acting.ts'
import { type AuditRow, lastAnchor } from '../audit/chain.ts'
import { addDays, isDay, nairobiDay, startOfDay } from '../base/dates.ts'
import { officersOf } from '../officers/manage.ts'
import { inCountiesOf, officerActor } from '../officers/officer.ts'
import { VERIFY_RUN } from '../officers/verify-trail.ts'
import { startRun } from '../runs/run.ts'
import { csvOf } from '../sheets/write.ts'
import { field } from '../web/fields.ts'
import { actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { longTable, one, PAGE_ROWS, tableQuery } from './table.ts'

const FILTERS = ['actor', 'action', 'subject', 'from', 'until'] as const
const A_PART = 1_000

/** `/console/audit`: who did and saw what; whether the trail is whole; taking it away. */
export function auditPages({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/audit', 'trail', async (visit) => {
    const { say, time } = visit.reader
    const order = tableQuery(visit, ['at'], '-at')
    const rows = await rowsOf(await whereOf(visit), order.after, order.down, PAGE_ROWS + 1)
    const who = await actorsIn(
      read,
      visit.reader,
      rows.map(({ actor }) => actor),
    )
    const anchor = await lastAnchor(app)
    const query = new URLSearchParams(FILTERS.flatMap((name) => (one(visit, name) ? [[name, one(visit, name) ?? '']] : [])))
    const title = say('desk_audit')
    const columns = [
      { name: 'at', label: say('trail_at'), cell: ({ at }: AuditRow) => time(at), sorts: true as const },
      { name: 'actor', label: say('trail_actor'), cell: ({ actor }: AuditRow) => who(actor) },
      { name: 'via', label: say('trail_via'), cell: ({ via }: AuditRow) => via },
      { name: 'action', label: say('trail_action'), cell: ({ action }: AuditRow) => inWords(visit, action) },
      { name: 'outcome', label: say('trail_outcome'), cell: ({ outcome }: AuditRow) => outcome },
      {
        name: 'subject',
        label: say('trail_subject'),
        cell: ({ subject }: AuditRow) =>
          subject === null
            ? ''
            : html`<a href="/console/audit?subject=${encodeURIComponent(subject)}"><code>${subject.slice(-8)}</code></a>`,
      },
      { name: 'detail', label: say('trail_detail'), cell: ({ detail }: AuditRow) => detailOf(detail) },
    ]
    const input = (name: (typeof FILTERS)[number], more = '') =>
      field({ name, label: say(`trail_${name}`), value: one(visit, name) ?? '', more: raw(more) })
    const body = html`<h1>${title}</h1>
<form method="get" class="filters">${input('actor', ' autocapitalize="none"')}${input('action')}${input('subject')}${input('from', ' type="date"')}${input('until', ' type="date"')}<div><button class="second">${say('trail_filter')}</button></div></form>
<div class="bar"><form method="post" action="/console/audit/verify">${visit.hidden}<button class="second">${say('trail_verify')}</button></form><p><a href="/console/audit/export.csv?${query}">${say('trail_export')}</a></p></div>
<p class="soft">${anchor ? say('trail_anchor', { n: visit.reader.count(anchor.n), time: time(anchor.at) }) : say('trail_no_anchor')}</p>
${longTable(visit, order, { caption: say('trail_caption'), columns, rows, keyOf: ({ at, id }) => [String(at), id] })}`
    visit.show({ title, body })
  })

  face.form('/audit/verify', 'trail', async (visit, form) => {
    const once = form.get('once')
    await acting(app, actorOf(visit), 'audit.verify', 'audit:verify', async (scene) => {
      await startRun(scene, { kind: VERIFY_RUN, input: {}, by: scene.actor.name, id: once })
      return [undefined, { outcome: 'done', detail: { run: once } }]
    })
    visit.go(`/console/runs/${once}`)
  })

  face.page('/audit/export.csv', 'trail', async (visit) => {
    const where = await whereOf(visit)
    const { say } = visit.reader
    const filter = FILTERS.flatMap((name) => (one(visit, name) ? [name] : [])).join(' ')
    await acting(app, actorOf(visit), 'audit.export', 'audit:export', async () => [
      undefined,
      { outcome: 'done', detail: { filter } },
    ])
    visit.ctx.attachment(`audit-${nairobiDay(app.clock.now())}.csv`)
    visit.ctx.type = 'text/csv; charset=utf-8'
    visit.ctx.body = Readable.from(
      csvOf(
        ['at', 'actor', 'via', 'action', 'outcome', 'subject', 'detail'].map((name) => say(`trail_${name}`)),
        partsOf(where),
      ),
    )
  })

  async function* partsOf(where: SQL | undefined) {
    let after: readonly [string, string] | undefined
    for (;;) {
      const rows = await rowsOf(where, after, true, A_PART)
      yield rows.map(({ at, actor, via, action, outcome, subject, detail }) => [
        new Date(at).toISOString(),
        actor,
        via,
        action,
        outcome,
        subject ?? '',
        detailOf(detail),
      ])
      const last = rows.at(-1)
      if (!last || rows.length < A_PART) return
      after = [String(last.at), last.id]
    }
  }

  function rowsOf(
    where: SQL | undefined,
    after: readonly [string, string] | undefined,
    down: boolean,
    most: number,
  ): Promise<AuditRow[]> {
    const { audit } = read
    const at = Number(after?.[0] ?? Number.NaN)
    const beyond = down ? lt : (column: typeof audit.at, value: number) => gte(column, value + 1)
    const sameTime = after && and(eq(audit.at, at), down ? lt(audit.id, after[1]) : gte(audit.id, `${after[1]}\u0000`))
    const inOrder = down ? desc : asc
    return read
      .select()
      .from(audit)
      .where(and(where, Number.isFinite(at) ? or(beyond(audit.at, at), sameTime) : undefined))
      .orderBy(inOrder(audit.at), inOrder(audit.id))
      .limit(most)
  }

  /** What the address asks for; somebody who is not there finds nothing. */
  async function whereOf(visit: Visit): Promise<SQL | undefined> {
    const { audit, officers } = read
    const [actor, action, subject, from, until] = FILTERS.map((name) => one(visit, name)?.trim())
    let name = actor
    if (actor && !actor.includes(':') && actor !== 'schedule') {
      const [officer] = await read.select({ id: officers.id }).from(officers).where(eq(officers.username, actor.toLowerCase()))
      name = officer ? `officer:${officer.id}` : actor
    }
    return and(
      await mine(visit),
      name ? eq(audit.actor, name) : undefined,
      action ? eq(audit.action, action) : undefined,
      subject ? eq(audit.subject, subject) : undefined,
      from && isDay(from) ? gte(audit.at, startOfDay(from)) : undefined,
      until && isDay(until) ? lt(audit.at, startOfDay(addDays(until, 1))) : undefined,
    )
  }

  /** For somebody of counties: what officers of those counties did, and what was done about people of those. */
  async function mine({ me }: Visit): Promise<SQL | undefined> {
    const { audit, people } = read
    const ours = inCountiesOf(me, people.homeCounty)
    if (!ours) return undefined
    const officers = await officersOf(app, me)
    const about = read
      .select({ id: people.id })
      .from(people)
      .where(and(eq(people.id, audit.subject), ours))
    return or(
      inArray(
        audit.actor,
        officers.map(({ id }) => `officer:${id}`),
      ),
      exists(about),
    )
  }
}

const inWords = ({ reader: { has, say } }: Visit, action: string) => {
  const name = `act_${action.replaceAll('.', '_')}`
  return html`<code>${action}</code>${has(name) ? html`<br><small>${say(name)}</small>` : ''}`
}

const detailOf = (detail: AuditRow['detail']): string =>
  Object.entries(detail ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
