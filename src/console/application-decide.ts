import { and, eq, inArray } from 'drizzle-orm'
import { html } from 'hono/html'
import { DECISIONS, type Decision } from '../jobs/decide.ts'
import { askDecideAll, decideTicked, MOST_TICKED, type Ticked } from '../jobs/decide-many.ts'
import { countApplications } from '../jobs/overview.ts'
import { LEFT_OUT } from '../jobs/quota.ts'
import { inCountiesOf, may, officerActor } from '../officers/officer.ts'
import type { ApplicationStatus } from '../store/schema.ts'
import { choice } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Page } from '../web/layout.ts'
import { APPLICATIONS, asked, whichOf } from './application-filters.ts'
import type { Console, Visit } from './console.ts'

/** Counting further than this tells nobody more. */
const MOST = 100_000

/** Deciding many at once: first what will happen and to how many, then, by another button, it happens. */
export function decidePages({ face, app }: Console): void {
  face.form('/applications/decide', 'vet', async (visit, form) => {
    const to = decisionOf(visit, form)
    const query = asked(new URLSearchParams(form.get('query')))
    const ticked = tickedOf(form)
    const all = form.get('all') === '1'
    if (!all && ticked.length === 0) return visit.go(`${APPLICATIONS}?${query}`, 'decide_none')
    const asOf = app.clock.now()
    const n = all ? await countApplications(app.store.read, { ...whichOf(visit, query), asOf }, MOST) : ticked.length
    visit.show(confirmPage(visit, all ? { to, query, n, asOf } : { to, query, n, ticked }))
  })

  face.form('/applications/decide/yes', 'vet', async (visit, form) => {
    const to = decisionOf(visit, form)
    const by = officerActor(visit.me, visit.reader.language)
    const reason = to === 'unsuccessful' ? LEFT_OUT.find((each) => each === form.get('reason')) : undefined
    const once = form.get('once')
    const query = asked(new URLSearchParams(form.get('query')))
    if (form.get('all') === '1') {
      const n = Number(form.get('n'))
      const of = Number.isInteger(n) && n <= MOST ? n : undefined
      await askDecideAll(app, by, {
        to,
        reason,
        which: { ...whichOf(visit, query), asOf: Number(form.get('as_of')) || 0 },
        of,
        once,
      })
    } else {
      const ticked = tickedOf(form)
      const moved = (await sentBefore(once)) ? [] : await movedOn(visit, ticked)
      if (moved.length > 0) {
        const left = ticked.filter(({ id }) => moved.every((row) => row.id !== id))
        return visit.show(confirmPage(visit, { to, query, n: left.length, ticked: left, moved }), 409)
      }
      const counties = visit.me.counties.length === 0 ? undefined : visit.me.counties
      await decideTicked(app, by, { to, reason, ticked, counties, once })
    }
    visit.go(`/console/runs/${once}`)
  })

  async function sentBefore(once: string): Promise<boolean> {
    const { runs } = app.store.read
    const [run] = await app.store.read.select({ id: runs.id }).from(runs).where(eq(runs.id, once))
    return run !== undefined
  }

  /** Those that somebody changed since the officer saw them, as they stand now: the officer is told before anything is done. */
  async function movedOn({ me }: Visit, ticked: readonly Ticked[]): Promise<Moved[]> {
    const { applications, people } = app.store.read
    const { id, status, changedAt } = applications
    const rows = await app.store.read
      .select({ id, status, changedAt, personId: people.id, name: people.fullName })
      .from(applications)
      .innerJoin(people, eq(people.id, applications.personId))
      .where(
        and(
          inArray(
            id,
            ticked.map((each) => each.id),
          ),
          inCountiesOf(me, applications.county),
        ),
      )
    return rows.filter((row) => ticked.some((each) => each.id === row.id && each.changedAt !== row.changedAt))
  }
}

type Moved = { id: string; status: ApplicationStatus; changedAt: number; personId: string; name: string }
type Confirm = {
  to: Decision
  query: URLSearchParams
  n: number
  asOf?: number
  ticked?: readonly Ticked[]
  moved?: readonly Moved[]
}

/** What will happen and to how many; `moved`: what others changed meanwhile, which is left alone. */
function confirmPage(visit: Visit, { to, query, n, asOf, ticked = [], moved = [] }: Confirm): Page {
  const { say, count, time } = visit.reader
  const title = say('decide_title', { to: visit.word('status', to) })
  const all = asOf !== undefined
  const body = html`<h1>${title}</h1>
${
  moved.length === 0
    ? ''
    : html`<div class="bad" role="alert"><p>${say('decide_moved')}</p><ul>${moved.map(
        ({ id, status, changedAt, name }) =>
          html`<li><a href="${APPLICATIONS}/${id}">${name}</a>: ${visit.word('status', status)} (${time(changedAt)})</li>`,
      )}</ul></div>`
}
${
  n === 0 && !all
    ? ''
    : html`<p>${say(all ? 'decide_text_all' : 'decide_text', { n: n > MOST ? `${count(MOST)}+` : count(n) })}</p>
<form method="post" action="${APPLICATIONS}/decide/yes">${visit.hidden}
<input type="hidden" name="to" value="${to}"><input type="hidden" name="query" value="${query.toString()}"><input type="hidden" name="n" value="${n}">
${to === 'unsuccessful' ? reasonChoice(visit) : ''}
${all ? html`<input type="hidden" name="all" value="1"><input type="hidden" name="as_of" value="${asOf}">` : ticked.map(({ id, changedAt }) => html`<input type="hidden" name="id" value="${id}.${changedAt}">`)}
<button>${say('decide_yes')}</button></form>`
}
<p><a href="${APPLICATIONS}?${query}">${say('decide_back')}</a></p>`
  return { title, body, seen: { people: moved.map(({ personId }) => personId), fields: ['name', 'application'] } }
}

/** Whoever is left out is told why. */
const reasonChoice = (visit: Visit) =>
  choice({ name: 'reason', label: visit.reader.say('decide_reason'), value: '', hint: visit.reader.say('decide_reason_hint') }, [
    ...LEFT_OUT.map((reason) => ({ value: reason, label: visit.word('left_out', reason) })),
    { value: '', label: visit.reader.say('decide_no_reason') },
  ])

/** Nominating is a clerk's work too; deciding is not. */
function decisionOf(visit: Visit, form: Sent): Decision {
  const to = DECISIONS.find((each) => each === form.get('to'))
  if (!to) return visit.ctx.throw(422)
  return may(visit.me, to === 'nominated' ? 'vet' : 'decide') ? to : visit.ctx.throw(403)
}

const tickedOf = (form: Sent): Ticked[] =>
  form
    .all('id')
    .slice(0, MOST_TICKED)
    .flatMap((text) => {
      const [, id, changedAt] = /^([\w-]+)\.(\d+)$/.exec(text) ?? []
      return id && changedAt ? [{ id, changedAt: Number(changedAt) }] : []
    })
