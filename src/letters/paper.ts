import type { Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import { contentOf, type LetterContent, type Row } from './content.ts'
import type { LetterFacts } from './facts.ts'
import type { Letterhead, Picture } from './letterhead.ts'
import type { LetterWords } from './words.ts'

/** How tightly a letter is set: 0 as it should be; each step smaller, for those who have more to say. */
export const TIGHTEST = 6
/** Points; A4 is 595 by 842. */
const SIDE = 54
const WIDTH = 595.28 - 2 * SIDE
const INK = '#1d2327'
const SOFT = '#5b666d'
const LINE = '#d5dbdb'
const TINT = '#ecf2f0'

type Setting = { scale: number; colour: string; gap(points: number): number }

/**
 * The letter as a document for pdfmake: A4, Roboto, the letterhead above and the strip by which anyone can check it below.
 * Pure: the same facts, words and letterhead give the same bytes, as its dates come from `issuedOn`. Whether it fits one page
 * is seen only when it is laid out: see `draw`, which asks again with more `tightness` (0 to TIGHTEST).
 */
export function paper(
  facts: LetterFacts,
  words: LetterWords,
  letterhead: Letterhead,
  shortCode = '22262',
  tightness = 0,
): TDocumentDefinitions {
  const letter = drawable(contentOf(facts, words, letterhead, shortCode))
  const scale = 1 - 0.065 * tightness
  const setting: Setting = { scale, colour: letterhead.colour, gap: (points) => points * (0.9 - 0.12 * tightness) }
  const issued = new Date(`${facts.issuedOn}T12:00:00+03:00`)
  const title = `${letter.subject} (${letter.reference[1]})`
  return {
    pageSize: 'A4',
    pageMargins: [SIDE, 36, SIDE, 124],
    language: letter.language,
    displayTitle: true,
    info: {
      title,
      author: letterhead.name,
      subject: letter.subject,
      creator: 'Wito',
      producer: 'Wito',
      creationDate: issued,
      modDate: issued,
    },
    defaultStyle: { font: 'Roboto', fontSize: 9.1 * scale, lineHeight: 1.18, color: INK },
    images: { ...dataUrl('logo', letterhead.logo), ...dataUrl('signature', letterhead.signature) },
    content: [
      head(letterhead, setting),
      reference(letter, setting),
      addressee(letter, setting),
      {
        text: letter.subject,
        bold: true,
        fontSize: 12.5 * scale,
        color: setting.colour,
        margin: [0, setting.gap(11), 0, setting.gap(4)],
      },
      { text: letter.greeting, margin: [0, 0, 0, setting.gap(3)] },
      { text: letter.opening },
      particulars(letter.rows, setting),
      numbered(letter.duties, setting),
      numbered(letter.terms, setting),
      { text: letter.closing, margin: [0, setting.gap(7), 0, 0] },
      signature(letter, letterhead, setting),
    ],
    footer: checkStrip(letter, facts.verifyUrl, setting),
  }
}

// The logo, or the initials in a square; the name; to the right what the office wants to say of itself; a rule with a heavy beginning.
function head({ name, lines, logo }: Letterhead, { colour }: Setting): Content {
  const initials = (name.match(/\b\p{Lu}/gu) ?? [name.charAt(0)]).slice(0, 3).join('')
  const mark: Content = logo
    ? { image: 'logo', fit: [90, 38] }
    : {
        layout: {
          defaultBorder: false,
          paddingLeft: () => 0,
          paddingRight: () => 0,
          paddingTop: () => 0,
          paddingBottom: () => 0,
        },
        table: {
          widths: [34],
          heights: [34],
          body: [
            [
              {
                text: initials,
                fillColor: colour,
                color: '#ffffff',
                bold: true,
                fontSize: 13,
                alignment: 'center',
                margin: [0, 9, 0, 0],
              },
            ],
          ],
        },
      }
  return {
    stack: [
      {
        columns: [
          { width: logo ? 'auto' : 34, stack: [mark] },
          { text: name, bold: true, fontSize: name.length > 40 ? 13 : 16, lineHeight: 1.1, color: colour, margin: [4, 8, 0, 0] },
          {
            width: 150,
            text: lines.join('\n'),
            fontSize: 8,
            color: SOFT,
            alignment: 'right',
            margin: [0, Math.max(0, 17 - lines.length * 5), 0, 0],
          },
        ],
        columnGap: 6,
      },
      {
        canvas: [
          { type: 'line', x1: 0, y1: 8, x2: WIDTH, y2: 8, lineWidth: 0.6, lineColor: colour },
          { type: 'rect', x: 0, y: 7.4, w: 60, h: 2.6, color: colour },
        ],
      },
    ],
    margin: [0, 0, 0, 9],
  }
}

function reference({ reference, date, version }: LetterContent, { gap, scale }: Setting): Content {
  const again: Content[] = version === undefined ? [] : [{ text: version, color: SOFT, fontSize: 8.5 * scale }]
  return {
    stack: [{ columns: [labelled(reference), { ...labelled(date), alignment: 'right' }] }, ...again],
    margin: [0, 0, 0, gap(10)],
  }
}

function addressee({ name, details, through }: LetterContent, { gap, scale }: Setting): Content {
  return {
    stack: [
      { text: name, bold: true, fontSize: 11 * scale },
      {
        text: details.flatMap((row, index) => [...(index > 0 ? [{ text: '   ' }] : []), ...pair(row)]),
        preserveLeadingSpaces: true,
      },
      { ...labelled(through), margin: [0, gap(5), 0, 0] },
    ],
  }
}

function particulars(rows: readonly Row[], { gap, scale }: Setting): Content {
  const body = rows.map(([label, value]): TableCell[] => [
    { text: label, color: SOFT },
    { text: value, bold: true },
  ])
  return {
    table: { widths: [92 * scale, '*'], body },
    layout: {
      hLineWidth: () => 0.5,
      vLineWidth: () => 0,
      hLineColor: () => LINE,
      paddingLeft: (column) => (column === 0 ? 0 : 6),
      paddingRight: () => 0,
      paddingTop: () => gap(2.6),
      paddingBottom: () => gap(1.6),
    },
    margin: [0, gap(8), 0, gap(2)],
  }
}

function numbered({ heading, items }: { heading: string; items: readonly string[] }, { gap, colour, scale }: Setting): Content {
  return {
    stack: [
      { text: heading, bold: true, fontSize: 10.5 * scale, color: colour, margin: [0, gap(7), 0, gap(2)] },
      // A table, as pdfmake draws the numbers of its lists after their texts: copied or read aloud they would come apart.
      {
        table: {
          widths: [12 * scale, '*'],
          body: items.map((item, index): TableCell[] => [{ text: `${index + 1}.`, color: SOFT }, { text: item }]),
        },
        layout: {
          defaultBorder: false,
          paddingLeft: () => 0,
          paddingRight: () => 2,
          paddingTop: () => 0,
          paddingBottom: () => gap(0.8),
        },
      },
    ],
  }
}

function signature({ signatory }: LetterContent, letterhead: Letterhead, { gap, scale }: Setting): Content {
  const hand: Content = letterhead.signature
    ? { image: 'signature', fit: [130, 34 * scale], margin: [0, 0, 0, 2] }
    : { text: ' ', fontSize: 14 * scale }
  return {
    stack: [hand, { text: signatory.name, bold: true }, { text: signatory.title, color: SOFT }],
    unbreakable: true,
    margin: [0, gap(6), 0, 0],
  }
}

// Always at the same place of the page, and never smaller, so that a scanner and old eyes find it.
function checkStrip({ check, reference }: LetterContent, url: string, { colour }: Setting): Content {
  const words: TableCell = {
    fillColor: TINT,
    stack: [
      { text: check.heading, bold: true, fontSize: 10, color: colour },
      {
        text: [
          { text: `${check.scan} `, color: SOFT },
          { text: check.url, link: url },
        ],
        margin: [0, 2, 0, 0],
      },
      { text: check.code, bold: true, fontSize: 14, characterSpacing: 0.6, margin: [0, 3, 0, 2] },
      { text: check.sms },
      { text: check.why, color: SOFT, fontSize: 8 },
    ],
    fontSize: 8.5,
    margin: [12, 9, 0, 9],
  }
  const square: TableCell = {
    fillColor: TINT,
    qr: url,
    fit: 84,
    eccLevel: 'M',
    foreground: INK,
    background: TINT,
    alignment: 'right',
    margin: [0, 9, 10, 9],
  }
  return {
    stack: [
      {
        table: { widths: ['*', 96], body: [[words, square]] },
        layout: {
          defaultBorder: false,
          paddingLeft: () => 0,
          paddingRight: () => 0,
          paddingTop: () => 0,
          paddingBottom: () => 0,
        },
      },
      { text: reference[1], fontSize: 7, color: SOFT, alignment: 'right', margin: [0, 3, 0, 0] },
    ],
    margin: [SIDE, 4, SIDE, 0],
  }
}

const pair = ([label, value]: Row) => [{ text: `${label}: `, color: SOFT }, { text: value }]
const labelled = (row: Row) => ({ text: pair(row) })

const dataUrl = (name: string, picture: Picture | undefined): Record<string, string> =>
  picture ? { [name]: `data:image/${picture.kind};base64,${picture.bytes.toString('base64')}` } : {}

// What Roboto has shapes for, of what names are written in.
const SHAPES =
  /[\x20-\x7e\u00a0-\u017f\u018f\u0192\u01a0-\u01a1\u01af-\u01b0\u01fa-\u01ff\u0218-\u021b\u1ea0-\u1ef9\u2013\u2014\u2018-\u201e\u2022\u2026\ufffd]/u

// No word is that long: it may break, or it would push a column off the page.
const LONG_RUN = /[^\s/-]{36}(?=[^\s/-])/gu

/** Every text with what the font cannot draw replaced by the plain letter beneath its marks, else by `\ufffd`: never by nothing. */
function drawable<T>(value: T): T {
  if (typeof value === 'string') return [...value].map(shape).join('').replace(LONG_RUN, '$&\u200b') as T
  if (Array.isArray(value)) return value.map(drawable) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, drawable(each)])) as T
  return value
}

function shape(letter: string): string {
  if (SHAPES.test(letter)) return letter
  if (/\p{M}/u.test(letter)) return ''
  const plain = letter.normalize('NFKD').replace(/\p{M}/gu, '')
  return plain !== '' && [...plain].every((each) => SHAPES.test(each)) ? plain : '\ufffd'
}
