import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { described, type Problem, readSource, shaped } from '../../src/text/source.ts'

const shape = z.strictObject({
  jobs: z.strictObject({ en: z.string().min(1), sw: z.string(), list: z.array(z.int()).optional() }),
})

/** What is wrong in a text, as an operator reads it; the value where nothing is. */
function read(text: string) {
  const problems: Problem[] = []
  const value = shaped(readSource('/srv/menus/main.yaml', text), shape, problems)
  if (problems.length > 0) expect(value).toBeUndefined()
  return problems.length > 0 ? problems.map(described) : value
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-source-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a file is read as it stands on the disk', () => {
  const path = join(folder, 'main.yaml')
  writeFileSync(path, 'jobs: { en: Jobs, sw: Kazi, list: [1, 2] }\n')
  expect(shaped(readSource(path), shape, [])).toEqual({ jobs: { en: 'Jobs', sw: 'Kazi', list: [1, 2] } })
})

test('a file that is not there is thrown', () => {
  expect(() => readSource(join(folder, 'none.yaml'))).toThrow(/ENOENT/)
})

describe('names line and column of', () => {
  test.each([
    [
      'a value of another kind',
      'jobs:\n  en: Jobs\n  sw: 12\n',
      ['main.yaml:3:7 jobs.sw: Invalid input: expected string, received number'],
    ],
    [
      'an empty text',
      'jobs:\n  en: ""\n  sw: Kazi\n',
      ['main.yaml:2:7 jobs.en: Too small: expected string to have >=1 characters'],
    ],
    [
      'what stands in a list',
      'jobs:\n  en: Jobs\n  sw: Kazi\n  list:\n    - 1\n    - x\n',
      ['main.yaml:6:7 jobs.list.1: Invalid input: expected number, received string'],
    ],
    [
      'what is missing: the place it should be in',
      '\njobs:\n  en: Jobs\n',
      ['main.yaml:3:3 jobs.sw: Invalid input: expected string, received undefined'],
    ],
    ['a key that nobody knows', 'jobs:\n  en: Jobs\n  sw: Kazi\n  fr: Travail\n', ['main.yaml:4:7 jobs: Unrecognized key: "fr"']],
    ['the same key twice', 'jobs:\n  en: Jobs\n  sw: Kazi\n  en: Work\n', ['main.yaml:4:3 Map keys must be unique']],
    [
      'the same with other line ends',
      'jobs:\r\n  en: Jobs\r\n  sw: Kazi\r\n  en: Work\r\n',
      ['main.yaml:4:3 Map keys must be unique'],
    ],
    ['a tab for an indent', 'jobs:\n\ten: Jobs\n', ['main.yaml:2:1 Tabs are not allowed as indentation']],
    [
      'a bracket left open',
      'jobs: { en: Jobs\n',
      ['main.yaml:2:1 Flow map in block collection must be sufficiently indented and end with a }'],
    ],
    [
      'two documents',
      'jobs: {}\n---\njobs: {}\n',
      ['main.yaml:2:1 Source contains multiple documents; please use YAML.parseAllDocuments()'],
    ],
    ['an alias', 'jobs:\n  en: &word Jobs\n  sw: *word\n', ["main.yaml:3:7 '*word' is not read here: write the value out"]],
    ['an alias of nothing', 'jobs:\n  en: *word\n', ["main.yaml:2:7 '*word' is not read here: write the value out"]],
    ['an empty file: its top', '', ['main.yaml:1:1 jobs: Invalid input: expected object, received undefined']],
    ['a list for a file', '- jobs\n', ['main.yaml:1:1 the file: Invalid input: expected object, received array']],
  ])('%s', (_, text, lines) => {
    expect(read(text)).toEqual(lines)
  })

  test('every mistake of a file, not only the first', () => {
    expect(read('jobs:\n  en: 1\n  sw: 2\n')).toHaveLength(2)
    expect(read('jobs:\n  en: a\n  en: b\n  sw: a\n  sw: b\n')).toHaveLength(2)
  })

  test('a place that is asked for, or the nearest above it', () => {
    const source = readSource('jobs.yaml', 'jobs:\n  list:\n    - { en: a }\n    - { en: b }\n')
    const at = (...path: (string | number)[]) => described(source.problem(path, 'here'))
    expect(at('jobs', 'list', 1, 'en')).toBe('jobs.yaml:4:13 here')
    expect(at('jobs', 'list', 1, 'sw', 'deep')).toBe('jobs.yaml:4:7 here')
    expect(at('jobs', 'list', 7)).toBe('jobs.yaml:3:5 here')
    expect(at('none')).toBe('jobs.yaml:1:1 here')
    expect(at()).toBe('jobs.yaml:1:1 here')
  })
})

test('aliases of aliases are refused before they unfold', () => {
  // Ten levels of ten each: 10,000,000,000 values.
  const bomb = ['a0: &a0 [x]']
  for (let level = 1; level <= 10; level++)
    bomb.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  const source = readSource('bomb.yaml', bomb.join('\n'))
  expect(source.value).toEqual({})
  expect(source.problems).toHaveLength(100)
  expect(source.problems[0]).toEqual({
    file: 'bomb.yaml',
    line: 2,
    column: 10,
    message: "'*a0' is not read here: write the value out",
  })
})

test('what is no alias is read: a star in a text, a service code', () => {
  expect(read('jobs:\n  en: "*483*22262#"\n  sw: piga *483#\n')).toEqual({ jobs: { en: '*483*22262#', sw: 'piga *483#' } })
})

test('a tab inside a text stays a tab', () => {
  expect(read('jobs:\n  en: "a\\tb"\n  sw: a\tb\n')).toEqual({ jobs: { en: 'a\tb', sw: 'a\tb' } })
})

test('a mark of byte order is no part of the first key', () => {
  expect(read('\ufeffjobs: { en: Jobs, sw: Kazi }\n')).toEqual({ jobs: { en: 'Jobs', sw: 'Kazi' } })
})
