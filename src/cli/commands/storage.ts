import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { type Config, readConfig } from '../../config.ts'
import { secretsFile } from '../../open.ts'
import { backUp, checkCopy, copyAndCheck } from '../../store/backup.ts'
import { print, printResult, withApp } from '../desk.ts'

type Options = { json?: boolean; force?: boolean }

export function addStorage(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to date (starting does this too)')
    .addHelpText('after', '\nExample: wito migrate')
    .action(() => withApp(async ({ config }) => void print(`${config.databaseUrl.replace(/\/\/.*@/, '//…@')} is up to date.`)))
  program
    .command('backup [file]')
    .description('copy the live database and prove the copy; keys are not in it')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito backup /mnt/safe/wito.db')
    .action((file: string | undefined, { json }: Options) =>
      withApp(async ({ app, config }) => {
        const stamp = new Date(app.clock.now()).toISOString().slice(0, 19).replaceAll(':', '')
        const made = file
          ? await copyAndCheck(app.store, file)
          : await backUp(app.store, join(dirname(databaseFile(config)), 'backups'), stamp)
        printResult({ file: made.file, ...made.counts }, json)
        if (!json)
          process.stderr.write(
            `Keep the keys too: without them nobody can open it${existsSync(secretsFile(config)) ? ` (${secretsFile(config)})` : ''}.\n`,
          )
      }),
    )
  program
    .command('restore <file>')
    .description('put a backup in the place of the database, and prove it')
    .option('--force', 'move a database that is there aside')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito restore data/backups/wito-2026-11-23T0230.db --force')
    .action(async (file: string, options: Options) => {
      const counts = restore(readConfig(), file, options.force === true)
      // Opening it proves that the keys fit and that it can be brought up to date.
      await withApp(({ app }) => app.store.ping())
      printResult({ restored: file, ...counts }, options.json)
    })
}

function restore(config: Config, file: string, force: boolean) {
  const target = databaseFile(config)
  const wanted = checkCopy(file)
  if (existsSync(target)) {
    if (!force) throw new Fault('bad_file', `${target} is there already; stop the service and add --force to move it aside`)
    const aside = `${target}.before-${Math.floor(process.uptime() * 1000)}-${process.pid}`
    for (const end of ['', '-wal', '-shm']) if (existsSync(target + end)) renameSync(target + end, aside + end)
    process.stderr.write(`The old database is now ${aside}.\n`)
  }
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(file, target)
  const held = checkCopy(target)
  if (JSON.stringify(held) !== JSON.stringify(wanted)) throw new Fault('bad_file', `${target} does not hold what ${file} holds`)
  return held
}

function databaseFile({ databaseUrl }: Config): string {
  if (!databaseUrl.startsWith('file:'))
    throw new Fault('bad_settings', 'PostgreSQL is backed up and restored with pg_dump and pg_restore; see the README')
  return databaseUrl.slice('file:'.length)
}
