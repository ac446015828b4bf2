import cluster from 'node:cluster'
import closeWithGrace from 'close-with-grace'
import { systemClock } from '../base/clock.ts'
import { type Config, readConfig } from '../config.ts'
import { tryThese } from '../demo/load.ts'
import { type Part, type Service, serve } from '../main.ts'
import { openProcesses } from './processes.ts'

/** Runs the service until it is told to stop; within 15 s of a SIGTERM everything under way is finished. */
export async function serveCommand(): Promise<void> {
  const config = readConfig()
  if (cluster.isWorker) {
    await run(config, 'doors')
    return void process.send?.('listening')
  }
  const several = config.processes > 1
  const service = await run(config, several ? 'work' : 'whole')
  // In production too: without the link nobody could begin.
  if (!config.production || service.firstAdministratorLink) process.stderr.write(welcome(service, config.serviceCode))
}

async function run(config: Config, part: Part): Promise<Service> {
  const service = await serve(config, stopAtOnce, systemClock, part)
  const { app, port, emulatorUrl, close } = service
  const stops = [close]
  const told = part === 'doors'
  // A terminal sends its interrupt to every process; one of several stops when the first says so.
  if (told) process.on('SIGINT', () => app.log.debug('the first process stops this one'))
  closeWithGrace({ delay: 15_000, logger: false, skip: told ? ['SIGINT'] : [] }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'stopping after an error')
    await Promise.all(stops.map((stop) => stop()))
  })
  if (part === 'work') {
    // Keys, tables and the stand-in are there by now: none of them makes its own.
    const settings = { PORT: String(port), ...(emulatorUrl ? { AT_URL: emulatorUrl } : {}) }
    const processes = await openProcesses(config.processes, settings, app.log)
    stops.push(processes.close)
  }
  return service
}

/** After a failed fsync only a fresh process knows what is on disk. */
function stopAtOnce(reason: unknown): never {
  const said = reason instanceof Error ? reason.message : String(reason)
  process.stderr.write(`The storage failed and cannot be trusted until a restart: ${said}\n`)
  process.exit(1)
}

function welcome({ url, emulatorUrl, firstAdministratorLink }: Service, serviceCode: string): string {
  const phones = tryThese.map(({ phone, title }) => `    ${phone}  ${title}`).join('\n')
  const links = [
    ...(emulatorUrl ? [['Phone simulator', `${url}/simulator`]] : []),
    ['Portal', `${url}/portal`],
    ['Console', `${url}/console`],
    ...(firstAdministratorLink ? [['First officer', `${firstAdministratorLink}  (works once)`]] : []),
    ['Letters', `${url}/l`],
  ].map(([name = '', link]) => `  ${name.padEnd(16)}  ${link}`)
  return `\nWito is ready.\n${links.join('\n')}\n\n  Dial ${serviceCode} on the simulator as one of\n${phones}\n\n`
}
