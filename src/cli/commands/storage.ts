import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { backUp, backUpTo } from '../../backup/make.ts'
import { restoreTo } from '../../backup/restore.ts'
import { Fault } from '../../base/fault.ts'
import { type Config, readConfig } from '../../config.ts'
import { openApp, openKeys, secretsFile } from '../../open.ts'
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
    .description('copy the live database, prove the copy and lock it; the keys that open it are not in it')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito backup /mnt/safe/wito.backup')
    .action((file: string | undefined, { json }: Options) =>
      withApp(async ({ app, config }) => {
        const stamp = new Date(app.clock.now()).toISOString().slice(0, 19).replaceAll(':', '')
        const made = file ? await backUpTo(app, file) : await backUp(app, join(config.dataFolder, 'backups'), stamp)
        printResult({ file: made.file, ...made.counts }, json)
        if (!json)
          process.stderr.write(
            `Keep the keys too: without them nobody can open it${existsSync(secretsFile(config)) ? ` (${secretsFile(config)})` : ''}.\n`,
          )
      }),
    )
  program
    .command('restore <file>')
    .description('bring a backup back as the database, proven before it gets its place')
    .option('--force', 'move a database that is there aside')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito restore data/backups/wito-2026-11-23T0230.backup --force')
    .action(async (file: string, options: Options) => {
      const config = readConfig()
      const { counts, ...proven } = await restore(config, file, options.force === true)
      printResult({ restored: file, ...proven, ...counts }, options.json)
    })
}

async function restore(config: Config, file: string, force: boolean) {
  const target = databaseFile(config)
  if (existsSync(target) && !force)
    throw new Fault('bad_file', `${target} is there already; stop the service and add --force to move it aside`)
  const keyring = openKeys(config)
  const aside = `${target}.before-${Math.floor(process.uptime() * 1000)}-${process.pid}`
  return restoreTo(keyring, file, target, {
    open: (databaseFile) => openApp({ ...config, databaseUrl: `file:${databaseFile}` }),
    beforeItGetsItsName() {
      if (!existsSync(target)) return
      for (const end of ['', '-wal', '-shm']) if (existsSync(target + end)) renameSync(target + end, aside + end)
      process.stderr.write(`The old database is now ${aside}.\n`)
    },
  })
}

function databaseFile({ databaseUrl }: Config): string {
  if (!databaseUrl.startsWith('file:'))
    throw new Fault('bad_settings', 'PostgreSQL is backed up and restored with pg_dump and pg_restore; see the README')
  return databaseUrl.slice('file:'.length)
}
