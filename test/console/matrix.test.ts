import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { Client, enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { hasRight, type Right, ROLES } from '../../src/officers/roles.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
import { type Booted, boot } from '../kit/boot.ts'

let service: Booted
const clients = new Map<OfficerRole, Client>()
beforeAll(async () => {
  service = await boot({ DEMO: '1' })
  for (const role of ROLES) clients.set(role, await officer(role))
}, 120_000)
afterAll(() => service?.close())

async function officer(role: OfficerRole, counties: string[] = [], name = role): Promise<Client> {
  const added = await newOfficer(service.app, operator, { username: `m.${name}`, name: 'Made Up', role, counties })
  if (added === 'taken') throw new Error('the username is taken')
  return enter(service.url, added.link)
}

/** A path of the table as somebody would ask for it: nobody has such an id. */
const asked = (path: string) => path.replace(/:\w+/g, 'no-such-thing')
const ofFace = (face: string) => service.routes.filter(({ path }) => path.startsWith(`/${face}`))
const leavesIt = (path: string) => path.endsWith('/logout')

describe('role by route', () => {
  test('the table is not empty, and every rule in it is one we know', () => {
    expect(ofFace('console').length).toBeGreaterThan(15)
    expect(ofFace('portal').length).toBeGreaterThan(30)
  })

  test('whoever is not logged in gets the login, and nothing else', async () => {
    const nobody = new Client(service.url)
    const wrong: string[] = []
    for (const { method, path, rule } of service.routes) {
      const status = await nobody.status(method, asked(path))
      const expected = rule === 'anyone' ? status !== 401 && status < 500 : status === 401
      if (!expected) wrong.push(`${method} ${path}: ${status}`)
    }
    expect(wrong).toEqual([])
  }, 60_000)

  test.each(ROLES)(
    '%s gets what the role may, and 403 for all the rest',
    async (role) => {
      const client = clients.get(role) as Client
      const wrong: string[] = []
      for (const { method, path, rule } of ofFace('console')) {
        if (rule === 'anyone' || leavesIt(path)) continue
        const status = await client.status(method, asked(path))
        const may = hasRight(role, rule as Right)
        if (may ? status === 403 || status === 401 || status >= 500 : status !== 403)
          wrong.push(`${method} ${path} (${rule}): ${status}`)
      }
      expect(wrong).toEqual([])
    },
    60_000,
  )

  test('an officer is nobody in the portal', async () => {
    const client = clients.get('officer') as Client
    for (const { method, path, rule } of ofFace('portal'))
      if (rule !== 'anyone') expect(await client.status(method, asked(path)), `${method} ${path}`).toBe(401)
  }, 60_000)
})
