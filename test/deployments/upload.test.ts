import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { applyImport, forgetImport, IMPORT_RUN, importRun, reportOf, stageImport } from '../../src/deployments/upload.ts'
import { type RunKinds, resumeRun } from '../../src/runs/run.ts'
import { finishRuns } from '../kit/runs.ts'
import { buildTown, idOf, onBothEngines } from '../letters/kit.ts'

const JOB = 'KCSE26INV'
const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
const [MINE, OTHER] = [officer('a'), officer('b')]

async function openOffice(count: number) {
  const town = await buildTown()
  const folder = mkdtempSync(join(tmpdir(), 'wito-upload-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const app = { ...town.app, config: { ...town.app.config, dataFolder: folder } }
  await town.addJob(JOB)
  for (let n = 1; n <= count; n++) await town.addPerson(n)
  const { read } = town.store
  return {
    ...town,
    app,
    kept: () => readdirSync(join(folder, 'uploads')),
    async bring(rows: string[], id = 'up1', mine: (county: string) => boolean = () => true) {
      const path = join(folder, 'list.csv')
      writeFileSync(path, ['job_code,national_id,centre_code,report_on,report_at', ...rows].join('\n'))
      return stageImport(app, { id, file: { path, name: 'list.csv' }, by: MINE.name, mine })
    },
    drafts: async () => (await read.select().from(read.deployments)).filter(({ status }) => status === 'draft').length,
    runs: () => read.select().from(read.runs),
    finish: (kinds: RunKinds = { [IMPORT_RUN]: importRun }) => finishRuns(app, kinds),
  }
}
const row = (n: number) => `${JOB},${idOf(n)},10101001,2026-11-02,07:00`
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n + 1))

onBothEngines(() => {
  describe('a table of deployments, uploaded', () => {
    test('nothing is written before somebody applies it; applied twice it is one run, and its rows are thrown away after', async () => {
      const office = await openOffice(3)
      expect(await office.bring(rows(3))).toMatchObject({ rows: 3, good: 3, bad: [], fates: { made: 3, changed: 0, same: 0 } })
      expect(await office.drafts()).toBe(0)
      expect(office.kept().toSorted()).toEqual(['up1.report', 'up1.rows'])
      const applied = await Promise.all([1, 2].map(() => applyImport(office.app, MINE, 'up1', false)))
      expect(applied).toEqual(['import:up1', 'import:up1'])
      await office.finish()
      expect(await office.drafts()).toBe(3)
      expect(await office.runs()).toMatchObject([{ state: 'done', done: 3, of: 3, by: MINE.name }])
      expect(office.kept()).toEqual([])
      expect(await applyImport(office.app, MINE, 'up1', false)).toBe('import:up1')
      expect(await office.bring(rows(3), 'up2')).toMatchObject({ fates: { made: 0, changed: 0, same: 3 } })
    })

    test('while a row is bad nothing is applied, unless the bad ones are left out', async () => {
      const office = await openOffice(2)
      const report = await office.bring([row(1), row(2).replace('10101001', '1'), `${row(2)},more`])
      expect(report.bad.map(({ row: line, code }) => `${line} ${code}`)).toEqual(['3 form_centre_code', '4 uneven'])
      expect(await applyImport(office.app, MINE, 'up1', false)).toBeUndefined()
      expect(await applyImport(office.app, MINE, 'up1', true)).toBe('import:up1')
      await office.finish()
      expect(await office.drafts()).toBe(1)
    })

    test('only whoever brought it applies it or throws it away', async () => {
      const office = await openOffice(1)
      await office.bring(rows(1))
      expect(await applyImport(office.app, OTHER, 'up1', true)).toBeUndefined()
      await forgetImport(office.app, OTHER, 'up1')
      expect(await reportOf(office.app, 'up1')).toMatchObject({ good: 1 })
      await forgetImport(office.app, MINE, 'up1')
      expect(office.kept()).toEqual([])
    })

    test('broken off after a slice it goes on there, with every row once', async () => {
      const office = await openOffice(150)
      await office.bring(rows(150))
      await applyImport(office.app, MINE, 'up1', false)
      const breaks: RunKinds = {
        [IMPORT_RUN]: {
          ...importRun,
          slice(scene, input, cursor, facts) {
            if (cursor !== null) throw new RangeError('broken on purpose')
            return importRun.slice(scene, input, cursor, facts)
          },
        },
      }
      await office.finish(breaks)
      expect(await office.runs()).toMatchObject([{ state: 'failed', done: 100 }])
      expect(await office.work((tx) => resumeRun({ tx, at: office.at }, 'import:up1'))).toBe(true)
      await office.finish()
      expect(await office.runs()).toMatchObject([{ state: 'done', done: 150, tally: { made: 150, same: 0 } }])
      expect(await office.drafts()).toBe(150)
      expect(office.kept()).toEqual([])
    })
  })
})
