import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { reissue, revoke } from '../../letters/operate.ts'
import { operator, printResult, withApp } from '../desk.ts'

type Options = { reference: string; why: string; json?: boolean }

const WORDS = {
  unknown: 'there is no letter with this reference',
  already: 'this letter was revoked before',
  declined: 'the person declined this duty; deploy them anew first',
  suspended: 'this person is suspended',
} as const

export function addLetters(program: Command): void {
  const letters = program.command('letters').description('issue a letter again, or revoke it; the person is told by SMS')
  letters
    .command('issue')
    .description('issue the next version of a letter; the old link then answers that it is no longer valid')
    .requiredOption('--reference <reference>', 'as printed on the letter')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito letters issue --reference KCSE/INV/2026/0001234')
    .action(({ reference, json }: Options) =>
      withApp(async ({ app }) => tellOf(await reissue(app, { reference }, operator()), json)),
    )
  letters
    .command('revoke')
    .description('revoke a letter')
    .requiredOption('--reference <reference>', 'as printed on the letter')
    .requiredOption('--why <reason>', 'kept in the audit trail')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito letters revoke --reference KCSE/INV/2026/0001234 --why "centre closed"')
    .action(({ reference, why, json }: Options) =>
      withApp(async ({ app }) => tellOf(await revoke(app, { reference, why }, operator()), json)),
    )
}

function tellOf(result: Record<string, unknown> & { refused?: keyof typeof WORDS }, json: boolean | undefined): void {
  if (result.refused) throw new Fault('not_found', WORDS[result.refused])
  printResult(result, json)
}
