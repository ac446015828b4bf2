import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Keyring } from '../security/keyring.ts'

// A file that is locked: a line `wito-backup 1 <sealed details>`, then pieces, each sealed with a key of this file alone.
// The key stands in the details, which SECRET_KEYS seals: whoever destroys that key has destroyed every copy of the file.

const FIRST = 'wito-backup 1 '
const PLACE = 'backup.details'
const PIECE = 1 << 20
const TAG = 16
const LONGEST_LINE = 1 << 20

/** Which piece it is, and whether it is the last: none can be left out, repeated, moved or cut off. */
function nonceOf(n: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(n, 7)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** Locks `from` into the new file `to`, with `details` that only the keys can read. Both are streamed; `to` is on the disk when it resolves. */
export async function lockFile(
  { keyring, clock }: { keyring: Keyring; clock: Pick<Clock, 'bytes'> },
  from: string,
  to: string,
  details: Record<string, unknown>,
): Promise<void> {
  const key = clock.bytes(32)
  const line = FIRST + keyring.seal(PLACE, JSON.stringify({ ...details, key: key.toString('base64') }))
  const [source, target] = [await open(from), await open(to, 'wx', 0o600)]
  try {
    await target.write(`${line}\n`)
    const { size } = await source.stat()
    const pieces = Math.max(1, Math.ceil(size / PIECE))
    for (let n = 0; n < pieces; n++) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(n, n === pieces - 1))
      cipher.setAAD(Buffer.from(line))
      const piece = await readExactly(source, Math.min(PIECE, size - n * PIECE))
      await target.writev([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
    }
    await target.sync()
  } finally {
    await source.close()
    await target.close()
  }
}

/** Unlocks a file into the new file `to` and gives its details. Throws a Fault `bad_file` where it was changed or cut, `unsealable` where the keys do not fit. */
export async function unlockFile(keyring: Keyring, from: string, to: string): Promise<Record<string, unknown>> {
  const source = await open(from).catch((reason: NodeJS.ErrnoException) => {
    throw reason.code === 'ENOENT' ? new Fault('bad_file', `there is no file ${from}`) : reason
  })
  try {
    const line = await firstLine(source, from)
    const { key, ...details } = JSON.parse(keyring.open(PLACE, line.slice(FIRST.length))) as { key: string }
    const target = await open(to, 'wx', 0o600)
    try {
      await unlockPieces(source, target, { line, key: Buffer.from(key, 'base64'), from })
      await target.sync()
    } finally {
      await target.close()
    }
    return details
  } finally {
    await source.close()
  }
}

async function unlockPieces(
  source: FileHandle,
  target: FileHandle,
  { line, key, from }: { line: string; key: Buffer; from: string },
) {
  const start = Buffer.byteLength(line) + 1
  const { size } = await source.stat()
  const pieces = Math.max(1, Math.ceil((size - start) / (PIECE + TAG)))
  for (let n = 0; n < pieces; n++) {
    const at = start + n * (PIECE + TAG)
    const locked = await readExactly(source, Math.min(PIECE + TAG, size - at), at)
    if (locked.length < TAG) throw new Fault('bad_file', `${from} is cut off`)
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(n, n === pieces - 1), { authTagLength: TAG })
    decipher.setAAD(Buffer.from(line))
    decipher.setAuthTag(locked.subarray(-TAG))
    const piece = decipher.update(locked.subarray(0, -TAG))
    try {
      decipher.final()
    } catch (reason) {
      throw new Fault('bad_file', `${from} was changed or cut off: piece ${n + 1} of ${pieces} does not open`, reason)
    }
    await target.write(piece)
  }
}

async function firstLine(source: FileHandle, from: string): Promise<string> {
  const { buffer, bytesRead } = await source.read(Buffer.alloc(LONGEST_LINE), 0, LONGEST_LINE, 0)
  const end = buffer.subarray(0, bytesRead).indexOf('\n')
  const line = buffer.subarray(0, Math.max(0, end)).toString()
  if (!line.startsWith(FIRST)) throw new Fault('bad_file', `${from} is not a backup of this service`)
  return line
}

async function readExactly(file: FileHandle, length: number, at?: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let got = 0
  while (got < length) {
    const { bytesRead } = await file.read(buffer, got, length - got, at === undefined ? null : at + got)
    if (bytesRead === 0) return buffer.subarray(0, got)
    got += bytesRead
  }
  return buffer
}
