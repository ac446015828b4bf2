import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { readConfig } from '../../config.ts'
import { openApp, readWords } from '../../open.ts'
import { readRetention } from '../../people/retention.ts'
import { described } from '../../text/source.ts'
import { print } from '../desk.ts'

type Finding = { what: string; ok: boolean; say: string }

const LINK_WIDTH = 60

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('looks at settings, words, storage, keys and gateway, and says what to mend')
    .option('--json', 'as one JSON array')
    .addHelpText('after', '\nExample: wito doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine()
      if (json) print(JSON.stringify(findings))
      else for (const { what, ok, say } of findings) print(`${ok ? 'ok  ' : 'MEND'}  ${what}: ${say}`)
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1
    })
}

async function examine(): Promise<Finding[]> {
  const findings: Finding[] = []
  const look = async (what: string, run: () => Promise<string> | string) => {
    try {
      findings.push({ what, ok: true, say: await run() })
    } catch (reason) {
      findings.push({ what, ok: false, say: reason instanceof Error ? reason.message : String(reason) })
    }
  }
  const broken = (say: string): never => {
    throw new Fault('bad_settings', say)
  }

  await look('settings', () => `${readConfig().production ? 'production' : 'development'}, every value readable`)
  if (!findings[0]?.ok) return findings
  const config = readConfig()
  await look('menus', () => {
    const { problems, menu } = readWords({ short_code: config.shortCode, service_code: config.serviceCode })
    return problems.length === 0
      ? `${Object.keys(menu.screens).length} screens in two languages`
      : broken(problems.map(described).join('\n        '))
  })
  await look('retention', () => {
    const kept = Object.entries(readRetention(config)).map(([kind, { days }]) => `${kind} ${days}`)
    return `kept for so many days: ${kept.join(', ')}`
  })
  await look('storage and keys', async () => {
    const { app, close } = await openApp(config)
    try {
      await app.store.ping()
      // A write, then its fsync: a disk that is full or read-only shows here.
      await app.store.work('doctor', async (tx) => {
        await tx
          .insert(tx.counters)
          .values({ name: 'doctor', n: 1 })
          .onConflictDoUpdate({ target: tx.counters.name, set: { n: 1 } })
      })
      return 'writes are durable and the keys open what is stored'
    } finally {
      await close()
    }
  })
  await look('links', () => {
    const base = config.publicUrl ?? `http://localhost:${config.port}`
    const width = `${base}/l/0000-0000-0000-0000`.length
    return width <= LINK_WIDTH
      ? `${width} of ${LINK_WIDTH} characters, so a link fits its SMS`
      : broken(`PUBLIC_URL is ${width - LINK_WIDTH} characters too long for one SMS`)
  })
  await look('gateway', async () => {
    const { url, apiKey } = config.gateway
    if (!url && !apiKey) return 'a local stand-in; set AT_USERNAME and AT_API_KEY for real messages'
    const base =
      url ?? (config.gateway.username === 'sandbox' ? 'https://api.sandbox.africastalking.com' : 'https://api.africastalking.com')
    const answer = await fetch(base, { signal: AbortSignal.timeout(5_000) }).catch(() =>
      broken(`${base} does not answer; is the network open?`),
    )
    return `${base} answers (${answer.status})`
  })
  return findings
}
