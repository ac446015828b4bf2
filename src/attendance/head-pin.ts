import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { type Actor, action, done, refused, type Scene } from '../action.ts'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'
import { pinFault } from '../people/pin-rules.ts'
import { countGuessOnce, forgetGuesses, sameTry } from '../security/guesses.ts'
import { guessKey, type Head, oneTimeDigest } from './heads.ts'

/** What a session carries after the PIN was right: good for this station, this phone and this day. */
export const passOf = ({ actor, at, tools }: Pick<Scene, 'actor' | 'at' | 'tools'>, centreCode: string): string =>
  tools.keyring.digest('head_pass', `${centreCode}:${actor.msisdn ?? ''}:${nairobiDay(at)}`)

/** Input of every action of a head. */
export const passed = { centre: z.string().default(''), pass: z.string().default('') }
export const hasPass = (scene: Scene, { centre, pass }: { centre: string; pass: string }): boolean =>
  pass !== '' && pass === passOf(scene, centre)

type Tried = { found: 'right' | 'one_time' | 'wrong' | 'locked' | 'officer'; left: number }

/** Opens a station to its head, from any phone: the centre code and a PIN, or the one-time PIN from the SMS the first time. */
export const headEnter = action<{ centre: string; pin: string }, Tried>({
  who: 'anyone',
  input: z.object({ centre: z.string(), pin: z.string() }),
  refusals: ['wrong', 'locked', 'officer', 'choose_new'],
  gives: ['pass', 'station', 'tries_left'],
  gather: tryPin,
  async apply(scene, { centre }, { found, left }) {
    if (found === 'wrong') return refused('wrong', { tries_left: left }, centre)
    if (found === 'locked' || found === 'officer') return refused(found, {}, centre)
    const { tx } = scene
    await forgetGuesses(tx, guessKey(centre))
    const [station] = await tx.select({ name: tx.stations.name }).from(tx.stations).where(eq(tx.stations.centreCode, centre))
    const vars = { pass: passOf(scene, centre), station: station?.name ?? '' }
    return found === 'right' ? done(vars, centre) : refused('choose_new', vars, centre)
  },
})

/** Counted before anything is hashed, and the same for a station that has no head: a wrong code tells nothing. */
async function tryPin(app: App, actor: Actor, { centre, pin }: { centre: string; pin: string }): Promise<Tried> {
  const at = app.clock.now()
  const { guess, head } = await app.store.work(actor.msisdn ?? centre, async (tx) => {
    const [found] = await tx.select().from(tx.heads).where(eq(tx.heads.centreCode, centre))
    return { guess: await countGuessOnce(tx, at, guessKey(centre), sameTry(app, actor, pin)), head: found }
  })
  if (!guess.allowed) return { found: guess.why, left: 0 }
  const oneTime = pin.length === 8
  const right = head !== undefined && (oneTime ? isOneTime(app, head, pin, at) : await isPin(app, head, pin))
  return { found: right ? (oneTime ? 'one_time' : 'right') : 'wrong', left: guess.left }
}

const isPin = async ({ hasher }: App, { pinHash }: Head, pin: string): Promise<boolean> =>
  pinHash !== null && (await hasher.verify(pin, pinHash))
const isOneTime = (app: App, { centreCode, oneTimeHash, oneTimeUntil }: Head, pin: string, at: number): boolean =>
  oneTimeHash !== null && (oneTimeUntil ?? 0) >= at && oneTimeHash === oneTimeDigest(app, centreCode, pin)

/** The head's own PIN, after the one-time one: six digits, held to the same rules as everybody's. */
export const headChoose = action<{ centre: string; pass: string; pin: string; again: string }, string | undefined>({
  who: 'anyone',
  input: z.object({ ...passed, pin: z.string(), again: z.string() }),
  refusals: ['differ', 'weak', 'personal', 'pin_needed'],
  gives: [],
  gather: (app, _, { pin, again }) => (pin === again ? app.hasher.hash(pin) : Promise.resolve(undefined)),
  async apply(scene, { centre, pass, pin }, hash) {
    const { tx } = scene
    if (!hasPass(scene, { centre, pass })) return refused('pin_needed')
    if (hash === undefined) return refused('differ')
    const [head] = await tx.select().from(tx.heads).where(eq(tx.heads.centreCode, centre))
    const fault = pinFault(pin, [head?.msisdn ?? '', centre])
    if (fault) return refused(fault)
    // The one-time PIN that proved this was good once.
    const chosen = await tx
      .update(tx.heads)
      .set({ pinHash: hash, oneTimeHash: null, oneTimeUntil: null })
      .where(and(eq(tx.heads.centreCode, centre)))
      .returning({ centreCode: tx.heads.centreCode })
    return chosen.length > 0 ? done({}, centre) : refused('pin_needed')
  },
})
