import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { eq, ne } from 'drizzle-orm'
import type { App } from '../app.ts'
import { anchorAt, checkLinks } from '../audit/chain.ts'
import { Fault } from '../base/fault.ts'
import type { Keyring } from '../security/keyring.ts'
import { type Counts, checkCopy } from '../store/backup.ts'
import { eraseAgain } from './erased.ts'
import type { Details } from './make.ts'
import { unlockFile } from './vault.ts'

/** What a restore proved before it said that it was done. */
export type Restored = { counts: Counts; made: string; links: number; opened: number; erasedAgain: number }

/**
 * Brings a backup back as the database file `target`. Beside it, under another name, it is unlocked and proven: integrity, the rows of every
 * table, each link of the audit trail, a personal field that opens; whoever was erased since is erased again. Only then does it get its name.
 * `open` opens the service's parts on a database file. Throws a Fault that says what does not fit, and leaves `target` as it was.
 */
export async function restoreTo(
  keyring: Keyring,
  file: string,
  target: string,
  {
    open,
    beforeItGetsItsName = () => undefined,
  }: {
    open(databaseFile: string): Promise<{ app: App; close(): Promise<void> }>
    beforeItGetsItsName?(): void
  },
): Promise<Restored> {
  const beside = `${target}.restoring`
  const away = () => {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(beside + end, { force: true })
  }
  mkdirSync(dirname(target), { recursive: true })
  away()
  try {
    const details = (await unlockFile(keyring, file, beside)) as Details
    const counts = checkCopy(beside)
    if (JSON.stringify(counts) !== JSON.stringify(details.counts))
      throw new Fault('bad_file', `${file} does not hold the rows that it was made with`)
    const { app, close } = await open(beside)
    try {
      const links = await provesTrail(app, details)
      const opened = await provesField(app)
      const erasedAgain = await eraseAgain(app)
      await close()
      // What the chain ended with is now older than what was written down: said, so that it is no cut tail.
      if (details.end)
        await appendFile(anchorAt(app), `${JSON.stringify({ ...details.end, at: app.clock.now(), restored: true })}\n`)
      beforeItGetsItsName()
      for (const end of ['', '-wal', '-shm']) if (existsSync(beside + end)) renameSync(beside + end, target + end)
      return { counts, made: new Date(details.made).toISOString(), links, opened, erasedAgain }
    } catch (reason) {
      await close()
      throw reason
    }
  } finally {
    away()
  }
}

/** Every link from the first on, and that the end that was written down when the backup was made is among them. */
async function provesTrail({ store: { read }, keyring }: App, { end }: Details): Promise<number> {
  let checked = 0
  for (let from: number | undefined = 0; from !== undefined; ) {
    const some: Awaited<ReturnType<typeof checkLinks>> = await checkLinks(read, keyring, from, 1_000)
    if (some.broken) throw new Fault('bad_file', `the audit trail in it is ${some.broken.fault} at link ${some.broken.n}`)
    checked += some.checked
    from = some.next
  }
  const { auditChain } = read
  const [link] = end ? await read.select().from(auditChain).where(eq(auditChain.n, end.n)) : []
  if (end && link?.mac !== end.mac) throw new Fault('bad_file', `the audit trail in it was cut off before link ${end.n}`)
  return checked
}

/** One personal field, opened and found again by its blind index. */
async function provesField({ store: { read }, keyring }: App): Promise<number> {
  const { people } = read
  const [person] = await read.select().from(people).where(ne(people.msisdn, 'erased')).limit(1)
  if (!person) return 0
  const nationalId = keyring.open(`people.national_id:${person.id}`, person.nationalIdSealed)
  if (keyring.index('national_id', nationalId) !== person.nationalIdIndex)
    throw new Fault('bad_file', 'a national ID in it does not match its index')
  return 1
}
