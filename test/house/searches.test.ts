import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

type Search = {
  name: string
  pattern: RegExp
  /** Where it may stand. */
  allowed: RegExp
  /** A line that must be found, so that the search cannot go blind. */
  broken: string
}

// What the type checker and the boundaries cannot see.
const searches: Search[] = [
  {
    name: 'the environment is read in one place',
    pattern: /process\.env\b/,
    allowed: /^src\/config\.ts$/,
    broken: 'const home = process.env.HOME',
  },
  {
    name: 'time and chance have one source',
    pattern: /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|randomBytes\(|randomUUID(v7)?\(|randomInt\(/,
    // The simulator's script runs in a browser, on the browser's clock.
    allowed: /^src\/(base\/clock\.ts|simulator\/simulator\.js)$/,
    broken: 'const at = Date.now()',
  },
  {
    name: 'nobody outside the store opens a transaction of their own or runs a query synchronously',
    pattern: /\.transaction\(|\.(get|all|run)\(\)/,
    // The solver of allocation/ runs a model, not a query.
    allowed: /^src\/(store\/|allocation\/block)/,
    broken: 'const row = query.get()',
  },
  {
    name: 'an engine is named only by store, settings and start',
    pattern: /sqlite|postgres/i,
    // The benchmark measures one beside the other.
    allowed: /^src\/(store|cli|bench)\/|^src\/(config|main|open|schedule)\.ts$/,
    broken: "if (engine === 'sqlite') return",
  },
  {
    name: 'rows that are named are not looked for among all that have a status',
    pattern: /inArray\([\w.]+\.(id|\w+Id|msisdn|dedupe|reference),.*\b(eq|inArray)\([\w.]+\.(status|state),/,
    allowed: /^$/,
    broken: "and(inArray(outbox.id, ids), eq(outbox.status, 'queued'))",
  },
  {
    name: 'words for people stand in menus/ and pages',
    // A sentence: a capital, then three words or more, in quotes; what is thrown, logged or told to a clerk about a file is for others.
    pattern:
      /^(?!.*(new Fault|throw |Error\(|log\.|describe|addIssue|message:|\/\/|^\s*\*|^\s*\/\*)).*(['"`])[A-Z][a-z]+ [a-z']+ [a-z']+ [^'"`]*\2/,
    allowed:
      /^src\/(web|simulator|cli|bench|demo|store|gateway|base|text)\/|^src\/security\/secrets\.ts$|^src\/(config|open|main|metrics|schedule)\.ts$/,
    broken: "return refused('Please dial the code again')",
  },
]

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|js)$/.test(name))
  .map((name) => relative(root, join(root, 'src', name)))

test('there is something to search', () => {
  expect(files.length).toBeGreaterThan(100)
})

describe.each(searches)('$name', ({ pattern, allowed, broken }) => {
  test('everywhere', () => {
    const found = files
      .filter((file) => !allowed.test(file))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .map((line, place) => ({ where: `${file}:${place + 1}`, line }))
          .filter(({ line }) => pattern.test(line) && !/^\s*(\/\/|\*|\/\*\*)/.test(line)),
      )
    expect(found.map(({ where, line }) => `${where} ${line.trim()}`)).toEqual([])
  })

  test('and would be found', () => {
    expect(pattern.test(broken)).toBe(true)
  })
})
