/**
 * The alphabet of USSD and SMS, in septets (units of 7 bits), and how any text is written in it.
 * 3GPP TS 23.038: §6.2.1 the default alphabet, §6.2.1.1 its extension table.
 * Both hold a character that must not be sent: CR pads a USSD screen, so that one at its end may be lost (§6.1.2.3.1), and form feed
 * breaks a page. Never end a screen with CR; `toGsm7` and `clip` give neither.
 */

/** Septets of one character: 2 where it takes the escape to the extension table. */
type Width = 1 | 2

/** §6.2.1, in the order of the table, without the escape (0x1B). */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
/** §6.2.1.1. */
const EXTENSION = '\f^{}\\[~]|€'

const widths: ReadonlyMap<string, Width> = new Map<string, Width>([
  ...[...BASIC].map((character) => [character, 1] as const),
  ...[...EXTENSION].map((character) => [character, 2] as const),
])

/** ASCII of one septet each, as most texts are: those need no look at each character. */
const PLAIN = /^[\n -Z_a-z]*$/

/** The characters of `text` that GSM-7 lacks, each once, in the order in which they come. */
export const strangers = (text: string): string[] =>
  PLAIN.test(text) ? [] : [...new Set([...text].filter((character) => !widths.has(character)))]

/** Whether all of `text` is in the default alphabet or its extension table, CR and form feed included. */
export const isGsm7 = (text: string): boolean => strangers(text).length === 0

/** Septets of a GSM-7 text; characters of the extension table count 2. RangeError where one is in neither. 3GPP TS 23.038 §6.2.1 */
export function septets(text: string): number {
  if (PLAIN.test(text)) return text.length
  let sum = 0
  for (const character of text) {
    const width = widths.get(character)
    if (width === undefined) throw new RangeError(`not GSM-7: U+${character.codePointAt(0)?.toString(16).padStart(4, '0')}`)
    sum += width
  }
  return sum
}

/** For what can be neither written nor left out, and for a text of which nothing else is left. */
const STAND_IN = '?'

/** What Unicode does not take apart (NFKD), or takes apart wrongly: each character of the left is written as the right. */
const spellings: ReadonlyMap<string, string> = new Map(
  (
    [
      ['‘’‚‛‹›′‵´`ˈʹʻʼʽʾʿꞌ', "'"],
      ['“”„‟«»″‶ʺ', '"'],
      ['‐‒–—―−⁃', '-'],
      ['•·∙‣◦●▪', '-'],
      ['⁄∕÷', '/'],
      ['×', 'x'],
      ['°', 'o'],
      ['¢', 'c'],
      ['¦', '|'],
      ['©', '(c)'],
      ['®', '(R)'],
      ['←', '<-'],
      ['→', '->'],
      ['≠', '!='],
      ['≤', '<='],
      ['≥', '>='],
      // Apart from the whole number before it.
      ['¼', ' 1/4'],
      ['½', ' 1/2'],
      ['¾', ' 3/4'],
      ['ɓ', 'b'],
      ['Ɓ', 'B'],
      ['ƈ', 'c'],
      ['Ƈ', 'C'],
      ['đðɗɖ', 'd'],
      ['ĐÐƊƉ', 'D'],
      ['əǝɛ', 'e'],
      ['ƏƎƐ', 'E'],
      ['ƒ', 'f'],
      ['Ƒ', 'F'],
      ['ɠɣ', 'g'],
      ['ƓƔ', 'G'],
      ['ħ', 'h'],
      ['Ħ', 'H'],
      ['ıɩɨ', 'i'],
      ['ƖƗ', 'I'],
      ['ƙĸ', 'k'],
      ['Ƙ', 'K'],
      ['ł', 'l'],
      ['Ł', 'L'],
      ['ŋ', 'ng'],
      ['Ŋ', 'Ng'],
      ['ɲ', 'ny'],
      ['Ɲ', 'Ny'],
      ['ɔ', 'o'],
      ['Ɔ', 'O'],
      ['œ', 'oe'],
      ['Œ', 'Oe'],
      ['ƥ', 'p'],
      ['Ƥ', 'P'],
      ['ʃ', 'sh'],
      ['Ʃ', 'Sh'],
      ['ẞ', 'SS'],
      ['ŧƭ', 't'],
      ['ŦƬ', 'T'],
      ['þ', 'th'],
      ['Þ', 'Th'],
      ['ʉ', 'u'],
      ['Ʉ', 'U'],
      ['ʋ', 'v'],
      ['Ʋ', 'V'],
      ['ƴ', 'y'],
      ['Ƴ', 'Y'],
      ['ʒ', 'zh'],
      ['Ʒ', 'Zh'],
    ] as const
  ).flatMap(([characters, spelling]) => [...characters].map((character) => [character, spelling] as const)),
)

const LINE_END = /\r\n?|[\f\v\u0085\u2028\u2029]/g
const SPACE = /[\t\p{Zs}]/u
const MARK = /\p{M}/u
/** Controls, zero-width and bidi marks, accents without a letter; emoji, flags and what colours them. */
const SILENT =
  /[\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]/u

/**
 * `text` written in GSM-7: accents off where the alphabet has no such letter, typographers' signs as typewriters have them, every line end `\n`.
 * What cannot be seen, and emoji, is left out; a letter of another script becomes `?`. What is GSM-7 already (without CR and form feed) stays as it is.
 * A text of which nothing would be left becomes `?`, because an empty label or a hole in a sentence looks like a mistake of ours.
 */
export function toGsm7(text: string): string {
  if (PLAIN.test(text)) return text
  const written = Array.from(text.replace(LINE_END, '\n').normalize('NFC'), spelled).join('')
  return written.trim() === '' && text.trim() !== '' ? STAND_IN : written
}

function spelled(character: string): string {
  if (SPACE.test(character)) return ' '
  const whole = readable(character)
  if (whole !== undefined) return whole
  const parts = [...character.normalize('NFKD')].filter((part) => !MARK.test(part)).map(readable)
  // One stand-in for one character, however many parts of it cannot be read.
  if (parts.length > 0 && !parts.includes(undefined)) return parts.join('')
  return SILENT.test(character) ? '' : STAND_IN
}

const readable = (character: string): string | undefined => (widths.has(character) ? character : spellings.get(character))

/** `text` in GSM-7, in at most `width` septets (1 or more): where it is cut, two dots say so, within the width. */
export function clip(text: string, width: number): string {
  const written = toGsm7(text)
  if (septets(written) <= width) return written
  const dots = '..'.slice(0, width)
  let room = width - dots.length
  let kept = ''
  for (const character of written) {
    room -= septets(character)
    if (room < 0) break
    kept += character
  }
  return kept + dots
}
