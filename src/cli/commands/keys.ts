import { renameSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { eq } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { Fault } from '../../base/fault.ts'
import { orderRules, runKinds } from '../../catalogue.ts'
import type { Config } from '../../config.ts'
import { askRotation, ROTATE_RUN, rotationRun } from '../../keys/rotate.ts'
import { notedKeys, standingOf } from '../../keys/standing.ts'
import { secretsFile } from '../../open.ts'
import { answerOrder } from '../../orders/decide.ts'
import { readSecrets } from '../../security/secrets.ts'
import { finishRun, operator, print, printResult, withApp } from '../desk.ts'

type Options = { json?: boolean; approve?: string }

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('the keys that seal personal fields and sign codes')
  keys
    .command('list')
    .description('each key, what still needs it, and when it can go')
    .option('--json', 'as one JSON array')
    .addHelpText('after', '\nExample: wito keys list')
    .action(({ json }: Options) =>
      withApp(async ({ app }) => {
        const rows = await listKeys(app)
        if (json) print(JSON.stringify(rows))
        else for (const { id, say } of rows) print(`${id}: ${say}`)
      }),
    )
  keys
    .command('add')
    .description('make a new key; it becomes the newest at the next start')
    .addHelpText('after', '\nExample: wito keys add')
    .action(() => withApp(async ({ app, config }) => addKey(app, config)))
  keys
    .command('rotate')
    .description('seal everything anew with the newest key, while the service runs; a second person must agree')
    .option('--approve <order>', 'agree to what another operator asked for, and do it')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito keys rotate\n         wito keys rotate --approve 3f33e999-731e-4bfe-91c0-19ee7f373228')
    .action(({ approve, json }: Options) =>
      withApp(async ({ app }) => (approve === undefined ? ask(app, json) : agree(app, approve, json))),
    )
  keys
    .command('retire <id>')
    .description(
      'what stands in SECRET_KEYS in the place of an old key: it goes on reading codes and opens nothing, a backup neither',
    )
    .addHelpText('after', '\nExample: wito keys retire k1')
    .action((id: string) => withApp(async ({ app, config }) => retire(app, config, id)))
}

async function listKeys(app: App) {
  const { newest, ids } = app.keyring
  const rows = []
  for (const { id, since } of await notedKeys(app)) {
    const { values, codesUntil } = await standingOf(app, id)
    const whole = ids.sealing.includes(id)
    const say =
      id === newest
        ? `the newest, ${values} values`
        : values > 0
          ? `${values} values to seal anew: wito keys rotate`
          : codesUntil !== undefined
            ? `nothing is sealed with it; codes that it signed are good until ${codesUntil}${whole ? `: wito keys retire ${id}` : ''}`
            : 'nothing needs it: take it out of SECRET_KEYS and destroy it'
    rows.push({
      id,
      since: new Date(since).toISOString(),
      values,
      codes_until: codesUntil ?? null,
      held: ids.all.includes(id),
      say,
    })
  }
  return rows
}

/** A development machine's file is changed; what the environment gives only whoever sets it can change. */
function addKey({ clock, keyring }: App, config: Config): void {
  const taken = new Set(keyring.ids.all)
  let n = taken.size + 1
  while (taken.has(`k${n}`)) n++
  const made = `k${n}:${clock.bytes(32).toString('base64')}`
  if (config.secretKeys === undefined) {
    changeSecrets(config, (ring) => `${made},${ring}`)
    return void process.stderr.write(
      `The key k${n} stands first in ${secretsFile(config)}. Start the service anew, then: wito keys rotate\n`,
    )
  }
  print(made)
  process.stderr.write('Put it first in SECRET_KEYS, with a comma behind it, start the service anew, then: wito keys rotate\n')
}

async function ask(app: App, json: boolean | undefined): Promise<void> {
  const asked = await askRotation(app, operator(), app.clock.id())
  if ('refused' in asked)
    throw new Fault('bad_request', 'SECRET_KEYS holds one key only: make a newer one first with wito keys add')
  printResult({ order: asked.order, state: 'asked' }, json)
  if (!json)
    process.stderr.write(
      `A second person agrees in the console, or at the command line: wito keys rotate --approve ${asked.order}\n`,
    )
}

async function agree(app: App, id: string, json: boolean | undefined): Promise<void> {
  const { read } = app.store
  const [order] = await read.select().from(read.orders).where(eq(read.orders.id, id))
  if (order?.kind !== 'keys') throw new Fault('not_found', `there is no such order ${id}`)
  if (order.state === 'asked') {
    const decided = await answerOrder(app, operator(), orderRules, { id, digest: order.digest, yes: true })
    if (decided.refused !== undefined)
      throw new Fault(
        'bad_request',
        decided.refused === 'own' ? 'nobody agrees to what they asked for themselves' : `it is ${decided.refused}`,
      )
  }
  const run = await rotationRun(app)
  if (!run) throw new Fault('bad_request', `the order ${id} was refused or taken back`)
  const kinds = { [ROTATE_RUN]: runKinds[ROTATE_RUN] } as typeof runKinds
  printResult({ order: id, newest: app.keyring.newest, ...(await finishRun(app, kinds, run.id)) }, json)
}

async function retire(app: App, config: Config, id: string): Promise<void> {
  const entry = app.keyring.codesOnly(id)
  if (entry === undefined) throw new Fault('not_found', `SECRET_KEYS holds no whole key '${id}'`)
  if (id === app.keyring.newest)
    throw new Fault('bad_request', `'${id}' is the newest: make a newer one first with wito keys add`)
  const { values } = await standingOf(app, id)
  if (values > 0) throw new Fault('bad_request', `${values} values are still sealed with '${id}': wito keys rotate`)
  if (config.secretKeys === undefined) {
    changeSecrets(config, (ring) =>
      ring
        .split(',')
        .map((each) => (each.trim().startsWith(`${id}:`) ? entry : each))
        .join(','),
    )
    process.stderr.write(`The key ${id} in ${secretsFile(config)} now only reads codes.\n`)
  } else {
    print(entry)
    process.stderr.write(`Put this in the place of '${id}' in SECRET_KEYS.\n`)
  }
  process.stderr.write(
    'Destroy every other copy of the old key: no backup from before the rotation can be opened then, wherever it lies.\n',
  )
}

/** The file is there whole at every moment. */
function changeSecrets(config: Config, change: (ring: string) => string): void {
  const file = secretsFile(config)
  const secrets = readSecrets(file)
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...secrets, secretKeys: change(secrets.secretKeys) }, null, 2)}\n`, {
    mode: 0o600,
  })
  renameSync(`${file}.new`, file)
}
