import { execFile } from 'node:child_process'
import { SECRETS } from './desk.ts'

const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname

export type Ran = { code: number; out: string; err: string }

/** The real command in a process of its own, with this environment; `typed` is what stands on its standard input. */
export const runWito = (words: readonly string[], env: Record<string, string | undefined>, typed = ''): Promise<Ran> =>
  runNode(WITO, words, env, typed)

/** A file that Node runs, in a process of its own. */
export function runNode(
  file: string,
  words: readonly string[],
  env: Record<string, string | undefined>,
  typed = '',
): Promise<Ran> {
  return new Promise((ran) => {
    const child = execFile(process.execPath, [file, ...words], { env }, (error, out, err) =>
      ran({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    )
    child.stdin?.end(typed)
  })
}

/** The same with the keys of every desk, on the database that lies in `folder`. */
export const runOnDesk = (
  folder: string,
  words: readonly string[],
  { database = 'wito.db', typed }: { database?: string | undefined; typed?: string | undefined } = {},
): Promise<Ran> =>
  runWito(
    words,
    { ...process.env, NODE_ENV: 'test', DATABASE_URL: `file:${folder}/${database}`, LOG_LEVEL: 'silent', ...SECRETS },
    typed,
  )
