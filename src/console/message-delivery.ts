import { html } from 'hono/html'
import { MINUTE } from '../base/dates.ts'
import { costOf } from '../broadcasts/text.ts'
import { type Rate, type Rates, ratesOf } from '../sms/overview.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { messageWays } from './message-ways.ts'

/** `/console/messages/delivery`: how many messages of each class arrive. The nation's: an officer of a county has no part in it. */
export function deliveryPage({ face, app }: Console): void {
  let counted: { at: number; rates: Promise<Rates> } | undefined

  /** Counted once a minute, however many look. */
  function newest(): Promise<Rates> {
    const now = app.clock.now()
    if (counted && now - counted.at < MINUTE && now >= counted.at) return counted.rates
    const rates = ratesOf(app.store.read, now)
    counted = { at: now, rates }
    rates.catch(() => {
      counted = undefined
    })
    return rates
  }

  face.page('/messages/delivery', 'look', async (visit) => {
    if (visit.me.counties.length > 0) return visit.ctx.throw(404)
    const { say } = visit.reader
    const { day, week } = await newest()
    const title = say('delivery_title')
    const body = html`<h1>${title}</h1>
${messageWays(visit)}
<p>${say('delivery_text')}</p>
<h2>${say('delivery_day')}</h2>
${ratesTable(visit, say('delivery_day'), day)}
<h2>${say('delivery_week')}</h2>
${ratesTable(visit, say('delivery_week'), week)}`
    visit.show({ title, body })
  })
}

function ratesTable(visit: Visit, caption: string, rates: readonly Rate[]): Html {
  const { say, count } = visit.reader
  const columns: [name: string, cell: (rate: Rate) => string][] = [
    ['delivery_written', ({ written }) => count(written)],
    ['delivery_waiting', ({ states: { queued, sending, unknown } }) => count(queued + sending + unknown)],
    ['delivery_sent', (rate) => count(left(rate))],
    ['delivery_delivered', ({ states }) => count(states.delivered)],
    ['delivery_percent', percent],
    ['delivery_failed', ({ states }) => count(states.failed)],
    ['delivery_unreported', ({ states }) => count(states.unreported)],
    ['delivery_expired', ({ states }) => count(states.expired)],
    ['messages_segments', ({ segments }) => count(segments)],
    ['delivery_cost', ({ segments }) => count(costOf(segments))],
  ]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${say('delivery_caption')}</caption>
<thead><tr><th scope="col">${say('messages_class')}</th>${columns.map(([name]) => html`<th scope="col" class="right">${say(name)}</th>`)}</tr></thead>
<tbody>${rates.map(
    (rate) =>
      html`<tr><th scope="row">${say(`class_${rate.class}`)}</th>${columns.map(([, cell]) => html`<td class="right">${cell(rate)}</td>`)}</tr>\n`,
  )}</tbody></table></div>`
}

const left = ({ states }: Rate): number => states.sent + states.delivered + states.failed + states.unreported
/** Of those whose fate is known or no longer expected: what was sent a moment ago does not count against the gateway. */
function percent({ states: { delivered, failed, unreported } }: Rate): string {
  const settled = delivered + failed + unreported
  return settled === 0 ? '' : `${((100 * delivered) / settled).toFixed(1)} %`
}
