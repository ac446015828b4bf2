import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY } from '../../src/base/dates.ts'
import { downloadLetter } from '../../src/letters/letter.ts'
import { DOWNLOADS, makeLink } from '../../src/links/link.ts'
import { readCode } from '../../src/links/token.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { inDays, operate } from '../kit/operator.ts'
import { settle } from '../kit/town.ts'
import { send } from '../web/kit.ts'
import { size, tried } from './row.ts'

let service: Booted
beforeAll(async () => {
  service = await boot()
  await settle(service.app)
  await operate(service.app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
})
afterAll(() => service?.close())

const read = () => service.app.store.read
async function freshLink(): Promise<{ path: string; id: string }> {
  const { app } = service
  const [letter] = await read().select().from(read().letters)
  const code = await app.store.work('link', (tx) =>
    makeLink({ tx, tools: app, at: app.clock.now() }, letter?.id ?? '', inDays(app, 60)),
  )
  return { path: `/l/${code}`, id: readCode(app.keyring, 'download', code) ?? '' }
}
const stateOf = async (id: string) => (await read().select().from(read().links)).find((link) => link.id === id)

const MESSENGERS = [
  'WhatsApp/2.23.20.0 A',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (compatible; Google-Safety; Googlebot/2.1)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Mozilla/5.0 (Linux; Android 8.1) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36',
]
const right = (path: string, as = '') => send(service.url, 'POST', path, `id_last4=0001${as}`)
const isLetter = ({ status, headers, body }: Awaited<ReturnType<typeof send>>) =>
  status === 200 && (headers['content-type'] === 'application/pdf' || body.includes('<article'))

test('looking costs nothing, and of all who ask at once exactly as many have the letter as are permitted', async (context) => {
  const rounds = size({ quick: 3, full: 20 })
  let [looks, clicks] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    const { path, id } = await freshLink()
    const before = await stateOf(id)
    const look = (n: number) => {
      looks++
      const method = ['GET', 'HEAD', 'GET', 'OPTIONS', 'PUT', 'GET'][n % 6] ?? 'GET'
      const headers = {
        'user-agent': MESSENGERS[n % MESSENGERS.length] ?? '',
        ...(n % 4 === 0 ? { purpose: 'prefetch', range: 'bytes=0-0' } : {}),
      }
      const query = ['', '?lang=sw', '?id_last4=0001', '?fbclid=x&as=page'][n % 4] ?? ''
      return send(service.url, method, path.toLowerCase() + query, undefined, headers)
    }
    const seen = await Promise.all(Array.from({ length: 40 }, (_, n) => look(n)))
    expect(seen.filter(isLetter)).toEqual([])
    // What is no guess is no try: no digits, too few of them, another type.
    for (const body of ['', 'id_last4=12', 'as=page'])
      expect((await send(service.url, 'POST', path, body)).status).toBeGreaterThan(399)
    expect(await stateOf(id)).toEqual(before)

    // A double click is two; then 50 at once, each as PDF or page, while messengers look on.
    const double = await Promise.all([right(path), right(path)])
    expect(double.map(isLetter)).toEqual([true, true])
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => [right(path, n % 2 ? '&as=page' : ''), ...(n % 5 ? [] : [look(n)])]).flat(),
    )
    clicks += 52
    expect(answers.filter(isLetter)).toHaveLength(DOWNLOADS - 2)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(await stateOf(id)).toMatchObject({ downloadsLeft: 0, triesLeft: before?.triesLeft })
    expect((await right(path)).status).toBe(410)
  }
  const trail = (await read().select().from(read().audit)).filter(({ action }) => action === 'letters.download')
  expect(trail).toHaveLength(DOWNLOADS * rounds)
  tried(context, `${looks} looks and ${clicks} clicks on ${rounds} links: ${trail.length} downloads, ${DOWNLOADS} each`)
}, 120_000)

test('of 50 whose look at the link was still good, no more have the letter than are permitted', async () => {
  const { path, id } = await freshLink()
  const code = path.slice('/l/'.length)
  const answers = await Promise.all(Array.from({ length: 50 }, () => downloadLetter(service.app, code, '0001')))
  expect(answers.filter((each) => 'letter' in each)).toHaveLength(DOWNLOADS)
  expect(await stateOf(id)).toMatchObject({ downloadsLeft: 0 })
})

test('a link that is over gives nothing, however many ask', async () => {
  const { path, id } = await freshLink()
  await service.app.store.work('over', (tx) => tx.update(tx.links).set({ expiresAt: service.app.clock.now() - DAY }))
  const answers = await Promise.all(Array.from({ length: 20 }, () => right(path)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([410]))
  expect(await stateOf(id)).toMatchObject({ downloadsLeft: DOWNLOADS })
})
