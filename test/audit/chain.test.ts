import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acting, operator } from '../../src/acting.ts'
import { checkEnd, checkLinks, forgetTrail, linkTrail } from '../../src/audit/chain.ts'
import { verifyTrail } from '../../src/audit/verify.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'

let desk: OpenDesk
beforeEach(async () => {
  desk = await openDesk()
  for (let n = 0; n < 40; n++) await act(n)
  desk.clock.move(60_000)
  await linkTrail(desk.app)
})
afterEach(() => desk.close())

const act = (n: number) =>
  acting(desk.app, operator, 'test.act', 'act', async () => [
    undefined,
    { outcome: 'done', subject: `row-${n}`, detail: { n, b: 'two', a: 1 } },
  ])
const read = () => desk.app.store.read
const whole = async () => {
  for (let from = 0; ; ) {
    const found = await checkLinks(read(), desk.app.keyring, from, 7)
    if (found.broken) return found.broken
    if (found.next === undefined) return (await checkEnd(desk.app)) ?? 'whole'
    from = found.next
  }
}
const rowAt = async (n: number) => {
  const [link] = await read().select().from(read().auditChain).where(eq(read().auditChain.n, n))
  return link?.auditId ?? ''
}
const linked = async () => (await read().select().from(read().auditChain)).length
const meddle = (work: Parameters<typeof desk.app.store.work>[1]) => desk.app.store.work('meddle', work)

test('a trail that nobody touched is whole, also when it grows, and each row is linked once', async () => {
  const count = async () => (await read().select().from(read().auditChain)).length
  const rows = (await read().select().from(read().audit)).length
  expect(await count()).toBe(rows)
  expect(await whole()).toBe('whole')
  await act(99)
  expect(await linkTrail(desk.app)).toBe(0)
  desk.clock.move(60_000)
  expect(await linkTrail(desk.app)).toBe(1)
  expect(await linkTrail(desk.app)).toBe(0)
  expect(await count()).toBe(rows + 1)
  expect(await whole()).toBe('whole')
})

test.each([
  ['who', { actor: 'officer:somebody' }],
  ['what', { action: 'test.other' }],
  ['the outcome', { outcome: 'refused' }],
  ['when', { at: 1 }],
  ['a detail', { detail: { n: 1 } }],
])('%s was altered: the first such row is named', async (_, change) => {
  const id = await rowAt(12)
  await meddle((tx) => tx.update(tx.audit).set(change).where(eq(tx.audit.id, id)))
  expect(await whole()).toEqual({ fault: 'altered', n: 12 })
})

test('a row that was taken out, with or without its link, is missed', async () => {
  const id = await rowAt(20)
  await meddle((tx) => tx.delete(tx.audit).where(eq(tx.audit.id, id)))
  expect(await whole()).toEqual({ fault: 'missing', n: 20 })
  await meddle((tx) => tx.delete(tx.auditChain).where(eq(tx.auditChain.n, 20)))
  expect(await whole()).toEqual({ fault: 'missing', n: 20 })
})

test('two rows that changed places, a tail that was cut off, and a row put in by other hands are found', async () => {
  const [one, two] = [await rowAt(5), await rowAt(6)]
  const swap = (a: string, b: string) =>
    meddle(async (tx) => {
      await tx.update(tx.auditChain).set({ auditId: 'aside' }).where(eq(tx.auditChain.n, 5))
      await tx.update(tx.auditChain).set({ auditId: a }).where(eq(tx.auditChain.n, 6))
      await tx.update(tx.auditChain).set({ auditId: b }).where(eq(tx.auditChain.n, 5))
    })
  await swap(one, two)
  expect(await whole()).toEqual({ fault: 'altered', n: 5 })
  await swap(two, one)
  expect(await whole()).toBe('whole')

  const [old] = await read().select().from(read().audit).limit(1)
  if (!old) throw new Error('the trail is empty')
  await meddle((tx) => tx.insert(tx.audit).values({ ...old, id: 'put-in', at: old.at - 3_600_000 }))
  await linkTrail(desk.app)
  expect(await whole()).toEqual({ fault: 'unlinked', n: 1 })
  await meddle((tx) => tx.delete(tx.audit).where(eq(tx.audit.id, 'put-in')))

  const last = (await read().select().from(read().auditChain)).length
  const id = await rowAt(last)
  await meddle(async (tx) => {
    await tx.delete(tx.auditChain).where(eq(tx.auditChain.n, last))
    await tx.delete(tx.audit).where(eq(tx.audit.id, id))
  })
  expect(await whole()).toEqual({ fault: 'cut', n: last })
})

test('a tail that was cut off is found after the service has linked on, and the row is named', async () => {
  const last = (await read().select().from(read().auditChain)).length
  const id = await rowAt(last)
  await meddle(async (tx) => {
    await tx.delete(tx.auditChain).where(eq(tx.auditChain.n, last))
    await tx.delete(tx.audit).where(eq(tx.audit.id, id))
  })
  await act(99)
  desk.clock.move(60_000)
  expect(await linkTrail(desk.app)).toBe(1)
  const { broken } = await verifyTrail(desk.app)
  expect(broken).toMatchObject({ fault: 'cut', n: last, action: 'test.act', id: await rowAt(last) })
})

test('what only waits to be linked is not taken for a row put in, however long the service stood still', async () => {
  await act(99)
  desk.clock.move(3_600_000)
  expect(await verifyTrail(desk.app)).toMatchObject({ waiting: 1, checked: await linked() })
  expect(await whole()).toBe('whole')
})

test('the first bad row is named with its time, its action and its id', async () => {
  const id = await rowAt(12)
  await meddle((tx) => tx.update(tx.audit).set({ outcome: 'other' }).where(eq(tx.audit.id, id)))
  expect((await verifyTrail(desk.app)).broken).toEqual({
    fault: 'altered',
    n: 12,
    id,
    action: 'test.act',
    at: expect.any(Number),
  })
  await meddle((tx) => tx.delete(tx.audit).where(eq(tx.audit.id, id)))
  expect((await verifyTrail(desk.app)).broken).toEqual({ fault: 'missing', n: 12, id })
})

test('a beginning whose time is over is forgotten and the rest stays whole; one that others cut off is missed', async () => {
  const all = await linked()
  const before = desk.clock.now() - 30_000
  expect(await desk.app.store.work('forget', (tx) => forgetTrail(tx, desk.app.keyring, before, 15))).toBe(15)
  expect(await linked()).toBe(all - 15)
  expect(await whole()).toBe('whole')
  await desk.app.store.work('forget', (tx) => forgetTrail(tx, desk.app.keyring, before, 500))
  expect([await linked(), await whole()]).toEqual([1, 'whole'])
  for (const n of [1, 2, 3]) await act(n)
  desk.clock.move(60_000)
  await linkTrail(desk.app)
  expect(await whole()).toBe('whole')
  await meddle((tx) => tx.delete(tx.auditChain).where(eq(tx.auditChain.n, all)))
  expect(await whole()).toEqual({ fault: 'missing', n: all })
  await meddle((tx) =>
    tx
      .update(tx.facts)
      .set({ value: JSON.stringify({ n: all, mac: '', sign: '' }) })
      .where(eq(tx.facts.name, 'audit.floor')),
  )
  expect(await whole()).toEqual({ fault: 'missing', n: 1 })
})
