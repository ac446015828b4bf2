import { argon2 as argon2Callback, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Keyring } from './keyring.ts'

const argon2 = promisify(argon2Callback)

export type Hasher = {
  /** Argon2id in PHC form. Throws a Fault `busy` where too many wait. */
  hash(secret: string): Promise<string>
  /** Whether `secret` is the one behind `hash`. Throws where `hash` is malformed, or `busy`. */
  verify(secret: string, hash: string): Promise<boolean>
}

/** 19 MiB, 2 passes, 1 lane: OWASP's second choice; some 12 ms here. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const FORM = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/-]+)\$([\w+/-]+)$/

/** Hashing costs a core some 12 ms, which makes it a target: at most `lanes` at once, and at most `queue` that wait. */
export function openHasher({
  keyring,
  clock,
  lanes = 2,
  queue = 200,
}: {
  keyring: Pick<Keyring, 'pepper'>
  clock: Pick<Clock, 'bytes'>
  lanes?: number
  queue?: number
}): Hasher {
  let busy = 0
  const waiting: (() => void)[] = []

  async function inLane<T>(work: () => Promise<T>): Promise<T> {
    if (busy >= lanes) {
      if (waiting.length >= queue) throw new Fault('busy', 'too many passwords wait to be checked')
      await new Promise<void>((turn) => waiting.push(turn))
    } else busy++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else busy--
    }
  }

  const derive = (
    secret: string,
    nonce: Buffer,
    cost: typeof COST | { memory: number; passes: number; parallelism: number; tagLength: number },
  ) => argon2('argon2id', { message: secret, nonce, secret: keyring.pepper, ...cost })

  return {
    hash: (secret) =>
      inLane(async () => {
        const nonce = clock.bytes(16)
        const tag = await derive(secret, nonce, COST)
        return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${nonce.toString('base64url')}$${Buffer.from(tag).toString('base64url')}`
      }),
    verify: (secret, hash) =>
      inLane(async () => {
        const [, memory, passes, parallelism, nonce, expected] = FORM.exec(hash) ?? []
        if (!nonce || !expected) throw new Fault('bad_request', 'a stored hash is malformed')
        const tag = Buffer.from(expected, 'base64url')
        const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), tagLength: tag.length }
        return timingSafeEqual(Buffer.from(await derive(secret, Buffer.from(nonce, 'base64url'), cost)), tag)
      }),
  }
}
