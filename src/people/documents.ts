import { createHash } from 'node:crypto'
import { mkdir, open, opendir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { and, asc, count, eq, inArray } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'
import type { Tx } from '../store/store.ts'
import { type DocumentType, documentIn } from './document-type.ts'

export const MOST_BYTES = 2 * 1024 * 1024
export const MOST_DOCUMENTS = 10
/** What a person may call a certificate: one line. */
const LABEL = /^[^\p{C}]{1,60}$/u

export type Document = Tx['documents']['$inferSelect']
export type DocumentRefusal = 'label' | 'empty' | 'too_big' | 'not_that' | 'full'

/** The sealed files: a folder under the data folder that nothing serves. */
const folderOf = ({ config }: Pick<App, 'config'>) => join(config.dataFolder, 'documents')
const fileOf = (app: Pick<App, 'config'>, id: string) => join(folderOf(app), id)
const placeOf = (id: string) => `documents:${id}`

/** What somebody uploaded, the oldest first. */
export function documentsOf({ store: { read } }: Pick<App, 'store'>, personId: string): Promise<Document[]> {
  const { documents } = read
  return read.select().from(documents).where(eq(documents.personId, personId)).orderBy(asc(documents.at), asc(documents.id))
}

/**
 * Keeps a certificate: what it is is found by its content, never by its name. First the sealed file, whole or not at all, then its row:
 * a row always has its file, and a file without a row is swept away. `once` is the form's: the same file sent twice is kept once.
 */
export async function addDocument(
  app: App,
  actor: Actor,
  { personId, label: typed, bytes: given, once }: { personId: string; label: string; bytes: Buffer; once: string },
): Promise<{ id: string } | { refused: DocumentRefusal }> {
  const label = typed.replace(/\s+/g, ' ').trim()
  if (!LABEL.test(label)) return { refused: 'label' }
  if (given.length === 0) return { refused: 'empty' }
  if (given.length > MOST_BYTES) return { refused: 'too_big' }
  const found = documentIn(given)
  if (!found) return { refused: 'not_that' }
  const { type, bytes } = found
  const id = app.keyring.digest('document', `${personId}\n${once}\n${createHash('sha256').update(bytes).digest('hex')}`)
  await writeWhole(app, id, app.keyring.seal(placeOf(id), bytes.toString('base64')))
  const kept = await acting<boolean>(app, actor, 'people.add_document', `documents:${personId}`, async ({ tx, at }) => {
    const { documents } = tx
    const [same] = await tx.select({ id: documents.id }).from(documents).where(eq(documents.id, id))
    if (same) return [true, { outcome: 'again', subject: personId }]
    const [held] = await tx.select({ n: count() }).from(documents).where(eq(documents.personId, personId))
    if ((held?.n ?? 0) >= MOST_DOCUMENTS) return [false, { outcome: 'full', subject: personId }]
    await tx.insert(documents).values({ id, personId, label, type, bytes: bytes.length, at })
    return [true, { outcome: 'done', subject: personId, detail: { type, bytes: bytes.length } }]
  })
  if (kept) return { id }
  await rm(fileOf(app, id), { force: true })
  return { refused: 'full' }
}

/** The file in clear, for its owner and for officers; undefined where there is none. Throws where its seal was changed. */
export async function openDocument(
  app: Pick<App, 'store' | 'config' | 'keyring'>,
  id: string,
): Promise<{ bytes: Buffer; type: DocumentType; label: string } | undefined> {
  const { documents } = app.store.read
  const [row] = await app.store.read.select().from(documents).where(eq(documents.id, id))
  if (!row) return undefined
  const sealed = await readFile(fileOf(app, row.id), 'utf8')
  return { bytes: Buffer.from(app.keyring.open(placeOf(row.id), sealed), 'base64'), type: row.type, label: row.label }
}

/** Takes one of somebody's own away. False where it is not theirs, or gone already. */
export async function deleteDocument(
  app: App,
  actor: Actor,
  { personId, id }: { personId: string; id: string },
): Promise<boolean> {
  const gone = await acting<boolean>(app, actor, 'people.delete_document', `documents:${personId}`, async ({ tx }) => {
    const { documents } = tx
    const rows = await tx
      .delete(documents)
      .where(and(eq(documents.id, id), eq(documents.personId, personId)))
      .returning({ id: documents.id })
    return [rows.length > 0, { outcome: rows.length > 0 ? 'done' : 'unknown', subject: personId }]
  })
  if (gone) await rm(fileOf(app, id), { force: true })
  return gone
}

/** Forgets all of somebody's, in the unit that erases them; the files, whose ids this gives, are for `dropFiles`, or for the sweep. */
export async function forgetDocuments({ tx }: Pick<Scene, 'tx'>, personId: string): Promise<string[]> {
  const { documents } = tx
  const rows = await tx.delete(documents).where(eq(documents.personId, personId)).returning({ id: documents.id })
  return rows.map(({ id }) => id)
}
export const dropFiles = async (app: Pick<App, 'config'>, ids: readonly string[]): Promise<void> => {
  for (const id of ids) await rm(fileOf(app, id), { force: true })
}

/** Takes away files that have no row and are older than a day: left by a process that died, or by somebody who was erased. */
export async function sweepDocuments(app: Pick<App, 'store' | 'config' | 'clock'>): Promise<number> {
  const folder = await opendir(folderOf(app)).catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return undefined
    throw reason
  })
  let swept = 0
  let some: string[] = []
  const sweep = async () => {
    const rowless = await withoutRow(app, some)
    await dropFiles(app, rowless)
    swept += rowless.length
    some = []
  }
  if (folder)
    for await (const { name } of folder) {
      const file = await stat(fileOf(app, name)).catch(() => undefined)
      if (file && app.clock.now() - file.mtimeMs > DAY) some.push(name)
      if (some.length >= 200) await sweep()
    }
  if (some.length > 0) await sweep()
  return swept
}

async function withoutRow({ store: { read } }: Pick<App, 'store'>, names: readonly string[]): Promise<string[]> {
  const { documents } = read
  const rows = await read
    .select({ id: documents.id })
    .from(documents)
    .where(inArray(documents.id, [...names]))
  const known = new Set(rows.map(({ id }) => id))
  return names.filter((name) => !known.has(name))
}

/** Seals every file anew that an older key sealed. Done twice it does nothing; a file that went meanwhile is passed over. Gives how many. */
export async function resealDocuments(app: Pick<App, 'store' | 'config' | 'clock' | 'keyring'>): Promise<number> {
  const { keyring } = app
  let done = 0
  for (const { id } of await app.store.read.select({ id: app.store.read.documents.id }).from(app.store.read.documents)) {
    const sealed = await readFile(fileOf(app, id), 'utf8').catch((reason: NodeJS.ErrnoException) => {
      if (reason.code === 'ENOENT') return undefined
      throw reason
    })
    if (sealed === undefined || sealed.startsWith(`v1.${keyring.newest}.`)) continue
    await writeWhole(app, id, keyring.seal(placeOf(id), keyring.open(placeOf(id), sealed)))
    done++
  }
  return done
}

/** The file is there whole, and on the disk, or not at all. */
async function writeWhole(app: Pick<App, 'config' | 'clock'>, id: string, text: string): Promise<void> {
  await mkdir(folderOf(app), { recursive: true, mode: 0o700 })
  const half = `${fileOf(app, id)}.${app.clock.id()}`
  const file = await open(half, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(half, fileOf(app, id))
  // The name itself must be on the disk before the row says that it is there.
  const folder = await open(folderOf(app))
  await folder.sync().finally(() => folder.close())
}
