import { expect, test } from 'vitest'
import { draw } from '../../src/letters/draw.ts'
import { type LetterFacts, letterFacts, MOST_DUTY, MOST_TERM, maskId } from '../../src/letters/facts.ts'
import { type Letterhead, loadLetterhead } from '../../src/letters/letterhead.ts'
import { twin } from '../../src/letters/twin.ts'
import { openLetterWords } from '../../src/letters/words.ts'
import { canRead, oneLetter, readBack, scanned } from './one.ts'

const words = openLetterWords()
const letterhead = loadLetterhead()
const LANGUAGES = ['en', 'sw'] as const
const ROLES = ['supervisor', 'invigilator', 'examiner', 'practical_examiner', 'security', 'driver'] as const
const print = (facts: LetterFacts, head = letterhead) => draw(facts, words, head)
const named = (name: string, more: Partial<LetterFacts> = {}) => oneLetter({ ...more, person: { ...oneLetter().person, name } })
const reading = test.skipIf(!canRead)

reading.each(LANGUAGES)('a letter in %s reads as its golden text', async (language) => {
  const pdf = await print(oneLetter({ language, version: language === 'sw' ? 2 : 1 }))
  const { text, info } = readBack(pdf)
  await expect(text).toMatchFileSnapshot(`../golden/letters/${language}.txt`)
  expect(scanned(pdf)).toBe(oneLetter().verifyUrl)
  expect(info).toMatchObject({ Pages: '1', 'Page size': '595.28 x 841.89 pts (A4)', JavaScript: 'no', Encrypted: 'no' })
  expect(info.CreationDate).toContain('2026')
})

reading('holds all that a letter must', async () => {
  const { line } = readBack(await print(oneLetter()))
  for (const part of [
    'Reference: KCSE/INV/2026/0001234',
    'Date: 12 October 2026',
    'Wanjirũ Ngũgĩ',
    'National ID: ****5678',
    'TSC number: 900678',
    'Mobile: +254700000905',
    'Town: Kisumu',
    'Through: Sub-County Director of Education, Kisumu East',
    'Invigilator, KCSE 2026',
    '42101001 Mto Mwekundu Secondary',
    'Kisumu, Kisumu East sub-county',
    'Friday, 30 October 2026',
    'Monday, 2 November 2026 at 07:00',
    '2 November 2026 to 20 November 2026',
    'KES 550, based on days worked',
    'You may not serve at your own school',
    '1. Report to the supervisor',
    'https://wito.example.org/v/7K4M-2QXD-9FTR-0VHB',
    'or SMS VERIFY 7K4M-2QXD-9FTR-0VHB to 22262',
  ])
    expect(line).toContain(part)
  expect(line).not.toContain('99105678')
})

reading.each(['Wanjirũ Ngũgĩ', 'Ñandi Çelik', 'Łukasz Żółć', "Ng'ang'a O’Brien", 'Nguyễn Thị Ơn', 'Šárka Đurić'])(
  '%s prints and reads back right',
  async (name) => {
    expect(readBack(await print(named(name))).line).toContain(`Dear ${name},`)
    expect(readBack(await print(named(name.normalize('NFD')))).line).toContain(`Dear ${name},`)
  },
)

reading('a letter the font does not know becomes the plain one, or a sign that something stood there', async () => {
  expect(readBack(await print(named('Ḥaṣan ɓala'))).line).toContain('Dear Hasan \ufffdala,')
})

reading.each([
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['=HYPERLINK("http://evil.example","x")', '=HYPERLINK("http://evil.example","x")'],
  ['Amina \u202egnp.exe\u202c\u200b Ali\u0007', 'Amina gnp.exe Ali'],
  ['/etc/passwd', '/etc/passwd'],
  ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ['Two\nlines\t here', 'Two lines here'],
])('prints %j as mere words', async (name, printed) => {
  const { line, info } = readBack(await print(named(name)))
  expect(line).toContain(`Dear ${printed},`)
  expect(info.Pages).toBe('1')
})

const pages = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length

test.each(ROLES.flatMap((role) => LANGUAGES.map((language) => [role, language] as const)))(
  '%s in %s: one page, under 60 KB',
  async (role, language) => {
    const pdf = await print(oneLetter({ language, version: 2, job: { ...oneLetter().job, role } }))
    expect(pages(pdf)).toBe(1)
    expect(pdf.length).toBeLessThan(60_000)
  },
)

const filled = (of: string, most: number) =>
  of
    .repeat(most)
    .slice(0, most - 1)
    .padEnd(most, '.')
const crowded = (of: string): Partial<LetterFacts> => ({
  version: 2,
  person: { name: filled(of, 120), idMasked: '****5678', tscNumber: '12345678', mobile: '+254700000905', town: filled(of, 120) },
  through: filled(of, 180),
  job: { ...oneLetter().job, title: filled(of, 60) },
  station: { centreCode: '42101001', name: filled(of, 120), county: filled(of, 120), subCounty: filled(of, 120) },
  verifyUrl: filled('https://wito.example.org/v/', 120).replaceAll('.', 'x'),
})

test.each([
  [
    'all fields full, ten duties and eight terms',
    oneLetter({
      ...crowded('Wanjirũ Mwambao '),
      duties: Array(10).fill(filled('Count the papers ', MOST_DUTY)),
      terms: Array(8).fill(filled('You may not do so ', MOST_TERM)),
    }),
  ],
  ['names without a space, of the widest letter', oneLetter(crowded('W'))],
])('%s: still one page', async (_, facts) => {
  const pdf = await print(facts)
  expect(pages(pdf)).toBe(1)
  expect(pdf.length).toBeLessThan(60_000)
})

test('the same facts give the same bytes', async () => {
  expect(await print(oneLetter())).toEqual(await print(oneLetter()))
  expect(await print(oneLetter())).not.toEqual(await print(named('Wanjiru Ngugi')))
})

test("an operator's letterhead and pictures are printed", async () => {
  const square = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const own: Letterhead = {
    ...letterhead,
    name: 'Baraza la Mitihani',
    logo: { kind: 'png', bytes: square },
    signature: { kind: 'png', bytes: square },
  }
  const pdf = await print(oneLetter(), own)
  expect(pdf.toString('latin1').match(/\/Subtype \/Image/g)?.length).toBeGreaterThanOrEqual(2)
  expect(pages(pdf)).toBe(1)
})

test('a letterhead that is not there is refused in words', () => {
  expect(() => loadLetterhead('/nowhere')).toThrow('LETTERHEAD: there is no /nowhere/letterhead.yaml')
})

test.each(LANGUAGES)('the page in %s says the same, in plain and balanced HTML under 10 KB', (language) => {
  const facts = oneLetter({ language, version: 2 })
  const page = twin(facts, words, letterhead)
  expect(page).toMatch(`<article lang="${language}"`)
  for (const part of [
    facts.reference,
    facts.person.name,
    '****5678',
    facts.through,
    'KES 550',
    facts.verifyCode,
    facts.verifyUrl,
    ...facts.duties,
    ...facts.terms,
  ])
    expect(page).toContain(part.replaceAll("'", '&#39;'))
  expect(Buffer.byteLength(page)).toBeLessThan(10_000)
  expect(page).not.toMatch(/<script|<style|<img|<link|style=|src=/)
  expect(unbalanced(page)).toEqual([])
})

test('the page escapes what a name holds', () => {
  const page = twin(named('<script>alert(1)</script> "&\u202e'), words, letterhead)
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;</strong>')
  expect(page).not.toContain('<script')
  expect(page).not.toContain('\u202e')
})

test('an identity number is masked, and a whole one is not taken', () => {
  expect([maskId('99105678'), maskId('1234'), maskId('')]).toEqual(['****5678', '****', '****'])
  const facts = oneLetter()
  expect(letterFacts.safeParse({ ...facts, person: { ...facts.person, idMasked: '99105678' } }).success).toBe(false)
  expect(letterFacts.safeParse({ ...facts, verifyUrl: 'javascript:alert(1)' }).success).toBe(false)
  expect(letterFacts.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts)
})

/** Tags left open, or closed without being open. */
function unbalanced(page: string): string[] {
  const open: string[] = []
  for (const [, closing, name] of page.matchAll(/<(\/?)([a-z0-9]+)[^<>]*>/g)) {
    if (name === 'br') continue
    if (!closing) open.push(name ?? '')
    else if (open.pop() !== name) return [`</${name}>`]
  }
  return open
}
