import Database from 'better-sqlite3'
import { and, eq, inArray } from 'drizzle-orm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { TASKS } from '../../src/schedule.ts'
import { inNamed } from '../../src/store/named.ts'
import { number, openQueue } from '../sms/kit.ts'

/** The texts of all statements that are prepared until the test ends, and what SQLite means to do for each. */
function planned() {
  const texts = new Set<string>()
  const prepare = Database.prototype.prepare
  vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database.Database, text: string) {
    texts.add(text)
    return prepare.call(this, text)
  })
  onTestFinished(() => void vi.restoreAllMocks())
  return (databaseUrl: string, about: RegExp): string[] => {
    vi.restoreAllMocks()
    const database = new Database(databaseUrl.replace('file:', ''), { readonly: true })
    onTestFinished(() => void database.close())
    return [...texts]
      .filter((text) => about.test(text))
      .flatMap((text) => {
        const nothing = Array.from({ length: text.split('?').length - 1 }, () => 0)
        return (database.prepare(`explain query plan ${text}`).all(...nothing) as { detail: string }[]).map(
          ({ detail }) => detail,
        )
      })
  }
}

test('a claim goes to the messages that it takes, however many wait', async () => {
  const plansOf = planned()
  const { write, sender, rows, databaseUrl } = await openQueue()
  for (let n = 0; n < 40; n++) await write('notice', number(n))
  await sender().idle()
  expect((await rows()).every(({ status }) => status === 'sent')).toBe(true)
  const found = plansOf(databaseUrl, /^select .* from "outbox" where .* limit \+?\?/)
  expect(found).toContain('SEARCH outbox USING INDEX outbox_due (status=? AND rank<?)')
  expect(found.join()).not.toMatch(/SCAN|TEMP B-TREE/)
  const taken = plansOf(databaseUrl, /^update "outbox" set .*"tries"/)
  expect(taken.length).toBeGreaterThan(0)
  for (const plan of taken) expect(plan).toBe('SEARCH outbox USING INDEX sqlite_autoindex_outbox_1 (id=?)')
})

/** Small however large the nation is, or only looked at for its newest link. */
const SMALL =
  /^SCAN (CONSTANT ROW|__drizzle_migrations|facts|jobs|legal_holds|paylists|audit_chain|pay_issues USING COVERING INDEX \w+)$/

test('what happens by the clock walks through no large table from end to end', async () => {
  const plansOf = planned()
  const { app, databaseUrl } = await openQueue()
  for (const { name, run } of TASKS) if (name !== 'back up') await run(app)
  const found = plansOf(databaseUrl, /^(select|update|delete|with) /i)
  expect(found.length).toBeGreaterThan(30)
  expect(found).toContain('SEARCH hops USING COVERING INDEX hops_at (at>? AND at<?)')
  expect(found).toContain('SEARCH outbox USING INDEX outbox_dedupe (dedupe>? AND dedupe<?)')
  expect([...new Set(found)].filter((plan) => plan.startsWith('SCAN') && !SMALL.test(plan))).toEqual([])
})

test('rows that are named are found by their names, whatever else they are asked', async () => {
  const plansOf = planned()
  const { app, databaseUrl } = await openQueue()
  const ids = ['a', 'b', 'c']
  await app.store.work('test', async (tx) => {
    const { outbox } = tx
    await tx
      .update(outbox)
      .set({ reason: 'named' })
      .where(and(inArray(outbox.id, ids), eq(inNamed(outbox.status), 'queued')))
    await tx
      .update(outbox)
      .set({ cost: 'bare' })
      .where(and(inArray(outbox.id, ids), eq(outbox.status, 'queued')))
  })
  expect(plansOf(databaseUrl, /^update "outbox" set "reason"/)).toEqual([
    'SEARCH outbox USING INDEX sqlite_autoindex_outbox_1 (id=?)',
  ])
  // Without it: through everything that is queued. Should this change one day, `inNamed` may go.
  expect(plansOf(databaseUrl, /^update "outbox" set "cost"/)).toEqual(['SEARCH outbox USING INDEX outbox_due (status=?)'])
})
