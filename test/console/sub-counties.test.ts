import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { type Client, enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { type Booted, boot } from '../kit/boot.ts'

let service: Booted
beforeAll(async () => {
  service = await boot({ DEMO: '1' })
}, 60_000)
afterAll(() => service?.close())

async function administrator(): Promise<Client> {
  const added = await newOfficer(service.app, operator, {
    username: 'o.admin',
    name: 'Made Up',
    role: 'administrator',
    counties: [],
  })
  if (added === 'taken') throw new Error('the username is taken')
  return enter(service.url, added.link)
}
const officers = async (username: string) => {
  const { read } = service.app.store
  return (await read.select().from(read.officers).where(eq(read.officers.username, username)))[0]
}

test('an officer is given sub-counties of their county, decides about its people only, and sees the others', async () => {
  const { app } = service
  const { read } = app.store
  const admin = await administrator()
  const typed = { name: 'Zawadi Kerubo', username: 'z.kerubo', role: 'clerk' }
  const applications = (await read.select().from(read.applications)).filter(({ status }) => status === 'received')
  const [theirs] = applications
  const other = applications.find(({ county, subCounty }) => county === theirs?.county && subCounty !== theirs.subCounty)
  if (!theirs || !other) throw new Error('the demonstration has no two sub-counties')
  const places = { counties: theirs.county, sub_counties: theirs.subCounty }

  await admin.get('/console/officers/new')
  expect(await admin.statusOf('/console/officers/new', { ...typed, counties: '', sub_counties: theirs.subCounty })).toBe(422)
  expect(await officers('z.kerubo')).toBeUndefined()
  const made = await admin.post('/console/officers/new', { ...typed, ...places })
  expect(await officers('z.kerubo')).toMatchObject({ counties: [theirs.county], subCounties: [theirs.subCounty] })
  expect(await admin.get('/console/officers')).toContain(`${theirs.county}: ${theirs.subCounty}`)

  const clerk = await enter(service.url, /<code>([^<]+)<\/code>/.exec(made)?.[1] ?? '')
  expect(await clerk.get(`/console/applications/${other.id}`)).toContain(other.reference)
  const nominate = async ({ id, changedAt }: typeof theirs) => {
    await clerk.get(`/console/applications/${id}`)
    return clerk.post('/console/applications/decide/yes', { to: 'nominated', query: '', id: `${id}.${changedAt}` })
  }
  expect(await nominate(other)).toContain('of another sub-county, whose officers nominate them')
  expect(await nominate(theirs)).not.toContain('of another sub-county')
  const standing = async (id: string) =>
    (await read.select().from(read.applications).where(eq(read.applications.id, id)))[0]?.status
  expect(await standing(other.id)).toBe('received')
  expect(await standing(theirs.id)).toBe('nominated')
  await clerk.get(`/console/people/${other.personId}`)
  const suspended = await clerk.post(`/console/people/${other.personId}/standing`, { was: 'vetted', reason: 'conduct' })
  expect(suspended).toContain('an officer of this person')
  expect((await read.select().from(read.people).where(eq(read.people.id, other.personId)))[0]?.status).toBe('vetted')

  const id = (await officers('z.kerubo'))?.id ?? ''
  const was = { was_role: 'clerk', was_counties: theirs.county, was_sub_counties: theirs.subCounty, was_active: '1' }
  const change = { ...was, role: 'clerk', counties: theirs.county, sub_counties: '', active: '1' }
  await admin.get(`/console/officers/${id}`)
  expect(await admin.statusOf(`/console/officers/${id}`, { ...change, counties: '', sub_counties: theirs.subCounty })).toBe(422)
  expect(await officers('z.kerubo')).toMatchObject({ subCounties: [theirs.subCounty] })
  await admin.get(`/console/officers/${id}`)
  await admin.post(`/console/officers/${id}`, change)
  expect(await officers('z.kerubo')).toMatchObject({ counties: [theirs.county], subCounties: [] })
}, 60_000)
