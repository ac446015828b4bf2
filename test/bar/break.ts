import { appendFileSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** Breaks one promise on purpose: in `file` (from the top of the project) `from`, which stands there once, becomes `to`. */
export type Break = { file: string; from: string; to: string }

const root = new URL('../..', import.meta.url).pathname

/** What the runner asked this process to break; nothing in an ordinary run. Every edit that is made is noted in `seen`. */
const asked = process.env.WITO_BREAK
  ? (JSON.parse(readFileSync(process.env.WITO_BREAK, 'utf8')) as { edits: Break[]; seen: string })
  : undefined

/** The source as the control wants it. Throws, and notes it, where the words to break are not there exactly once: such a control is stale. */
export function brokenSource(path: string, source: string): string {
  let text = source
  for (const { file, from, to } of asked?.edits ?? []) {
    if (path !== root + file) continue
    if (text.split(from).length !== 2) {
      appendFileSync(asked?.seen ?? '', `stale ${file}\n`)
      throw new Error(`the words to break do not stand once in ${file}: ${from}`)
    }
    text = text.replace(from, () => to)
    appendFileSync(asked?.seen ?? '', `broken ${file}\n`)
  }
  return text
}

/** For vitest, which reads sources by itself. */
export const breaking = {
  name: 'break on purpose',
  enforce: 'pre' as const,
  transform: (source: string, id: string) => (asked ? brokenSource(id.split('?')[0] ?? id, source) : undefined),
}

// For every process and thread that a test starts: they take this file with `--import`.
if (asked)
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.startsWith(`file://${root}src/`) || loaded.source == null) return loaded
      return { ...loaded, source: brokenSource(new URL(url).pathname, loaded.source.toString()) }
    },
  })
