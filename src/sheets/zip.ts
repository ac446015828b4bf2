import { inflateRawSync } from 'node:zlib'

/** What is wrong with a file that says it is a zip: `broken`, or `too_big` once it is unpacked. */
export type ZipFault = 'broken' | 'too_big'

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const STORED = 0
const DEFLATED = 8
/** A workbook of 100,000 rows has some 30 parts. */
const MOST_ENTRIES = 2_000

/**
 * Whether the directory of a zip file tells the truth and all of it together stays under `most` bytes: each entry is unpacked here,
 * no further than its declared size, before any library is given the file. Undefined where all is well. APPNOTE.TXT 4.3
 */
export function checkZip(file: Buffer, most: number): ZipFault | undefined {
  const end = file.lastIndexOf(signature(END))
  if (end < 0 || end + 22 > file.length) return 'broken'
  const entries = file.readUInt16LE(end + 10)
  let at = file.readUInt32LE(end + 16)
  if (entries > MOST_ENTRIES) return 'too_big'
  let sum = 0
  for (let left = entries; left > 0; left--) {
    if (at + 46 > file.length || file.readUInt32LE(at) !== ENTRY) return 'broken'
    const size = file.readUInt32LE(at + 24)
    sum += size
    if (sum > most) return 'too_big'
    if (!isTrue(file, { at, size })) return 'broken'
    at += 46 + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return undefined
}

/** Whether one entry unpacks to exactly the size that the directory gives. */
function isTrue(file: Buffer, { at, size }: { at: number; size: number }): boolean {
  const method = file.readUInt16LE(at + 10)
  const packed = file.readUInt32LE(at + 20)
  const local = file.readUInt32LE(at + 42)
  if (local + 30 > file.length || file.readUInt32LE(local) !== LOCAL) return false
  const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
  const bytes = file.subarray(start, start + packed)
  if (bytes.length !== packed) return false
  if (method === STORED) return packed === size
  if (method !== DEFLATED) return false
  if (size === 0) return true
  try {
    return inflateRawSync(bytes, { maxOutputLength: size }).length === size
  } catch {
    // Longer than it says, or no deflated bytes at all.
    return false
  }
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
