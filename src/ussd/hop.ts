import { and, desc, eq, gt } from 'drizzle-orm'
import type { Actor, Catalogue } from '../action.ts'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { type Perform, performing } from '../perform.ts'
import type { Language } from '../store/schema.ts'
import { once, type Tx } from '../store/store.ts'
import type { Menu } from './menu.ts'
import { type Answer, accepts, answer, begin, type Formats, type Parts, type State } from './session.ts'

/** One step callback of the gateway. `text` is everything typed in the session so far, joined by `*`. */
export type Hop = { sessionId: string; msisdn: Msisdn; serviceCode: string; text: string }
/** What the gateway gets: the body, and the screen's name for its hop metadata. `again` when it was answered before. */
export type Reply = { body: string; screen: string; again: boolean }
export type Desk = { app: App; actions: Catalogue; menu: Menu; formats: Formats }

/** The operator ends a session after this long. Second-hand: no page of the gateway's own says so. */
export const SESSION_MS = 180_000
export const RESUME_MS = 10 * MINUTE
/** More than anybody types in 180 s; a longer gap is not walked. */
const MOST_INPUTS = 40

/**
 * Answers one hop, durably: when the promise resolves, what it changed is on disk together with its answer.
 * The same (session, transcript) gets the same bytes and has its effect once, however often and at once it comes.
 */
export function takeHop(desk: Desk, hop: Hop): Promise<Reply> {
  const key = `${hop.sessionId}\n${hop.msisdn}\n${hop.serviceCode}\n${hop.text}`
  const waiting = underWay(desk).get(key)
  // The same callback while the first is being answered: one hash of a PIN, one count of a try, one answer.
  if (waiting) return waiting
  const taken = performing(desk.app, desk.actions, hop.msisdn, (tx, perform, at) => inUnit(desk, hop, tx, perform, at)).finally(
    () => underWay(desk).delete(key),
  )
  underWay(desk).set(key, taken)
  return taken
}

const all = new WeakMap<Desk, Map<string, Promise<Reply>>>()
function underWay(desk: Desk): Map<string, Promise<Reply>> {
  let map = all.get(desk)
  if (!map) {
    map = new Map()
    all.set(desk, map)
  }
  return map
}

async function inUnit(desk: Desk, hop: Hop, tx: Tx, perform: Perform, at: number): Promise<Reply> {
  const { keyring } = desk.app
  const digest = digestOf(desk, hop, hop.text)
  const [session] = await sessionOf(tx, { id: hop.sessionId })
  if (session && (session.msisdn !== hop.msisdn || session.serviceCode !== hop.serviceCode))
    return closing(desk, hop, tx, 'stranger')
  // What is longer than anything answered in this session cannot have been answered.
  const isNew = session !== undefined && hop.text.length > session.length
  const [before] = isNew ? [] : await hopOf(tx, { sessionId: hop.sessionId, digest })
  if (before) return { body: keyring.open(replyPlace(hop, digest), before.replySealed), screen: before.screen, again: true }
  if (session && (!session.open || at - session.startedAt > SESSION_MS)) return closing(desk, hop, tx, 'over')

  const parts = partsOf(desk, hop, perform)
  let inputs: string[]
  let now: Answer
  if (session) {
    const added = addedTo(desk, hop, session)
    if (added === undefined) return closing(desk, hop, tx, 'strange')
    const state = JSON.parse(keyring.open(statePlace(hop), session.stateSealed)) as State
    inputs = inputsOf(parts, state, added)
    now = { state, text: '', end: false }
  } else {
    inputs = hop.text === '' ? [] : hop.text.split('*')
    // A deep dial says where it wants to go, so nobody is asked about an older session.
    now = await begin(
      parts,
      await languageOf(tx, hop.msisdn),
      inputs.length === 0 ? await droppedSession(desk, hop, tx, at) : undefined,
    )
  }
  if (inputs.length > MOST_INPUTS) return closing(desk, hop, tx, 'strange')
  for (const input of inputs) {
    if (now.end) break
    now = await answer(parts, now.state, input)
  }
  const body = `${now.end ? 'END' : 'CON'} ${now.text}`
  const screen = now.state.at
  await saveSession(tx, {
    id: hop.sessionId,
    msisdn: hop.msisdn,
    serviceCode: hop.serviceCode,
    digest,
    length: hop.text.length,
    screen,
    stateSealed: keyring.seal(statePlace(hop), JSON.stringify(now.state)),
    open: !now.end,
    startedAt: session?.startedAt ?? at,
    at,
  })
  await saveHop(tx, { sessionId: hop.sessionId, digest, replySealed: keyring.seal(replyPlace(hop, digest), body), screen, at })
  return { body, screen, again: false }
}

function partsOf(desk: Desk, hop: Hop, perform: Perform): Parts {
  const { app, menu, formats } = desk
  // Most hops write nothing into the trail: who it was is worked out for those that do.
  let name: string | undefined
  const nameOf = () => {
    name ??= `number:${app.keyring.index('actor', hop.msisdn)}`
    return name
  }
  return {
    menu,
    formats,
    phrases: app.phrases,
    run: (action, input, { signed, language }) => {
      const actor: Actor = {
        via: 'ussd',
        get name() {
          return nameOf()
        },
        msisdn: hop.msisdn,
        signed,
        language,
        request: () => digestOf(desk, hop, hop.text),
      }
      return perform(action, actor, input)
    },
  }
}

/** What was typed since the last answer; undefined where the transcript does not go on from it. */
function addedTo(desk: Desk, hop: Hop, session: { digest: string; length: number }): string | undefined {
  const { text } = hop
  if (text.length <= session.length || digestOf(desk, hop, text.slice(0, session.length)) !== session.digest) return undefined
  if (session.length === 0) return text
  return text[session.length] === '*' ? text.slice(session.length + 1) : undefined
}

/** One input, unless it holds `*` and the screen would not take it whole: then steps were missed, and they are walked. */
function inputsOf(parts: Parts, state: State, added: string): string[] {
  return !added.includes('*') || accepts(parts, state, added) ? [added] : added.split('*')
}

/** An answer that changes nothing: another caller, a session that is over, a transcript that does not fit. */
async function closing({ app }: Desk, hop: Hop, tx: Tx, why: 'stranger' | 'over' | 'strange'): Promise<Reply> {
  const language = await languageOf(tx, hop.msisdn)
  return {
    body: `END ${app.phrases.message(`session_${why}`, { service_code: app.config.serviceCode }, language)}`,
    screen: why,
    again: false,
  }
}

async function droppedSession({ app, menu }: Desk, hop: Hop, tx: Tx, at: number): Promise<State | undefined> {
  const [last] = await lastSession(tx, { msisdn: hop.msisdn, since: at - RESUME_MS })
  if (!last?.open || last.id === hop.sessionId) return undefined
  const state = JSON.parse(app.keyring.open(`sessions.state:${last.id}`, last.stateSealed)) as State
  // Whoever was still at home, or at the question itself, has nothing to go on with.
  return state.trail.length === 0 || state.at === menu.resume ? undefined : state
}

const digestOf = ({ app }: Pick<Desk, 'app'>, hop: Hop, text: string) =>
  app.keyring.digest('transcript', `${hop.sessionId}\n${text}`)
const statePlace = (hop: Hop) => `sessions.state:${hop.sessionId}`
const replyPlace = (hop: Hop, digest: string) => `hops.reply:${hop.sessionId}:${digest}`

const hopOf = once('hop', (tx, hole: { sessionId: never; digest: never }) =>
  tx
    .select({ replySealed: tx.hops.replySealed, screen: tx.hops.screen })
    .from(tx.hops)
    .where(and(eq(tx.hops.sessionId, hole.sessionId), eq(tx.hops.digest, hole.digest))),
)
const sessionOf = once('session', (tx, hole: { id: never }) => tx.select().from(tx.sessions).where(eq(tx.sessions.id, hole.id)))
const lastSession = once('last_session', (tx, hole: { msisdn: never; since: never }) =>
  tx
    .select()
    .from(tx.sessions)
    .where(and(eq(tx.sessions.msisdn, hole.msisdn), gt(tx.sessions.at, hole.since)))
    .orderBy(desc(tx.sessions.at))
    .limit(1),
)
const languageOf = async (tx: Tx, msisdn: Msisdn): Promise<Language> => (await spoken(tx, { msisdn }))[0]?.language ?? 'en'
const spoken = once('language', (tx, hole: { msisdn: never }) =>
  tx.select({ language: tx.subscribers.language }).from(tx.subscribers).where(eq(tx.subscribers.msisdn, hole.msisdn)),
)
type SessionRow = {
  id: string
  msisdn: string
  serviceCode: string
  digest: string
  length: number
  screen: string
  stateSealed: string
  open: boolean
  startedAt: number
  at: number
}
const saveSession = once<SessionRow, unknown>('save_session', (tx, hole) => {
  const changing = {
    digest: hole.digest,
    length: hole.length,
    screen: hole.screen,
    stateSealed: hole.stateSealed,
    open: hole.open,
    at: hole.at,
  }
  return tx
    .insert(tx.sessions)
    .values({ id: hole.id, msisdn: hole.msisdn, serviceCode: hole.serviceCode, startedAt: hole.startedAt, ...changing })
    .onConflictDoUpdate({ target: tx.sessions.id, set: changing })
})
const saveHop = once<{ sessionId: string; digest: string; replySealed: string; screen: string; at: number }, unknown>(
  'save_hop',
  (tx, hole) =>
    tx.insert(tx.hops).values({
      sessionId: hole.sessionId,
      digest: hole.digest,
      replySealed: hole.replySealed,
      screen: hole.screen,
      at: hole.at,
    }),
)
