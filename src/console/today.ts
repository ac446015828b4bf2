import { html } from 'hono/html'
import type { Console } from './console.ts'

/** `/console`: what waits. */
export function todayPage({ face }: Console): void {
  face.page('', 'today', (visit) => {
    const title = visit.reader.say('today_title')
    visit.show({ title, body: html`<h1>${title}</h1>` })
  })
}
