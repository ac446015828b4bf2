import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { payeePlace } from '../../src/pay/payee.ts'
import { writeField } from '../../src/people/profile-fields.ts'
import type { Tx } from '../../src/store/store.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'
import { cellsIn } from '../kit/sheet.ts'

const JOB = 'PAYJOB26'
let service: Booted
let browser: Browser
let officer: Page
let approver: Page
let people: Tx['people']['$inferSelect'][]
/** The county of the first people; the last is of another. */
let county: string
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  ;({ page: officer } = await openOfficer(service, browser, { role: 'officer' }))
  ;({ page: approver } = await openOfficer(service, browser, { role: 'approver' }))
  await serve()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const read = () => service.app.store.read
const at = (path = '') => `${service.url}/console/pay${path}`
const main = async (page: Page) => (await page.textContent('main')) ?? ''
const idOf = (n: number) => `pay-duty-${n}`
const finished = (page: Page) =>
  expect.poll(() => page.reload().then(() => main(page)), { timeout: 15_000 }).toContain('Finished')
const lines = (list: string) => read().select().from(read().payLines).where(eq(read().payLines.listId, list))
const listId = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''

/** A job of three days that ended last week, and seven who served: the second under another name, the third without a letter. */
async function serve() {
  const { app } = service
  const today = nairobiDay(app.clock.now())
  const roll = (await read().select().from(read().people)).filter(({ status }) => status === 'vetted')
  county = roll[0]?.homeCounty ?? ''
  const here = roll.filter(({ homeCounty }) => homeCounty === county).slice(0, 6)
  people = [...here, roll.find(({ homeCounty }) => homeCounty !== county) as (typeof roll)[number]]
  const [job] = await read().select().from(read().jobs).limit(1)
  const [station] = await read().select().from(read().stations).limit(1)
  if (!job || !station) throw new Error('the demonstration has no job')
  const days = [-14, -13, -12].map((ago) => addDays(today, ago))
  await app.store.work('serve', async (tx) => {
    const set = { title: 'Paid duty', titleSw: 'Kazi ya malipo', startsOn: days[0] as string, endsOn: days[2] as string }
    await tx
      .insert(tx.jobs)
      .values({ ...job, ...set, code: JOB, codeKey: JOB, role: 'invigilator', dailyRateKes: 550, county: null })
    for (const [n, person] of people.entries()) {
      const place = { jobCode: JOB, centreCode: station.centreCode, county: person.homeCounty }
      const stands = {
        reportOn: days[0] as string,
        reportAt: '07:00',
        status: 'accepted' as const,
        letterVersion: 1,
        changedAt: 0,
      }
      await tx
        .insert(tx.deployments)
        .values({ ...place, ...stands, id: idOf(n), personId: person.id, origin: n === 2 ? 'spot' : 'import' })
      for (const day of days)
        await tx.insert(tx.attendance).values({ ...place, deploymentId: idOf(n), day, mark: 'present', by: 'head', at: 0 })
      const scene = { tx, tools: app, at: 0 }
      const name = n === 1 ? 'Somebody Else' : person.fullName
      const account = { bank_code: '01', branch_code: '094', account_number: `110022330${n}`, account_name: name } as const
      for (const [field, value] of Object.entries(account))
        await writeField(scene, person.id, field as keyof typeof account, value)
    }
  })
}

describe('before pay day', () => {
  test('a look finds what stands in the way; an officer clears the chosen ones with a reason, and not without', async () => {
    await officer.goto(at())
    expect(await faultsOf(officer)).toEqual([])
    await press(officer, `a[href$="/jobs/${JOB}"]`)
    expect(await main(officer)).toContain('Nothing that is known stands in the way')
    await press(officer, 'form[action$="/check"] button')
    await finished(officer)
    expect(await main(officer)).toContain('Looking before pay day')
    await officer.goto(at(`/jobs/${JOB}`))
    expect(await main(officer)).toContain('Name on the account differs')
    expect(await main(officer)).toContain('Worked without a letter')
    expect(await faultsOf(officer)).toEqual([])
    await press(officer, 'a[href*="kind=name"]')
    expect(await main(officer)).toContain(people[1]?.fullName)
    expect(await faultsOf(officer)).toEqual([])

    await press(officer, 'form[action$="/clear"] button')
    expect(await officer.textContent('#pay-problem')).toContain('tick at least one')
    await officer.check('tbody input[type=checkbox]')
    await press(officer, 'form[action$="/clear"] button')
    expect(await officer.textContent('#pay-problem')).toContain('say why')
    await officer.check('tbody input[type=checkbox]')
    await officer.fill('#reason', 'married name, seen the certificate')
    await press(officer, 'form[action$="/clear"] button')
    expect(await officer.textContent('.good')).toContain('Cleared')
    expect(await officer.locator('tbody tr').count()).toBe(0)
    const kept = (await read().select().from(read().audit)).find(({ action }) => action === 'pay.clear_one')
    expect(kept).toMatchObject({ subject: people[1]?.id, detail: { kind: 'name', reason: 'married name, seen the certificate' } })
    await officer.setViewportSize({ width: 320, height: 700 })
    for (const path of ['', `/jobs/${JOB}`, `/jobs/${JOB}/issues?kind=no_deployment`, '/import']) {
      await officer.goto(at(path))
      expect(await isTooWide(officer), path).toBe(false)
    }
    await officer.setViewportSize({ width: 1280, height: 900 })
  }, 60_000)

  test('an officer of another county sees none of it, and can neither clear nor prepare outside', async () => {
    const there = await openOfficer(service, browser, { role: 'officer', counties: [people[6]?.homeCounty ?? ''] })
    await there.page.goto(at(`/jobs/${JOB}`))
    expect(await main(there.page)).toContain('Nothing that is known stands in the way')
    await there.page.goto(at(`/jobs/${JOB}/issues?kind=no_deployment`))
    expect(await there.page.locator('tbody tr').count()).toBe(0)
    expect((await there.page.goto(at(`/jobs/${JOB}/issues?kind=no_deployment&county=${county}`)))?.status()).toBe(404)
    await there.page.goto(at(`/jobs/${JOB}`))
    const proofs = await there.page
      .locator('form[action$="/prepare"] input[type=hidden]')
      .evaluateAll((inputs) => (inputs as HTMLInputElement[]).map(({ name, value }) => [name, value] as [string, string]))
    const post = (path: string, more: [string, string][]) =>
      there.page.request
        .post(at(path), {
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          data: new URLSearchParams([...proofs, ...more]).toString(),
        })
        .then((answer) => answer.status())
    const clear = `/jobs/${JOB}/clear`
    expect(
      await post(clear, [
        ['kind', 'no_deployment'],
        ['id', idOf(2)],
        ['reason', 'x'],
      ]),
    ).toBe(404)
    expect(await post(`/jobs/${JOB}/prepare`, [['prepare_county', county]])).toBe(404)
    expect(await post(`/jobs/${JOB}/prepare`, [['prepare_county', '']])).toBe(422)
    expect((await read().select().from(read().payIssues)).find(({ kind }) => kind === 'no_deployment')?.state).toBe('open')
    await there.context.close()
  }, 60_000)
})

describe('a payment list', () => {
  let list: string
  test('is prepared by one officer; whoever prepared it cannot approve it, another does', async () => {
    await officer.goto(at(`/jobs/${JOB}`))
    await officer.selectOption('#prepare_county', county)
    await press(officer, 'form[action$="/prepare"] button')
    list = listId(officer)
    await expect
      .poll(() => officer.reload().then(() => main(officer)), { timeout: 15_000 })
      .toContain('waits for a second officer')
    // Six of this county, without the one who waits for a letter.
    expect(await main(officer)).toContain('8,250')
    expect(await officer.locator('table').last().locator('tbody tr').count()).toBe(5)
    expect(await main(officer)).not.toContain('1100223300')
    expect(await faultsOf(officer)).toEqual([])
    expect((await officer.request.get(at(`/lists/${list}/file.csv`))).status()).toBe(409)
    await officer.setViewportSize({ width: 320, height: 700 })
    expect(await isTooWide(officer)).toBe(false)
    await officer.setViewportSize({ width: 1280, height: 900 })

    await press(officer, `a[href$="/approvals/${list}"]`)
    expect(await main(officer)).toContain('somebody else decides it')
    expect(await officer.locator('form[action$="/agree"]').count()).toBe(0)
    await approver.goto(`${service.url}/console/approvals`)
    expect(await main(approver)).toContain('Payment list')
    await approver.goto(`${service.url}/console/approvals/${list}`)
    expect(await main(approver)).toContain('Control sum')
    expect(await faultsOf(approver)).toEqual([])
    await press(approver, 'form[action$="/agree"] button')
    expect(await approver.textContent('.good')).toContain('You agreed')
    await press(approver, `a[href$="/pay/lists/${list}"]`)
    expect(await approver.locator('form[action$="/sent"]').count()).toBe(0)
    expect((await approver.request.get(at(`/lists/${list}/file.csv`))).status()).toBe(403)
  }, 60_000)

  test('its file goes to the banks with its control sum, and who took it stands in the trail', async () => {
    const [kept] = await read().select().from(read().paylists).where(eq(read().paylists.id, list))
    const csv = await (await officer.request.get(at(`/lists/${list}/file.csv`))).text()
    const rows = csv.trimEnd().split('\r\n')
    expect(rows.at(-1)).toMatch(new RegExp(`^control_sum,${kept?.controlSum}`))
    expect(rows.at(-2)).toMatch(/^total,.*,5,8250$/)
    expect(csv).toContain('1100223300')
    const xlsx = await officer.request.get(at(`/lists/${list}/file.xlsx`))
    const book = join(service.folder, 'payments.xlsx')
    const plain = join(service.folder, 'payments.csv')
    writeFileSync(book, await xlsx.body())
    writeFileSync(plain, csv)
    const cells = await cellsIn(plain, 'payments.csv')
    expect(cells).toHaveLength(rows.length)
    expect(await cellsIn(book, 'payments.xlsx')).toEqual(cells)
    const taken = (await read().select().from(read().audit)).filter(({ action }) => action === 'pay.export')
    expect(taken.map(({ detail }) => (detail as { kind: string }).kind)).toEqual(['csv', 'xlsx'])
  })

  test('it is marked as sent once', async () => {
    await officer.goto(at(`/lists/${list}`))
    const other = await officer.context().newPage()
    await other.goto(at(`/lists/${list}`))
    await press(officer, 'form[action$="/sent"] button')
    expect(await officer.textContent('.good')).toContain('Marked as sent')
    await press(other, 'form[action$="/sent"] button')
    expect(await other.textContent('#pay-problem')).toContain('moved on')
    await other.close()
  })

  test('what the banks said is taken in whole or not at all', async () => {
    const ids = (await lines(list)).map(({ id }) => id)
    const bring = async (rows: string[]) => {
      await officer.goto(at('/import'))
      const buffer = Buffer.from(`line,state,reference,reason\n${rows.join('\n')}\n`)
      await officer.setInputFiles('#file', { name: 'bank.csv', mimeType: 'text/csv', buffer })
      await press(officer, 'form[enctype] button')
    }
    await officer.goto(at('/import'))
    expect(await faultsOf(officer)).toEqual([])
    await press(officer, 'form[enctype] button')
    expect(await officer.locator('#import-problem').count()).toBe(1)
    await bring([`${ids[0]},paid,R1,`, 'nobody,paid,,', `${ids[1]},returned,,`])
    expect(await officer.textContent('#import-problem')).toContain('Nothing of bank.csv was taken in')
    expect(await main(officer)).toContain('There is no such line.')
    expect(await main(officer)).toContain('A returned payment needs a reason')
    expect(await faultsOf(officer)).toEqual([])
    expect(new Set((await lines(list)).map(({ state }) => state))).toEqual(new Set(['sent']))
    await bring([...ids.slice(1).map((id) => `${id},paid,R1,`), `${ids[0]},returned,,account closed`])
    await finished(officer)
    expect(await main(officer)).toContain('Returned')
    await officer.goto(at(`/lists/${list}`))
    expect(await main(officer)).toContain('account closed')
    await officer.goto(at())
    expect(await main(officer)).toContain('8,250')
  }, 60_000)

  test('what came back is on the next list; refused or changed, it pays nobody', async () => {
    const prepare = async () => {
      await officer.goto(at(`/jobs/${JOB}`))
      await press(officer, 'form[action$="/prepare"] button')
      await expect.poll(() => officer.reload().then(() => main(officer)), { timeout: 15_000 }).toContain('second officer')
      return listId(officer)
    }
    const second = await prepare()
    // The one that came back, and the one of the other county.
    expect(await lines(second)).toHaveLength(2)
    await service.app.store.work('tamper', async (tx) => {
      const [line] = await tx.select().from(tx.payLines).where(eq(tx.payLines.listId, second))
      const id = line?.id ?? ''
      const payeeSealed = service.app.keyring.seal(payeePlace(id), JSON.stringify({ account: '999', name: 'X', branch: '' }))
      await tx.update(tx.payLines).set({ payeeSealed }).where(eq(tx.payLines.id, id))
    })
    await approver.goto(`${service.url}/console/approvals/${second}`)
    await press(approver, 'form[action$="/agree"] button')
    expect(await approver.textContent('#order-problem')).toContain('is not what it was')
    await press(approver, 'form[action$="/refuse"] button')
    expect((await lines(second)).map(({ state, live }) => [state, live])).toEqual([
      ['refused', null],
      ['refused', null],
    ])
    // Given up on its own page, or taken back where it was asked: both free everybody.
    const third = await prepare()
    await press(officer, 'form[action$="/give-up"] button')
    expect(await officer.textContent('.good')).toContain('Given up')
    const fourth = await prepare()
    await officer.goto(`${service.url}/console/approvals/${fourth}`)
    await press(officer, 'form[action$="/cancel"] button')
    expect([await lines(third), await lines(fourth)].flat().map(({ live }) => live)).toEqual([null, null, null, null])
    await officer.goto(at(`/lists/${fourth}`))
    expect(await main(officer)).toContain('given up')
  }, 60_000)

  test('a job that is not over has no list yet', async () => {
    await service.app.store.work('later', (tx) =>
      tx
        .update(tx.jobs)
        .set({ endsOn: nairobiDay(service.app.clock.now()) })
        .where(eq(tx.jobs.code, JOB)),
    )
    await officer.goto(at(`/jobs/${JOB}`))
    await press(officer, 'form[action$="/prepare"] button')
    expect(await officer.textContent('#pay-problem')).toContain('not over yet')
  })
})
