import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Booted, boot } from '../kit/boot.ts'
import { operate } from '../kit/operator.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
let service: Booted
let link: string
beforeAll(async () => {
  service = await boot()
  await settle(service.app)
  await operate(service.app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  const message = await service.phone(ACHIENG).waitForSms(/\/l\//)
  link = /http\S+/.exec(message.text)?.[0] ?? ''
})
afterAll(() => service.close())

const post = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0

test('the link opens a page without personal data, as often as anybody looks', async () => {
  for (let looks = 0; looks < 12; looks++) {
    const page = await fetch(link)
    expect(page.status).toBe(200)
    const html = await page.text()
    expect(html).not.toMatch(/Achieng|Odera|99100001|254700000901/)
    expect(Buffer.byteLength(html)).toBeLessThan(10_000)
    expect(html).not.toMatch(/<script/i)
  }
})

test('wrong digits give no letter, the right ones give the PDF', async () => {
  const wrong = await post(link, { id_last4: '9999' })
  expect(wrong.status).toBe(422)
  expect(wrong.headers.get('content-type')).toContain('text/html')
  const right = await post(link, { id_last4: '0001' })
  expect(right.status).toBe(200)
  expect(right.headers.get('content-type')).toBe('application/pdf')
  expect(right.headers.get('content-disposition')).toMatch(/^attachment; filename="letter-KCSE-INV-\d{4}-\d{7}\.pdf"$/)
  const pdf = Buffer.from(await right.arrayBuffer())
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(pdf.length).toBeLessThan(60 * 1024)
  const again = Buffer.from(await (await post(link, { id_last4: '0001' })).arrayBuffer())
  expect(again.equals(pdf)).toBe(true)
})

test.runIf(has('pdftotext') && has('pdftoppm') && has('zbarimg'))(
  'the letter reads back, and its QR leads to a page that says it is genuine',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wito-letter-'))
    const file = join(folder, 'letter.pdf')
    writeFileSync(file, Buffer.from(await (await post(link, { id_last4: '0001' })).arrayBuffer()))
    const text = execFileSync('pdftotext', ['-layout', file, '-']).toString()
    for (const wanted of [
      'Achieng Odera',
      '****0001',
      'Kilima Kirefu Girls',
      '42101002',
      'Kisumu',
      'KES 550',
      '07:00',
      'KCSE/INV/',
    ])
      expect(text).toContain(wanted)
    expect(text).not.toContain('99100001')
    execFileSync('pdftoppm', ['-r', '150', '-png', file, join(folder, 'page')])
    const found = execFileSync('sh', ['-c', `zbarimg --quiet --raw ${folder}/page*.png`])
      .toString()
      .trim()
    expect(found).toMatch(new RegExp(`^${service.url}/v/\\S{19}$`))
    const page = await fetch(found)
    const html = await page.text()
    expect(page.status).toBe(200)
    expect(html).toContain('Achieng O.')
    expect(html).toContain('Kilima Kirefu Girls')
    expect(html).not.toContain('Odera')
  },
)

test('after five downloads the link is used up; LETTER makes a new one', async () => {
  let statuses: number[] = []
  for (let tries = 0; tries < 4; tries++) statuses = [...statuses, (await post(link, { id_last4: '0001' })).status]
  expect(statuses.filter((status) => status === 410).length).toBeGreaterThanOrEqual(2)
  expect((await fetch(link)).status).toBe(410)
  const phone = service.phone(ACHIENG)
  await phone.sms('LETTER')
  const message = await phone.waitForSms(/Your letter/)
  const fresh = /http\S+/.exec(message.text)?.[0] ?? ''
  expect(fresh).not.toBe(link)
  expect((await post(fresh, { id_last4: '0001' })).status).toBe(200)
})

test('a forged code is a 404 like any other, a re-issued letter makes the old link a 410', async () => {
  const forged = await fetch(link.replace(/.{4}$/, 'AAAA'))
  const nowhere = await fetch(`${service.url}/nowhere`)
  expect([forged.status, nowhere.status]).toEqual([404, 404])
  expect(await forged.text()).toBe(await nowhere.text())
  const phone = service.phone(ACHIENG)
  const [letter] = await service.app.store.read.select().from(service.app.store.read.letters)
  await operate(service.app, { reissue: { reference: letter?.reference ?? '' } })
  await phone.waitForSms(/^Letter: /)
  const message = await phone.waitForSms(/^Letter: /)
  const fresh = /http\S+/.exec(message.text)?.[0] ?? ''
  const links = (await phone.inbox()).map(({ text }) => /http\S+/.exec(text)?.[0] ?? fresh)
  const before = links.filter((url) => url !== fresh)
  expect(before.length).toBeGreaterThanOrEqual(2)
  for (const url of before) expect((await fetch(url)).status).toBe(410)
  expect((await post(fresh, { id_last4: '0001' })).status).toBe(200)
  await operate(service.app, { revoke: { reference: letter?.reference ?? '' } })
  expect((await post(fresh, { id_last4: '0001' })).status).toBe(410)
})
