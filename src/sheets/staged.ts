import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../app.ts'

/** Rows a slice: what a run deals with in one unit. */
const SLICE = 100
/** What nobody applied in this time is thrown away, in milliseconds. */
const KEPT_MS = 24 * 3_600_000

type Parts = Pick<App, 'config' | 'keyring'>
const folderOf = ({ config }: Parts) => join(config.dataFolder, 'uploads')
const placeOf = (id: string, part: string) => `staged.${part}:${id}`

/**
 * Keeps rows that were read and checked until somebody says that they be applied, each slice sealed as one line. Gives how many there are.
 * `id` is a safe name for a file: ours, never a browser's.
 */
export async function stageRows<T>(parts: Parts, id: string, rows: AsyncIterable<T> | Iterable<T>): Promise<number> {
  await mkdir(folderOf(parts), { recursive: true, mode: 0o700 })
  const file = createWriteStream(rowsFile(parts, id), { flags: 'w', mode: 0o600 })
  const failed = once(file, 'error').then(([reason]) => Promise.reject(reason))
  failed.catch(() => undefined)
  let sum = 0
  let slice: T[] = []
  const flush = async () => {
    const line = `${parts.keyring.seal(placeOf(id, 'rows'), JSON.stringify(slice))}\n`
    slice = []
    if (!file.write(line)) await Promise.race([once(file, 'drain'), failed])
  }
  try {
    for await (const row of rows) {
      sum++
      slice.push(row)
      if (slice.length >= SLICE) await flush()
    }
    if (slice.length > 0) await flush()
  } finally {
    file.end()
    await Promise.race([once(file, 'close'), failed])
  }
  return sum
}

/** The slice that begins at `cursor` (null: the first), and where the next begins. */
export async function readStaged<T>(
  parts: Parts,
  id: string,
  cursor: string | null,
): Promise<{ rows: T[]; next: string | undefined }> {
  const file = await open(rowsFile(parts, id))
  try {
    const start = Number(cursor ?? 0)
    const { size } = await file.stat()
    let line = ''
    // `autoClose` off: the handle is ours, and closed below.
    for await (const text of file.readLines({ start, autoClose: false })) {
      line = text
      break
    }
    if (line === '') return { rows: [], next: undefined }
    const end = start + Buffer.byteLength(line) + 1
    const rows = JSON.parse(parts.keyring.open(placeOf(id, 'rows'), line)) as T[]
    return { rows, next: end < size ? String(end) : undefined }
  } finally {
    await file.close()
  }
}

/** What is to be shown before the rows are applied: what is wrong, whose file it is. */
export async function keepReport(parts: Parts, id: string, report: unknown): Promise<void> {
  await mkdir(folderOf(parts), { recursive: true, mode: 0o700 })
  await writeFile(reportFile(parts, id), parts.keyring.seal(placeOf(id, 'report'), JSON.stringify(report)), { mode: 0o600 })
}

/** Undefined where it was applied or thrown away. */
export async function readReport<T>(parts: Parts, id: string): Promise<T | undefined> {
  if (!/^[\w-]+$/.test(id)) return undefined
  const sealed = await readFile(reportFile(parts, id), 'utf8').catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return undefined
    throw reason
  })
  return sealed === undefined ? undefined : (JSON.parse(parts.keyring.open(placeOf(id, 'report'), sealed)) as T)
}

/** Throws away what was kept under `id`. */
export async function dropStaged(parts: Parts, id: string): Promise<void> {
  await Promise.all([rowsFile(parts, id), reportFile(parts, id)].map((path) => rm(path, { force: true })))
}

/** Throws away uploads that nobody finished, and what a process left behind that died. */
export async function sweepUploads({ clock, ...parts }: Parts & Pick<App, 'clock'>, keptMs = KEPT_MS): Promise<number> {
  const names = await readdir(folderOf(parts)).catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return []
    throw reason
  })
  let swept = 0
  for (const name of names) {
    const path = join(folderOf(parts), name)
    const found = await stat(path).catch(() => undefined)
    if (!found || clock.now() - found.mtimeMs < keptMs) continue
    await rm(path, { force: true })
    swept++
  }
  return swept
}

const rowsFile = (parts: Parts, id: string) => join(folderOf(parts), `${id}.rows`)
const reportFile = (parts: Parts, id: string) => join(folderOf(parts), `${id}.report`)
