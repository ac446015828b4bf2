import type { Clock } from '../../src/base/clock.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { openApp } from '../../src/open.ts'

export const KEY = (fill: number): string => Buffer.alloc(32, fill).toString('base64')

/** Settings as the kit's desk has them, for another start on the same folder; what is named here is other. */
export function settingsOf(folder: string, other: Record<string, string> = {}): Config {
  return readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: `file:${folder}/wito.db`,
    LOG_LEVEL: 'silent',
    CALLBACK_SECRETS: 'test-test-test-test-test-test',
    SECRET_KEYS: `a:${KEY(1)}`,
    INDEX_KEY: KEY(2),
    PEPPER: KEY(3),
    ...other,
  })
}

/** The service's parts, started anew on a folder. */
export function restart(folder: string, other: Record<string, string> = {}, clock?: Clock) {
  const broken = (reason: unknown) => {
    throw reason
  }
  return openApp(settingsOf(folder, other), broken, clock)
}
