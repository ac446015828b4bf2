import { onPostgres } from '../kit/engines.ts'

// What people do: what these files say of SQLite they say here of PostgreSQL. Letters, links, deploying, paying, notices, runs, the
// schedule and what several nodes do together name both engines themselves.
const suites = {
  conversations: () => import('../conversations.test.ts'),
  'ussd: hops, sessions, resuming': () => import('../ussd/hop.test.ts'),
  'ussd: any way through the menu': () => import('../ussd/walk.test.ts'),
  'ussd: its door': () => import('../web/ussd.test.ts'),
  'people: registering': () => import('../people/register.test.ts'),
  'people: passwords': () => import('../people/password.test.ts'),
  'people: PINs': () => import('../people/pin.test.ts'),
  'people: profiles': () => import('../people/profile.test.ts'),
  'people: declarations': () => import('../people/declarations.test.ts'),
  'people: another SIM': () => import('../people/sim-swap.test.ts'),
  'people: what is kept, and how long': () => import('../people/retention.test.ts'),
  'people: searching': () => import('../people/search.test.ts'),
  'jobs: applying': () => import('../jobs/apply.test.ts'),
  'deployments: answering': () => import('../deployments/answer.test.ts'),
  'attendance: who came': () => import('../attendance/attendance.test.ts'),
  'pay: what is mine': () => import('../pay/mine.test.ts'),
  'audit: the chain': () => import('../audit/chain.test.ts'),
  'portal: its ways': () => import('../portal/flows.test.ts'),
  'portal: letters': () => import('../portal/letters.test.ts'),
  'portal: pay': () => import('../portal/pay.test.ts'),
  'web: sessions': () => import('../web/session.test.ts'),
}

onPostgres(suites)
