import { readFileSync } from 'node:fs'
import { freePort } from '../open.ts'
import { startChild } from './child.ts'

export const WITO = new URL('../cli/wito.js', import.meta.url).pathname
/** `#!/usr/bin/env -S node --…`: what node is started with where Wito is installed, and by `npm start`. */
export const FLAGS = (readFileSync(WITO, 'utf8').split('\n')[0] ?? '').split(' ').slice(3)

/** The settings of a measured service: a database file of its own and no demonstration. */
export const settingsFor = (folder: string): Record<string, string> => ({
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  DATABASE_URL: `file:${folder}/wito.db`,
  DEMO: '0',
  LOG_LEVEL: 'silent',
  CALLBACK_SECRETS: 'bench',
})

export type Measured = { url: string; pid: number; stop(): Promise<void> }

/** `wito serve` as a process of its own, on a free port; resolves when it is ready. Whoever measures is another process. */
export async function startService(settings: Record<string, string>): Promise<Measured> {
  const port = await freePort('127.0.0.1')
  const url = `http://127.0.0.1:${port}`
  const isReady = async () => (await fetch(`${url}/readyz`)).ok
  return { url, ...(await startChild([...FLAGS, WITO, 'serve'], { ...settings, PORT: String(port) }, isReady)) }
}
