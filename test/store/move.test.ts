import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkTrail } from '../../src/audit/chain.ts'
import { actions, formats } from '../../src/catalogue.ts'
import { downloadLetter } from '../../src/letters/letter.ts'
import { bodyPlace } from '../../src/sms/outbox.ts'
import { moveStore } from '../../src/store/move.ts'
import { openStore } from '../../src/store/open.ts'
import { takeHop } from '../../src/ussd/hop.ts'
import { movableClock, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { KEY, restart } from '../kit/restart.ts'
import { settle } from '../kit/town.ts'

const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname
const BARAKA = '+254700000902'
const clock = movableClock()

let postgres: TestPostgres
let folder: string
beforeAll(async () => {
  postgres = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'wito-move-'))
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Each in a folder of its own: the end of its trail lies beside it. */
const fileOf = (name: string) => `file:${folder}/${name}/wito.db`
const open = async (url: string) => {
  const { app, menu, close } = await restart(folder, { DATABASE_URL: url }, clock)
  return { app, desk: { app, actions, menu, formats }, close }
}

/** The real command, in a process of its own; `isEnough` of what it says on its way kills it. */
function move(from: string, to: string, isEnough = (_: string) => false): Promise<{ code: number; out: string; err: string }> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    LOG_LEVEL: 'silent',
    CALLBACK_SECRETS: 'test',
    SECRET_KEYS: `a:${KEY(1)}`,
    INDEX_KEY: KEY(2),
    PEPPER: KEY(3),
  }
  return new Promise((ran) => {
    const child = execFile(
      process.execPath,
      [WITO, 'move', '--from', from, '--to', to, '--json', '--progress'],
      { env, cwd: folder },
      (error, out, err) => ran({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    )
    child.stderr?.on('data', (said: string) => {
      if (isEnough(said)) child.kill('SIGKILL')
    })
  })
}

/** A town on SQLite in which everybody is in the middle of something. */
async function openTown(name: string) {
  const url = fileOf(name)
  const { app, desk, close } = await open(url)
  await settle(app)
  for (const [phone, national_id] of [
    ['+254700000901', '99100001'],
    [BARAKA, '99100002'],
  ] as const)
    await operate(app, { account: { phone, national_id, pin: '482915' } })
  await operate(app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  const rules = { levels: ['secondary'], candidates_per: { supervisor: 200, invigilator: 20 }, nominate_share: 1.25 }
  await operate(app, { rules: { exam: 'KCSE2026', rules } })
  const { read } = app.store
  const sent = (await read.select().from(read.outbox)).map((row) => app.keyring.open(bodyPlace(row.id), row.bodySealed))
  const code = sent.flatMap((text) => /\/l\/(\S{19})/.exec(text)?.[1] ?? [])[0] ?? ''
  clock.move(60_000)
  await linkTrail(app)
  return { url, app, desk, close, code }
}

test('a town goes to the other engine and back in the middle of a call, with its letters, its trail and every row', async () => {
  const town = await openTown('town')
  const call = session(town.desk, BARAKA)
  expect(await call.dial()).toContain('1. Jobs')
  expect(await call.type('1', '1', '1')).toContain('PIN')
  await town.close()

  const server = await postgres.createDatabase()
  const there = await move(town.url, server)
  expect([there.code, there.err.replace(/\r?rows: \d+/g, '').trim()]).toEqual([
    0,
    expect.stringMatching(/^Carry this from .*town\/ to data\/ before the service starts there: audit.anchor\.$/),
  ])
  const moved = JSON.parse(there.out)
  expect(moved).toMatchObject({ trail: 'whole' })
  expect(moved.links).toBeGreaterThan(5)
  expect(moved.tables.people).toEqual({ rows: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })

  const away = await open(server)
  const send = (text: string) =>
    takeHop(away.desk, { sessionId: call.sessionId, msisdn: BARAKA as never, serviceCode: '*483*22262#', text })
  expect(await send(call.text), 'what was answered before the move is answered the same').toMatchObject({ again: true })
  expect((await send(`${call.text}*482915`)).body).toContain('1. Confirm')
  expect((await send(`${call.text}*482915*1`)).body).toMatch(/KCSE26INV|received|Received/)
  expect(await downloadLetter(away.app, town.code, '0001')).toHaveProperty('letter')
  expect(await session(away.desk, BARAKA).type('2')).toContain('KCSE')
  await away.close()

  const back = fileOf('back')
  const home = await move(server, back)
  expect(home.code).toBe(0)
  const again = await open(back)
  expect(await session(again.desk, BARAKA).type('2')).toContain('KCSE')
  expect(await downloadLetter(again.app, town.code, '0001')).toHaveProperty('letter')
  const { read } = again.app.store
  const [person] = await read.select().from(read.people).where(eq(read.people.msisdn, BARAKA))
  expect(person?.subjects).toEqual(['mathematics', 'physics'])
  await again.close()
})

test('rows are the same text on both engines, dates, yes and no, fractions and nested names too', async () => {
  const town = await openTown('same')
  await town.close()
  const server = await postgres.createDatabase()
  const sent = await moveStore(town.url, server, () => undefined)
  const came = await moveStore(server, fileOf('same-back'), () => undefined)
  expect(came).toEqual(sent)
  expect(Object.values(sent).filter(({ rows }) => rows > 0).length).toBeGreaterThan(15)
})

test('one row that is not as it was sent is found, on either engine, and the target stays empty', async () => {
  const town = await openTown('altered')
  await town.close()
  const server = await postgres.createDatabase()
  await (await openStore(server)).close()
  const client = new Client(server)
  await client.connect()
  await client.query(`create function alter_one() returns trigger language plpgsql as $$
    begin if new.national_id_index is not null and new.full_name like 'Esther%' then new.full_name := 'Esther'; end if; return new; end $$`)
  await client.query('create trigger alter_one before insert on people for each row execute function alter_one()')
  await client.end()
  await expect(moveStore(town.url, server, () => undefined)).rejects.toThrow('differs from what was sent, in people')
  const left = await openStore(server)
  expect(await left.read.select().from(left.read.people)).toEqual([])
  await left.close()

  const file = fileOf('altered-there')
  await (await openStore(file)).close()
  const database = new Database(file.slice('file:'.length))
  database.exec("create trigger alter_one after insert on jobs begin update jobs set draft = 1 where code = 'KCSE26DRV'; end")
  database.close()
  await expect(moveStore(town.url, file, () => undefined)).rejects.toThrow('differs from what was sent, in jobs')
  // And it begins anew once the fault is mended.
  const mended = new Database(file.slice('file:'.length))
  mended.exec('drop trigger alter_one')
  mended.close()
  expect((await moveStore(town.url, file, () => undefined)).jobs?.rows).toBe(6)
})

test('it refuses while somebody has the source open, where the target has something, and where there is nothing', async () => {
  const town = await openTown('busy')
  const server = await postgres.createDatabase()
  const busy = await move(town.url, server)
  expect([busy.code, busy.err]).toEqual([1, expect.stringContaining('is in use: stop the service')])
  await town.close()
  expect((await move(town.url, server)).code).toBe(0)
  const full = await move(town.url, server)
  expect([full.code, full.err]).toEqual([1, expect.stringContaining('the target is not empty')])
  const served = await open(server)
  const back = await move(server, fileOf('never'))
  expect([back.code, back.err]).toEqual([1, expect.stringContaining('in use by')])
  await served.close()
  const nothing = await move(fileOf('nothing'), server)
  expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('there is no file')])
})

/** A town with enough in it to be under way for a while. */
async function openLargeTown(name: string) {
  const town = await openTown(name)
  for (let n = 0; n < 20_000; n += 1_000)
    await town.app.store.work('facts', (tx) =>
      tx.insert(tx.facts).values(Array.from({ length: 1_000 }, (_, k) => ({ name: `fact ${n + k}`, value: 'x' }))),
    )
  await town.close()
  return town
}

test('one that is killed halfway leaves the target empty and the source whole, and is simply begun again', async () => {
  const town = await openLargeTown('killed')
  const server = await postgres.createDatabase()
  for (const [from, to] of [
    [town.url, server],
    [server, fileOf('killed-back')],
  ] as const) {
    const killed = await move(from, to, (said) => Number(/rows: (\d+)/.exec(said)?.[1] ?? 0) >= 4_000)
    expect([killed.code, killed.out]).toEqual([1, ''])
    // The server may still be undoing it.
    await expect.poll(async () => (await move(from, to)).code, { timeout: 20_000 }).toBe(0)
  }
  const both = [await openStore(town.url), await openStore(fileOf('killed-back'))]
  const [before, after] = await Promise.all(both.map(async ({ read }) => (await read.select().from(read.facts)).length))
  expect(before).toBeGreaterThan(20_000)
  expect(after).toBe(before)
  for (const store of both) await store.close()
})

test('whoever comes while it is under way waits or is turned away, and writes nothing', async () => {
  const town = await openLargeTown('late')
  const server = await postgres.createDatabase()
  let late: Promise<string> | undefined
  await moveStore(town.url, server, () => {
    late ??= openStore(town.url).then(
      () => 'open',
      (reason: unknown) => String(reason),
    )
  })
  expect(await late).toMatch(/locked|busy/)
  let later: Promise<void> | undefined
  let written = false
  let meanwhile = false
  await moveStore(server, fileOf('late-back'), () => {
    meanwhile ||= written
    later ??= openStore(server).then(async (store) => {
      await store.work('late', (tx) => tx.update(tx.people).set({ fullName: 'Late' }).where(eq(tx.people.msisdn, BARAKA)))
      written = true
      await store.close()
    })
  })
  await later
  expect([written, meanwhile]).toEqual([true, false])
})
