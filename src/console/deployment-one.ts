import { and, asc, desc, eq, inArray, like, or } from 'drizzle-orm'
import { html } from 'hono/html'
import { acting } from '../acting.ts'
import type { App } from '../app.ts'
import { maskMsisdn } from '../base/msisdn.ts'
import { DOWNLOADS } from '../links/link.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import type { Tx } from '../store/store.ts'
import { param } from '../web/face.ts'
import { field, problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import { type Actors, actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { DEPLOYMENTS } from './deployment-filters.ts'
import { chainOf } from './openings.ts'

const HISTORY = 50
const MOST_WHY = 120

export type One = {
  deployment: Tx['deployments']['$inferSelect']
  person: Tx['people']['$inferSelect']
  job: Tx['jobs']['$inferSelect']
  station: Tx['stations']['$inferSelect']
}

/** The deployment that the address names; 404 where it is not this officer's business. */
export async function findOne({ store: { read } }: App, visit: Visit): Promise<One> {
  const { deployments, people, jobs, stations } = read
  const [found] = await read
    .select({ deployment: deployments, person: people, job: jobs, station: stations })
    .from(deployments)
    .innerJoin(people, eq(people.id, deployments.personId))
    .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
    .innerJoin(stations, eq(stations.centreCode, deployments.centreCode))
    .where(eq(deployments.id, param(visit, 'id')))
  return found && covers(visit.me, found.deployment.county) ? found : visit.ctx.throw(404)
}

/** `/console/deployments/:id`: one deployment, its letters and how far they came, the answer, and who did what. */
export function deploymentPage({ face, app }: Console): void {
  face.page('/deployments/:id', 'look', async (visit) => showOne(visit, await findOne(app, visit)))

  face.form('/deployments/:id/reason', 'reveal', async (visit, form) => {
    const one = await findOne(app, visit)
    const { id, reasonSealed } = one.deployment
    const why = form.get('why').replace(/\s+/g, ' ').slice(0, MOST_WHY)
    if (reasonSealed === null) return visit.ctx.throw(404)
    if (why === '') return showOne(visit, one, { wrong: visit.reader.say('reason_why') })
    const actor = officerActor(visit.me, visit.reader.language)
    const reason = await acting(app, actor, 'deployments.reveal', id, async () => [
      app.keyring.open(`deployments.reason:${id}`, reasonSealed),
      { outcome: 'done', subject: one.person.id, detail: { deployment: id, field: 'reason', reason: why } },
    ])
    visit.ctx.set('Cache-Control', 'no-store')
    await showOne(visit, one, { reason })
  })

  async function showOne(visit: Visit, one: One, shown: { reason?: string; wrong?: string } = {}) {
    const { say, day, time, language } = visit.reader
    const { deployment, person, job, station } = one
    const chain = await chainOf(app.store.read, visit, deployment)
    const line = (label: string, value: Html | string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`
    const body = html`<h1>${person.fullName}</h1>
<p class="lead">${language === 'sw' ? job.titleSw : job.title}</p>
<dl>
${line(say('deploy_state'), say(`deploy_is_${deployment.status}`))}
${line(say('deploy_name'), html`${covers(visit.me, person.homeCounty) ? html`<a href="/console/people/${person.id}">${person.fullName}</a>` : person.fullName} ${maskMsisdn(person.msisdn)}`)}
${line(say('deploy_job'), html`<a href="${DEPLOYMENTS}/jobs/${encodeURIComponent(job.code)}">${job.code}</a>`)}
${line(say('deploy_station'), `${station.name} ${station.centreCode}, ${station.subCounty}, ${station.county}`)}
${line(say('deploy_reports'), `${day(deployment.reportOn)}, ${deployment.reportAt}`)}
${deployment.status === 'declined' ? line(say('reason_title'), reasonOf(visit, deployment, shown)) : ''}
${deployment.answerBy === null ? '' : line(say('chain_answer_by'), time(deployment.answerBy))}
${line(say('deploy_changed'), time(deployment.changedAt))}
</dl>
${may(visit.me, 'deploy') ? acts(visit, one) : ''}
${chain.list}
<h2>${say('versions_title')}</h2>
${await lettersOf(visit, deployment.id)}
<h2>${say('history_title')}</h2>
${await historyOf(visit, one)}`
    const seen = { people: [person.id, ...chain.people], fields: ['name', 'masked_phone', 'duty'] }
    visit.show({ title: person.fullName, body, seen }, shown.wrong === undefined ? 200 : 422)
  }

  /** Every version with its links and its SMS, the newest first. */
  async function lettersOf(visit: Visit, id: string): Promise<Html> {
    const { say, time, count } = visit.reader
    const { read } = app.store
    const { letters, links, outbox } = read
    const versions = await read.select().from(letters).where(eq(letters.deploymentId, id)).orderBy(desc(letters.version))
    if (versions.length === 0) return html`<p class="none">${say('versions_none')}</p>`
    const ids = versions.map((letter) => letter.id)
    const made = await read.select().from(links).where(inArray(links.letterId, ids)).orderBy(asc(links.madeAt))
    const texts = await read
      .select({ dedupe: outbox.dedupe, status: outbox.status, changedAt: outbox.changedAt })
      .from(outbox)
      .where(
        inArray(
          outbox.dedupe,
          ids.map((letter) => `letter_ready:${letter}`),
        ),
      )
    const rows = versions.map((letter) => {
      const text = texts.find(({ dedupe }) => dedupe === `letter_ready:${letter.id}`)
      const opened = made
        .filter(({ letterId }) => letterId === letter.id)
        .reduce((sum, { downloadsLeft }) => sum + DOWNLOADS - downloadsLeft, 0)
      const until = Math.max(0, ...made.filter(({ letterId }) => letterId === letter.id).map(({ expiresAt }) => expiresAt))
      const over =
        letter.revokedAt === null
          ? ''
          : `${say(letter.revokedWhy === 'replaced' ? 'versions_replaced' : 'versions_revoked')} ${time(letter.revokedAt)}`
      return html`<tr><td class="right">${letter.version}</td><td>${letter.reference}</td><td>${time(letter.issuedAt)}</td><td>${over || say('versions_in_force')}</td><td>${text ? html`${say(`sms_${text.status}`)} <small>${time(text.changedAt)}</small>` : ''}</td><td class="right">${count(opened)}</td><td>${letter.revokedAt === null && until > 0 ? time(until) : ''}</td></tr>\n`
    })
    const heads = [
      'versions_version',
      'versions_reference',
      'versions_issued',
      'deploy_state',
      'deploy_sms',
      'deploy_opened',
      'versions_until',
    ]
    return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('versions_title')}"><table><caption>${say('versions_caption')}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${say(head)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`
  }

  async function historyOf(visit: Visit, { deployment, person }: One): Promise<Html> {
    const { say } = visit.reader
    const { read } = app.store
    const { audit } = read
    const rows = await read
      .select()
      .from(audit)
      .where(and(eq(audit.subject, person.id), or(like(audit.action, 'letters.%'), like(audit.action, 'deployments.%'))))
      .orderBy(desc(audit.at))
      .limit(HISTORY)
    // Of another deployment of the same person.
    const mine = rows.filter(({ detail }) => detail?.deployment === undefined || detail.deployment === deployment.id)
    if (mine.length === 0) return html`<p class="none">${say('table_none')}</p>`
    const who = await actorsIn(
      read,
      visit.reader,
      mine.map(({ actor }) => actor),
    )
    return html`<ul>${mine.map((row) => html`<li>${historyLine(visit, row, who)}</li>\n`)}</ul>`
  }
}

function historyLine(visit: Visit, { at, actor, action, outcome, detail }: Tx['audit']['$inferSelect'], who: Actors): Html {
  const { say, has, day, time } = visit.reader
  const name = `act_${action.replaceAll('.', '_')}`
  const why = detail?.why ?? detail?.reason
  const moved =
    detail?.from === undefined
      ? undefined
      : say('history_moved', { from: detail.from, to: `${detail.to}, ${day(String(detail.on))}, ${detail.at}` })
  return html`${time(at)}: <strong>${has(name) ? say(name) : action}</strong>, ${who(actor)}${
    outcome === 'done' ? '' : html` <span class="tag">${say('history_not')}</span>`
  }${moved === undefined ? '' : html`, ${moved}`}${why === undefined ? '' : html`, ${say('history_why', { why: String(why) })}`}`
}

/** Masked, until somebody who may says why they look. */
function reasonOf(
  visit: Visit,
  { id, reasonSealed }: One['deployment'],
  { reason, wrong }: { reason?: string; wrong?: string },
): Html {
  const { say } = visit.reader
  if (reasonSealed === null) return html`${say('reason_none')}`
  if (reason !== undefined) return html`${reason} <small>${say('reveal_recorded')}</small>`
  if (!may(visit.me, 'reveal')) return html`${say('reason_masked')}`
  return html`${say('reason_masked')}
<form method="post" action="${DEPLOYMENTS}/${id}/reason" class="narrow">${visit.hidden}${wrong === undefined ? '' : problem('reason', wrong)}
${field({ name: 'why', label: say('reason_label'), value: '', hint: say('reveal_note_hint') })}<button class="second">${say('reveal')}</button></form>`
}

/** What an officer can do with it now; each leads to a page that asks once more. */
function acts({ reader: { say } }: Visit, { deployment: { id, status, letterVersion } }: One): Html {
  const link = (path: string, label: string) => html`<a href="${DEPLOYMENTS}/${id}/${path}">${label}</a> `
  const revocable = status === 'draft' || status === 'released' || status === 'accepted'
  return html`<p class="pages">${link('move', say('move_title'))}${
    letterVersion > 0 && status !== 'declined' && status !== 'draft' ? link('reissue', say('reissue_title')) : ''
  }${revocable ? link('revoke', say('revoke_title')) : ''}</p>`
}
