import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { usualRules } from '../../src/jobs/rules.ts'
import { bodyPlace } from '../../src/sms/outbox.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { operate } from '../kit/operator.ts'
import { givePassword, logInTab, Tab } from '../kit/tab.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
let service: Booted
let achieng: Tab
let baraka: Tab
let me = ''
beforeAll(async () => {
  service = await boot()
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
  await operate(service.app, { account: { phone: BARAKA, national_id: '99100002', pin: '830564' } })
  me = await givePassword(service, ACHIENG)
  await givePassword(service, BARAKA)
  achieng = await logInTab(service, new Tab(service.url), ACHIENG)
  baraka = await logInTab(service, new Tab(service.url), BARAKA)
}, 60_000)
afterAll(() => service?.close())

const read = () => service.app.store.read
const titles = (tab: Tab) => [...tab.html.matchAll(/<a href="\/portal\/jobs\/([\w-]+)">/g)].map(([, code]) => code)
const applications = async () => read().select().from(read().applications).where(eq(read().applications.personId, me))

describe('jobs', () => {
  test('are filtered by exam, by role, and by whether they fit', async () => {
    await achieng.get('/portal/jobs')
    expect(titles(achieng)).toEqual(['KCSE26EXM-MAT', 'KCSE26INV', 'KCSE26SUP'])
    await achieng.get('/portal/jobs?role=supervisor')
    expect(titles(achieng)).toEqual(['KCSE26SUP'])
    await achieng.get('/portal/jobs?show=others')
    expect(titles(achieng)).toEqual(['KCSE26DRV', 'KPSEA26INV'])
    await achieng.get('/portal/jobs?show=others&exam=KPSEA2026')
    expect(titles(achieng)).toEqual(['KPSEA26INV'])
    // The choice of filters does not shrink with what was chosen.
    expect(achieng.html).toContain('value="KCSE2026"')
  })

  test('each requirement has its tick or its cross, and a rule that is not there is not shown', async () => {
    await achieng.get('/portal/jobs/KCSE26DRV')
    expect(achieng.html.match(/class="broken"/g)).toHaveLength(1)
    expect(achieng.html).toMatch(/class="broken"><strong>✗ [^<]*county/i)
    expect(achieng.html).not.toContain('/apply"')
    await achieng.get('/portal/jobs/KCSE26INV')
    expect(achieng.html).not.toContain('class="broken"')
    expect(achieng.main).not.toContain('Women only')
    const rules = { ...usualRules, gender: { KCSE26SUP: 'male' } } as const
    await service.app.store.work('rules', (tx) =>
      tx.insert(tx.series).values({ exam: 'KCSE2026', version: 1, rules, at: Date.now() }),
    )
    await achieng.get('/portal/jobs/KCSE26INV')
    expect(achieng.main).not.toContain('Women only')
    await achieng.get('/portal/jobs/KCSE26SUP')
    expect(achieng.html).toMatch(/class="broken"><strong>✗ Women only/)
  })

  test('one that closes while its page is open says so; its page stays, for whoever applied too', async () => {
    await achieng.get('/portal/jobs/KCSE26EXM-MAT')
    await achieng.send('/apply')
    expect(achieng.path).toContain('/portal/applications?said=applied')
    await baraka.get('/portal/jobs/KCSE26EXM-MAT')
    const stale = baraka.forms.find(({ action }) => action.endsWith('/apply'))
    await service.app.store.work('jobs', (tx) =>
      tx.update(tx.jobs).set({ closedAt: Date.now() }).where(eq(tx.jobs.code, 'KCSE26EXM-MAT')),
    )
    await baraka.post(stale?.action ?? '', stale?.hidden ?? {})
    expect(baraka.status).toBe(422)
    expect(baraka.main).toMatch(/KCSE Maths Examiner.*closed this job.*no longer apply/)
    expect(baraka.main).not.toMatch(/letter|genuine/)
    expect(baraka.html).not.toContain('/apply"')
    await achieng.get('/portal/applications')
    await achieng.get(titles(achieng).map((code) => `/portal/jobs/${code}`)[0] ?? '')
    expect([achieng.status, achieng.path]).toEqual([200, '/portal/jobs/KCSE26EXM-MAT'])
    await baraka.get('/portal/jobs/KCSE26SEC')
    expect(baraka.status).toBe(200)
    expect(baraka.main).toMatch(/Applications closed on/)
  })
})

describe('an application', () => {
  test('is withdrawn once, and not any more when it was decided meanwhile', async () => {
    await achieng.get('/portal/jobs/KCSE26INV')
    await achieng.send('/apply')
    const mine = async () => (await applications()).find(({ jobCode }) => jobCode === 'KCSE26INV')
    const id = (await mine())?.id
    await achieng.get(`/portal/applications/${id}/withdraw`)
    await achieng.send('/withdraw')
    expect(achieng.main).toContain('Your application was taken back.')
    expect((await mine())?.status).toBe('withdrawn')
    await achieng.get('/portal/jobs/KCSE26INV')
    await achieng.send('/apply')
    await achieng.get(`/portal/applications/${id}/withdraw`)
    await operate(service.app, { decide: { phone: ACHIENG, job: 'KCSE26INV', to: 'successful' } })
    await achieng.send('/withdraw')
    expect(achieng.main).toContain('It was decided meanwhile')
    expect((await mine())?.status).toBe('successful')
  })
})

describe('a deployment', () => {
  test('is declined with a reason, which is kept; its letter and earlier version stay to be seen', async () => {
    await operate(service.app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
    const [letter] = await read().select().from(read().letters)
    await operate(service.app, { reissue: { reference: letter?.reference ?? '' } })
    await achieng.get('/portal/letters')
    expect(achieng.main).toMatch(/Earlier versions version 2: issued .* version 1: issued .*, replaced/)
    const path = achieng.forms.find(({ action }) => action.endsWith('/decline'))?.action ?? ''
    await achieng.send('/decline', { reason: ' ' })
    expect(achieng.main).toContain('Please say why')
    const status = async () => (await read().select().from(read().deployments))[0]?.status
    expect(await status()).toBe('released')
    await achieng.send(path, { reason: 'I am ill' })
    expect(achieng.main).toContain('You declined.')
    expect(await status()).toBe('declined')
    expect(achieng.html).not.toContain('/accept"')
  })
})

describe('messages', () => {
  test('show what was written, but never a one-time password or a code', async () => {
    await achieng.get('/portal/messages')
    expect(achieng.main).toContain('application received')
    expect(achieng.main).toContain('it stands only in the SMS')
    const at = Date.now()
    const id = 'secret-on-its-way'
    const bodySealed = service.app.keyring.seal(bodyPlace(id), 'Your one-time password is 48151623')
    const row = { msisdn: ACHIENG, personId: me, rank: 0, segments: 1, status: 'failed', tries: 0, bodySealed } as const
    const times = { dueAt: at, expiresAt: at, leaseUntil: 0, createdAt: at, changedAt: at }
    await service.app.store.work('x', (tx) => tx.insert(tx.outbox).values({ ...row, ...times, id, dedupe: id, class: 'otp' }))
    await achieng.get('/portal/messages')
    expect(achieng.html).not.toContain('48151623')
  })
})

describe('privacy', () => {
  test('gives everything that is held, as JSON', async () => {
    await achieng.get('/portal/privacy')
    await achieng.send('/privacy/export')
    expect(achieng.headers.get('content-disposition')).toContain('wito-my-data.json')
    const held = JSON.stringify(JSON.parse(achieng.html))
    for (const part of ['Achieng Odera', '99100001', '1100223344', 'Otieno Odera', 'KCSE26INV', 'application received'])
      expect(held, part).toContain(part)
    expect(held).not.toContain('99100002')
  })

  test('alerts go off and on', async () => {
    const alerts = async () => (await read().select().from(read().accounts).where(eq(read().accounts.personId, me)))[0]?.alerts
    await achieng.get('/portal/privacy')
    await achieng.send('/privacy/alerts', { on: '0' })
    expect([await alerts(), achieng.main.includes('You get no job alerts')]).toEqual([false, true])
    await achieng.send('/privacy/alerts', { on: '1' })
    expect([await alerts(), achieng.main.includes('We tell you by SMS')]).toEqual([true, true])
  })

  test('erasure that is asked for waits for an officer, once', async () => {
    await achieng.get('/portal/privacy')
    await achieng.send('/privacy/erase')
    expect(achieng.main).toContain('You asked for erasure on')
    const orders = (await read().select().from(read().orders)).filter(({ kind }) => kind === 'erasure')
    expect(orders.map(({ state, subject }) => [state, subject])).toEqual([['asked', me]])
    expect(achieng.forms.some(({ action }) => action.endsWith('/erase'))).toBe(false)
  })
})

describe('saving', () => {
  test('names what was saved, also beside what is doubtful, and says when nothing was different', async () => {
    await achieng.get('/portal/profile/personal')
    await achieng.send('/profile/personal', { town: 'Bondo', birth_year: '1989' })
    expect(achieng.main).toContain('Saved: Year of birth, Town.')
    await achieng.get('/portal/profile/personal')
    await achieng.send('/profile/personal', { town: 'Siaya', birth_year: '12' })
    expect(achieng.status).toBe(422)
    expect(achieng.main).toContain('Not saved yet: Year of birth.')
    expect(achieng.main).toContain('Saved: Town.')
    await achieng.get('/portal/profile/personal')
    await achieng.send('/profile/personal', { town: 'Siaya' })
    expect(achieng.main).toContain('nothing was changed')
  })

  test('a refused password comes back unseen, and is shown and hidden as asked', async () => {
    await achieng.get('/portal/security')
    await achieng.send('/security/password', { password: 'kahawa ya asubuhi 7', password_new: '12345678' })
    expect(achieng.status).toBe(422)
    expect(achieng.main).toContain('Many people use that password')
    const shown = () => /name="password_new" value="12345678" type="(\w+)"/.exec(achieng.html)?.[1]
    expect(shown()).toBe('password')
    const press = (show: string) =>
      achieng.send('/security/password', { password: 'kahawa ya asubuhi 7', password_new: '12345678', show })
    expect(achieng.html).toContain('name="show" value="1"')
    await press('1')
    expect(shown()).toBe('text')
    expect(achieng.html).toContain('name="show" value="0"')
    await press('0')
    expect(shown()).toBe('password')
  })
})

describe('the trail', () => {
  test('says who logged in and chose a password: the person themself', async () => {
    const audit = await read().select().from(read().audit).where(eq(read().audit.subject, me))
    const by = audit.filter(({ action }) => action.startsWith('portal.')).map(({ actor }) => actor)
    expect(by.length).toBeGreaterThan(1)
    expect(new Set(by)).toEqual(new Set([`person:${me}`]))
  })
})

describe('long lists', () => {
  const LONG = 'A title that somebody made as long as ever they could, and a little longer than that'
  beforeAll(async () => {
    const today = nairobiDay(Date.now())
    const [job] = await read().select().from(read().jobs).where(eq(read().jobs.code, 'KCSE26INV'))
    const [letter] = await read().select().from(read().letters)
    const [deployment] = await read().select().from(read().deployments)
    if (!job || !letter || !deployment) throw new Error('the tests above deployed somebody')
    const at = Date.now()
    const numbers = Array.from({ length: 90 }, (_, n) => n)
    await service.app.store.work('many', async (tx) => {
      for (const n of numbers) {
        const code = `LONG${n}`
        const startsOn = addDays(today, 200 + n)
        await tx.insert(tx.jobs).values({
          ...job,
          code,
          codeKey: code,
          title: `${LONG} ${n}`,
          titleSw: `${LONG} ${n}`,
          startsOn,
          endsOn: startsOn,
        })
        const own = { personId: me, jobCode: code, changedAt: at - 1_000 }
        if (n < 45) {
          const more = { reference: `ALONG${n}`, county: 'Kisumu', subCounty: 'Kisumu East', status: 'received', at } as const
          await tx.insert(tx.applications).values({ ...own, ...more, id: `application-${n}` })
          await tx
            .insert(tx.deployments)
            .values({ ...deployment, ...own, id: `duty-${n}`, reportOn: startsOn, status: 'released' })
          for (const version of [1, 2, 3])
            await tx.insert(tx.letters).values({
              ...letter,
              id: `letter-${n}-${version}`,
              deploymentId: `duty-${n}`,
              verifyId: `v${n}-${version}`,
              version,
              reference: `${letter.reference}-${n}`,
              revokedAt: version < 3 ? at : null,
              revokedWhy: version < 3 ? 'replaced' : null,
            })
          const id = `long-${n}`
          const text = `"Quoted" & 'long' <text> `.repeat(19)
          const row = {
            msisdn: ACHIENG,
            personId: me,
            rank: 3,
            segments: 3,
            status: 'delivered',
            tries: 1,
            class: 'notice',
          } as const
          const times = { dueAt: at, expiresAt: at, leaseUntil: 0, createdAt: at - n, changedAt: at }
          const bodySealed = service.app.keyring.seal(bodyPlace(id), `${n}: ${text}`)
          await tx.insert(tx.outbox).values({ ...row, ...times, id, dedupe: id, bodySealed })
        }
      }
    })
  })

  /** Every page of a list, by its own link to the next: what is on them, each under 14 KB. */
  async function walk(path: string, pattern: RegExp): Promise<string[]> {
    const found: string[] = []
    let next: string | undefined = path
    while (next !== undefined) {
      await achieng.get(next)
      expect([achieng.status, next]).toEqual([200, next])
      expect(Buffer.byteLength(achieng.html), next).toBeLessThan(14_000)
      found.push(...[...achieng.html.matchAll(pattern)].map(([, each = '']) => each))
      const query: string | undefined = /<a href="(\?[^"]*after=[^"]*)">/.exec(achieng.html)?.[1]?.replaceAll('&amp;', '&')
      next = query === undefined ? undefined : path.split('?')[0] + query
    }
    return found
  }

  test.each([
    ['/portal/jobs?role=invigilator', /portal\/jobs\/(LONG\d+)"/g, 45],
    ['/portal/applications', /applications\/(application-\d+)\/withdraw/g, 45],
    ['/portal/letters', /letters\/(duty-\d+)\/decline/g, 45],
    ['/portal/messages', /<p>(\d+): &quot;/g, 45],
  ])(
    '%s shows every one, each once, over as many pages as it takes',
    async (path, pattern, most) => {
      const found = await walk(path, pattern)
      expect(found.length).toBeGreaterThanOrEqual(most)
      expect(new Set(found).size).toBe(found.length)
    },
    30_000,
  )
})
