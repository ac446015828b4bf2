import { asc } from 'drizzle-orm'
import { html } from 'hono/html'
import { askBroadcast, type Counted, draftBroadcast, findDraft } from '../broadcasts/draft.ts'
import { BULK_HOURS, goesAt, keepsHours } from '../broadcasts/hours.ts'
import { officerActor } from '../officers/officer.ts'
import { param, queryOf } from '../web/face.ts'
import type { Html, Page } from '../web/layout.ts'
import { checkBroadcast, type Typed, typedFrom, typedOf } from './broadcast-form.ts'
import { formPage } from './broadcast-page.ts'
import { groupWords, textsSection } from './broadcast-words.ts'
import type { Console, Visit } from './console.ts'
import { seenBy } from './job-rights.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Writing a broadcast: a form, then how many it would reach and what it costs, then a second officer is asked. */
export function broadcastWriting({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)
  const jobsOf = ({ me }: Visit) =>
    read
      .select({ code: read.jobs.code, title: read.jobs.title })
      .from(read.jobs)
      .where(seenBy(me, read))
      .orderBy(asc(read.jobs.code))
      .limit(500)

  face.page('/messages/broadcasts/new', 'broadcast', async (visit) => {
    const draft = await findDraft(app, actorOf(visit), queryOf(visit).from ?? '')
    await showForm(visit, draft ? typedFrom(draft) : typedOf())
  })

  face.form('/messages/broadcasts/new', 'broadcast', async (visit, form) => {
    const typed = typedOf(form)
    const { wrong, draft } = await checkBroadcast(read, visit, typed)
    if (!draft) return showForm(visit, typed, wrong)
    // It becomes the name of an order and of its messages.
    const once = form.get('once')
    const id = await draftBroadcast(app, actorOf(visit), { id: UUID.test(once) ? once : app.clock.id(), ...draft })
    visit.go(`/console/messages/broadcasts/draft/${id}`)
  })

  face.page('/messages/broadcasts/draft/:id', 'broadcast', async (visit) => visit.show(draftPage(visit, await draftOf(visit))))

  face.form('/messages/broadcasts/draft/:id', 'broadcast', async (visit) => {
    const draft = await draftOf(visit)
    const asked = await askBroadcast(app, actorOf(visit), { draft: draft.run.id, group: groupWords(visit, draft.group) })
    if ('order' in asked) return visit.go(`/console/messages/broadcasts/${asked.order}`, 'cast_asked')
    visit.show(draftPage(visit, await draftOf(visit)), 409)
  })

  async function draftOf(visit: Visit): Promise<Counted> {
    return (await findDraft(app, actorOf(visit), param(visit, 'id'))) ?? visit.ctx.throw(404)
  }

  async function showForm(visit: Visit, typed: Typed, wrong?: Parameters<typeof formPage>[1]['wrong']) {
    visit.show(await formPage(visit, { read, typed, wrong, jobs: await jobsOf(visit) }), wrong === undefined ? 200 : 422)
  }

  function draftPage(visit: Visit, draft: Counted): Page {
    const { say } = visit.reader
    const title = say('cast_preview')
    const path = `/console/messages/broadcasts/draft/${draft.run.id}`
    const body = html`<h1>${title}</h1>
${textsSection(visit, draft.texts)}
${draft.run.state === 'done' ? counted(visit, draft, path) : counting(visit, draft, path)}
<p><a href="/console/messages/broadcasts/new?from=${draft.run.id}">${say('cast_change')}</a></p>`
    return { title, body }
  }

  function counting(visit: Visit, { run }: Counted, path: string): Html {
    const { say, count } = visit.reader
    if (run.state === 'failed' || run.state === 'stopped')
      return html`<p class="bad">${say('run_failed')} <a href="/console/runs/${run.id}">${say('run_look')}</a></p>`
    return html`<section id="cast" aria-live="polite" data-live="1000"><p><progress aria-label="${say('run_progress')}"></progress></p>
<p>${say('cast_counting', { count: count(run.done) })} <a href="${path}">${say('run_look')}</a></p></section>`
  }

  function counted(visit: Visit, { group, people, price }: Counted, path: string): Html {
    const { say, count, time } = visit.reader
    const line = (label: string, value: string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`
    const now = app.clock.now()
    const starts = goesAt(app.config, now)
    const when = !keepsHours(app.config)
      ? say('cast_no_hours')
      : say(starts > now ? 'cast_waits' : 'cast_goes', { time: time(starts), from: BULK_HOURS[0], to: BULK_HOURS[1] })
    return html`<section id="cast"><dl>${line(say('cast_group'), groupWords(visit, group))}${line(
      say('summary_people'),
      say('cast_people', { all: count(price.people), en: count(people.en), sw: count(people.sw) }),
    )}${line(say('messages_segments'), count(price.segments))}${line(say('summary_cost_kes'), count(price.costKes))}${line(say('cast_when'), when)}</dl>
<p class="soft">${say('cast_left_out')}</p>
${price.segments > price.people ? html`<p class="bad">${say('cast_more_parts')}</p>` : ''}
${price.people === 0 ? html`<p class="bad">${say('cast_nobody')}</p>` : html`<p>${say('cast_ask_text')}</p><form method="post" action="${path}">${visit.hidden}<button>${say('cast_ask')}</button></form>`}</section>`
  }
}
