import { html } from 'hono/html'
import { may } from '../officers/officer.ts'
import type { Html } from '../web/layout.ts'
import type { Visit } from './console.ts'

const WAYS = [
  ['/console/messages', 'messages_all', 'look'],
  ['/console/messages/delivery', 'delivery_title', 'look'],
  ['/console/messages/inbox', 'inbox_title', 'vet'],
  ['/console/messages/broadcasts', 'casts_title', 'look'],
] as const

/** The rooms beside this one, for whoever may see them. */
export function messageWays(visit: Visit): Html {
  const ways = WAYS.filter(([path, , right]) => may(visit.me, right) && path !== visit.ctx.path)
  // How the gateway fares is the nation's, as the charts of the first page are.
  const seen = ways.filter(([, name]) => name !== 'delivery_title' || visit.me.counties.length === 0)
  return html`<p class="pages">${seen.map(([path, name]) => html`<a href="${path}">${visit.reader.say(name)}</a> `)}</p>`
}
