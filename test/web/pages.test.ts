import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, CODES, NAME, openWeb, type Web } from './kit.ts'

let web: Web
beforeAll(async () => {
  web = await openWeb()
  style = (await web.get('/style.css')).bytes.length
})
afterAll(() => web.close())

let style = 0
const letter = `/l/${CODES.good}`
const title = (answer: Answer) => /<h1[^>]*>([^<]+)/.exec(answer.body)?.[1]

describe('every page', () => {
  const paths = [
    '/',
    '/l',
    '/l?code=abc',
    letter,
    `/l/${CODES.gone}`,
    `/l/${CODES.revoked}`,
    '/v',
    `/v/${CODES.good}`,
    `/v/${CODES.revoked}`,
    '/nothing',
  ]
  it.each(
    paths.flatMap((path) => [
      ['en', path],
      ['sw', path],
    ]),
  )('in %s, %s: under 10 KB with its style, no script, its language said', async (lang, path) => {
    const answer = await web.get(`${path}${path?.includes('?') ? '&' : '?'}lang=${lang}`)
    expect(style).toBeGreaterThan(1_000)
    expect(answer.bytes.length + style).toBeLessThan(10_000)
    expect(answer.body).not.toMatch(/<script|style=|javascript:|\son\w+=/i)
    expect(answer.body).toContain(`<html lang="${lang}">`)
    expect(answer.body).toContain(`href="?lang=${lang === 'en' ? 'sw' : 'en'}"`)
    expect(answer.headers['content-language']).toBe(lang)
    expect(answer.body).not.toMatch(/\{[a-z_]+\}|undefined|\[object/)
  })

  it('is in the language that the browser asks for, English otherwise, and keeps one that was chosen', async () => {
    expect(title(await web.get('/v', { 'accept-language': 'sw-KE,sw;q=0.9,en;q=0.5' }))).toBe('Hakiki barua')
    expect(title(await web.get('/v', { 'accept-language': 'fr' }))).toBe('Check a letter')
    expect(title(await web.get('/v?lang=en', { 'accept-language': 'sw' }))).toBe('Check a letter')
    const page = await web.get('/l?lang=sw')
    expect(page.body).toContain('<input type="hidden" name="lang" value="sw">')
    expect((await web.get(`/l?lang=sw&code=${CODES.good}`)).headers.location).toBe(`${letter}?lang=sw`)
    expect((await web.get(`${letter}?lang=sw`)).body).toContain('action="?lang=sw"')
  })
})

describe('the box for a code', () => {
  it.each([CODES.good, '7k4m2qxd9ftr0vhb', ' 7K4M 2QXD 9FTR 0VHB '])('leads on from %j', async (typed) => {
    for (const path of ['/l', '/v']) {
      const answer = await web.get(`${path}?code=${encodeURIComponent(typed)}`)
      expect([answer.status, answer.headers.location]).toEqual([303, `${path}/${CODES.good}`])
    }
  })

  it('asks again for what cannot be one, and shows it harmlessly', async () => {
    const answer = await web.get(`/v?code=${encodeURIComponent('"><script>alert(1)</script>')}`)
    expect(answer.status).toBe(422)
    expect(answer.body).toContain('That is not a whole code.')
    expect(answer.body).toContain('value="&quot;&gt;&lt;script&gt;')
  })
})

describe('the page of a letter', () => {
  it('costs nothing to look at, by HEAD too, and tells nobody whose it is', async () => {
    const page = await web.get(letter)
    expect([page.status, title(page)]).toEqual([200, 'Your deployment letter'])
    expect(page.body).toContain('until 5 November 2026')
    expect(page.body).toContain('name="id_last4"')
    const head = await web.send('HEAD', letter)
    expect([head.status, head.body]).toEqual([200, ''])
    expect((await web.get('/l/7k4m2qxd9ftr0vhb')).status).toBe(200)
    expect(web.seen.downloads).toEqual([])
  })

  it('gives the PDF for the right digits', async () => {
    const answer = await web.post(letter, { id_last4: ' 4321 ' })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/pdf'])
    expect(answer.headers['content-disposition']).toBe('attachment; filename="letter-KCSE-INV-2026-0001234.pdf"')
    expect(answer.body).toBe('%PDF-1.7 the facts')
  })

  it('gives the same as a page', async () => {
    const answer = await web.post(letter, { id_last4: '4321', as: 'page' })
    expect([answer.status, title(answer)]).toEqual([200, 'the facts'])
    expect(answer.body).toContain('<title>Deployment letter KCSE/INV/2026/0001234 · Wito</title>')
    expect(answer.body.length).toBeLessThan(10_000)
  })

  it('says kindly that digits are wrong, or none', async () => {
    const before = web.seen.downloads.length
    const wrong = await web.post(letter, { id_last4: '1234' })
    expect(wrong.status).toBe(422)
    expect(wrong.body).toContain('Those are not the right digits.')
    expect(wrong.body).toContain('Tries left: 9.')
    expect(wrong.body).not.toContain('1234')
    expect((await web.post(letter, {})).status).toBe(400)
    expect((await web.post(letter, '{"id_last4":"4321"}', { 'content-type': 'application/json' })).status).toBe(400)
    for (const digits of ['', '12', '43210', 'abcd', '４３２１'])
      expect((await web.post(letter, { id_last4: digits })).status).toBe(422)
    expect((await web.post(letter, { id_last4: '4'.repeat(9_000) })).status).toBe(413)
    expect(web.seen.downloads.length).toBe(before)
  })

  it('says what to do when the link is gone', async () => {
    for (const answer of [await web.get(`/l/${CODES.gone}`), await web.post(`/l/${CODES.gone}`, { id_last4: '4321' })]) {
      expect([answer.status, title(answer)]).toEqual([410, 'This link is used up'])
      expect(answer.body).toContain('Send LETTER to 22262')
    }
    const revoked = await web.get(`/l/${CODES.revoked}`)
    expect([revoked.status, title(revoked)]).toEqual([410, 'This letter was withdrawn'])
  })
})

describe('the check of a letter', () => {
  it('shows what anyone may see, harmlessly', async () => {
    const answer = await web.get(`/v/${CODES.good}?lang=sw`)
    expect([answer.status, title(answer)]).toEqual([200, 'Barua hii ni halali'])
    expect(answer.body).toContain(NAME.replace('<b>', '&lt;b&gt;'))
    for (const shown of ['Msimamizi', 'Kogelo', '2 Novemba 2026', '20 Novemba 2026']) expect(answer.body).toContain(shown)
  })

  it('says clearly that a letter was withdrawn', async () => {
    const answer = await web.get(`/v/${CODES.revoked}`)
    expect([answer.status, title(answer)]).toEqual([410, 'This letter is no longer valid'])
  })
})

it('the start page says how to begin', async () => {
  const { body } = await web.get('/')
  for (const shown of ['*483*22262#', 'SMS to 22262', 'REGISTER', 'href="/l"', 'href="/v"']) expect(body).toContain(shown)
})
