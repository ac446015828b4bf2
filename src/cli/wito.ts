import { Command, CommanderError } from 'commander'
import { Fault } from '../base/fault.ts'
import { addApplications } from './commands/applications.ts'
import { addAudit } from './commands/audit.ts'
import { addBench } from './commands/bench.ts'
import { addBreach } from './commands/breach.ts'
import { addDeploy } from './commands/deploy.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEmulator } from './commands/emulator.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addKeys } from './commands/keys.ts'
import { addLetters } from './commands/letters.ts'
import { addMenus } from './commands/menus.ts'
import { addMove } from './commands/move.ts'
import { addOfficers } from './commands/officer.ts'
import { addPay } from './commands/pay.ts'
import { addPerson } from './commands/person.ts'
import { addStorage } from './commands/storage.ts'
import { addVet } from './commands/vet.ts'

const program = new Command('wito')
  .description('Examination duty by any phone: the operator’s commands. Settings come from the environment; see the README.')
  // What stands behind the inner command is its own, though the outer one has an option of that name.
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for the ways to use it)')
  .exitOverride()

program
  .command('serve')
  .description('run the service')
  .addHelpText('after', '\nExample: PORT=3000 wito serve')
  .action(async () => (await import('./serve.ts')).serveCommand())

for (const add of [
  addStorage,
  addMove,
  addImport,
  addExport,
  addVet,
  addApplications,
  addDeploy,
  addLetters,
  addPay,
  addKeys,
  addMenus,
  addAudit,
  addPerson,
  addBreach,
  addDoctor,
  addEmulator,
  addOfficers,
  addBench,
])
  add(program)

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (reason: NodeJS.ErrnoException) => {
  if (reason.code !== 'EPIPE') throw reason
  process.exit()
})

try {
  await program.parseAsync()
} catch (reason) {
  process.exitCode = exitCodeOf(reason)
}

/** One sentence for the operator; the whole of it only where somebody asked to debug. */
function exitCodeOf(reason: unknown): number {
  // Help that was asked for is a success; commander has printed everything else itself.
  if (reason instanceof CommanderError) return reason.exitCode
  const sentence = reason instanceof Error ? reason.message : String(reason)
  process.stderr.write(`${sentence}\n`)
  if (!(reason instanceof Fault) && reason instanceof Error) process.stderr.write(`${reason.stack}\n`)
  return 1
}
