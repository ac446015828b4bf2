import { eq, gte } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acting, operator } from '../../src/acting.ts'
import { type AuditRow, type Broken, checkEnd, checkLinks, linkTrail } from '../../src/audit/chain.ts'
import { MINUTE } from '../../src/base/dates.ts'
import type { Tx } from '../../src/store/store.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'
import { size, tried } from './row.ts'

const EVERY = 12
let desk: OpenDesk
let rows: AuditRow[]
let links: Tx['auditChain']['$inferSelect'][]
let N: number
beforeAll(async () => {
  desk = await openDesk()
  // Linked and anchored some at a time, as every minute does.
  for (let n = 0; n < 60; n++) {
    await acting(desk.app, operator, `test.${n % 3}`, 'act', async () => [
      undefined,
      { outcome: 'done', subject: `row-${n}`, detail: n % 2 ? { n, b: 'two' } : undefined },
    ])
    desk.clock.move(1_000)
    if (n % EVERY === EVERY - 1) await grow()
  }
  rows = await read().select().from(read().audit)
  links = await read().select().from(read().auditChain).orderBy(read().auditChain.n)
  rows = links.map(({ auditId }) => rows.find(({ id }) => id === auditId) as AuditRow)
  N = links.length
})
afterAll(() => desk.close())

const read = () => desk.app.store.read
const meddle = <T>(work: (tx: Tx) => Promise<T>) => desk.app.store.work('meddle', work)
async function grow() {
  desk.clock.move(MINUTE)
  await linkTrail(desk.app)
}
/** Everything as the service left it. */
const mend = () =>
  meddle(async (tx) => {
    await tx.delete(tx.auditChain)
    await tx.delete(tx.audit)
    await tx.insert(tx.audit).values(rows)
    await tx.insert(tx.auditChain).values(links)
  })
async function verdict(): Promise<Broken | 'whole'> {
  for (let from = 0; ; ) {
    const found = await checkLinks(read(), desk.app.keyring, from, 23)
    if (found.broken) return found.broken
    if (found.next === undefined) return (await checkEnd(desk.app)) ?? 'whole'
    from = found.next
  }
}

const below = (most: number) => desk.app.clock.below(most)
/** Any number of a row, from `least` on. */
const any = (least = 1) => least + below(N - least + 1)
const row = (n: number) => rows[n - 1] as AuditRow
const link = (n: number) => links[n - 1] as (typeof links)[number]
const someMac = () => desk.app.clock.bytes(32).toString('base64url')

const EDITS: ((before: AuditRow) => Partial<AuditRow>)[] = [
  () => ({ actor: 'officer:somebody' }),
  ({ actor }) => ({ actor: `${actor} ` }),
  () => ({ via: 'web' }),
  () => ({ action: 'test.other' }),
  () => ({ outcome: 'refused' }),
  ({ subject }) => ({ subject: subject === null ? 'x' : null }),
  ({ at }) => ({ at: at - 1 }),
  ({ detail }) => ({ detail: detail ? { ...detail, b: 'three' } : { b: 'two' } }),
  ({ detail }) => ({ detail: detail ? null : { n: 1 } }),
]

/** What somebody may do who holds the database, but no key. Each gives what must be found. */
const TAMPERINGS: Record<string, () => Promise<Broken>> = {
  async 'a row is edited'() {
    const n = any()
    const change = EDITS[below(EDITS.length)] as (typeof EDITS)[number]
    await meddle((tx) =>
      tx
        .update(tx.audit)
        .set(change(row(n)))
        .where(eq(tx.audit.id, row(n).id)),
    )
    return { fault: 'altered', n }
  },
  async 'a row is taken out'() {
    const n = any()
    await meddle((tx) => tx.delete(tx.audit).where(eq(tx.audit.id, row(n).id)))
    return { fault: 'missing', n }
  },
  async 'a row is taken out with its link'() {
    const n = below(N - 1) + 1
    await meddle(async (tx) => {
      await tx.delete(tx.audit).where(eq(tx.audit.id, row(n).id))
      await tx.delete(tx.auditChain).where(eq(tx.auditChain.n, n))
    })
    return { fault: 'missing', n }
  },
  async 'a row is taken out, and those after it move up'() {
    const n = below(N - 1) + 1
    await meddle(async (tx) => {
      await tx.delete(tx.audit).where(eq(tx.audit.id, row(n).id))
      await tx.delete(tx.auditChain).where(gte(tx.auditChain.n, n))
      await tx.insert(tx.auditChain).values(links.slice(n).map((each) => ({ ...each, n: each.n - 1 })))
    })
    return { fault: 'altered', n }
  },
  async 'two rows change places'() {
    const [one, two] = [any(), any()].sort((a, b) => a - b) as [number, number]
    if (one === two) return TAMPERINGS['a row is edited']?.() as Promise<Broken>
    const whole = below(2) === 0
    await meddle(async (tx) => {
      for (const n of [one, two]) await tx.delete(tx.auditChain).where(eq(tx.auditChain.n, n))
      await tx.insert(tx.auditChain).values([
        { ...link(two), n: one, mac: whole ? link(two).mac : link(one).mac },
        { ...link(one), n: two, mac: whole ? link(one).mac : link(two).mac },
      ])
    })
    return { fault: 'altered', n: one }
  },
  async 'the tail is cut off'() {
    const n = any()
    await meddle(async (tx) => {
      await tx.delete(tx.auditChain).where(gte(tx.auditChain.n, n))
      for (const each of rows.slice(n - 1)) await tx.delete(tx.audit).where(eq(tx.audit.id, each.id))
    })
    return { fault: 'cut', n }
  },
  async 'the links of the tail are cut off, and their rows edited before the service links anew'() {
    const n = any()
    await meddle(async (tx) => {
      await tx.delete(tx.auditChain).where(gte(tx.auditChain.n, n))
      await tx
        .update(tx.audit)
        .set({ actor: 'nobody' })
        .where(eq(tx.audit.id, row(n).id))
    })
    await linkTrail(desk.app)
    // The first anchor after what was edited; the one before it still holds.
    const anchors = links.filter((_, place) => anchored(place + 1)).map((each) => each.n)
    return { fault: 'cut', n: anchors.find((each) => each >= n) ?? N }
  },
  async 'a row is put in at the end, with a link of the same form'() {
    await meddle(async (tx) => {
      await tx.insert(tx.audit).values({ ...row(N), id: 'put-in' })
      await tx.insert(tx.auditChain).values({ n: N + 1, auditId: 'put-in', mac: below(2) === 0 ? someMac() : link(N).mac })
    })
    return { fault: 'altered', n: N + 1 }
  },
  async 'a row is put in between, and those after it move down'() {
    const n = any()
    await meddle(async (tx) => {
      await tx.insert(tx.audit).values({ ...row(n), id: 'put-in' })
      await tx.delete(tx.auditChain).where(gte(tx.auditChain.n, n))
      const after = links.slice(n - 1).map((each) => ({ ...each, n: each.n + 1 }))
      await tx.insert(tx.auditChain).values([{ n, auditId: 'put-in', mac: someMac() }, ...after])
    })
    return { fault: 'altered', n }
  },
  async 'a row is put in without a link'() {
    await meddle((tx) => tx.insert(tx.audit).values({ ...row(any()), id: 'put-in', at: row(1).at - (11 + below(999)) * MINUTE }))
    return { fault: 'unlinked', n: 1 }
  },
  async 'a row takes the words of another'() {
    const n = any(2)
    const { id: _, ...words } = row(n - 1)
    await meddle((tx) =>
      tx
        .update(tx.audit)
        .set(words)
        .where(eq(tx.audit.id, row(n).id)),
    )
    return { fault: 'altered', n }
  },
}
const anchored = (n: number) => ends.includes(n)
let ends: number[] = []

test('whatever is done to the trail shows, and the first bad row is named', async (context) => {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const file = `${desk.app.config.dataFolder}/audit.anchor`
  const anchors = readFileSync(file, 'utf8')
  ends = anchors
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { n: number }).n)
  expect(ends.length).toBeGreaterThan(3)
  expect(N).toBeGreaterThan(50)
  expect(await verdict()).toBe('whole')
  desk.clock.move(20 * MINUTE)

  const kinds = Object.keys(TAMPERINGS)
  const times = size({ quick: 8 * kinds.length, full: 550 })
  for (let n = 0; n < times; n++) {
    const kind = kinds[n % kinds.length] as string
    const must = await TAMPERINGS[kind]?.()
    expect(await verdict(), kind).toEqual(must)
    await mend()
    // Outside the database nobody meddles; what the service itself wrote there meanwhile is taken back.
    writeFileSync(file, anchors)
  }
  expect(await verdict()).toBe('whole')
  tried(context, `${times} tamperings of ${kinds.length} kinds, all found, the first bad row named`)
}, 120_000)

test('rows of two histories cannot be put together', async () => {
  const from = N - 10
  await meddle(async (tx) => {
    await tx.delete(tx.auditChain).where(gte(tx.auditChain.n, from))
    for (const each of rows.slice(from - 1)) await tx.delete(tx.audit).where(eq(tx.audit.id, each.id))
  })
  for (let n = from; n <= N + 2; n++)
    await acting(desk.app, operator, 'test.other', 'act', async () => [undefined, { outcome: 'done', subject: `other-${n}` }])
  await grow()
  // Each row, and its link, was once made by the service itself, for this very number.
  await meddle(async (tx) => {
    const [other] = await tx
      .select()
      .from(tx.auditChain)
      .where(eq(tx.auditChain.n, N - 5))
    await tx.delete(tx.auditChain).where(eq(tx.auditChain.n, N - 5))
    await tx.delete(tx.audit).where(eq(tx.audit.id, other?.auditId ?? ''))
    await tx.insert(tx.audit).values(row(N - 5))
    await tx.insert(tx.auditChain).values(link(N - 5))
  })
  expect(await verdict()).toEqual({ fault: 'altered', n: N - 5 })
  await mend()
})
