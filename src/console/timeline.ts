import { and, desc, eq, lte, ne } from 'drizzle-orm'
import { html } from 'hono/html'
import type { App } from '../app.ts'
import type { Html } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import type { Visit } from './console.ts'

/** One thing that happened to or by a person. */
type Event = { at: number; what: string; by?: string }

const PAGE = 40

/**
 * Everything of one person in one line, the newest first: dialled, wrote, was sent, applied, downloaded, was changed and by whom. `before`
 * (milliseconds since 1970) begins further back. Each source gives its own newest by an index, and these are put in order.
 */
export async function timelineOf(
  app: App,
  visit: Visit,
  { id, msisdn }: { id: string; msisdn: string },
  before: number,
): Promise<{ events: Event[]; next: number | undefined }> {
  const { read } = app.store
  const { say } = visit.reader
  const { audit, sessions, inbound, outbox } = read
  const [acts, dials, received, sent] = await Promise.all([
    read
      .select()
      .from(audit)
      .where(and(eq(audit.subject, id), lte(audit.at, before), ne(audit.action, 'people.look')))
      .orderBy(desc(audit.at))
      .limit(PAGE),
    read
      .select({ at: sessions.at, screen: sessions.screen })
      .from(sessions)
      .where(and(eq(sessions.msisdn, msisdn), lte(sessions.at, before)))
      .orderBy(desc(sessions.at))
      .limit(PAGE),
    read
      .select({ at: inbound.at, keyword: inbound.keyword })
      .from(inbound)
      .where(and(eq(inbound.msisdn, msisdn), lte(inbound.at, before)))
      .orderBy(desc(inbound.at))
      .limit(PAGE),
    read
      .select({ at: outbox.createdAt, kind: outbox.class, status: outbox.status })
      .from(outbox)
      .where(and(eq(outbox.personId, id), lte(outbox.createdAt, before)))
      .orderBy(desc(outbox.createdAt))
      .limit(PAGE),
  ])
  const who = await actorsIn(
    read,
    visit.reader,
    acts.map(({ actor }) => actor),
  )
  const events: Event[] = [
    ...acts.map(({ at, action, actor, outcome }) => {
      const name = `act_${action.replaceAll('.', '_')}`
      const what = visit.reader.has(name) ? say(name) : action
      return { at, what: outcome === 'done' ? what : say('timeline_refused', { what, outcome }), by: who(actor) }
    }),
    ...dials.map(({ at, screen }) => ({ at, what: say('timeline_dialled', { screen }) })),
    ...received.map(({ at, keyword }) => ({
      at,
      what: keyword ? say('timeline_wrote', { keyword: keyword.toUpperCase() }) : say('timeline_wrote_freely'),
    })),
    ...sent.map(({ at, kind, status }) => ({
      at,
      what: say('timeline_sent', { kind: say(`class_${kind}`), status: say(`sms_${status}`) }),
    })),
  ].sort((a, b) => b.at - a.at)
  const last = events[PAGE - 1]
  // What happened in the very same moment is never parted.
  const page = last ? events.filter(({ at }) => at >= last.at) : events
  return { events: page, next: last && events.length > page.length ? last.at - 1 : undefined }
}

export function timelineList(visit: Visit, { events, next }: Awaited<ReturnType<typeof timelineOf>>, path: string): Html {
  const { say, time } = visit.reader
  if (events.length === 0) return html`<p class="none">${say('timeline_none')}</p>`
  return html`<ol class="timeline">${events.map(
    ({ at, what, by }) => html`<li><time>${time(at)}</time> <span>${what}${by ? html` <small>${by}</small>` : ''}</span></li>\n`,
  )}</ol>
${next === undefined ? '' : html`<p class="pages"><a href="${path}?before=${next}#timeline" rel="next">${say('timeline_more')}</a></p>`}`
}
