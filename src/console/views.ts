import { and, asc, eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { acting } from '../acting.ts'
import { officerActor } from '../officers/officer.ts'
import { field } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'

const MOST = 30

/**
 * Filters of a table that an officer keeps by name: two forms beside `path`, and the list of what is kept. `tidy` leaves of an address
 * only what the table knows.
 */
export function savedViews({ face, app }: Console, page: string, tidy: (query: URLSearchParams) => URLSearchParams) {
  const path = `/console/${page}`
  const back = (visit: Visit, query: string, said: string) => visit.go(query === '' ? path : `${path}?${query}`, said)

  face.form(`/${page}/views`, 'self', async (visit, form) => {
    const name = form.get('name').replace(/\s+/g, ' ').slice(0, 40)
    const query = tidy(new URLSearchParams(form.get('query'))).toString()
    if (name === '') return back(visit, query, 'view_name')
    const officerId = visit.me.id
    await acting(app, officerActor(visit.me, visit.reader.language), 'views.save', `views:${officerId}`, async ({ tx }) => {
      const held = await tx.select({ id: tx.views.id }).from(tx.views).where(eq(tx.views.officerId, officerId)).limit(MOST)
      if (held.length < MOST)
        await tx
          .insert(tx.views)
          .values({ id: app.clock.id(), officerId, page, name, query })
          .onConflictDoUpdate({ target: [tx.views.officerId, tx.views.page, tx.views.name], set: { query } })
      return [undefined, { outcome: held.length < MOST ? 'done' : 'too_many' }]
    })
    back(visit, query, 'view_saved')
  })

  face.form(`/${page}/views/delete`, 'self', async (visit, form) => {
    const { id: officerId } = visit.me
    await acting(app, officerActor(visit.me, visit.reader.language), 'views.delete', `views:${officerId}`, async ({ tx }) => {
      const gone = await tx
        .delete(tx.views)
        .where(and(eq(tx.views.id, form.get('id')), eq(tx.views.officerId, officerId)))
        .returning({ id: tx.views.id })
      return [undefined, { outcome: gone.length > 0 ? 'done' : 'unknown' }]
    })
    back(visit, '', 'view_deleted')
  })

  return {
    /** What is kept, and a form that keeps the filter as it stands. */
    async bar(visit: Visit, query: URLSearchParams): Promise<Html> {
      const { say } = visit.reader
      const { views } = app.store.read
      const kept = await app.store.read
        .select()
        .from(views)
        .where(and(eq(views.officerId, visit.me.id), eq(views.page, page)))
        .orderBy(asc(views.name))
        .limit(MOST)
      return html`<details class="views"><summary>${say('views_title', { n: kept.length })}</summary>
${
  kept.length === 0
    ? ''
    : html`<ul>${kept.map(
        ({ id, name, query: held }) =>
          html`<li class="bar"><a href="${held === '' ? path : `${path}?${held}`}">${name}</a><form method="post" action="${path}/views/delete">${visit.hidden}<input type="hidden" name="id" value="${id}"><button class="plain">${say('view_delete')}<span class="hidden"> ${name}</span></button></form></li>\n`,
      )}</ul>`
}
<form method="post" action="${path}/views" class="narrow">${visit.hidden}<input type="hidden" name="query" value="${query.toString()}">
${field({ name: 'name', label: say('view_save_as'), value: '', more: html` maxlength="40" required` })}
<button class="second">${say('view_save')}</button></form></details>`
    },
  }
}
