import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { acting } from '../../acting.ts'
import { verifyTrail } from '../../audit/verify.ts'
import { Fault } from '../../base/fault.ts'
import { type Config, onDatabase, readConfig } from '../../config.ts'
import { openApp } from '../../open.ts'
import { moveStore } from '../../store/move.ts'
import { operator, printResult, progress } from '../desk.ts'

type Options = { from: string; to: string; json?: boolean; progress?: boolean }

export function addMove(program: Command): void {
  program
    .command('move')
    .description('move a stopped service into another, empty database, of either engine, proven row by row')
    .requiredOption('--from <url>', 'file:… or postgres://…, where it is')
    .requiredOption('--to <url>', 'file:… or postgres://…, where it shall be')
    .option('--json', 'the result as one JSON object')
    .option('--progress', 'count on stderr even where nobody watches')
    .addHelpText('after', '\nExample: wito move --from file:data/wito.db --to postgres://wito@db.example/wito')
    .action(move)
}

async function move({ from, to, json, progress: wanted }: Options): Promise<void> {
  const config = readConfig()
  const [old, fresh] = [onDatabase(config, from), onDatabase(config, to)]
  const file = from.startsWith('file:') ? from.slice('file:'.length) : undefined
  if (file !== undefined && !existsSync(file)) throw new Fault('bad_file', `there is no file ${file}`)
  // Wrong keys are found before the long part.
  await (await openApp(old)).close()
  const counting = progress('rows', wanted)
  const sums = await moveStore(from, to, counting.at)
  counting.end()
  // What lies beside a database stays there until somebody carries it: the keys and the end of the trail are read where they are.
  const { app, close } = await openApp({ ...fresh, dataFolder: old.dataFolder })
  try {
    const { checked, broken } = await verifyTrail(app)
    const rows = Object.values(sums).reduce((sum, each) => sum + each.rows, 0)
    await acting(app, operator(), 'storage.move', 'storage:move', async () => [
      undefined,
      { outcome: broken?.fault ?? 'done', detail: { rows, checked } },
    ])
    printResult({ rows, links: checked, trail: broken?.fault ?? 'whole', tables: sums }, json)
    if (broken) process.exitCode = 1
  } finally {
    await close()
  }
  tellWhatStays(old, fresh)
}

const BESIDE = ['secrets.json', 'audit.anchor', 'erased', 'documents', 'uploads']

function tellWhatStays({ dataFolder: old }: Config, { dataFolder: fresh }: Config): void {
  const there = BESIDE.filter((name) => existsSync(join(old, name)))
  if (old === fresh || there.length === 0) return
  process.stderr.write(`Carry this from ${old}/ to ${fresh}/ before the service starts there: ${there.join(', ')}.\n`)
}
