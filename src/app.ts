import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { Config } from './config.ts'
import type { Hasher } from './security/hashing.ts'
import type { Keyring } from './security/keyring.ts'
import type { Store } from './store/store.ts'
import type { Phrasebook } from './text/phrasebook.ts'

/** What an action may use besides its unit: nothing that can wait. */
export type Tools = {
  config: Config
  clock: Clock
  keyring: Keyring
  phrases: Phrasebook
  /** Base of every link, without a slash at its end. */
  publicUrl: string
}

/** The parts, as a plain value. */
export type App = Tools & { store: Store; hasher: Hasher; log: Log }
