/** A file as it is: what it claims to be by name is never asked. */
export type DocumentType = 'pdf' | 'jpeg'

/**
 * Finds by content whether these bytes are one whole PDF or JPEG, and gives them up to where it ends: what somebody hung on behind
 * (another file, an archive) is cut off. Undefined for anything else.
 */
export function documentIn(bytes: Buffer): { type: DocumentType; bytes: Buffer } | undefined {
  const pdf = pdfEnd(bytes)
  if (pdf !== undefined) return { type: 'pdf', bytes: bytes.subarray(0, pdf) }
  const jpeg = jpegEnd(bytes)
  return jpeg === undefined ? undefined : { type: 'jpeg', bytes: bytes.subarray(0, jpeg) }
}

/** How far from its end a PDF may say where its table of objects stands. */
const PDF_TAIL = 1024

function pdfEnd(bytes: Buffer): number | undefined {
  if (!/^%PDF-[12]\.\d[\s%]/.test(bytes.toString('latin1', 0, 10))) return undefined
  const from = Math.max(0, bytes.length - PDF_TAIL)
  const tail = bytes.toString('latin1', from)
  const last = /startxref\s+(\d{1,10})\s+%%EOF(?![\s\S]*startxref)/.exec(tail)
  const table = Number(last?.[1])
  const inside = table > 0 && table < from + (last?.index ?? 0)
  return last && inside && /\d+ \d+ obj\b/.test(bytes.toString('latin1')) ? from + last.index + last[0].length : undefined
}

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
/** Frames: every SOF but the three markers of that row that are none (DHT, JPG, DAC). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)

function jpegEnd(bytes: Buffer): number | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI || bytes[2] !== 0xff) return undefined
  let framed = false
  let scanned = false
  for (let at = 2; ; ) {
    if (bytes[at] !== 0xff) return undefined
    while (bytes[at + 1] === 0xff) at++
    const marker = bytes[at + 1]
    at += 2
    if (marker === undefined) return undefined
    if (marker === EOI) return framed && scanned ? at : undefined
    if (standsAlone(marker)) continue
    if (at + 2 > bytes.length) return undefined
    const length = bytes.readUInt16BE(at)
    if (length < 2 || at + length > bytes.length) return undefined
    if (isFrame(marker)) {
      if (framed || !isPicture(bytes.subarray(at + 2, at + length))) return undefined
      framed = true
    }
    at += length
    if (marker !== SOS) continue
    if (!framed) return undefined
    scanned = true
    const next = scanEnd(bytes, at)
    if (next === undefined) return undefined
    at = next
  }
}

/** A frame with a size, and as many components as it says. */
function isPicture(frame: Buffer): boolean {
  if (frame.length < 6) return false
  const [height, width, components] = [frame.readUInt16BE(1), frame.readUInt16BE(3), frame.readUInt8(5)]
  return height > 0 && width > 0 && [1, 3, 4].includes(components) && frame.length === 6 + 3 * components
}

/** Where the next marker stands after the data of a scan: an FF in the data is followed by 00, or restarts it. */
function scanEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] as number
    if (next !== 0x00 && next !== 0xff && !standsAlone(next)) return at
  }
  return undefined
}
