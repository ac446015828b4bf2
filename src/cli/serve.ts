import closeWithGrace from 'close-with-grace'
import { readConfig } from '../config.ts'
import { tryThese } from '../demo/load.ts'
import { type Service, serve } from '../main.ts'

/** Runs the service until it is told to stop; within 15 s of a SIGTERM everything under way is finished. */
export async function serveCommand(): Promise<void> {
  const config = readConfig()
  const service = await serve(config, (reason) => {
    // After a failed fsync only a fresh process knows what is on disk.
    process.stderr.write(
      `The storage failed and cannot be trusted until a restart: ${reason instanceof Error ? reason.message : String(reason)}\n`,
    )
    process.exit(1)
  })
  closeWithGrace({ delay: 15_000, logger: false }, async ({ err }) => {
    if (err) service.app.log.fatal({ err }, 'stopping after an error')
    await service.close()
  })
  // In production too: without the link nobody could begin.
  if (!config.production || service.firstAdministratorLink) process.stderr.write(welcome(service, config.serviceCode))
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
