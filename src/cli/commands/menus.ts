import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { readMsisdn } from '../../base/msisdn.ts'
import { actions, formats } from '../../catalogue.ts'
import { readConfig } from '../../config.ts'
import { MENUS, readWords } from '../../open.ts'
import { septets } from '../../text/gsm7.ts'
import { described } from '../../text/source.ts'
import { drawMenu } from '../../ussd/graph.ts'
import { takeHop } from '../../ussd/hop.ts'
import { print, withApp } from '../desk.ts'

type Options = { json?: boolean; folder: string; phone: string }

export function addMenus(program: Command): void {
  const menus = program.command('menus').description('the words and screens of menus/')
  menus
    .command('check')
    .description('names every mistake by file, line and column')
    .option('--folder <folder>', 'another folder of menus', MENUS)
    .option('--json', 'as one JSON array')
    .addHelpText('after', '\nExample: wito menus check')
    .action(({ folder, json }: Options) => {
      const { problems, menu } = words(folder)
      if (json) print(JSON.stringify(problems))
      else for (const problem of problems) print(described(problem))
      if (!json && problems.length === 0) print(`${Object.keys(menu.screens).length} screens, nothing to mend.`)
      if (problems.length > 0) process.exitCode = 1
    })
  menus
    .command('graph')
    .description('the tree as a Mermaid diagram')
    .option('--folder <folder>', 'another folder of menus', MENUS)
    .addHelpText('after', '\nExample: wito menus graph > menu.mmd')
    .action(({ folder }: Options) => {
      const { problems, menu } = words(folder)
      if (problems.length > 0) throw new Fault('bad_settings', 'mend the menus first: wito menus check')
      print(drawMenu(menu))
    })
  menus
    .command('try')
    .description('play the menus in this terminal, on the local database')
    .option('--phone <number>', 'who dials', '+254700000002')
    .addHelpText('after', '\nExample: wito menus try --phone 0700000002')
    .action(({ phone }: Options) => play(phone))
}

function words(folder: string) {
  const config = readConfig()
  return readWords({ short_code: config.shortCode, service_code: config.serviceCode }, folder)
}

async function play(phone: string): Promise<void> {
  const msisdn = readMsisdn(phone)
  if (msisdn === undefined) throw new Fault('bad_request', `${phone} is no Kenyan mobile number`)
  await withApp(async ({ app, menu, config }) => {
    const desk = { app, actions, menu, formats }
    const sessionId = `try-${app.clock.id()}`
    let text = ''
    const hop = async () => {
      const { body } = await takeHop(desk, { sessionId, msisdn, serviceCode: config.serviceCode, text })
      print(`\n${body.slice(4)}\n${'-'.repeat(20)} ${septets(body)} of 160`)
      return body.startsWith('CON')
    }
    if (!(await hop())) return
    const lines = createInterface({ input: process.stdin })
    for await (const line of lines) {
      text = text === '' ? line : `${text}*${line}`
      if (!(await hop())) break
    }
    lines.close()
  })
}
