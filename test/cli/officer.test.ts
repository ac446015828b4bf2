import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { runOnDesk } from '../kit/command.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'
import { seatOfficers } from '../kit/officers.ts'

const administrator: Actor = { via: 'console', name: 'officer:one', signed: false, language: 'en' }
let desk: OpenDesk
beforeAll(async () => {
  desk = await openDesk()
  await seatOfficers(desk.app, administrator)
})
afterAll(() => desk.close())
const officer = async (username: string) => {
  const { read } = desk.app.store
  return (await read.select().from(read.officers).where(eq(read.officers.username, username)))[0]
}

const wito = (words: string[], database?: string) => runOnDesk(desk.folder, words, { database })
const add = (username: string, ...where: string[]) => [
  'officer',
  'add',
  '--name',
  'Zawadi',
  '--username',
  username,
  '--role',
  'clerk',
  '--json',
  ...where,
]

test('a county or sub-county that nobody knows is named and nobody is added; while nothing is known, every name is taken', async () => {
  const county = await wito(add('z.one', '--county', 'Kisumu', 'Kisomu'))
  expect(county).toMatchObject({ code: 1, err: 'Kisomu: no station and nobody of the roll is there; look how it is written\n' })
  const subCounty = await wito(add('z.one', '--county', 'Kisumu', '--sub-county', 'Kisumu Esat'))
  expect(subCounty.err).toContain('Kisumu Esat: no station')
  expect(await officer('z.one')).toBeUndefined()
  expect((await wito(add('z.one', '--county', 'Kisumu'))).code).toBe(0)
  expect(await officer('z.one')).toMatchObject({ counties: ['Kisumu'], confirmedAt: expect.any(Number) })
  expect((await wito(add('z.one', '--county', 'Kisomu'), 'empty.db')).code).toBe(0)
}, 60_000)

test('confirms whom one administrator alone invited, once they are in', async () => {
  await newOfficer(desk.app, administrator, { username: 'z.two', name: 'Zawadi', role: 'approver', counties: [] })
  const early = await wito(['officer', 'confirm', 'z.two'])
  expect(early).toMatchObject({ code: 1, err: expect.stringContaining('has not opened the one-time link yet') })
  expect(await officer('z.two')).toMatchObject({ confirmedAt: null })
  await desk.app.store.work('begin', (tx) =>
    tx.update(tx.officers).set({ inviteIndex: null }).where(eq(tx.officers.username, 'z.two')),
  )
  const done = await wito(['officer', 'confirm', 'z.two', '--json'])
  expect(JSON.parse(done.out)).toEqual({ name: 'Zawadi', role: 'approver', counties: 'the whole nation', confirmed: true })
  expect(await officer('z.two')).toMatchObject({ confirmedAt: expect.any(Number), broughtIn: [] })
  const { read } = desk.app.store
  const trail = await read.select().from(read.audit).where(eq(read.audit.action, 'officers.confirm'))
  expect(trail.map(({ actor, outcome }) => [actor.split(':')[0], outcome])).toEqual([
    ['operator', 'not_begun'],
    ['operator', 'done'],
  ])
  expect(await wito(['officer', 'confirm', 'z.nobody'])).toMatchObject({
    code: 1,
    err: 'no officer has the username z.nobody\n',
  })
}, 60_000)
