import type { Actor, Item, Outcome, Vars } from '../action.ts'
import { Fault } from '../base/fault.ts'
import type { Language } from '../store/schema.ts'
import type { Phrasebook } from '../text/phrasebook.ts'
import { isStep, type Menu, type Shown } from './menu.ts'
import { drawn, noted, offered } from './screen.ts'

/** An input's format by name: what was typed, made regular; undefined where it does not fit. `secret` inputs are forgotten after the next step. */
export type Format = { read(text: string): string | undefined; secret?: true }
export type Formats = Readonly<Record<string, Format>>

/** What is remembered between hops: plain values that go through JSON between every two answers. */
export type State = {
  at: string
  page: number
  /** Screens to go back to, the last first to leave. */
  trail: string[]
  vars: Vars
  items: Item[]
  language: Language
  /** Where a guard leads when it is passed, and the trail from there. */
  after?: { to: string; trail: string[] } | undefined
  /** The session that was cut off, while the person is asked whether to go on with it. */
  dropped?: { to: string; trail: string[]; vars: Vars } | undefined
}

export type Answer = { state: State; text: string; end: boolean }
export type Run = (action: string, input: Record<string, unknown>, actor: Pick<Actor, 'signed' | 'language'>) => Promise<Outcome>
export type Parts = { menu: Menu; phrases: Phrasebook; formats: Formats; run: Run }

/** More screens than this without words, one after the other, and the menu goes in a circle. */
const MOST_STEPS = 24

/** The first answer of a session. With `dropped`, the person is asked whether to go on where the last session was cut off. */
export async function begin(parts: Parts, language: Language, dropped?: State): Promise<Answer> {
  const fresh: State = { at: parts.menu.start, page: 0, trail: [], vars: { signed: false }, items: [], language }
  if (!dropped) return enter(parts, fresh, parts.menu.start)
  // What was proven in the call before is proven anew: somebody else may hold the phone now.
  const { signed: _, pass: __, ...vars } = withoutSecrets(parts, dropped.vars)
  const on = dropped.after ?? { to: dropped.at, trail: dropped.trail }
  return enter(parts, { ...fresh, dropped: { ...on, vars } }, parts.menu.resume)
}

/** Takes one input at the screen where the session stands. */
export async function answer(parts: Parts, state: State, input: string): Promise<Answer> {
  const screen = shownAt(parts.menu, state.at)
  const key = input.trim()
  if (key === '98' && draw(parts, state)[state.page]?.more) return redraw(parts, { ...state, page: state.page + 1 })
  if (screen.end) return redraw(parts, state)
  if (key === '0' && state.page > 0) return redraw(parts, { ...state, page: state.page - 1 })
  if (key === '0' && state.trail.length > 0)
    return enter(parts, { ...state, trail: state.trail.slice(0, -1) }, state.trail.at(-1) as string)
  if (key === '00') return enter(parts, state, '$home')
  const taken = take(parts, screen, state, key)
  if ('note' in taken) return redraw(parts, state, taken.note)
  return enter(parts, { ...state, vars: { ...state.vars, ...taken.vars } }, taken.to, state.at)
}

/** Whether the screen would take `input` as it stands: tells a `*` that was typed from one that parts two inputs. */
export function accepts(parts: Parts, state: State, input: string): boolean {
  const screen = shownAt(parts.menu, state.at)
  return !('note' in take(parts, screen, state, input.trim()))
}

function take(
  { phrases, formats }: Parts,
  screen: Shown,
  state: State,
  key: string,
): { to: string; vars: Vars } | { note: string } {
  if (screen.ask) {
    const value = formats[screen.ask.format]?.read(key)
    if (value === undefined) return { note: phrases.formats[screen.ask.format]?.[state.language] ?? '' }
    return { to: screen.ask.to, vars: { [screen.ask.as]: value } }
  }
  const number = /^\d{1,3}\.?$/.test(key) ? Number.parseInt(key, 10) : 0
  const item = state.items[number - 1]
  if (item && screen.list) return { to: screen.list.to, vars: item }
  const choice = offered(screen, state.vars)[number - 1 - state.items.length]
  return choice ? { to: choice.to, vars: choice.set ?? {} } : { note: phrases.word('keys', 'choose', state.language) }
}

/** Goes to `to`, through guards and steps, to the next screen with words. `from` is the screen that was answered, if one was. */
async function enter(parts: Parts, state: State, to: string, from?: string): Promise<Answer> {
  const { menu } = parts
  let next = { ...state, page: 0, items: [] as Item[] }
  let stepped = false
  let id = to
  for (let left = MOST_STEPS; left > 0; left--) {
    if (id.startsWith('$')) {
      ;({ id, next } = special(parts, next, id))
      stepped = true
    }
    const screen = menu.screens[id]
    if (!screen) throw new Fault('bad_settings', `there is no screen '${id}'`)
    const guard = screen.needs === undefined ? undefined : menu.guards[screen.needs]
    if (guard && next.vars[guard.unless] !== true) {
      next = { ...next, after: { to: id, trail: trailTo(next, id, from, stepped) } }
      id = guard.to
      continue
    }
    if (isStep(screen)) {
      const outcome = await runWith(parts, next, screen.do, screen.with)
      next = { ...merged(next, outcome), vars: withoutSecrets(parts, merged(next, outcome).vars) }
      id = screen.go[outcome.refused ?? 'done'] as string
      stepped = true
      continue
    }
    if (screen.show !== undefined) {
      const outcome = await runWith(parts, next, screen.show, screen.with)
      next = merged(next, outcome)
      if (outcome.refused !== undefined) {
        id = screen.else?.[outcome.refused] as string
        continue
      }
      if (screen.list) next = { ...next, items: [...((outcome.done.items ?? []) as Item[])] }
    }
    return redraw(parts, { ...next, at: id, trail: trailTo(next, id, from, stepped) })
  }
  throw new Fault('bad_settings', `the menu goes in a circle at '${id}'`)
}

/** A screen whose answer ran a step is not gone back to; one that is on the trail already is gone back to, not added. */
function trailTo(state: State, id: string, from: string | undefined, stepped: boolean): string[] {
  const trail = from === undefined || stepped || from === id ? state.trail : [...state.trail, from]
  const known = trail.indexOf(id)
  return known < 0 ? trail : trail.slice(0, known)
}

function special({ menu }: Parts, state: State, id: string): { id: string; next: State & { items: Item[] } } {
  if (id === '$after' && state.after)
    return { id: state.after.to, next: { ...state, trail: state.after.trail, after: undefined } }
  if (id === '$resume' && state.dropped) {
    const { to, trail, vars } = state.dropped
    return { id: to, next: { ...state, trail, vars: { ...vars, ...state.vars }, dropped: undefined } }
  }
  return { id: menu.start, next: { ...state, trail: [], after: undefined, dropped: undefined } }
}

function runWith({ run }: Parts, state: State, name: string, inputs: Record<string, unknown> = {}): Promise<Outcome> {
  const input = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      typeof value === 'string' && value.startsWith('$') ? state.vars[value.slice(1)] : value,
    ]),
  )
  return run(name, input, { signed: state.vars.signed === true, language: state.language })
}

function merged(state: State & { items: Item[] }, outcome: Outcome): State & { items: Item[] } {
  const { items: _, ...vars } = (outcome.refused === undefined ? outcome.done : outcome.vars) ?? {}
  const language = vars.language === 'en' || vars.language === 'sw' ? vars.language : state.language
  return { ...state, language, vars: { ...state.vars, ...vars } }
}

/** Inputs of a secret format leave the memory as soon as a step has used them. */
function withoutSecrets({ menu, formats }: Parts, vars: Vars): Vars {
  const secret = secretNames(menu, formats)
  return Object.fromEntries(Object.entries(vars).filter(([name]) => !secret.has(name)))
}

const secretsOf = new WeakMap<Menu, Set<string>>()
function secretNames(menu: Menu, formats: Formats): Set<string> {
  let names = secretsOf.get(menu)
  if (!names) {
    const asks = Object.values(menu.screens).flatMap((screen) => (isStep(screen) || !screen.ask ? [] : [screen.ask]))
    names = new Set(asks.filter((ask) => formats[ask.format]?.secret).map((ask) => ask.as))
    secretsOf.set(menu, names)
  }
  return names
}

function shownAt(menu: Menu, id: string): Shown {
  const screen = menu.screens[id]
  if (!screen || isStep(screen)) throw new Fault('bad_settings', `a session stands at '${id}', which has no words`)
  return screen
}

function draw({ menu, phrases }: Parts, state: State) {
  const filling = { values: state.vars, items: state.items, back: state.trail.length > 0, language: state.language }
  return drawn(shownAt(menu, state.at), filling, phrases)
}

function redraw(parts: Parts, state: State, note?: string): Answer {
  const all = draw(parts, state)
  const page = all[Math.min(state.page, all.length - 1)]
  const end = shownAt(parts.menu, state.at).end === true && !page?.more
  return { state, text: noted(note, page?.text ?? ''), end }
}
