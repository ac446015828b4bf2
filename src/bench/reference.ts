import { freePort } from '../open.ts'
import { startChild } from './child.ts'

/** The first screen of the demonstration, as every reference answers it. */
export const text =
  'CON Wito. Hello Achieng.\n1 Jobs\n2 My applications\n3 Deployment letter\n4 My profile\n5 Password\n6 Language / Lugha\n7 Station head'

/** A server of the benchmark's own that answers hops. */
export type Reference = { url: string; stop(): Promise<void> }

/** Starts it as a process, from its file, with a port and what `words` say; resolves when it answers. */
export async function startReference(file: URL, ...words: string[]): Promise<Reference> {
  const port = await freePort('127.0.0.1')
  const url = `http://127.0.0.1:${port}/callbacks/bench/ussd`
  const answers = async () => (await fetch(url, { method: 'POST', body: new URLSearchParams({ text: '' }) })).status > 0
  const { stop } = await startChild([file.pathname, String(port), ...words], { NODE_ENV: 'production' }, answers)
  return { url, stop }
}
