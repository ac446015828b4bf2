import { describe, expect, test } from 'vitest'
import { DAY, startOfDay } from '../../src/base/dates.ts'
import { revokeLetters } from '../../src/letters/issue.ts'
import { countTry, linkState, linkTo, makeLink, permitDownload } from '../../src/links/link.ts'
import { readCode } from '../../src/links/token.ts'
import type { Tx } from '../../src/store/store.ts'
import { buildTown, onBothEngines, type Town } from '../letters/kit.ts'

const LATE = '2027-06-30'

/** A letter row is all that a link needs. */
async function withLetter(endsOn = LATE) {
  const town = await buildTown()
  const letter = {
    id: 'l1',
    deploymentId: 'd1',
    personId: 'p1',
    reference: 'KCSE/INV/2026/0000001',
    version: 1,
    factsSealed: '',
    verifyId: 'AAAAAAAA',
  }
  const code = await unit(town, async (tx) => {
    await tx.insert(tx.letters).values({ ...letter, issuedAt: town.at })
    return makeLink(scene(town, tx), 'l1', endsOn)
  })
  return { town, code, id: idOf(town, code) }
}

let units = 0
/** Every unit under a key of its own, so that nothing but the guarded statement keeps them apart. */
const unit = <T>(town: Town, run: (tx: Tx) => Promise<T>) => town.store.work(`unit ${units++}`, run)
const scene = (town: Town, tx: Tx) => ({ tx, tools: town.app, at: town.at })
const idOf = (town: Town, code: string) => readCode(town.app.keyring, 'download', code) as string
const stateOf = (town: Town, id: string) => linkState(town.store.read, id, town.at)
const download = (town: Town, id: string) =>
  unit(town, async (tx) => ((await countTry(tx, id, town.at)) ? permitDownload(tx, id, town.at) : false))

onBothEngines(() => {
  describe('a link', () => {
    test('lasts 30 days', async () => {
      const { town, id } = await withLetter()
      expect(await stateOf(town, id)).toEqual({ open: { downloadsLeft: 5, until: town.at + 30 * DAY } })
      town.goTo('2026-10-31', 8)
      expect(await stateOf(town, id)).toHaveProperty('open')
      town.goTo('2026-10-31', 9)
      expect(await stateOf(town, id)).toEqual({ refused: 'expired' })
      expect(await download(town, id)).toBe(false)
    })

    test('or to the end of the last day of the duty, if that is sooner', async () => {
      const { town, id } = await withLetter('2026-10-05')
      expect(await stateOf(town, id)).toEqual({ open: { downloadsLeft: 5, until: startOfDay('2026-10-06') } })
    })

    test('gives exactly five downloads to fifty who ask at once', async () => {
      const { town, id } = await withLetter()
      const had = await Promise.all(Array.from({ length: 50 }, () => download(town, id)))
      expect(had.filter(Boolean)).toHaveLength(5)
      expect(await stateOf(town, id)).toEqual({ refused: 'used_up' })
      expect(await town.links()).toMatchObject([{ downloadsLeft: 0, triesLeft: 10 }])
    })

    test('lets exactly ten of two hundred parallel tries be looked at', async () => {
      const { town, id } = await withLetter()
      const tried = await Promise.all(Array.from({ length: 200 }, () => unit(town, (tx) => countTry(tx, id, town.at))))
      expect(tried.flatMap((each) => each?.triesLeft ?? []).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(await stateOf(town, id)).toEqual({ refused: 'locked' })
    })

    test.each(['revoked', 'replaced'] as const)('is gone when its letter is %s', async (why) => {
      const { town, id } = await withLetter()
      await unit(town, (tx) => revokeLetters(scene(town, tx), 'd1', why))
      expect(await stateOf(town, id)).toEqual({ refused: why })
      expect(await download(town, id)).toBe(false)
    })

    test('that nobody made is unknown', async () => {
      const { town } = await withLetter()
      expect(await stateOf(town, '00000000')).toEqual({ refused: 'unknown' })
    })

    test('is sent again while it is good; then there is a new one', async () => {
      const { town, code, id } = await withLetter()
      const again = () => unit(town, (tx) => linkTo(scene(town, tx), 'l1', LATE))
      expect(await again()).toBe(code)
      for (let n = 0; n < 5; n++) await download(town, id)
      const other = await again()
      expect(other).not.toBe(code)
      expect(await stateOf(town, idOf(town, other))).toHaveProperty('open')
    })

    test('takes another id where the first is taken', async () => {
      const { town, id } = await withLetter()
      const { bytes } = town.app.clock
      const same = [...'taken'].map((_, n) => Buffer.alloc(5, n))
      const drawn: number[] = []
      const clock = { ...town.app.clock, bytes: (length: number) => same[drawn.push(length) > 2 ? 1 : 0] ?? bytes(length) }
      const make = () => unit(town, (tx) => makeLink({ ...scene(town, tx), tools: { ...town.app, clock } }, 'l1', LATE))
      const codes = [await make(), await make()]
      expect(drawn).toHaveLength(3)
      expect(new Set([...codes.map((code) => idOf(town, code)), id]).size).toBe(3)
    })
  })
})
