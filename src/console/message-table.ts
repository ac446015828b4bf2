import { and, eq, exists, gte, type SQL } from 'drizzle-orm'
import { html } from 'hono/html'
import { DAY } from '../base/dates.ts'
import { maskMsisdn } from '../base/msisdn.ts'
import { inCountiesOf, type Officer } from '../officers/officer.ts'
import { MESSAGE_CLASSES } from '../sms/classes.ts'
import { type Listed, listMessages, MESSAGE_STATES } from '../sms/overview.ts'
import type { Read } from '../store/store.ts'
import { choice } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { messageWays } from './message-ways.ts'
import { longTable, one, onPage, PAGE_ROWS, tableQuery } from './table.ts'

/** `/console/messages`: every SMS and how it fared. Its text is shown nowhere here: it may be a password. */
export function messageTable({ face, app }: Console): void {
  face.page('/messages', 'look', async (visit) => {
    const { read } = app.store
    const { say } = visit.reader
    const state = MESSAGE_STATES.find((each) => each === one(visit, 'status'))
    const kind = MESSAGE_CLASSES.find((each) => each === one(visit, 'class'))
    const week = one(visit, 'since') === 'week'
    const query = tableQuery(visit, [], '-due')
    const rows = await listMessages(read, {
      ...(state === undefined ? {} : { states: [state] }),
      ...(kind === undefined ? {} : { classes: [kind] }),
      where: and(ofOfficer(read, visit.me), week ? dueThisWeek(read, app.clock.now()) : undefined),
      after: query.after && [Number(query.after[0]) || 0, query.after[1]],
      most: PAGE_ROWS + 1,
    })
    const title = say('desk_messages')
    const body = html`<h1>${title}</h1>
${messageWays(visit)}
${filters(visit, kind ?? '', state ?? '', week)}
${longTable(visit, query, { caption: say('messages_caption'), columns: columnsOf(visit), rows, keyOf: (row) => [String(row.dueAt), row.id] })}`
    const people = onPage(rows).flatMap(({ personId }) => personId ?? [])
    visit.show({ title, body, seen: { people, fields: ['masked_phone', 'sms'] } })
  })
}

/** By the home of whom it went to; what went to nobody of the roll is the nation's. Asked row by row, so that the walk stays a walk. */
export function ofOfficer(read: Read, officer: Officer): SQL | undefined {
  const { people, outbox } = read
  const where = inCountiesOf(officer, people.homeCounty)
  return (
    where &&
    exists(
      read
        .select({ id: people.id })
        .from(people)
        .where(and(eq(people.id, outbox.personId), where)),
    )
  )
}

/** Of the last seven days, to the millisecond: what the first page counts. */
export const dueThisWeek = ({ outbox }: Read, now: number): SQL => gte(outbox.dueAt, now - 7 * DAY)

function filters(visit: Visit, kind: string, state: string, week: boolean): Html {
  const { say } = visit.reader
  const any = { value: '', label: say('messages_any') }
  return html`<form method="get" class="filters">
${choice({ name: 'class', label: say('messages_class'), value: kind }, [
  any,
  ...MESSAGE_CLASSES.map((value) => ({ value, label: say(`class_${value}`) })),
])}
${choice({ name: 'status', label: say('messages_status'), value: state }, [
  any,
  ...MESSAGE_STATES.map((value) => ({ value, label: say(`message_${value}`) })),
])}
${choice({ name: 'since', label: say('messages_since'), value: week ? 'week' : '' }, [
  any,
  { value: 'week', label: say('messages_since_week') },
])}
<div class="field"><button class="second">${say('messages_show')}</button></div></form>`
}

function columnsOf(visit: Visit) {
  const { say, time } = visit.reader
  const number = ({ personId, msisdn }: Listed) =>
    personId === null ? maskMsisdn(msisdn) : html`<a href="/console/people/${personId}">${maskMsisdn(msisdn)}</a>`
  return [
    { name: 'number', label: say('people_phone'), cell: number },
    { name: 'class', label: say('messages_class'), cell: (row: Listed) => say(`class_${row.class}`) },
    { name: 'status', label: say('messages_status'), cell: (row: Listed) => say(`message_${row.status}`) },
    { name: 'reason', label: say('messages_reason'), cell: ({ reason }: Listed) => reasonOf(visit, reason) },
    { name: 'segments', label: say('messages_segments'), cell: (row: Listed) => String(row.segments), right: true as const },
    { name: 'cost', label: say('messages_cost'), cell: ({ cost }: Listed) => cost ?? '', right: true as const },
    { name: 'due', label: say('messages_due'), cell: (row: Listed) => time(row.dueAt) },
    { name: 'changed', label: say('messages_changed'), cell: (row: Listed) => time(row.changedAt) },
  ]
}

/** Reasons of ours and of the gateway that mean nothing to an officer as they stand. */
const WHY: Readonly<Record<string, string>> = {
  stopped: 'messages_why_stopped',
  demonstration: 'messages_why_demonstration',
  cap_number: 'messages_why_cap_number',
  cap_prefix: 'messages_why_cap_prefix',
  cap_all: 'messages_why_cap_all',
  AbsentSubscriber: 'messages_why_absent',
  UserInBlackList: 'messages_why_blocked',
  UserInBlacklist: 'messages_why_blocked',
  DoNotDisturbRejection: 'messages_why_disturb',
  DeliveryFailure: 'messages_why_network',
}

function reasonOf({ reader: { say } }: Visit, reason: string | null): string {
  const name = reason === null ? undefined : WHY[reason]
  return name === undefined ? (reason ?? '') : say(name)
}
