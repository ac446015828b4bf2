import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { linkTrail } from '../../src/audit/chain.ts'
import { noteErased } from '../../src/backup/erased.ts'
import { backUpTo } from '../../src/backup/make.ts'
import { restoreTo } from '../../src/backup/restore.ts'
import { orderRules } from '../../src/catalogue.ts'
import { downloadLetter, lookAt } from '../../src/letters/letter.ts'
import { openApp } from '../../src/open.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { askErasure } from '../../src/people/erasure.ts'
import { size, tried } from '../bar/row.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { seatOfficers } from '../kit/officers.ts'
import { operate } from '../kit/operator.ts'
import { restart, settingsOf } from '../kit/restart.ts'

const web: Actor = { via: 'web', name: 'person:x', signed: true, language: 'en' }
const officer: Actor = { via: 'console', name: 'officer:agrees', signed: false, language: 'en' }

let desk: OpenDesk
let code = ''
const folders: string[] = []
beforeAll(async () => {
  desk = await openDesk()
  await seatOfficers(desk.app, officer)
  for (const [phone, national_id] of [
    ['+254700000901', '99100001'],
    ['+254700000905', '99100005'],
  ] as const)
    await operate(desk.app, { account: { phone, national_id, pin: '482915' } })
  await operate(desk.app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  code = (await desk.texts('+254700000901')).flatMap((text) => /\/l\/(\S{19})/.exec(text)?.[1] ?? [])[0] ?? ''
  desk.clock.move(60_000)
  await linkTrail(desk.app)
})
afterAll(async () => {
  await desk.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A machine that has only what the README says must be kept: the keys (here in the settings), the anchor, and who was erased. */
function elsewhere() {
  const folder = mkdtempSync(join(tmpdir(), 'wito-elsewhere-'))
  folders.push(folder)
  for (const name of ['audit.anchor', 'erased'])
    if (existsSync(join(desk.folder, name))) cpSync(join(desk.folder, name), join(folder, name))
  return folder
}
const restore = (file: string, folder: string) =>
  restoreTo(desk.app.keyring, file, `${folder}/wito.db`, {
    open: (databaseFile) => openApp({ ...settingsOf(folder), databaseUrl: `file:${databaseFile}` }, undefined, desk.clock),
  })

test('made while people dial, a backup comes back elsewhere: whole, proven, with a link that opens its letter', async (context) => {
  const calls = size({ quick: 100, full: 1_000 })
  let over = 0
  const load = (async () => {
    for (let n = 0; n < calls; n++) {
      await session(desk.desk, `+2547000009${String(10 + (n % 80))}`).dial()
      over++
    }
  })()
  const file = join(desk.folder, 'one.backup')
  const { counts } = await backUpTo(desk.app, file)
  const during = over
  await load
  expect(readFileSync(file, 'latin1')).not.toContain('Mto Mwekundu')
  const folder = elsewhere()
  const restored = await restore(file, folder)
  expect(restored).toMatchObject({ counts, opened: 1, erasedAgain: 0 })
  expect(restored.links).toBeGreaterThan(5)
  const { app, close } = await restart(folder, {}, desk.clock)
  expect(await lookAt(app, code)).toHaveProperty('open')
  expect(await downloadLetter(app, code, '0001')).toHaveProperty('letter')
  expect((await app.store.read.select().from(app.store.read.sessions)).length).toBe(counts.sessions)
  await close()
  tried(context, `${calls} calls, ${during} before the copy was done; ${restored.links} links of the trail proven`)
})

test('whoever was erased since stays erased', async () => {
  const file = join(desk.folder, 'two.backup')
  await backUpTo(desk.app, file)
  const { read } = desk.app.store
  const [esther] = await read.select().from(read.people).where(eq(read.people.msisdn, '+254700000905'))
  const id = esther?.id ?? ''
  await askErasure(desk.app, web, { id, county: 'Kisumu' })
  const [order] = await read.select().from(read.orders).where(eq(read.orders.kind, 'erasure'))
  const answer = { id: order?.id ?? '', digest: order?.digest ?? '', yes: true }
  expect(await answerOrder(desk.app, officer, orderRules, answer)).toHaveProperty('order')
  expect([await noteErased(desk.app), await noteErased(desk.app)]).toEqual([1, 0])
  const folder = elsewhere()
  expect(await restore(file, folder)).toMatchObject({ erasedAgain: 1 })
  const { app, close } = await restart(folder, {}, desk.clock)
  const [gone] = await app.store.read.select().from(app.store.read.people).where(eq(app.store.read.people.id, id))
  expect(gone).toMatchObject({ fullName: 'erased', msisdn: 'erased' })
  expect(await app.store.read.select().from(app.store.read.accounts)).toHaveLength(1)
  await close()
})

test('one whose trail was altered is refused, and nothing takes the place of the database', async () => {
  const { read } = desk.app.store
  const [row] = await read.select().from(read.audit).limit(1)
  await desk.app.store.work('t', async (tx) => {
    await tx
      .update(tx.audit)
      .set({ outcome: 'altered' })
      .where(eq(tx.audit.id, row?.id ?? ''))
  })
  const file = join(desk.folder, 'three.backup')
  await backUpTo(desk.app, file)
  const folder = elsewhere()
  mkdirSync(folder, { recursive: true })
  await expect(restore(file, folder)).rejects.toThrow(/audit trail in it is altered at link \d+$/)
  expect(existsSync(`${folder}/wito.db`)).toBe(false)
  expect(existsSync(`${folder}/wito.db.restoring`)).toBe(false)
})
