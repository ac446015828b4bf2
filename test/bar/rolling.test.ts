import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../src/open.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { openPrograms, programAt } from '../kit/programs.ts'
import { openLoad } from './disk/load.ts'
import { expectOnceAt, openService, postTo } from './disk/service.ts'
import { cannot, onlyInBar, size, tried } from './row.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const PRODUCTION = {
  NODE_ENV: 'production',
  AT_API_KEY: 'made-up',
  AT_URL: 'http://127.0.0.1:9',
  PUBLIC_URL: 'http://localhost',
  TRUST_PROXY: '1',
}
/** By then a proxy has seen that a node is back. */
const SEEN_MS = 2_500

/** The settings as they stand in docs/, with the addresses of this test. */
const settingsFor = (file: string, door: number, ports: readonly number[]) =>
  ports.reduce(
    (text, port, n) => text.replace(`10.0.0.1${n + 1}:3000`, `127.0.0.1:${port}`),
    readFileSync(new URL(`../../docs/deploy/${file}`, import.meta.url), 'utf8')
      .replace('bind :80', `bind 127.0.0.1:${door}`)
      .replace('listen 80;', `listen 127.0.0.1:${door};`),
  )

const PROXIES = {
  haproxy: { file: 'haproxy.cfg', whole: (text: string) => text, words: (path: string) => ['-db', '-f', path] },
  nginx: {
    file: 'nginx.conf',
    whole: (text: string, folder: string) => {
      const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`)
      return `daemon off; pid ${folder}/pid; events { worker_connections 512; } http { ${places.join(' ')} ${text} }`
    },
    words: (path: string) => ['-e', 'stderr', '-c', path],
  },
} as const

test.for(Object.keys(PROXIES) as (keyof typeof PROXIES)[])(
  'behind %s each node is restarted in turn, and nobody notices',
  {
    timeout: 400_000,
  },
  async (name, context) => {
    const path = programAt(name)
    if (path === undefined) cannot(context, `${name} is not installed here`)
    onlyInBar(context, 'rolling')
    const url = await postgres.createDatabase()
    const folder = mkdtempSync(join(tmpdir(), 'wito-rolling-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const nodes = await Promise.all([1, 2].map(() => openService(folder, { ...PRODUCTION, DATABASE_URL: url })))
    const lives = nodes.map((node) => node.start())
    onTestFinished(async () => {
      for (const life of lives) await life.kill()
    })
    for (const life of lives) await life.begin()
    const [programs, door] = [openPrograms(name), await freePort('127.0.0.1')]
    onTestFinished(() => programs.close())
    const { file, whole, words } = PROXIES[name]
    const settings = join(programs.folder, file)
    const ports = nodes.map(({ port }) => port)
    writeFileSync(settings, whole(settingsFor(file, door, ports), programs.folder))
    const proxy = programs.start(path, words(settings))
    const base = `http://127.0.0.1:${door}`
    await expect.poll(() => isReady(base), { timeout: 10_000, message: proxy.said() }).toBe(true)

    const load = openLoad(postTo(base), 6)
    const rounds = size({ quick: 1, full: 3, long: 50 })
    for (let n = 0; n < rounds * nodes.length; n++) {
      const at = n % nodes.length
      await wait(SEEN_MS)
      expect(await lives[at]?.kill('SIGTERM'), lives[at]?.said()).toEqual([0, null])
      const life = nodes[at]?.start()
      if (!life) throw new Error('there is no such node')
      lives[at] = life
      await life.begin()
    }
    await load.end()
    expect(load.refused).toEqual([])
    await expectOnceAt(url, load.facts)
    tried(context, `${name}: ${rounds * nodes.length} restarts, ${load.facts.length} whole calls and SMS, 0 failed, 0 doubled`)
  },
)

const isReady = (base: string) =>
  fetch(`${base}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
