import { html } from 'hono/html'
import { countPlaces, countUpTo, DEPLOYMENT_STATES, type PlaceLine } from '../deployments/overview.ts'
import { covers } from '../officers/officer.ts'
import type { DeploymentStatus } from '../store/schema.ts'
import { choice } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { type Asked, askedOf, DEPLOYMENTS, jobsOf, listAddress, upTo, whichOf } from './deployment-filters.ts'

/** `/console/deployments/places`: how it stands in each county, and in a county at each station; who did not answer. */
export function deploymentPlaces({ face, app }: Console): void {
  const { read } = app.store

  face.page('/deployments/places', 'look', async (visit) => {
    const { say } = visit.reader
    const { job, county } = askedOf(visit)
    if (county !== undefined && !covers(visit.me, county)) return visit.ctx.throw(404)
    const asked = { job, county }
    const late = { ...asked, day: 'past' }
    const [places, passed, jobs] = await Promise.all([
      countPlaces(read, whichOf(app, visit, asked)),
      countUpTo(read, whichOf(app, visit, late)),
      jobsOf(app, visit),
    ])
    const title = county === undefined ? say('places_title') : say('places_of', { county })
    const any = { value: '', label: say('deploy_any') }
    const body = html`<h1>${title}</h1>
<p class="pages"><a href="${DEPLOYMENTS}">${say('desk_deployments')}</a> ${county !== undefined && visit.me.counties.length !== 1 ? html`<a href="${DEPLOYMENTS}/places${job === undefined ? '' : `?job=${encodeURIComponent(job)}`}">${say('places_all')}</a>` : ''}</p>
<form method="get" class="filters">${county === undefined ? '' : html`<input type="hidden" name="county" value="${county}">`}
${choice({ name: 'job', label: say('deploy_job'), value: job ?? '' }, [any, ...jobs.map(({ code, title: name }) => ({ value: code, label: `${code}, ${name}` }))])}
<div class="field"><button class="second">${say('deploy_filter')}</button></div></form>
<p><a href="${listAddress('released', late)}">${say('places_silent', { count: upTo(visit, passed.released) })}</a></p>
${places.length === 0 ? html`<p class="none">${say('table_none')}</p>` : placesTable(visit, places, asked)}`
    visit.show({ title, body })
  })
}

function placesTable(visit: Visit, places: readonly PlaceLine[], { job, county }: Asked): Html {
  const { say, count } = visit.reader
  const caption = say(county === undefined ? 'places_caption' : 'places_of_caption')
  const total = ({ counts }: PlaceLine) => DEPLOYMENT_STATES.reduce((sum, state) => sum + counts[state], 0)
  const most = Math.max(1, ...places.map(total))
  const name = ({ key, name: called }: PlaceLine) => {
    if (county !== undefined) return html`${called} <small>${key}</small>`
    const query = new URLSearchParams({ county: key, ...(job === undefined ? {} : { job }) })
    return html`<a href="${DEPLOYMENTS}/places?${query}">${called}</a>`
  }
  const figures = (place: PlaceLine) =>
    DEPLOYMENT_STATES.map((status) => {
      const asked = county === undefined ? { job, county: place.key } : { job, county, centre: place.key }
      const n = place.counts[status]
      return html`<td class="right">${n === 0 ? html`<span class="soft">0</span>` : html`<a href="${listAddress(status, asked)}">${count(n)}</a>`}</td>`
    })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="places"><caption>${caption}</caption>
<thead><tr><th scope="col">${say(county === undefined ? 'deploy_county' : 'deploy_station')}</th>${DEPLOYMENT_STATES.map(
    (state) => html`<th scope="col" class="right">${swatch(state)} ${say(`deploy_is_${state}`)}</th>`,
  )}<th scope="col">${say('places_answers')}</th></tr></thead>
<tbody>${places.map(
    (place) => html`<tr><th scope="row">${name(place)}</th>${figures(place)}<td>${answerBar(visit, place, most)}</td></tr>\n`,
  )}</tbody></table></div>`
}

const WIDTH = 120
const COLOURS = [
  ['accepted', '#0a5c36'],
  ['released', '#e2a100'],
  ['declined', '#9d1c14'],
  ['draft', '#76828b'],
  ['revoked', '#d3dade'],
] as const

/** The colour of a state in the bars, beside its name. */
const swatch = (state: DeploymentStatus): Html =>
  html`<svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect width="10" height="10" fill="${COLOURS.find(([each]) => each === state)?.[1] ?? ''}"/></svg>`

/** One bar for one place; the numbers beside it say the same. */
function answerBar({ reader: { say } }: Visit, { counts }: PlaceLine, most: number): Html {
  let x = 0
  const parts = COLOURS.map(([state, colour]) => {
    const width = (counts[state] / most) * WIDTH
    const part = html`<rect x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10" fill="${colour}"><title>${say(`deploy_is_${state}`)}</title></rect>`
    x += width
    return counts[state] === 0 ? '' : part
  })
  return html`<svg viewBox="0 0 ${WIDTH} 10" width="${WIDTH}" height="10" aria-hidden="true">${parts}</svg>`
}
