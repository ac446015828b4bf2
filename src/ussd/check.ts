import type { AnyAction, Catalogue } from '../action.ts'
import { refusalsOf } from '../perform.ts'
import { isGsm7, septets, strangers } from '../text/gsm7.ts'
import { holesOf, LANGUAGES, type Phrasebook } from '../text/phrasebook.ts'
import type { Path, Problem } from '../text/source.ts'
import { type Choice, isStep, type Menu, type Screen, type Shown, type Step } from './menu.ts'
import { BUDGET, drawn, readCondition } from './screen.ts'
import type { Formats } from './session.ts'

type Known = { menu: Menu; phrases: Phrasebook; actions: Catalogue; formats: Formats }

/**
 * Everything that is wrong with the screens, each with its file, line and column: unknown screens, actions, outcomes and variables,
 * outcomes without a way on, screens that no path reaches or that have no way out, texts that are not GSM-7 or do not fit.
 */
export function checkMenu(known: Known): Problem[] {
  const problems: Problem[] = []
  const { menu } = known
  const first = Object.values(menu.home)[0]
  if (!menu.screens[menu.start] && first) problems.push(first.problem([], `no file says where a dial begins: start: <screen>`))
  if (!menu.screens[menu.resume] && first)
    problems.push(first.problem([], `no file says what a cut-off call is asked: resume: <screen>`))
  const given = variablesGiven(known)
  for (const [id, screen] of Object.entries(menu.screens)) {
    const say = (path: Path, message: string) => {
      const source = menu.home[id]
      if (source) problems.push(source.problem(['screens', id, ...path], `screen '${id}': ${message}`))
    }
    for (const [path, to] of leadsOf(screen))
      if (!to.startsWith('$') && !menu.screens[to]) say(path, `there is no screen '${to}'`)
    if (screen.needs !== undefined && !menu.guards[screen.needs]) say(['needs'], `there is no guard '${screen.needs}'`)
    if (isStep(screen)) checkAction(known, screen.do, screen, 'do', 'go', given, say)
    else checkShown(known, screen, given, say)
  }
  for (const [name, guard] of Object.entries(menu.guards))
    if (!menu.screens[guard.to] && first)
      problems.push(first.problem(['guards', name], `guard '${name}': there is no screen '${guard.to}'`))
  checkReach(menu, problems)
  checkCircles(menu, problems)
  return problems
}

type Say = (path: Path, message: string) => void

function checkAction(
  { actions }: Known,
  name: string,
  screen: Step | Shown,
  key: 'do' | 'show',
  routes: 'go' | 'else',
  given: ReadonlySet<string>,
  say: Say,
) {
  const action = actions[name]
  if (!action) return say([key], `there is no action '${name}'`)
  if (action.who === 'operator') say([key], `'${name}' is for operators, not for a menu`)
  if (key === 'show' && !action.reads) say([key], `'${name}' changes something: only a step (do) may run it`)
  const led: Record<string, string> = ('go' in screen ? screen.go : (screen as Shown).else) ?? {}
  const outcomes = [...(key === 'do' ? ['done'] : []), ...refusalsOf(action)]
  for (const outcome of outcomes)
    if (!led[outcome]) say([key], `the outcome '${outcome}' of '${name}' leads nowhere: add it under ${routes}`)
  for (const outcome of Object.keys(led))
    if (!outcomes.includes(outcome)) say([routes, outcome], `'${name}' has no outcome '${outcome}'`)
  const wanted = inputsOf(action)
  const inputs = screen.with ?? {}
  for (const input of wanted.needed) if (!(input in inputs)) say([key], `'${name}' needs '${input}': add it under with`)
  for (const [input, value] of Object.entries(inputs)) {
    if (!wanted.all.includes(input)) say(['with', input], `'${name}' takes no '${input}'`)
    if (typeof value === 'string' && value.startsWith('$') && !given.has(value.slice(1)))
      say(['with', input], `nothing gives the variable '${value.slice(1)}'`)
  }
}

/** The names that an action's input takes, and those that it cannot do without. */
function inputsOf(action: AnyAction): { all: string[]; needed: string[] } {
  const shape =
    (action.input as unknown as { shape?: Record<string, { safeParse(value: unknown): { success: boolean } }> }).shape ?? {}
  return { all: Object.keys(shape), needed: Object.keys(shape).filter((name) => !shape[name]?.safeParse(undefined).success) }
}

function checkShown(known: Known, screen: Shown, given: ReadonlySet<string>, say: Say) {
  const { phrases, formats } = known
  if (screen.show !== undefined) checkAction(known, screen.show, screen, 'show', 'else', given, say)
  else if (screen.list) say(['list'], 'a list needs an action that gives its rows: add show')
  if (screen.ask && !formats[screen.ask.format]) say(['ask', 'format'], `there is no format '${screen.ask.format}'`)
  if (screen.ask && formats[screen.ask.format] && !phrases.formats[screen.ask.format])
    say(['ask', 'format'], `menus/words.yaml does not say what is wrong when an input is no '${screen.ask.format}'`)
  for (const [path, text] of textsOf(screen)) {
    for (const name of holesOf(text)) {
      if (!phrases.variables[name]) say(path, `the variable '${name}' has no width or words in menus/words.yaml`)
      else if (!given.has(name)) say(path, `nothing gives the variable '${name}'`)
    }
    if (!isGsm7(text))
      say(
        path,
        `not GSM-7: ${strangers(text)
          .map((character) => `'${character}'`)
          .join(' ')}`,
      )
  }
  for (const [place, choice] of (screen.choices ?? []).entries())
    for (const condition of [choice.when, choice.unless])
      if (condition !== undefined && !given.has(readCondition(condition).name))
        say(['choices', place], `nothing gives the variable '${readCondition(condition).name}'`)
  // What is not GSM-7 has no width in septets; it was named above.
  if (!textsOf(screen).every(([, text]) => isGsm7(text))) return
  for (const language of LANGUAGES) {
    const over = widestPage(screen, language, phrases) - BUDGET
    if (over > 0)
      say(['say', language], `${BUDGET + over} septets at its widest in '${language}', ${over} over the ${BUDGET} of a screen`)
  }
}

/** Septets of the fullest page, prefix and the note of a wrong input included, with every variable at its widest. */
function widestPage(screen: Shown, language: 'en' | 'sw', phrases: Phrasebook): number {
  const item = screen.list ? [{}] : []
  const pagesOf = (values: Record<string, unknown>) =>
    drawn(screen, { values, items: item, back: true, language }, phrases, (text) => phrases.widest(text, language))
  const paged = screen.long === true || screen.list !== undefined
  const note = screen.ask ? `${phrases.formats[screen.ask.format]?.[language] ?? ''}\n` : ''
  return Math.max(
    ...everyChoice(screen.choices ?? []).map((values) => {
      const pages = pagesOf(values)
      const whole = paged ? pages.map((page) => page.text) : [pages.map((page) => page.text).join('\n')]
      return Math.max(...whole.map((text) => septets(`CON ${note}${text}`)))
    }),
  )
}

/** Every way in which conditional choices can stand together: each variable at each value that a condition names, and at none of them. */
function everyChoice(choices: readonly Choice[]): Record<string, string | boolean>[] {
  const named = new Map<string, Set<string | boolean>>()
  for (const condition of choices.flatMap(({ when, unless }) => [when, unless])) {
    if (condition === undefined) continue
    const { name, value } = readCondition(condition)
    named.set(name, (named.get(name) ?? new Set([false])).add(value))
  }
  let ways: Record<string, string | boolean>[] = [{}]
  for (const [name, values] of named) ways = ways.flatMap((way) => [...values].map((value) => ({ ...way, [name]: value })))
  return ways
}

/** Every variable that an action gives, a screen asks for, a choice sets, or the service knows by itself. */
function variablesGiven({ menu, actions, phrases }: Known): Set<string> {
  const names = new Set(['short_code', 'service_code', 'signed', 'language'])
  for (const screen of Object.values(menu.screens)) {
    const run = isStep(screen) ? screen.do : screen.show
    for (const name of actions[run ?? '']?.gives ?? []) names.add(name)
    if (isStep(screen)) continue
    if (screen.ask) names.add(screen.ask.as)
    for (const choice of screen.choices ?? []) for (const name of Object.keys(choice.set ?? {})) names.add(name)
  }
  // A value may be shown through another group of words: the field's name, its prompt, what is wrong with it.
  for (const [name, variable] of Object.entries(phrases.variables))
    if ('from' in variable && variable.from && names.has(variable.from)) names.add(name)
  return names
}

function textsOf(screen: Shown): [Path, string][] {
  const both = (path: Path, words: { en: string; sw: string }): [Path, string][] =>
    LANGUAGES.map((language) => [[...path, language], words[language]])
  return [
    ...both(['say'], screen.say),
    ...(screen.list ? both(['list'], screen.list) : []),
    ...(screen.choices ?? []).flatMap((choice, place) => both(['choices', place], choice)),
  ]
}

/** Where a screen leads, each with the place in the file that says so. */
export function leadsOf(screen: Screen): [Path, string][] {
  if (isStep(screen)) return Object.entries(screen.go).map(([outcome, to]) => [['go', outcome], to])
  return [
    ...Object.entries(screen.else ?? {}).map(([outcome, to]): [Path, string] => [['else', outcome], to]),
    ...(screen.choices ?? []).map(({ to }, place): [Path, string] => [['choices', place, 'to'], to]),
    ...(screen.list ? [[['list', 'to'], screen.list.to] as [Path, string]] : []),
    ...(screen.ask ? [[['ask', 'to'], screen.ask.to] as [Path, string]] : []),
  ]
}

function checkReach(menu: Menu, problems: Problem[]) {
  const seen = new Set<string>()
  const next = [menu.start, menu.resume]
  while (next.length > 0) {
    const id = next.pop() as string
    const screen = menu.screens[id]
    if (!screen || seen.has(id)) continue
    seen.add(id)
    const guard = screen.needs === undefined ? undefined : menu.guards[screen.needs]
    next.push(...leadsOf(screen).map(([, to]) => to), ...(guard ? [guard.to] : []))
  }
  for (const id of Object.keys(menu.screens)) {
    const source = menu.home[id]
    if (!seen.has(id) && source) problems.push(source.problem(['screens', id], `screen '${id}': no path leads here`))
  }
}

/** Steps that only lead to steps never show anything: a circle of them has no way out. */
function checkCircles(menu: Menu, problems: Problem[]) {
  for (const [id, screen] of Object.entries(menu.screens)) {
    if (!isStep(screen)) continue
    const seen = new Set<string>()
    let steps = [id]
    while (steps.length > 0 && !seen.has(id)) {
      const found = steps.flatMap((step) => leadsOf(menu.screens[step] as Screen).map(([, to]) => to))
      if (found.some((to) => to.startsWith('$') || (menu.screens[to] && !isStep(menu.screens[to])))) break
      steps = found.filter((to) => !seen.has(to))
      for (const step of steps) seen.add(step)
    }
    const source = menu.home[id]
    if (seen.has(id) && source)
      problems.push(source.problem(['screens', id], `screen '${id}': its steps go in a circle and have no way out`))
  }
}
