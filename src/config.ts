import { dirname } from 'node:path'
import { z } from 'zod'
import { Fault } from './base/fault.ts'

const whole = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `a whole number from ${least} to ${most}`,
    })
    .transform(Number)

/** Paths are put behind it as they are. */
const isBase = (text: string) => {
  const { username, password, search, hash } = new URL(text)
  return username + password + search + hash === ''
}

const shape = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^(file:|postgres(ql)?:\/\/)./, 'must begin with file: or postgres://')
    .default('file:data/wito.db'),
  /** Its links must fit an SMS beside their sentence: 60 septets with `/l/` and a code. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, abort: true, error: 'expected an address such as https://wito.example' })
    .max(38, 'at most 38 characters, so that a link fits its SMS')
    .refine(isBase, 'without a name, a password, ? or #')
    .optional(),
  CALLBACK_SECRETS: z.string().optional(),
  SECRET_KEYS: z.string().optional(),
  INDEX_KEY: z.string().optional(),
  PEPPER: z.string().optional(),
  AT_USERNAME: z.string().min(1).default('sandbox'),
  AT_API_KEY: z.string().optional(),
  AT_URL: z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:4000' }).optional(),
  SENDER_ID: z.string().max(11, 'at most 11 characters').optional(),
  SIM_SWAP: z.enum(['0', '1']).default('0'),
  SHORT_CODE: z
    .string()
    .regex(/^\d{3,6}$/, 'expected 3 to 6 digits')
    .default('22262'),
  SERVICE_CODE: z
    .string()
    .regex(/^\*[\d*]+#$/, 'expected as dialled, e.g. *483*22262#')
    .default('*483*22262#'),
  DEMO: z.enum(['0', '1']).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).optional(),
  SMS_PER_SECOND: whole(1, 1000).default(30),
  LETTERHEAD: z.string().optional(),
  TRUST_PROXY: whole(0, 9).default(0),
  RETENTION: z.string().optional(),
  WEB_CONCURRENCY: whole(1, 64).default(1),
})

export type Config = Readonly<{
  production: boolean
  test: boolean
  port: number
  host: string
  databaseUrl: string
  /** Beside the database file; `data` where the database is elsewhere. Backups, uploads, certificates, development secrets. */
  dataFolder: string
  /** Base of every link, without a slash at its end; undefined until the port is known (development only). */
  publicUrl: string | undefined
  callbackSecrets: readonly string[]
  secretKeys: string | undefined
  indexKey: string | undefined
  pepper: string | undefined
  gateway: Readonly<{ username: string; apiKey: string | undefined; url: string | undefined; senderId: string | undefined }>
  /** Whether the gateway is asked when a SIM was changed; each question is paid for. */
  simSwap: boolean
  shortCode: string
  serviceCode: string
  demo: boolean | undefined
  logLevel: string
  smsPerSecond: number
  letterhead: string | undefined
  /** How many reverse proxies of ours stand in front; what the outermost wrote into X-Forwarded-For is believed. */
  trustProxy: number
  /** A schedule of how long what is kept, in the place of ours. */
  retention: string | undefined
  /** How many processes answer; with more than one, another does what happens by itself. */
  processes: number
}>

const SECRETS = ['PUBLIC_URL', 'CALLBACK_SECRETS', 'SECRET_KEYS', 'INDEX_KEY', 'PEPPER', 'AT_API_KEY'] as const

/** The one reader of the environment: checked and frozen. Throws a Fault that names every variable that is wrong, never its value. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const trimmed = Object.entries(environment).map(([name, value]) => [name, value?.trim()] as const)
  const given = Object.fromEntries(trimmed.filter(([, value]) => value !== ''))
  const parsed = shape.safeParse(given)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Fault('bad_settings', `Please mend these settings:\n  ${wrong.join('\n  ')}`)
  }
  const env = parsed.data
  const production = env.NODE_ENV === 'production'
  const callbackSecrets = (env.CALLBACK_SECRETS ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter(Boolean)
  if (production) refuseWhatIsMissing(env, callbackSecrets)
  if (callbackSecrets.length > 2) throw new Fault('bad_settings', 'CALLBACK_SECRETS takes one or two secrets, comma separated')
  if (env.WEB_CONCURRENCY > 1 && env.DATABASE_URL === 'file::memory:')
    throw new Fault('bad_settings', 'WEB_CONCURRENCY must be 1 with a database in memory: no other process sees it')
  // They are a part of a path; in production nobody may be able to guess one.
  const secret = production ? /^[\w-]{22,}$/ : /^[\w-]+$/
  if (callbackSecrets.some((each) => !secret.test(each)))
    throw new Fault(
      'bad_settings',
      'CALLBACK_SECRETS: each at least 22 letters, digits, - or _ (128 bits); make one with: openssl rand -hex 24',
    )
  return Object.freeze({
    production,
    test: env.NODE_ENV === 'test',
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    dataFolder: dataFolderOf(env.DATABASE_URL),
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, ''),
    callbackSecrets: Object.freeze(callbackSecrets),
    secretKeys: env.SECRET_KEYS,
    indexKey: env.INDEX_KEY,
    pepper: env.PEPPER,
    gateway: Object.freeze({ username: env.AT_USERNAME, apiKey: env.AT_API_KEY, url: env.AT_URL, senderId: env.SENDER_ID }),
    simSwap: env.SIM_SWAP === '1',
    shortCode: env.SHORT_CODE,
    serviceCode: env.SERVICE_CODE,
    demo: env.DEMO === undefined ? undefined : env.DEMO === '1',
    // A newcomer's terminal shows where to dial, not every request.
    logLevel: env.LOG_LEVEL ?? (production ? 'info' : 'warn'),
    smsPerSecond: env.SMS_PER_SECOND,
    letterhead: env.LETTERHEAD,
    trustProxy: env.TRUST_PROXY,
    retention: env.RETENTION,
    processes: env.WEB_CONCURRENCY,
  })
}

const dataFolderOf = (databaseUrl: string) =>
  databaseUrl.startsWith('file:') ? dirname(databaseUrl.slice('file:'.length)) : 'data'

/** The same settings on another database. */
export const onDatabase = (config: Config, databaseUrl: string): Config =>
  Object.freeze({ ...config, databaseUrl, dataFolder: dataFolderOf(databaseUrl) })

function refuseWhatIsMissing(env: z.infer<typeof shape>, callbackSecrets: readonly string[]) {
  // A lone comma is no secret.
  const missing = SECRETS.filter(
    (name) => env[name] === undefined || (name === 'CALLBACK_SECRETS' && callbackSecrets.length === 0),
  )
  if (missing.length > 0) throw new Fault('bad_settings', `Production needs these settings too: ${missing.join(', ')}`)
  const url = new URL(env.PUBLIC_URL ?? '')
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !loopback) throw new Fault('bad_settings', 'PUBLIC_URL must begin with https:// in production')
}
