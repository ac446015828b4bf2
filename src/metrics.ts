import { and, count, eq, lte, min } from 'drizzle-orm'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Clock, systemClock } from './base/clock.ts'
import { MESSAGE_CLASSES, ruleOf } from './sms/classes.ts'
import type { Store } from './store/store.ts'

export type Metrics = ReturnType<typeof openMetrics>

/** What the service counts, in a registry of its own. Labels come from closed lists: never a number, a name or a code. */
export function openMetrics(store: Pick<Store, 'read'>, clock: Pick<Clock, 'now'> = systemClock) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const outboxAge = new Gauge({
    name: 'wito_outbox_oldest_seconds',
    help: 'How long the oldest due message has waited',
    labelNames: ['class'],
    registers,
  })
  const storeAnswers = new Gauge({ name: 'wito_store_answers', help: '1 while the storage answers this page', registers })
  const outboxSize = new Gauge({
    name: 'wito_outbox_messages',
    help: 'Messages that are due and not yet sent',
    labelNames: ['class'],
    registers,
  })
  return {
    registry,
    /** Everything in Prometheus' text format, the outbox measured just now. */
    async page(): Promise<string> {
      const waiting = await waitingMessages(store, clock.now()).catch(() => undefined)
      storeAnswers.set(waiting ? 1 : 0)
      for (const each of waiting ?? []) {
        outboxSize.set({ class: each.class }, each.messages)
        outboxAge.set({ class: each.class }, each.oldestMs / 1000)
      }
      return registry.metrics()
    },
    /** `outcome`: con, end, again (answered before), unreadable, foreign, shed, busy, slow, sorry. */
    hops: new Counter({ name: 'wito_hops_total', help: 'USSD steps answered', labelNames: ['screen', 'outcome'], registers }),
    hopSeconds: new Histogram({
      name: 'wito_hop_seconds',
      help: 'Seconds from a USSD step to its answer',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
      registers,
    }),
    hopsUnderWay: new Gauge({ name: 'wito_hops_under_way', help: 'USSD steps being answered now', registers }),
    /** `why`: load (too many steps at once); number, prefix, all (too many steps of those); address (too many forms from one); sms_number, sms_prefix, sms_all (too many messages to those). */
    shed: new Counter({
      name: 'wito_shed_total',
      help: 'Steps and forms turned away politely, messages not sent',
      labelNames: ['why'],
      registers,
    }),
    /** `status`: Success, Incomplete, Failed, other. */
    sessionEnds: new Counter({ name: 'wito_session_ends_total', help: 'Session-end events', labelNames: ['status'], registers }),
    /** `kind`: sms, delivery, opt-out; `outcome`: taken, malformed, failed. */
    callbacks: new Counter({
      name: 'wito_callbacks_total',
      help: 'Other callbacks of the gateway',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    segmentsSent: new Counter({
      name: 'wito_segments_sent_total',
      help: 'SMS segments the gateway took',
      labelNames: ['class'],
      registers,
    }),
    /** `form`: pdf, page. */
    lettersPrinted: new Counter({ name: 'wito_letters_fetched_total', help: 'Letters fetched', labelNames: ['form'], registers }),
    /** `kind`: mistake (a bug), or a fault's code. */
    failures: new Counter({ name: 'wito_failures_total', help: 'Requests that failed here', labelNames: ['kind'], registers }),
  }
}

/** Messages that are due at `at` and not yet sent, for each class, and how long the oldest has waited. By rank, which the index of what is due holds. */
async function waitingMessages({ read }: Pick<Store, 'read'>, at: number) {
  const { outbox } = read
  const rows = await read
    .select({ rank: outbox.rank, messages: count(), oldest: min(outbox.dueAt) })
    .from(outbox)
    .where(and(eq(outbox.status, 'queued'), lte(outbox.dueAt, at)))
    .groupBy(outbox.rank)
  return MESSAGE_CLASSES.map((name) => {
    const row = rows.find(({ rank }) => rank === ruleOf(name).rank)
    return { class: name, messages: Number(row?.messages ?? 0), oldestMs: row ? Math.max(0, at - Number(row.oldest)) : 0 }
  })
}
