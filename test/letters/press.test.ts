import { afterEach, expect, test } from 'vitest'
import { openPress, type Press } from '../../src/letters/press.ts'
import { oneLetter } from './one.ts'

const open: Press[] = []
const press = (options: Parameters<typeof openPress>[0]) => {
  const one = openPress(options)
  open.push(one)
  return one
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

/** A worker that does what `body` says for each letter asked. */
const worker = (body: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from 'node:worker_threads'; parentPort.on('message', ({ facts }) => { ${body} })`)}`,
  )
const ANSWER = 'parentPort.postMessage({ pdf: new Uint8Array(Buffer.from(facts.reference)) })'

test('two workers give the same bytes', async () => {
  const { print, stats } = press({ workers: 2 })
  const [one, other] = await Promise.all([print('a', oneLetter()), print('b', oneLetter())])
  expect(stats()).toMatchObject({ workers: 2, drawn: 2 })
  expect(one.subarray(0, 5).toString()).toBe('%PDF-')
  expect(one).toEqual(other)
})

test('what a worker remembers of other letters changes no byte of the next', async () => {
  const { print, stats } = press({ workers: 1 })
  const first = await print('a', oneLetter())
  await print('b', oneLetter({ through: 'Sub-County Director of Education, Kisumu West' }))
  expect(await print('c', oneLetter())).toEqual(first)
  expect(stats()).toMatchObject({ drawn: 3 })
})

test('asked at once or again, a letter is drawn once', async () => {
  const { print, stats } = press({ workers: 1 })
  const [one, other] = await Promise.all([print('a', oneLetter()), print('a', oneLetter())])
  expect(await print('a', oneLetter())).toBe(one)
  expect(other).toBe(one)
  expect(stats()).toMatchObject({ drawn: 1, shared: 1, fromCache: 1 })
})

test('keeps no more letters than it may', async () => {
  const { print, stats } = press({ cacheEntries: 2, script: worker(ANSWER) })
  for (const id of ['a', 'b', 'c', 'a']) await print(id, oneLetter())
  expect(stats()).toMatchObject({ drawn: 4, fromCache: 0 })
  await print('c', oneLetter())
  expect(stats()).toMatchObject({ drawn: 4, fromCache: 1 })
})

test('refuses as busy past its queue, and goes on', async () => {
  const { print, stats } = press({ workers: 1, queue: 2, script: worker(ANSWER) })
  const taken = ['a', 'b', 'c'].map((id) => print(id, oneLetter()))
  await expect(print('d', oneLetter())).rejects.toMatchObject({ code: 'busy', status: 503, retry: true })
  await Promise.all(taken)
  await print('d', oneLetter())
  expect(stats()).toMatchObject({ drawn: 4, refused: 1, waiting: 0 })
})

test('a crashed worker is replaced, its letter tried once more', async () => {
  const { print, stats } = press({ workers: 1, script: worker(`if (facts.version > 1) process.exit(1); ${ANSWER}`) })
  const [first, crashing, last] = await Promise.allSettled([
    print('a', oneLetter()),
    print('b', oneLetter({ version: 2 })),
    print('c', oneLetter()),
  ])
  expect([first.status, crashing.status, last.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(stats()).toMatchObject({ drawn: 2, crashes: 2, drawing: 0 })
})

test('a worker that never answers is ended', async () => {
  let given: ((value?: undefined) => void)[] = []
  const sleep = (_: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      given.push(resolve)
      signal?.addEventListener('abort', () => resolve())
    })
  const { print, stats } = press({ workers: 1, script: worker(`if (facts.version > 1) for (;;); ${ANSWER}`), clock: { sleep } })
  await print('a', oneLetter())
  given = []
  const hung = print('b', oneLetter({ version: 2 }))
  const after = print('c', oneLetter())
  given.shift()?.()
  await expect.poll(() => given.length).toBe(1)
  given.shift()?.()
  await expect(hung).rejects.toThrow('crashed twice')
  await after
  expect(stats()).toMatchObject({ crashes: 2, drawn: 2 })
})

test('what cannot be drawn is told without its words', async () => {
  const { print } = press({ workers: 1 })
  const facts = { ...oneLetter(), through: '', person: { ...oneLetter().person, idMasked: '99105678' } }
  const reason: unknown = await print('a', facts).catch((thrown: unknown) => thrown)
  expect(String(reason)).toMatch(/a letter could not be drawn: ZodError/)
  expect(String(reason)).not.toContain('99105678')
  await expect(print('a', oneLetter())).resolves.toBeInstanceOf(Buffer)
})

test('closed, it takes nothing and leaves nobody waiting', async () => {
  const one = press({ workers: 1 })
  const waiting = Promise.allSettled([one.print('a', oneLetter()), one.print('b', oneLetter())])
  await one.close()
  expect((await waiting).map((each) => each.status)).toEqual(['rejected', 'rejected'])
  await expect(one.print('c', oneLetter())).rejects.toMatchObject({ code: 'busy' })
})

test('a letterhead that is not there is told at once', () => {
  expect(() => openPress({ letterheadFolder: '/nowhere' })).toThrow('LETTERHEAD')
})
