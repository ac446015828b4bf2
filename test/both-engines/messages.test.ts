import { onPostgres } from '../kit/engines.ts'

// The contract with the gateway, and every message: what these files say of SQLite they say here of PostgreSQL.
const suites = {
  'callbacks: who may call': () => import('../web/callbacks.test.ts'),
  'callbacks: what the gateway says': () => import('../gateway/callbacks.test.ts'),
  'callbacks: delivery reports': () => import('../gateway/reports.test.ts'),
  'sms: what comes in': () => import('../sms/inbound.test.ts'),
  'sms: keywords': () => import('../sms/keyword.test.ts'),
  'sms: what is written': () => import('../sms/outbox.test.ts'),
  'sms: sending': () => import('../sms/sender.test.ts'),
  'sms: what came of it': () => import('../sms/settle.test.ts'),
  'broadcasts: to many': () => import('../broadcasts/broadcast.test.ts'),
}

onPostgres(suites)
