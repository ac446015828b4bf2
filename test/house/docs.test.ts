import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rows } from '../bar/rows.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

const PATH = /`((?:src|test|docs|menus|drizzle)\/[\w./-]*)`/g
/** Where a document leads: another file beside it. */
const LINK = /\]\((?!https?:|#)([^)#]+)/g
/** A file, and in brackets what is to be found in it. */
const PARTS = /`([\w-]*[./][\w./-]+)` \((`[^)]+`)\)/g
/** A file of tests, and the beginnings of the names of some. */
const TESTS = /`(test\/[\w./-]+\.test\.ts)`((?:,? “[^”]+”)+)/g
const ROWS = /`npm run bar -- ([a-z][a-z ]*)`/g

/** What a document names that is not there. */
function missingIn(path: string, text: string): string[] {
  const found = (pattern: RegExp) => [...text.matchAll(pattern)]
  const paths = [...found(PATH).map(([, file = '']) => file), ...found(LINK).map(([, to = '']) => join(dirname(path), to))]
  const parts = found(PARTS).flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => ({ file, name, there: new RegExp(`\\b${name}\\b`) })),
  )
  const tests = found(TESTS).flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, name, there: new RegExp(`['"\`]${escaped(name)}`) })),
  )
  return [
    ...paths.filter((file) => !existsSync(join(root, file))),
    ...[...parts, ...tests]
      .filter(({ file, there }) => !isFile(file) || !there.test(read(file)))
      .map(({ file, name }) => `${file}: ${name}`),
    ...found(ROWS)
      .flatMap(([, names = '']) => names.split(' '))
      .filter((name) => !(name in rows))
      .map((name) => `the row ${name}`),
  ]
}
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const isFile = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true

test.each(documents)('%s names only what is there', (path) => {
  expect(missingIn(path, read(path))).toEqual([])
})

test('and what is not there would be found', () => {
  const text =
    'See `src/nothing.ts`, [more](nothing.md), `src/action.ts` (`action`, `noSuchThing`), `test/house/docs.test.ts` “and what is not”, “nor this” and `npm run bar -- kill nothing`.'
  expect(missingIn('docs/x.md', text)).toEqual([
    'src/nothing.ts',
    'docs/nothing.md',
    'src/action.ts: noSuchThing',
    'test/house/docs.test.ts: nor this',
    'the row nothing',
  ])
})

describe('the threats', () => {
  const entries = read('docs/threats.md')
    .split(/^## (?=\d)/m)
    .slice(1)

  test('are fifteen, in order', () => {
    expect(entries.map((entry) => Number.parseInt(entry, 10))).toEqual(Array.from({ length: 15 }, (_, n) => n + 1))
  })

  test.each(entries.map((entry) => [entry.split('\n', 1)[0], entry] as const))('%s', (_, entry) => {
    const labels = ['Gains', 'Against it', 'In the code', 'Goes red', 'Left open']
    expect([...entry.matchAll(/^\*\*([^*]+)\*\*/gm)].map(([, label]) => label)).toEqual(labels)
    const line = (label: string) => entry.split('\n').find((each) => each.startsWith(`**${label}**`)) ?? ''
    expect([...line('In the code').matchAll(PARTS)].length).toBeGreaterThan(0)
    expect([...line('Goes red').matchAll(TESTS), ...line('Goes red').matchAll(ROWS)].length).toBeGreaterThan(0)
  })
})
