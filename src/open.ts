import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { App } from './app.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { Fault } from './base/fault.ts'
import { openLog } from './base/log.ts'
import { actions, formats } from './catalogue.ts'
import type { Config } from './config.ts'
import { provesKeys } from './keys/proof.ts'
import { readLetterWords } from './letters/words.ts'
import { openHasher } from './security/hashing.ts'
import { type Keyring, openKeyring } from './security/keyring.ts'
import { developmentSecrets, readSecrets } from './security/secrets.ts'
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
  const log = openLog(config.logLevel)
  // With a database server nothing else makes it, and the end of the trail is written there.
  mkdirSync(config.dataFolder, { recursive: true })
  const onLost = (reason: unknown) => log.warn({ err: reason }, 'a connection to the database was lost')
  const store = await openStore(config.databaseUrl, { onBroken, onLost })
  try {
    const secrets = await secretsFor(config, store)
    const keyring = openKeyring(secrets)
    await provesKeys({ store, keyring, clock })
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

/** The keys alone, for a database that is still to be brought back. Throws a Fault that says what is missing. */
export function openKeys(config: Config): Keyring {
  const { secretKeys, indexKey, pepper } = config
  if (secretKeys && indexKey && pepper) return openKeyring({ secretKeys, indexKey, pepper })
  const file = secretsFile(config)
  if (!existsSync(file))
    throw new Fault('bad_settings', `its keys are gone: put ${file} back, or set SECRET_KEYS, INDEX_KEY and PEPPER.`)
  const kept = readSecrets(file)
  return openKeyring({
    secretKeys: secretKeys ?? kept.secretKeys,
    indexKey: indexKey ?? kept.indexKey,
    pepper: pepper ?? kept.pepper,
  })
}

/** Only development machines have it. */
export const secretsFile = ({ dataFolder }: Config): string => join(dataFolder, 'secrets.json')

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
