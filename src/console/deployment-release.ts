import { html } from 'hono/html'
import { countUpTo } from '../deployments/overview.ts'
import { askRelease } from '../deployments/release.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { choice, problem } from '../web/fields.ts'
import type { Console, Visit } from './console.ts'
import {
  type Asked,
  askedOf,
  countiesFor,
  DEPLOYMENTS,
  jobsOf,
  listAddress,
  onceOf,
  upTo,
  whichOf,
} from './deployment-filters.ts'

/** `/console/deployments/release`: asks that the drafts of one job (of one county) go out; a second officer must agree. */
export function deploymentRelease({ face, app }: Console): void {
  const { read } = app.store

  face.page('/deployments/release', 'deploy', (visit) => showForm(visit, askedOf(visit)))

  face.form('/deployments/release', 'deploy', async (visit, form) => {
    const asked = { job: form.get('job'), county: form.get('county') || undefined }
    if (asked.job === '') return showForm(visit, { county: asked.county }, 'release_no_job')
    if (!covers(visit.me, asked.county ?? null)) {
      if (asked.county !== undefined) return visit.ctx.throw(404)
      return showForm(visit, asked, 'release_no_county')
    }
    const result = await askRelease(app, officerActor(visit.me, visit.reader.language), { ...asked, id: onceOf(visit, form) })
    if ('refused' in result) return showForm(visit, asked, `release_${result.refused}`)
    visit.go(`/console/approvals/${result.order}`, 'release_asked')
  })

  async function showForm(visit: Visit, asked: Pick<Asked, 'job' | 'county'>, wrong?: string) {
    const { say } = visit.reader
    const [jobs, counties, counts] = await Promise.all([
      jobsOf(app, visit),
      countiesFor(app, visit),
      asked.job === undefined ? undefined : countUpTo(read, whichOf(app, visit, asked)),
    ])
    const none = { value: '', label: say('release_choose') }
    const whole = visit.me.counties.length === 0 ? { value: '', label: say('officer_nation') } : none
    const title = say('release_title')
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('release', say(wrong))}
<p class="lead">${say('release_text')}</p>
${counts === undefined ? '' : html`<p><a href="${listAddress('draft', asked)}">${say('release_count', { count: upTo(visit, counts.draft) })}</a></p>`}
<form method="post" action="${DEPLOYMENTS}/release" class="narrow">${visit.hidden}
${choice({ name: 'job', label: say('deploy_job'), value: asked.job ?? '' }, [none, ...jobs.map(({ code, title: name }) => ({ value: code, label: `${code}, ${name}` }))])}
${choice({ name: 'county', label: say('deploy_county'), value: asked.county ?? '' }, [whole, ...counties.map((county) => ({ value: county, label: county }))])}
<button>${say('release_ask')}</button></form>
<p><a href="${DEPLOYMENTS}">${say('desk_deployments')}</a></p>`
    visit.show({ title, body }, wrong === undefined ? 200 : 422)
  }
}
