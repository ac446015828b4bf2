import { isGsm7, septets } from './gsm7.ts'

/** What a text takes as an SMS: `units` are septets (GSM-7) or 16-bit units (UCS-2), `count` the segments that are paid for. */
export type Segments = { encoding: 'GSM-7' | 'UCS-2'; units: number; count: number }

/** Units of a message that fits one segment, and of each part of a longer one, whose header takes the rest of its 140 octets. */
const SIZES = { 'GSM-7': { single: 160, part: 153 }, 'UCS-2': { single: 70, part: 67 } } as const

/**
 * How many segments a text takes as an SMS; an empty one takes one. One character that GSM-7 lacks makes the whole text UCS-2.
 * An extension pair or a surrogate pair never straddles two segments. 3GPP TS 23.040 §9.2.3.24.1
 */
export function segments(text: string): Segments {
  const encoding = isGsm7(text) ? 'GSM-7' : 'UCS-2'
  const widthOf = encoding === 'GSM-7' ? septets : (character: string) => character.length
  const widths = [...text].map(widthOf)
  const units = widths.reduce((sum, width) => sum + width, 0)
  const { single, part } = SIZES[encoding]
  if (units <= single) return { encoding, units, count: 1 }
  let count = 1
  let room = part
  for (const width of widths) {
    if (width > room) {
      count++
      room = part
    }
    room -= width
  }
  return { encoding, units, count }
}
