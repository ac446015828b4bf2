import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../src/base/clock.ts'
import { readConfig } from '../../src/config.ts'
import { type Phone, phone } from '../../src/gateway/emulator/phone.ts'
import { type Service, serve } from '../../src/main.ts'
import { usualDatabase } from './engines.ts'

export type Booted = Service & { folder: string; gatewayUrl: string; phone(msisdn: string): Phone }

/** The whole service as `npm start` runs it, on a free port, with a database of its own and the stand-in for the gateway. */
export async function boot(environment: Record<string, string> = {}, clock?: Clock): Promise<Booted> {
  const folder = mkdtempSync(join(tmpdir(), 'wito-'))
  const settings = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: (await usualDatabase()) ?? `file:${folder}/wito.db`,
    DEMO: '0',
    LOG_LEVEL: 'silent',
    SMS_PER_SECOND: '500',
    ...environment,
  })
  // With a database server every service would share the folder `data`.
  const config = { ...settings, dataFolder: settings.databaseUrl.startsWith('file:') ? settings.dataFolder : folder }
  const broken = (reason: unknown) => {
    throw reason
  }
  const service = await serve(config, broken, clock)
  const gatewayUrl = service.emulatorUrl
  if (gatewayUrl === undefined) throw new Error('no stand-in was started')
  return {
    ...service,
    folder,
    gatewayUrl,
    phone: (msisdn) => phone(gatewayUrl, msisdn),
    async close() {
      await service.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
