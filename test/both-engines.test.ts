import { describe } from 'vitest'
import { onPostgres } from './kit/engines.ts'

// The contract with the outside and with people: what these files say of SQLite they say here of PostgreSQL. Letters, links, sending and
// deploying name both engines themselves.
const suites = {
  conversations: () => import('./conversations.test.ts'),
  'ussd: hops, sessions, resuming': () => import('./ussd/hop.test.ts'),
  'sms: what comes in': () => import('./sms/inbound.test.ts'),
  'people: registering': () => import('./people/register.test.ts'),
  'people: passwords': () => import('./people/password.test.ts'),
  'people: PINs': () => import('./people/pin.test.ts'),
  'web: sessions': () => import('./web/session.test.ts'),
}

onPostgres(() => {
  for (const [name, suite] of Object.entries(suites))
    describe(name, async () => {
      await suite()
    })
})
