import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { App } from './app.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { Fault } from './base/fault.ts'
import { openLog } from './base/log.ts'
import { actions, formats } from './catalogue.ts'
import type { Config } from './config.ts'
import { readLetterWords } from './letters/words.ts'
import { openHasher } from './security/hashing.ts'
import { openKeyring } from './security/keyring.ts'
import { developmentSecrets } from './security/secrets.ts'
import { readKeywords } from './sms/keywords-file.ts'
import { checkMessages } from './sms/messages-check.ts'
import { openStore } from './store/open.ts'
import type { Store } from './store/store.ts'
import { readPhrasebook } from './text/phrasebook.ts'
import { described, type Problem } from './text/source.ts'
import { checkMenu } from './ussd/check.ts'
import { readMenu } from './ussd/menu.ts'
import { readPageWords } from './web/words.ts'

export const MENUS = new URL('../menus', import.meta.url).pathname

/** Everything in `menus/`, read and checked against the catalogue. */
export function readWords(constants: { short_code: string; service_code: string }, folder = MENUS) {
  const problems: Problem[] = []
  const phrases = readPhrasebook(folder, constants, problems)
  const menu = readMenu(folder, problems)
  const keywords = readKeywords(folder, { actions, formats, phrases }, problems)
  readLetterWords(folder, problems)
  readPageWords(folder, problems)
  // A file that could not be read would make everything that leads there look wrong.
  if (problems.length === 0) problems.push(...checkMenu({ menu, phrases, actions, formats }), ...checkMessages(phrases, actions))
  return { phrases, menu, keywords, problems }
}

/** The parts that every command shares: settings, words, storage, keys. Throws a Fault that says what to mend. */
export async function openApp(config: Config, onBroken?: (reason: unknown) => void, clock: Clock = systemClock) {
  const { phrases, menu, keywords, problems } = readWords({ short_code: config.shortCode, service_code: config.serviceCode })
  if (problems.length > 0) throw new Fault('bad_settings', `The menus need mending:\n  ${problems.map(described).join('\n  ')}`)
  const store = await openStore(config.databaseUrl, onBroken)
  try {
    const secrets = await secretsFor(config, store)
    const keyring = openKeyring(secrets)
    await provesKeys(store, keyring)
    const log = openLog(config.logLevel)
    const hasher = openHasher({ keyring, clock })
    const publicUrl = config.publicUrl ?? `http://localhost:${config.port}`
    const app: App = { config, clock, keyring, phrases, publicUrl, store, hasher, log }
    return { app, menu, keywords, callbackSecrets: secrets.callbackSecrets, close: () => store.close() }
  } catch (reason) {
    await store.close()
    throw reason
  }
}

async function secretsFor(config: Config, store: Store) {
  const { secretKeys, indexKey, pepper, callbackSecrets } = config
  if (secretKeys && indexKey && pepper && callbackSecrets.length > 0) return { secretKeys, indexKey, pepper, callbackSecrets }
  const [known] = await store.read.select().from(store.read.facts).where(eq(store.read.facts.name, 'keys'))
  const made = developmentSecrets(secretsFile(config), known === undefined, systemClock)
  return {
    secretKeys: secretKeys ?? made.secretKeys,
    indexKey: indexKey ?? made.indexKey,
    pepper: pepper ?? made.pepper,
    callbackSecrets: callbackSecrets.length > 0 ? callbackSecrets : [made.callbackSecret],
  }
}

/** Only development machines have it. */
export const secretsFile = ({ dataFolder }: Config): string => join(dataFolder, 'secrets.json')

/** A database remembers a sealed word and its index: other keys are refused at the start, not at the first letter. */
async function provesKeys(store: Store, keyring: App['keyring']) {
  await store.work('facts:keys', async (tx) => {
    const value = JSON.stringify({
      sealed: keyring.seal('facts.value:keys', 'these keys fit'),
      index: keyring.index('facts', 'keys'),
      pepper: peppered(keyring),
    })
    await tx.insert(tx.facts).values({ name: 'keys', value }).onConflictDoNothing()
    const [kept] = await tx.select().from(tx.facts).where(eq(tx.facts.name, 'keys'))
    const { sealed, index, pepper } = JSON.parse(kept?.value ?? '{}') as { sealed: string; index: string; pepper: string }
    if (index !== keyring.index('facts', 'keys'))
      throw new Fault('bad_settings', 'INDEX_KEY is not the one this database was written with')
    if (pepper !== peppered(keyring)) throw new Fault('bad_settings', 'PEPPER is not the one this database was written with')
    keyring.open('facts.value:keys', sealed)
  })
}

const peppered = ({ pepper }: App['keyring']) => createHmac('sha256', pepper).update('facts').digest('base64url')

/** A port nobody listens on, for `PORT=0`. */
export function freePort(host: string): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, host, () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address ? found(address.port) : failed(new Fault('bad_settings', 'no free port')),
      )
    })
  })
}
