import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { and, count, desc, eq, gt, gte, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { html } from 'hono/html'
import type { App } from '../app.ts'
import { DAY, HOUR, nairobiDay, nairobiHour } from '../base/dates.ts'
import { waitsForSecond } from '../officers/confirm.ts'
import { officersOf } from '../officers/manage.ts'
import { inCountiesOf, may, type Officer } from '../officers/officer.ts'
import type { Right } from '../officers/roles.ts'
import { MESSAGE_CLASSES, ruleOf } from '../sms/classes.ts'
import { longestWait } from '../sms/overview.ts'
import type { Tables } from '../store/schema.ts'
import { hourBars } from '../web/chart.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { mine } from './inbox.ts'
import { dueThisWeek, ofOfficer } from './message-table.ts'

/** Beyond this nobody needs the exact number, and it would have to be counted. */
const MOST = 10_000

/** `/console`: what waits, how the day goes, and whether everything works. */
export function todayPage({ face, app }: Console): void {
  face.page('', 'today', async (visit) => {
    const { say, count: number } = visit.reader
    const title = say('today_title')
    const waiting = await Promise.all(
      TASKS.filter(({ right, href }) => may(visit.me, right) && face.leadsTo(href)).map(async (task) => {
        const rows = await task.rows(app, visit.me)
        const n = await upTo(app, rows)
        return { ...task, n: `${number(Math.min(n, MOST))}${n > MOST || rows.beyond ? '+' : ''}` }
      }),
    )
    const body = html`<h1>${title}</h1>
${visit.me.confirmedAt === null ? html`<p class="lead">${say('today_unconfirmed')}</p>` : ''}
${waiting.length === 0 ? html`<p><a href="/console/audit">${say('today_trail')}</a></p>` : ''}
<ul class="cards">${waiting.map(
      ({ name, href, n }) => html`<li><a href="${href}"><strong>${n}</strong>${say(`today_${name}`)}</a></li>\n`,
    )}</ul>
<h2>${say('today_day_title')}</h2>
<div class="two">${await charts(app, visit)}</div>
<h2>${say('today_state_title')}</h2>
<ul>${(await stateOf(app, visit)).map((line) => html`<li>${line}</li>\n`)}</ul>`
    visit.show({ title, body })
  })
}

/** A table of the store, of whichever kind: only counted. */
type AnyTable = Tables[keyof Tables]
/** `beyond`: there are more than were looked at. */
type Rows = { from: AnyTable; where: SQL | undefined; beyond?: boolean }
type Task = { name: string; href: string; right: Right; rows(app: App, officer: Officer): Rows | Promise<Rows> }

const TASKS: readonly Task[] = [
  {
    name: 'to_vet',
    href: '/console/applications?status=received',
    right: 'vet',
    rows: ({ store: { read } }, officer) => ({
      from: read.applications,
      where: and(eq(read.applications.status, 'received'), inCountiesOf(officer, read.applications.county)),
    }),
  },
  {
    name: 'to_decide',
    href: '/console/applications?status=nominated',
    right: 'decide',
    rows: ({ store: { read } }, officer) => ({
      from: read.applications,
      where: and(eq(read.applications.status, 'nominated'), inCountiesOf(officer, read.applications.county)),
    }),
  },
  {
    name: 'to_approve',
    href: '/console/approvals',
    right: 'approve',
    rows: ({ store: { read } }, officer) => ({
      from: read.orders,
      where: and(eq(read.orders.state, 'asked'), inCountiesOf(officer, read.orders.county)),
    }),
  },
  {
    name: 'to_confirm',
    href: '/console/officers?waiting=1',
    right: 'officers',
    rows: async (app, officer) => {
      const waiting = (await officersOf(app, officer)).filter(waitsForSecond)
      return {
        from: app.store.read.officers,
        where: inArray(
          app.store.read.officers.id,
          waiting.map(({ id }) => id),
        ),
      }
    },
  },
  {
    name: 'unanswered',
    href: '/console/deployments?status=released&day=coming',
    right: 'look',
    rows: ({ store: { read }, clock }, officer) => ({
      from: read.deployments,
      where: and(
        eq(read.deployments.status, 'released'),
        gte(read.deployments.reportOn, nairobiDay(clock.now())),
        inCountiesOf(officer, read.deployments.county),
      ),
    }),
  },
  {
    name: 'undelivered',
    href: '/console/messages?class=notice&status=failed&since=week',
    right: 'look',
    rows: (app, officer) => failed(app, officer, ['notice']),
  },
  {
    name: 'failed',
    href: '/console/messages?status=failed&since=week',
    right: 'look',
    rows: (app, officer) => failed(app, officer),
  },
  {
    name: 'inbox',
    href: '/console/messages/inbox',
    right: 'vet',
    rows: ({ store: { read } }, officer) => ({
      from: read.inbound,
      where: and(isNull(read.inbound.keyword), isNull(read.inbound.answeredAt), mine(read, officer)),
    }),
  },
]

/** Whose county a message is of stands with the person: so many are looked up and no more, the newest. */
const LOOKED_AT = 2_000

/** Messages of this week that failed. */
async function failed({ store: { read }, clock }: App, officer: Officer, classes = MESSAGE_CLASSES): Promise<Rows> {
  const { outbox } = read
  // All the ranks by name, where it is all of them: so the index leads to the week, and nobody walks through what failed before.
  const ranks = inArray(
    outbox.rank,
    classes.map((name) => ruleOf(name).rank),
  )
  const week = and(eq(outbox.status, 'failed'), ranks, dueThisWeek(read, clock.now()))
  const county = ofOfficer(read, officer)
  if (!county) return { from: outbox, where: week }
  const [last] = await read
    .select({ dueAt: outbox.dueAt })
    .from(outbox)
    .where(week)
    .orderBy(desc(outbox.dueAt))
    .limit(1)
    .offset(LOOKED_AT)
  return { from: outbox, where: and(week, last && gt(outbox.dueAt, last.dueAt), county), beyond: last !== undefined }
}

/** How many, and no further than is worth counting; more than `MOST` stands for all that are more than that. */
async function upTo({ store: { read } }: App, { from, where }: Rows): Promise<number> {
  const some = read
    .select({ one: sql<number>`1`.as('one') })
    .from(from as Tables['people'])
    .where(where)
    .limit(MOST + 1)
    .as('some')
  const [row] = await read.select({ n: count() }).from(some)
  return Number(row?.n ?? 0)
}

/** The last 24 hours, hour by hour. An officer of a county sees the applications of that county; the rest is the nation's. */
async function charts({ store: { read }, clock }: App, { me, reader }: Visit): Promise<Html[]> {
  const { say, count: number } = reader
  const since = clock.now() - (clock.now() % HOUR) - 23 * HOUR
  const { accounts, applications, outbox } = read
  const series = [
    ...(me.counties.length === 0 ? [{ name: 'registrations', table: accounts, at: accounts.createdAt, where: undefined }] : []),
    { name: 'applications', table: applications, at: applications.at, where: inCountiesOf(me, applications.county) },
    ...(me.counties.length === 0 ? [{ name: 'messages', table: outbox, at: outbox.createdAt, where: undefined }] : []),
  ]
  return Promise.all(
    series.map(async ({ name, table, at, where }) => {
      const bars: { label: string; n: number }[] = []
      for (let from = since; from < since + DAY; from += HOUR) {
        // An hour is a stretch of an index: grouping the whole day held every caller for a tenth of a second.
        const [row] = await read
          .select({ n: count() })
          .from(table as AnyTable as Tables['people'])
          .where(and(gte(at, from), lt(at, from + HOUR), where))
        bars.push({ label: String(nairobiHour(from)).padStart(2, '0'), n: Number(row?.n ?? 0) })
      }
      const total = bars.reduce((sum, { n }) => sum + n, 0)
      return hourBars({ title: say(`today_${name}`), total: number(total), bars })
    }),
  )
}

/** In plain words whether things work. */
async function stateOf(app: App, { reader }: Visit): Promise<string[]> {
  const { say, time, count: number } = reader
  const { read } = app.store
  const waits = Math.round((await longestWait(read, app.clock.now())) / 1000)
  const broken = await upTo(app, { from: read.runs, where: eq(read.runs.state, 'failed') })
  const backup = await newestBackup(app)
  return [
    waits > 60 ? say('state_slow', { seconds: number(waits) }) : say('state_sending'),
    backup === undefined ? say('state_no_backup') : say('state_backup', { time: time(backup) }),
    ...(broken > 0 ? [say('state_runs', { count: number(broken) })] : []),
  ]
}

async function newestBackup({ config }: App): Promise<number | undefined> {
  const names = await readdir(join(config.dataFolder, 'backups')).catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return []
    throw reason
  })
  const times = names.flatMap((name) => {
    const [, day, hour, minute] = /(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)/.exec(name) ?? []
    return day ? [Date.parse(`${day}T${hour}:${minute}:00Z`)] : []
  })
  return times.length === 0 ? undefined : Math.max(...times)
}
