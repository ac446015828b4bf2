import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { and, eq, inArray, ne } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { ERASED, wipe } from '../people/erase.ts'

const fileOf = ({ config }: Pick<App, 'config'>) => join(config.dataFolder, 'erased')
const restorer: Actor = { via: 'system', name: 'restore', signed: false, language: 'en' }

/** Ids of everybody who was ever erased, as they stand beside the database: an older copy of it does not know them. */
async function knownErased(app: Pick<App, 'config'>): Promise<Set<string>> {
  const text = await readFile(fileOf(app), 'utf8').catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return ''
    throw reason
  })
  return new Set(text.split('\n').filter(Boolean))
}

/** Writes down beside the database who was erased since it was last done; says how many. */
export async function noteErased(app: Pick<App, 'config' | 'store'>): Promise<number> {
  const { read } = app.store
  const { people } = read
  const gone = await read.select({ id: people.id }).from(people).where(eq(people.msisdn, ERASED))
  const known = gone.length === 0 ? new Set<string>() : await knownErased(app)
  const fresh = gone.filter(({ id }) => !known.has(id))
  if (fresh.length > 0) await appendFile(fileOf(app), fresh.map(({ id }) => `${id}\n`).join(''), { mode: 0o600 })
  return fresh.length
}

/** Erases again, in a database that was brought back, everybody who was erased since it was copied. Gives how many. */
export async function eraseAgain(app: App): Promise<number> {
  const { read } = app.store
  const { people } = read
  const known = [...(await knownErased(app))]
  let done = 0
  for (let from = 0; from < known.length; from += 200) {
    const back = await read
      .select({ id: people.id })
      .from(people)
      .where(and(inArray(people.id, known.slice(from, from + 200)), ne(people.msisdn, ERASED)))
    for (const { id } of back) {
      await acting(app, restorer, 'people.erase_again', `person:${id}`, async (scene) => {
        await wipe(scene, id)
        return [undefined, { outcome: 'done', subject: id }]
      })
      done++
    }
  }
  return done
}
