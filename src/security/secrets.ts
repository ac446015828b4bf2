import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'

const shape = z.object({ secretKeys: z.string(), indexKey: z.string(), pepper: z.string(), callbackSecret: z.string() })
export type Secrets = z.infer<typeof shape>

/**
 * The secrets of a development machine, made on the first start and kept in a file that only its owner may read.
 * Never made again for a database that already holds something: `fresh` says whether it is empty.
 */
export function developmentSecrets(file: string, fresh: boolean, clock: Clock): Secrets {
  if (existsSync(file)) return readSecrets(file)
  if (!fresh)
    throw new Fault(
      'bad_settings',
      `The database has data but its keys are gone: put ${file} back, or set SECRET_KEYS, INDEX_KEY and PEPPER.`,
    )
  const secret = (bytes: number) => clock.bytes(bytes).toString('base64')
  const made: Secrets = {
    secretKeys: `dev1:${secret(32)}`,
    indexKey: secret(32),
    pepper: secret(32),
    callbackSecret: clock.bytes(24).toString('hex'),
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  return made
}

/** The file as it was written; throws a Fault where it does not hold the four secrets. */
export function readSecrets(file: string): Secrets {
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (reason) {
    if (reason instanceof Error && 'syscall' in reason) throw reason
    // What a parser says repeats a part of what it was given.
    throw new Fault('bad_settings', `${file} does not hold the four secrets that were written there: put it back as it was.`)
  }
}
