import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { openLog } from '../../base/log.ts'
import { readConfig } from '../../config.ts'
import { startEmulator } from '../../gateway/emulator/server.ts'
import { print } from '../desk.ts'
import { wholeNumber } from './applications.ts'

type Options = { port: number; callbacks?: string }

export function addEmulator(program: Command): void {
  program
    .command('emulator')
    .description('a local stand-in for the SMS and USSD gateway; point AT_URL at it')
    .option('--port <n>', 'where to listen on 127.0.0.1', wholeNumber, 4000)
    .option('--callbacks <url>', 'the service’s callbacks, http://127.0.0.1:3000/callbacks/SECRET')
    .addHelpText('after', '\nExample: wito emulator --port 4000 --callbacks http://127.0.0.1:3000/callbacks/SECRET')
    .action(async ({ port, callbacks }: Options) => {
      const config = readConfig()
      const emulator = await startEmulator({
        port,
        serviceCode: config.serviceCode,
        shortCode: config.shortCode,
        clock: systemClock,
        log: openLog('error'),
        ...(callbacks ? { callbacks: { base: callbacks } } : {}),
      })
      print(`The stand-in listens on ${emulator.url}; start the service with AT_URL=${emulator.url}`)
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.close())
    })
}
