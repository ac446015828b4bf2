import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { nairobiDay } from '../../src/base/dates.ts'
import { demo } from '../../src/demo/demo.ts'
import { openStore } from '../../src/store/open.ts'
import { type Ran, runNode, runWito } from '../kit/command.ts'

const HELPS = new URL('helps.ts', import.meta.url).pathname

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the real command in a process of its own, on this test's database. */
function wito(...words: string[]): Promise<Ran> {
  return witoOn(`${folder}/wito.db`, ...words)
}
function witoOn(database: string, ...words: string[]): Promise<Ran> {
  return runWito(words, { PATH: process.env.PATH, HOME: folder, DATABASE_URL: `file:${database}`, LOG_LEVEL: 'silent' })
}

const made = demo(nairobiDay(systemClock.now()))
const save = (name: string, rows: readonly object[]): string => {
  const file = join(folder, name)
  writeFileSync(file, stringify(rows as Record<string, string>[], { header: true }))
  return file
}
const saveRaw = (name: string, content: string | Buffer): string => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}
const json = ({ out }: Ran) =>
  JSON.parse(out) as Record<string, number> & { bad: { line: number; column: string; message: string }[] }
const first = <T>(rows: readonly T[]): T => {
  const [row] = rows
  if (row === undefined) throw new Error('no rows')
  return row
}

/** So many people of the roll who have no duty yet are chosen for a job. */
async function choose(jobCode: string, count: number): Promise<void> {
  const store = await openStore(`file:${folder}/wito.db`)
  await store.work('test', async (tx) => {
    const deployed = (await tx.select().from(tx.deployments)).map(({ personId }) => personId)
    const free = (await tx.select().from(tx.people)).filter(
      ({ id, status, workstationCode }) => status === 'vetted' && workstationCode !== null && !deployed.includes(id),
    )
    for (const { id, homeCounty, homeSubCounty } of free.slice(0, count))
      await tx.insert(tx.applications).values({
        ...{ id: `chosen-${id}`, reference: id.slice(-8), personId: id, jobCode, county: homeCounty, subCounty: homeSubCounty },
        ...{ status: 'successful', at: 0, changedAt: 0 },
      })
  })
  await store.close()
}

test('every command explains itself', async () => {
  const commands = [
    'serve',
    'migrate',
    'move',
    'import roll',
    'import stations',
    'import jobs',
    'import deployments',
    'import rules',
    'export applications',
    'export deployments',
    'export audit',
    'vet',
    'applications decide',
    'import heads',
    'deploy plan',
    'deploy compare',
    'deploy adopt',
    'deploy publish',
    'bench deploy',
    'keys list',
    'keys add',
    'keys rotate',
    'keys retire',
    'letters issue',
    'letters revoke',
    'menus check',
    'menus graph',
    'menus try',
    'backup',
    'restore',
    'doctor',
    'emulator',
    'audit verify',
    'person export',
    'person correct',
    'person erase',
    'person hold',
    'breach',
  ]
  const ran = await runNode(HELPS, commands, { PATH: process.env.PATH, HOME: folder })
  expect([ran.code, ran.err]).toEqual([0, ''])
  const said = ran.out.split('\0')
  expect(said).toHaveLength(2 * commands.length + 1)
  for (const [n, command] of commands.entries()) {
    expect([command, said[2 * n + 1]]).toEqual([command, '0'])
    expect(said[2 * n]).toMatch(new RegExp(`^Usage: wito ${command}\\b`))
    expect(said[2 * n]).toContain('Example: ')
  }
  const asked = await wito('import', 'roll', '--help')
  expect([asked.code, asked.out]).toEqual([0, said[2 * commands.indexOf('import roll')]])
  const unknown = await wito('fly')
  expect(unknown.code).toBe(1)
  expect(unknown.err).toContain("unknown command 'fly'")
}, 600_000)

describe('from a file to a letter', () => {
  test('a bad file lists every bad row by line and column, and changes nothing', async () => {
    const rows = made.roll.slice(0, 6).map((row) => ({ ...row }))
    Object.assign(rows[1] as object, { phone: '0199123456', status: 'maybe' })
    Object.assign(rows[3] as object, { kra_pin: 'P123' })
    Object.assign(rows[5] as object, { national_id: rows[0]?.national_id })
    const ran = await wito('import', 'roll', save('bad.csv', rows), '--json')
    expect(ran.code).toBe(1)
    expect(json(ran).bad.map(({ line, column }) => `${line} ${column}`)).toEqual([
      '3 phone',
      '3 status',
      '5 kra_pin',
      '7 national_id',
    ])
    expect(json(await wito('import', 'roll', save('good.csv', made.roll), '--json')).added).toBe(500)
  })

  test('a file can be taken in twice; with --skip-bad the good rows go in', async () => {
    const twice = json(await wito('import', 'roll', join(folder, 'good.csv'), '--json'))
    expect(twice).toMatchObject({ rows: 500, added: 0, changed: 0, same: 500, bad: [] })
    const changed = made.roll
      .slice(0, 2)
      .map((row, place) => (place === 0 ? { ...row, qualification: 'postgraduate' } : { ...row, phone: 'none' }))
    const skipped = await wito('import', 'roll', save('skip.csv', changed), '--skip-bad', '--json')
    expect(skipped.code).toBe(1)
    expect(json(skipped)).toMatchObject({ changed: 1, added: 0 })
  })

  test.each([
    ['an unknown column', () => save('unknown.csv', [{ ...first(made.stations), colour: 'red' }]), "unknown column 'colour'"],
    ['a missing column', () => save('missing.csv', [{ centre_code: '01001001' }]), 'is missing'],
    ['an empty file', () => saveRaw('empty.csv', ''), 'is empty'],
    ['a folder', () => folder, 'is not a file'],
    ['no file', () => join(folder, 'nowhere.csv'), 'there is no file'],
    ['a file that is no text', () => saveRaw('binary.csv', Buffer.from([0xff, 0xfe, 0x00, 0x80])), 'not UTF-8'],
    [
      'a row without end',
      () => saveRaw('long.csv', `${Object.keys(first(made.stations)).join()}\n"${'x'.repeat(200_000)}`),
      'is it a CSV file?',
    ],
  ])('%s is one clear sentence', async (_, file, sentence) => {
    const { code, out, err } = await wito('import', 'stations', file())
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain(sentence)
    expect(err.trim().split('\n')).toHaveLength(1)
  })

  test('stations, jobs, rules and deployments follow; places are counted down to none', async () => {
    expect(json(await wito('import', 'stations', save('stations.csv', made.stations), '--json')).added).toBe(200)
    const [job] = made.jobs
    const jobs = made.jobs.map((row) => (row === job ? { ...row, places: '27' } : row))
    expect(json(await wito('import', 'jobs', save('jobs.csv', jobs), '--json')).added).toBe(12)
    const rules = join(folder, 'rules.yaml')
    writeFileSync(rules, `${job?.exam}: { levels: [secondary], years_since_served: 2, not_own_school: true }\n`)
    expect(JSON.parse((await wito('import', 'rules', rules, '--json')).out)).toEqual({ changed: 1, same: 0 })
    expect(JSON.parse((await wito('import', 'rules', rules, '--json')).out)).toEqual({ changed: 0, same: 1 })
    expect(json(await wito('import', 'deployments', save('deployments.csv', made.deployments), '--json')).added).toBe(25)
    const own = made.roll.find(
      (row) =>
        row.workstation_code !== '' &&
        row.status === 'vetted' &&
        !made.deployments.some(({ national_id }) => national_id === row.national_id),
    )
    const atHome = { ...first(made.deployments), national_id: own?.national_id, centre_code: own?.workstation_code }
    const refused = await wito('import', 'deployments', save('home.csv', [atHome]), '--json')
    expect(refused.code).toBe(1)
    expect(json(refused).bad).toHaveLength(1)
  })

  test('publish issues each letter once, however often it is run', async () => {
    expect(JSON.parse((await wito('deploy', 'publish', '--all', '--json')).out)).toEqual({ released: 25, held: 0 })
    expect(JSON.parse((await wito('deploy', 'publish', '--all', '--json')).out)).toEqual({ released: 0, held: 0 })
    expect((await wito('deploy', 'publish')).code).toBe(1)
    expect((await wito('deploy', 'publish', '--job', 'NOPE99')).err).toContain('there is no job NOPE99')
    const { out } = await wito('export', 'deployments')
    expect(out.trim().split('\n')).toHaveLength(26)
    expect(out).not.toMatch(/99\d{6}/)
    expect((await wito('export', 'payments')).code).toBe(1)
  })

  test('a plan is made, compared and adopted; what was released stays, and nobody is told before publish', async () => {
    const job = made.deployments[0]?.job_code ?? ''
    expect((await wito('deploy', 'plan', '--job', job)).err).toContain('candidates_per')
    await choose(job, 8)
    const rules = saveRaw(
      'ratios.yaml',
      `${made.jobs.find(({ code }) => code === job)?.exam}: { candidates_per: { invigilator: 20 }, hosting_below: 15, not_own_school: true, within: nation }\n`,
    )
    expect(JSON.parse((await wito('import', 'rules', rules, '--json')).out)).toEqual({ changed: 1, same: 0 })
    const one = JSON.parse((await wito('deploy', 'plan', '--job', job, '--json')).out)
    expect(one).toMatchObject({ kept: 25, chosen: 8, fresh: 8 })
    expect(one.km).toBeGreaterThan(0)
    expect(one.km_bound).toBeLessThanOrEqual(one.km)
    const two = JSON.parse((await wito('deploy', 'plan', '--job', job.toLowerCase(), '--json')).out)
    expect(JSON.parse((await wito('deploy', 'compare', one.plan, two.plan, '--json')).out)).toEqual({
      same: 33,
      moved: 0,
      added: 0,
      dropped: 0,
    })
    expect(JSON.parse((await wito('deploy', 'adopt', two.plan, '--json')).out)).toMatchObject({ made: 8, dropped: 0 })
    expect(JSON.parse((await wito('deploy', 'publish', '--all', '--json')).out)).toEqual({ released: 8, held: 0 })
    expect(JSON.parse((await wito('deploy', 'plan', '--job', job, '--json')).out)).toMatchObject({
      kept: 33,
      chosen: 0,
      fresh: 0,
    })
    const marker = made.jobs.find(({ role }) => role === 'examiner')
    const several = save('two.csv', [{ ...marker, code: 'TWOSUBJECTS', exam: 'TRIAL2026', subjects: 'mathematics;physics' }])
    expect((await wito('import', 'jobs', several)).code).toBe(0)
    expect(
      (await wito('import', 'rules', saveRaw('m.yaml', 'TRIAL2026: { marking: { "01001001": { physics: 2 } } }\n'))).code,
    ).toBe(0)
    const refused = await wito('deploy', 'plan', '--job', 'TWOSUBJECTS')
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('make one job for each subject')])
    expect((await wito('deploy', 'plan', '--job', 'NOPE99')).err).toContain('there is no job NOPE99')
    expect((await wito('deploy', 'adopt', 'nope')).err).toContain('there is no such plan')
    expect((await wito('deploy', 'compare', 'nope', two.plan)).code).toBe(1)
    const heads = save('heads.csv', [{ centre_code: made.stations[0]?.centre_code, name: 'Peter Mwangi', phone: '0700000951' }])
    expect(json(await wito('import', 'heads', heads, '--json')).added).toBe(1)
    expect(json(await wito('import', 'heads', heads, '--json'))).toMatchObject({ added: 0, same: 1 })
    const wrong = save('wrong.csv', [{ centre_code: '123', name: '', phone: '12' }])
    expect((await wito('import', 'heads', wrong, '--json')).code).toBe(1)
  }, 120_000)

  test('a backup opens elsewhere with its keys', async () => {
    const copy = join(folder, 'copy.backup')
    expect((await wito('backup', copy)).code).toBe(0)
    expect((await wito('backup', copy)).err).toContain('is there already')
    const elsewhere = join(folder, 'elsewhere')
    expect((await witoOn(`${elsewhere}/wito.db`, 'restore', copy)).err).toContain('keys are gone')
    rmSync(elsewhere, { recursive: true, force: true })
    mkdirSync(elsewhere)
    copyFileSync(join(folder, 'secrets.json'), join(elsewhere, 'secrets.json'))
    const restored = await witoOn(`${elsewhere}/wito.db`, 'restore', copy, '--json')
    expect([restored.code, restored.err]).toEqual([0, ''])
    expect(JSON.parse(restored.out)).toMatchObject({ people: 500, letters: 33, opened: 1, erasedAgain: 0 })
    expect((await witoOn(`${elsewhere}/wito.db`, 'restore', copy)).err).toContain('add --force')
    expect((await witoOn(`${elsewhere}/wito.db`, 'restore', copy, '--force')).code).toBe(0)
    writeFileSync(join(folder, 'broken.backup'), readFileSync(copy).subarray(0, 40_000))
    expect((await witoOn(`${folder}/other.db`, 'restore', join(folder, 'broken.backup'))).code).toBe(1)
    expect(existsSync(`${folder}/other.db`)).toBe(false)
  })

  test('the doctor finds nothing, and names what is wrong where something is', async () => {
    const well = await wito('doctor', '--json')
    expect(well.code).toBe(0)
    expect(JSON.parse(well.out).every(({ ok }: { ok: boolean }) => ok)).toBe(true)
    rmSync(join(folder, 'secrets.json'))
    const ill = await wito('doctor')
    expect(ill.code).toBe(1)
    expect(ill.out).toContain('its keys are gone')
  })
})

test('the menus can be checked, drawn and played from the command line', async () => {
  expect(await wito('menus', 'check')).toMatchObject({ code: 0, out: expect.stringContaining('nothing to mend') })
  const { out } = await wito('menus', 'graph')
  expect(out).toMatch(/^flowchart LR\n {2}dial\(\(dial\)\) --> start/)
  for (const line of out.trim().split('\n').slice(1))
    expect(line).toMatch(
      /^ {2,4}(subgraph \w+|end|\w+(\[|\().*|\w+ -- ".*" --> \w+|\w+ -\. \w+ \.-> \w+|dial\(\(dial\)\) --> \w+)$/,
    )
})
