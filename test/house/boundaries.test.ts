import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const depcruise = join(root, 'node_modules/.bin/depcruise')
const config = join(root, '.dependency-cruiser.cjs')

test('a file imports from its own room and from lower shelves only', () => {
  const report = JSON.parse(
    execFileSync(depcruise, ['--config', config, '--output-type', 'json', 'src'], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    }).toString(),
  )
  const { violations, totalCruised } = report.summary as {
    violations: { rule: { name: string }; from: string; to: string }[]
    totalCruised: number
  }
  expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([])
  // With a compiler it cannot use it sees nothing at all, and says that all is well.
  expect(totalCruised).toBeGreaterThan(100)
}, 60_000)

test('and a file that looks upwards turns it red', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wito-shelves-'))
  try {
    for (const room of ['base', 'people', 'letters']) mkdirSync(join(folder, 'src', room), { recursive: true })
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true } }',
    )
    writeFileSync(join(folder, 'src/letters/letter.ts'), 'export const letter = 1\n')
    writeFileSync(
      join(folder, 'src/people/person.ts'),
      "import { letter } from '../letters/letter.ts'\nexport const person = letter\n",
    )
    writeFileSync(
      join(folder, 'src/base/clock.ts'),
      "import { person } from '../people/person.ts'\nexport const clock = person\n",
    )
    const { status, stdout } = spawnSync(depcruise, ['--config', config, 'src'], { cwd: folder })
    expect(status).not.toBe(0)
    expect(stdout.toString()).toContain('people looks leftwards only')
    expect(stdout.toString()).toContain('0 base and text know nobody')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
