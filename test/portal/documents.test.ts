import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY } from '../../src/base/dates.ts'
import { MOST_BYTES, openDocument, sweepDocuments } from '../../src/people/documents.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { operate } from '../kit/operator.ts'
import { CHOSEN, openPortalVisit } from '../kit/portal.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
let service: Booted
let browser: Browser
let pdf: Buffer
let jpeg: Buffer
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  await settle(service.app)
  const people = [
    { phone: ACHIENG, national_id: '99100001' },
    { phone: BARAKA, national_id: '99100002' },
  ]
  for (const { phone, national_id } of people) {
    await operate(service.app, { account: { phone, national_id, pin: '830564' } })
    await service.phone(phone).waitForSms(/one-time password/)
  }
  const page = await browser.newPage()
  await page.setContent('<h1>Diploma in Education</h1>')
  pdf = await page.pdf()
  jpeg = await page.screenshot({ type: 'jpeg' })
  await page.close()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const at = (path: string) => `${service.url}/portal${path}`
const folder = () => join(service.app.config.dataFolder, 'documents')
const files = () => readdirSync(folder())
async function upload(page: Page, name: string, buffer: Buffer, label = 'Diploma') {
  await page.goto(at('/documents'))
  await page.fill('#label', label)
  await page.setInputFiles('#file', { name, mimeType: 'application/pdf', buffer })
  await press(page, 'main form button')
}
/** A PDF of exactly so many bytes: the rest is a comment after its first line. */
function padded(bytes: number): Buffer {
  const line = pdf.indexOf('\n') + 1
  return Buffer.concat([pdf.subarray(0, line), Buffer.from(`%${'x'.repeat(bytes - pdf.length - 2)}\n`), pdf.subarray(line)])
}
const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(60), Buffer.from('PK\x05\x06'), Buffer.alloc(18)])

describe('certificates', () => {
  test('sent after the session is over lead through the login back to their page, with the name that was typed', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await page.goto(at('/documents'))
    await page.fill('#label', 'Diploma of 2019')
    await page.setInputFiles('#file', { name: 'x.pdf', mimeType: 'application/pdf', buffer: padded(MOST_BYTES) })
    await context.clearCookies({ name: '__Host-portal' })
    await press(page, 'main form button')
    expect(await page.textContent('main')).toContain('choose it again')
    await page.fill('#username', BARAKA)
    await page.fill('#password', CHOSEN)
    await press(page, 'main form button')
    expect(await page.textContent('main')).toContain('choose the file again')
    expect(await page.inputValue('#label')).toBe('Diploma of 2019')
    await context.close()
  }, 60_000)

  test('are kept sealed, in a folder for the service alone, and come back as they were, to their owner only', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
    await page.goto(at('/profile'))
    await press(page, 'a[href="/portal/documents"]')
    await upload(page, 'diploma.pdf', pdf, 'Diploma <b>2019</b> / "final"')
    expect(page.url()).toContain('said=document_added')
    // A photo that somebody named .pdf: what it is counts.
    await upload(page, 'photo.pdf', jpeg, 'Degree')
    expect(await page.textContent('main')).toContain('JPEG')
    const hrefs = await page.locator('.card a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
    const [asPdf, asJpeg] = hrefs.filter((href) => !href.endsWith('/delete'))
    const first = await page.request.get(asPdf ?? '')
    expect(first.headers()).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename="Diploma b 2019 b final.pdf"',
    })
    expect((await first.body()).equals(pdf.subarray(0, (await first.body()).length))).toBe(true)
    expect((await first.body()).length).toBeGreaterThan(pdf.length - 3)
    const second = await page.request.get(asJpeg ?? '')
    expect(second.headers()['content-type']).toBe('image/jpeg')
    expect((await second.body()).equals(jpeg)).toBe(true)
    expect(files()).toHaveLength(2)
    expect(statSync(folder()).mode & 0o777).toBe(0o700)
    for (const name of files()) {
      expect(statSync(join(folder(), name)).mode & 0o777).toBe(0o600)
      expect(readFileSync(join(folder(), name), 'latin1')).toMatch(/^v1\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/)
    }
    expect(readdirSync(join(service.app.config.dataFolder, 'uploads'))).toEqual([])
    const id = asPdf?.split('/').at(-1) ?? ''
    expect(await openDocument(service.app, id)).toMatchObject({ type: 'pdf', label: 'Diploma <b>2019</b> / "final"' })
    expect(await openDocument(service.app, 'nothing')).toBeUndefined()
    const { page: other, context: others } = await openPortalVisit(service, browser, { phone: BARAKA })
    expect((await other.request.get(asPdf ?? '')).status()).toBe(404)
    expect((await other.goto(`${asPdf}/delete`))?.status()).toBe(404)
    expect((await fetch(asPdf ?? '')).status).toBe(401)
    await press(page, `a[href$="${id}/delete"]`)
    await press(page, 'main form button')
    expect(page.url()).toContain('said=document_deleted')
    expect(files()).toHaveLength(1)
    await Promise.all([context.close(), others.close()])
  }, 60_000)

  test('that are none are refused with a sentence, and nothing is kept of them', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    const before = files()
    const refused = {
      'an archive': zip,
      'a page named .pdf': Buffer.from('<!doctype html><script>alert(1)</script>'),
      'a PDF with something before it': Buffer.concat([zip, pdf]),
      'a PDF without its end': pdf.subarray(0, pdf.length - 40),
      'only the first bytes of a PDF': Buffer.from('%PDF-1.7\n<script>alert(1)</script>'),
      'a photo cut off': jpeg.subarray(0, jpeg.length - 2),
      'a photo without a frame': Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 4, 65, 66]), Buffer.from([0xff, 0xd9])]),
      'a picture of another kind': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    }
    for (const [what, bytes] of Object.entries(refused)) {
      await upload(page, 'certificate.pdf', bytes)
      expect(await page.textContent('#file-wrong'), what).toContain('neither a whole PDF nor a JPEG')
      expect(await page.inputValue('#label'), what).toBe('Diploma')
    }
    await upload(page, 'empty.pdf', Buffer.alloc(0))
    expect(await page.textContent('#file-wrong')).toContain('not empty')
    await upload(page, 'big.pdf', padded(MOST_BYTES + 1))
    expect(await page.textContent('#file-wrong')).toContain('over 2 MB')
    await upload(page, 'a.pdf', pdf, ' ')
    expect(await page.textContent('#label-wrong')).toContain('a few words')
    expect(files()).toEqual(before)
    expect(readdirSync(join(service.app.config.dataFolder, 'uploads'))).toEqual([])
    await upload(page, 'whole.pdf', padded(MOST_BYTES), '2 MB')
    expect(page.url()).toContain('said=document_added')
    await context.close()
  }, 60_000)

  test('what hangs on behind a PDF or a photo is cut off', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await upload(page, 'two.jpg', Buffer.concat([jpeg, zip]), 'Two in one')
    expect(page.url()).toContain('said=document_added')
    const { read } = service.app.store
    const [row] = await read.select().from(read.documents).where(eq(read.documents.label, 'Two in one'))
    expect((await openDocument(service.app, row?.id ?? ''))?.bytes.equals(jpeg)).toBe(true)
    await context.close()
  }, 60_000)

  test('ten at most; the same form sent twice keeps one', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await page.goto(at('/documents'))
    const form = await page
      .locator('main form input[type="hidden"]')
      .evaluateAll((inputs) =>
        Object.fromEntries(inputs.map((input) => [(input as HTMLInputElement).name, (input as HTMLInputElement).value])),
      )
    const { read } = service.app.store
    const cards = async () => {
      await page.goto(at('/documents'))
      return page.locator('.card').count()
    }
    const before = await cards()
    const send = (once: string) =>
      page.request.post(at('/documents'), {
        multipart: { ...form, once, label: 'Again', file: { name: 'a.jpg', mimeType: 'image/jpeg', buffer: jpeg } },
        maxRedirects: 0,
      })
    const twice = await Promise.all([send('same'), send('same')])
    expect(twice.map((response) => response.status())).toEqual([303, 303])
    expect(await cards()).toBe(before + 1)
    const many = await Promise.all(Array.from({ length: 12 }, (_, n) => send(`once-${n}`)))
    expect(many.filter((response) => response.status() === 303)).toHaveLength(10 - before - 1)
    expect(await cards()).toBe(10)
    expect(await page.locator('#file').count()).toBe(0)
    expect(files()).toHaveLength((await read.select().from(read.documents)).length)
    await context.close()
  }, 60_000)

  test('a file that nobody knows is swept away after a day; a row never loses its own', async () => {
    const { app } = service
    writeFileSync(join(folder(), 'left-behind'), 'v1.half')
    const known = files().length - 1
    expect(await sweepDocuments(app)).toBe(0)
    expect(await sweepDocuments({ ...app, clock: { ...app.clock, now: () => app.clock.now() + DAY + 60_000 } })).toBe(1)
    expect(files()).toHaveLength(known)
  })

  test.each(['en', 'sw'])(
    'pages in %s: no fault that axe finds, under 14 KB, no wider than 320 px',
    async (language) => {
      const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG, script: true, width: 320 })
      await page.goto(at(`?lang=${language}`))
      const look = async (name: string) => {
        expect(Buffer.byteLength(await page.content()), name).toBeLessThan(14_000)
        expect(await isTooWide(page), name).toBe(false)
        expect(await faultsOf(page), name).toEqual([])
      }
      await upload(page, 'bad.pdf', zip, 'A very long name of a certificate that goes on and on for 60')
      await look('refused')
      await page.goto(at('/documents'))
      await look('list')
      await press(page, 'a[href$="/delete"]')
      await look('delete')
      await context.close()
    },
    60_000,
  )
})
