import { and, desc, eq, lt, or } from 'drizzle-orm'
import { html } from 'hono/html'
import { bodyPlace } from '../sms/outbox.ts'
import { afterOf, pageful } from './pageful.ts'
import type { Portal } from './portal.ts'

const A_PAGE = 20

/** `/portal/messages`: every SMS that the service wrote to this person, the newest first. */
export function messagePages({ face, app }: Portal): void {
  face.page('/messages', 'in', async (visit) => {
    const { say, time } = visit.reader
    const { read } = app.store
    const { outbox } = read
    const after = afterOf(visit)
    const [at, id] = [Number(after?.[0]), after?.[1] ?? '']
    const older = Number.isSafeInteger(at)
      ? or(lt(outbox.createdAt, at), and(eq(outbox.createdAt, at), lt(outbox.id, id)))
      : undefined
    const rows = await read
      .select()
      .from(outbox)
      .where(and(eq(outbox.personId, visit.me.person.id), older))
      .orderBy(desc(outbox.createdAt), desc(outbox.id))
      .limit(A_PAGE + 1)
    const title = say('room_messages')
    // A code on its way proves that somebody holds the phone: a browser that was left open must not read it.
    const text = (row: (typeof rows)[number]) =>
      row.class === 'otp' ? say('message_secret') : app.keyring.open(bodyPlace(row.id), row.bodySealed)
    const { shown, rest } = pageful(visit, rows, {
      most: A_PAGE,
      more: 'messages_older',
      keyOf: (row) => `${row.createdAt}.${row.id}`,
      draw: (row) =>
        html`<section class="card"><p class="soft">${time(row.createdAt)} · ${say(`message_${row.status}`)}</p><p>${text(row)}</p></section>\n`,
    })
    const body = html`<h1>${title}</h1>
<p>${say('messages_text')}</p>
${rows.length === 0 ? html`<p>${say('messages_none')}</p>` : ''}
${shown}
${rest}
<p>${say('sms_blocked')}</p>`
    visit.show({ title, body })
  })
}
