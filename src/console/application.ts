import { and, asc, eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { DECISIONS } from '../jobs/decide.ts'
import { broken, RULES, rulesFor, standingOf } from '../jobs/eligibility.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { covers, may } from '../officers/officer.ts'
import { findHolder } from '../people/holder.ts'
import { param } from '../web/face.ts'
import { choice } from '../web/fields.ts'
import { actorsIn } from './actors.ts'
import { APPLICATIONS } from './application-filters.ts'
import type { Console, Visit } from './console.ts'

/** `/console/applications/:id`: one application, rule by rule, with its history and what can be decided. */
export function applicationPage({ face, app }: Console): void {
  face.page('/applications/:id', 'look', async (visit) => {
    const found = await find(visit)
    if (!found) return visit.ctx.throw(404)
    const { application, job, person } = found
    const { say, time, language } = visit.reader
    const rules = await rulesNow(found)
    const history = await historyOf(visit, application.id, person.id)
    const decides = DECISIONS.filter((to) => to !== application.status && may(visit.me, to === 'nominated' ? 'vet' : 'decide'))
    const title = say('asks_title', { reference: application.reference })
    const line = (label: string, value: unknown) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`
    const body = html`<h1>${title}</h1>
<div class="two"><section><dl>
${line(say('asks_name'), html`<a href="/console/people/${person.id}">${person.fullName}</a>`)}
${line(say('asks_job'), html`<a href="/console/jobs/${job.code}">${titleOf(job, language)} (${job.code})</a>`)}
${line(say('asks_status'), visit.word('status', application.status))}
${line(say('asks_sub_county'), `${application.subCounty}, ${application.county}`)}
${line(say('asks_at'), time(application.at))}
${line(say('asks_changed'), time(application.changedAt))}
</dl></section><section><h2>${say('asks_rules')}</h2>
${rules === undefined ? html`<p class="none">${say('person_no_account')}</p>` : html`<ul class="rules">${RULES.map((rule) => html`<li class="${rules.includes(rule) ? 'broken' : 'held'}"><strong>${rules.includes(rule) ? '✗' : '✓'}</strong> ${say(`rule_${rule}`)}: ${say(rules.includes(rule) ? 'rule_not' : 'rule_held')}</li>\n`)}</ul>`}</section></div>
${
  decides.length === 0
    ? ''
    : html`<form method="post" action="${APPLICATIONS}/decide" class="narrow">${visit.hidden}<input type="hidden" name="query" value=""><input type="hidden" name="id" value="${application.id}.${application.changedAt}">
${choice(
  { name: 'to', label: say('decide_to'), value: '' },
  decides.map((to) => ({ value: to, label: visit.word('status', to) })),
)}<button>${say('decide_one')}</button></form>`
}
<h2>${say('timeline_title')}</h2>
<ol class="timeline">${history.map(({ at, what, by }) => html`<li><time>${time(at)}</time> <span>${what} <small>${by}</small></span></li>\n`)}</ol>`
    visit.show({ title, body, seen: { people: [person.id], fields: ['name', 'application'] } })
  })

  async function find(visit: Visit) {
    const { read } = app.store
    const { applications, jobs, people } = read
    const [found] = await read
      .select({ application: applications, job: jobs, person: people })
      .from(applications)
      .innerJoin(jobs, eq(jobs.code, applications.jobCode))
      .innerJoin(people, eq(people.id, applications.personId))
      .where(eq(applications.id, param(visit, 'id')))
    return found && covers(visit.me, found.application.county) ? found : undefined
  }

  /** What stands between this person and the job as both are now; undefined where there is no account any more. */
  function rulesNow({ job, person }: NonNullable<Awaited<ReturnType<typeof find>>>) {
    return app.store.work(`look:${person.id}`, async (tx) => {
      const [account] = await tx.select().from(tx.accounts).where(eq(tx.accounts.personId, person.id))
      const holder = await findHolder(tx, account?.msisdn)
      if (!holder) return undefined
      const scene = { tx, tools: app, at: app.clock.now() }
      return broken(job, (await rulesFor(tx, [job])).get(job.exam) ?? {}, await standingOf(scene, holder))
    })
  }

  async function historyOf(visit: Visit, id: string, personId: string) {
    const { read } = app.store
    const rows = await read
      .select()
      .from(read.audit)
      .where(and(eq(read.audit.subject, personId), eq(read.audit.action, 'applications.decide')))
      .orderBy(asc(read.audit.at))
      .limit(200)
    const own = rows.filter(({ detail, outcome }) => detail?.application === id && outcome === 'done')
    const name = await actorsIn(
      read,
      visit.reader,
      own.map(({ actor }) => actor),
    )
    return own.map(({ at, actor, detail }) => ({ at, what: visit.word('status', String(detail?.to)), by: name(actor) }))
  }
}
