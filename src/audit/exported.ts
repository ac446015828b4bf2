import { createHash } from 'node:crypto'
import { acting, type Trace } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'

/** The action of the row that ends an export; its subject, as that of the row that began it, is the export's id. */
export const EXPORT_END = 'exports.end'

/** The action of the row that says that a page showed people; its subject is the id of that showing. */
export const PAGE_SEEN = 'people.list'

/** A file on its way to somebody. `note` before each part leaves, `end` after the last: whose data were in it can be told ever after. */
export type Export = { note(people: readonly string[]): Promise<void>; end(): Promise<void> }

/** Whose data a page shows, and what of them. */
export type Seen = { people: readonly string[]; fields: readonly string[] }

/** Digest of whose data a file or a page held, in its order. */
export function peopleDigest() {
  const hash = createHash('sha256')
  return {
    add: (people: readonly string[]): void => void hash.update(people.map((id) => `${id}\n`).join('')),
    end: (): string => hash.digest('base64url'),
  }
}

/** The same of one list. */
export function digestOf(people: readonly string[]): string {
  const digest = peopleDigest()
  digest.add(people)
  return digest.end()
}

/** Notes whose data a page shows, before it is sent: their list and the row in the trail that closes it, as one unit. `page`: its route. */
export async function noteSeen(app: App, actor: Actor, page: string, { people, fields }: Seen): Promise<void> {
  const listed = [...new Set(people)]
  if (listed.length === 0) return
  const id = app.clock.id()
  const detail = { page, fields: fields.join(' '), rows: listed.length, digest: digestOf(listed) }
  await acting(app, actor, PAGE_SEEN, `page:${id}`, async ({ tx, at }) => {
    await tx.insert(tx.exported).values({ exportId: id, part: 0, at, people: listed })
    return [undefined, { outcome: 'done', subject: id, detail }]
  })
}

/** Begins an export with its row in the trail: `detail` says by which filter, `fields` what of each person. */
export async function openExport(
  app: App,
  actor: Actor,
  action: string,
  { detail, fields }: { detail?: Trace['detail']; fields: readonly string[] },
): Promise<Export> {
  const id = app.clock.id()
  const digest = peopleDigest()
  let parts = 0
  let sum = 0
  await acting(app, actor, action, 'export', async () => [
    undefined,
    { outcome: 'done', subject: id, detail: { ...detail, fields: fields.join(' ') } },
  ])
  return {
    async note(people) {
      if (people.length === 0) return
      const part = parts++
      const row = { exportId: id, part, at: app.clock.now(), people: [...people] }
      await app.store.work(`export:${id}`, async (tx) => void (await tx.insert(tx.exported).values(row)))
      digest.add(people)
      sum += people.length
    },
    async end() {
      const detail = { parts, rows: sum, digest: digest.end() }
      await acting(app, actor, EXPORT_END, 'export', async () => [undefined, { outcome: 'done', subject: id, detail }])
    },
  }
}

/** Rows of a file beside the people whose data stand in them. */
export type Part<R> = { rows: R[]; people: readonly string[] }

/** Hands out rows part by part, each noted before it leaves; ended also where the reader went away. */
export async function* givenOut<R>(file: Export, parts: AsyncIterable<Part<R>>): AsyncGenerator<R[]> {
  try {
    for await (const { rows, people } of parts) {
      await file.note(people)
      yield rows
    }
  } finally {
    await file.end()
  }
}

/** The same for a file that is made whole before anything of it leaves: hands out the rows, and keeps whose they are for `noteAll`. */
export function keeping<R>(parts: AsyncIterable<Part<R>>): { rows: AsyncGenerator<R[]>; noteAll(file: Export): Promise<void> } {
  const kept: (readonly string[])[] = []
  async function* rowsOf() {
    for await (const { rows, people } of parts) {
      kept.push(people)
      yield rows
    }
  }
  return {
    rows: rowsOf(),
    async noteAll(file) {
      for (const people of kept) await file.note(people)
      await file.end()
    },
  }
}
