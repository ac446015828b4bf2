import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Row } from './row.ts'
import { rows } from './rows.ts'

// `npm run bar -- [name …]`: runs the proof of each row, then breaks the promise on purpose and looks whether the proof turns red.

const BREAK = new URL('./break.ts', import.meta.url).pathname
const VITEST = new URL('../../node_modules/.bin/vitest', import.meta.url).pathname

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    list: { type: 'boolean' },
    'no-controls': { type: 'boolean' },
  },
})
const effort = values.long ? 'long' : values.quick ? 'quick' : 'full'

type Test = { status: string; fullName: string; meta: { tried?: string; cannot?: string }; failureMessages: string[] }
type Ran = { tests: Test[]; broke: string[] }
type Line = {
  name: string
  fault: string
  tried: string
  held: 'held' | 'NOT HELD' | 'cannot run here'
  control: string
  ok: boolean
}

/** The proof of one row in a process of its own, with something broken where asked. */
async function prove({ proof }: Row, size: string, edits?: Row['controls'][number]['edits']): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'wito-bar-'))
  const [out, asked, seen] = ['out.json', 'break.json', 'seen'].map((name) => join(folder, name)) as [string, string, string]
  if (edits) writeFileSync(asked, JSON.stringify({ edits, seen }))
  const env = {
    ...process.env,
    WITO_BAR: size,
    ...(edits ? { WITO_BREAK: asked, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${BREAK}` } : {}),
  }
  const named = proof.name === undefined ? [] : ['-t', `^${proof.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`]
  const words = ['run', proof.file, ...named, '--reporter=json', `--outputFile=${out}`, ...(edits ? ['--bail=1'] : [])]
  const child = spawn(VITEST, words, { env, stdio: 'ignore' })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('error', reject).once('close', () => resolve())
  await promise
  try {
    if (!existsSync(out)) throw new Error(`the proof ${proof.file} gave no result`)
    const { testResults } = JSON.parse(readFileSync(out, 'utf8')) as {
      testResults: { status: string; message: string; assertionResults: Test[] }[]
    }
    const tests = testResults.flatMap(({ status, message, assertionResults }) =>
      assertionResults.length === 0
        ? [{ status, fullName: proof.file, meta: {}, failureMessages: [message] }]
        : assertionResults.filter(({ status: each }) => !(proof.name !== undefined && each === 'skipped')),
    )
    return { tests, broke: existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const isRed = ({ status }: Test) => status === 'failed'

async function judge(name: string, row: Row): Promise<Line> {
  const { tests } = await prove(row, effort)
  const excuses = tests.flatMap(({ meta }) => meta.cannot ?? [])
  const passed = tests.filter(({ status }) => status === 'passed')
  const measured = tests.flatMap(({ meta }) => meta.tried ?? [])
  const red = tests.filter(isRed)
  for (const { fullName, failureMessages } of red)
    process.stderr.write(`\n${name}: ${fullName}\n${failureMessages.join('\n').slice(0, 2_000)}\n`)
  const held = red.length > 0 ? 'NOT HELD' : passed.length === 0 || excuses.length > 0 ? 'cannot run here' : 'held'
  const line = { name, fault: row.fault, tried: measured.join('; ') || `${passed.length} tests` }
  if (held === 'cannot run here')
    return { ...line, tried: excuses.join('; ') || 'no test ran', held, control: '–', ok: excuses.length > 0 }
  if (values['no-controls']) return { ...line, held, control: 'not asked', ok: held === 'held' }
  const controls: string[] = []
  let every = true
  for (const { what, edits } of row.controls) {
    const control = await prove(row, 'quick', edits)
    const stale = control.broke.some((each) => each.startsWith('stale'))
    const reached = control.broke.some((each) => each.startsWith('broken'))
    const verdict = stale ? 'STALE' : !reached ? 'NEVER REACHED' : control.tests.some(isRed) ? 'red' : 'STAYED GREEN'
    if (verdict !== 'red') every = false
    controls.push(row.controls.length === 1 && verdict === 'red' ? 'red' : `${what}: ${verdict}`)
  }
  if (row.controls.length === 0) every = false
  return {
    ...line,
    held,
    control: every ? `red${row.controls.length > 1 ? ` (${row.controls.length})` : ''}` : controls.join('; ') || 'NONE',
    ok: held === 'held' && every,
  }
}

function table(lines: readonly Line[]): string {
  const head = ['', 'fault', 'tried', 'held', 'control']
  const cells = [head, ...lines.map(({ name, fault, tried, held, control }) => [name, fault, tried, held, control])]
  const widths = head.map((_, n) => Math.max(...cells.map((row) => (row[n] ?? '').length)))
  return cells
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const unknown = positionals.filter((name) => !(name in rows))
if (unknown.length > 0) {
  process.stderr.write(`There is no row ${unknown.join(', ')}. They are: ${Object.keys(rows).join(', ')}\n`)
  process.exit(1)
}
const wanted = positionals.length > 0 ? positionals : Object.keys(rows)
if (values.list) {
  for (const name of wanted) process.stdout.write(`${name.padEnd(12)} ${rows[name]?.fault}: ${rows[name]?.promise}\n`)
  process.exit(0)
}
const lines: Line[] = []
for (const name of wanted) {
  process.stderr.write(`${name} … `)
  const line = await judge(name, rows[name] as Row)
  process.stderr.write(`${line.held}, control ${line.control}\n`)
  lines.push(line)
}
const held = lines.filter((line) => line.held === 'held').length
process.stdout.write(
  `\n${table(lines)}\n\n${held} of ${lines.length} held; ${lines.filter(({ ok }) => ok).length} with every control red or a reason in words.\n`,
)
process.exitCode = lines.every(({ ok }) => ok) ? 0 : 1
