import { argon2Sync } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openHasher } from '../../src/security/hashing.ts'

const pepper = Buffer.alloc(32, 3)
const hasherOf = (given: { pepper?: Buffer; lanes?: number; queue?: number; clock?: typeof systemClock } = {}) =>
  openHasher({ keyring: { pepper: given.pepper ?? pepper }, clock: given.clock ?? systemClock, ...given })

const PIN = '482917'
const FORM = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([\w-]{22})\$([\w-]{43})$/

describe('a hash', () => {
  test('is argon2id with 19 MiB, two passes and one lane, a nonce of 16 bytes and a tag of 32', async () => {
    const hash = await hasherOf().hash(PIN)
    const [, nonce = '', tag] = FORM.exec(hash) ?? []
    const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
    const again = argon2Sync('argon2id', { message: PIN, nonce: Buffer.from(nonce, 'base64url'), secret: pepper, ...cost })
    expect(tag).toBe(again.toString('base64url'))
    expect(hash).not.toContain(PIN)
  })

  test('of the same secret is another each time, and each is right', async () => {
    const hasher = hasherOf()
    const hashes = await Promise.all(Array.from({ length: 8 }, () => hasher.hash(PIN)))
    expect(new Set(hashes).size).toBe(8)
    expect(await Promise.all(hashes.map((hash) => hasher.verify(PIN, hash)))).toEqual(hashes.map(() => true))
  })

  test.each(['482916', '48291', '4829170', ' 482917', ''])('does not take %j', async (other) => {
    const hasher = hasherOf()
    expect(await hasher.verify(other, await hasher.hash(PIN))).toBe(false)
  })

  test('is worth nothing without the pepper', async () => {
    const hash = await hasherOf().hash(PIN)
    expect(await hasherOf({ pepper: Buffer.alloc(32, 4) }).verify(PIN, hash)).toBe(false)
    expect(await hasherOf({ pepper: Buffer.alloc(0) }).verify(PIN, hash)).toBe(false)
    expect(await hasherOf().verify(PIN, hash)).toBe(true)
  })

  test('made with other costs is still read with those', async () => {
    const nonce = Buffer.alloc(16, 7)
    const cost = { memory: 8_192, passes: 3, parallelism: 1, tagLength: 24 }
    const tag = argon2Sync('argon2id', { message: PIN, nonce, secret: pepper, ...cost })
    const hash = `$argon2id$v=19$m=8192,t=3,p=1$${nonce.toString('base64url')}$${tag.toString('base64url')}`
    expect(await hasherOf().verify(PIN, hash)).toBe(true)
    expect(await hasherOf().verify('482918', hash)).toBe(false)
  })

  test.each([
    '',
    'x',
    PIN,
    '$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
    '$argon2id$v=16$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
    '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$',
    '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA$AAAA',
  ])('that is malformed (%j) is a fault that does not repeat it, and holds no lane', async (broken) => {
    const hasher = hasherOf({ lanes: 1, queue: 0 })
    await expect(hasher.verify(PIN, broken)).rejects.toMatchObject({ code: 'bad_request', message: 'a stored hash is malformed' })
    expect(await hasher.verify(PIN, await hasher.hash(PIN))).toBe(true)
  })
})

describe('many at once', () => {
  /** Every hash draws its nonce when it gets its lane: so the draws show who works and who waits. */
  function counting() {
    let drawn = 0
    let done = 0
    let most = 0
    const bytes = (length: number) => {
      drawn++
      most = Math.max(most, drawn - done)
      return systemClock.bytes(length)
    }
    return {
      clock: { ...systemClock, bytes },
      finished: () => void done++,
      get drawn() {
        return drawn
      },
      get most() {
        return most
      },
    }
  }

  test('are hashed in so many lanes and no more, and all are answered', async () => {
    const seen = counting()
    const hasher = hasherOf({ lanes: 3, queue: 100, clock: seen.clock })
    const hashes = Array.from({ length: 24 }, (_, n) => hasher.hash(`${n}`).finally(seen.finished))
    await nextTurn()
    expect(seen.drawn).toBe(3)
    expect(new Set(await Promise.all(hashes)).size).toBe(24)
    expect(seen.drawn).toBe(24)
    // The next one begins in the turn in which one ends, perhaps just before that is seen here.
    expect(seen.most).toBeLessThanOrEqual(2 * 3)
  })

  test('beyond the queue are turned away at once, and nobody else is', async () => {
    const hasher = hasherOf({ lanes: 2, queue: 5 })
    const settled: string[] = []
    const asked = Array.from({ length: 30 }, (_, n) =>
      hasher.hash(`${n}`).then(
        () => settled.push('hashed'),
        (reason: unknown) => {
          settled.push('refused')
          expect(reason).toMatchObject({ code: 'busy', status: 503, retry: true })
        },
      ),
    )
    await nextTurn()
    expect(settled).toEqual(Array.from({ length: 23 }, () => 'refused'))
    await Promise.all(asked)
    expect(settled.filter((each) => each === 'hashed')).toHaveLength(7)
  })

  test('verifying waits in the same queue', async () => {
    const hasher = hasherOf({ lanes: 1, queue: 1 })
    const hash = await hasher.hash(PIN)
    const results = await Promise.allSettled([hasher.verify(PIN, hash), hasher.hash('x'), hasher.verify(PIN, hash)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })

  test('after a flood everything works as before', async () => {
    const hasher = hasherOf({ lanes: 2, queue: 2 })
    for (let wave = 0; wave < 3; wave++) {
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => hasher.hash(PIN)))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
    }
  })
})
