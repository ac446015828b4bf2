import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Problem, readSource, type Source, shaped } from '../text/source.ts'

const target = z.string().regex(/^(\$home|\$after|\$resume|[a-z][a-z0-9_]*)$/, "a screen's name, $home, $after or $resume")
const words = z.strictObject({ en: z.string().min(1), sw: z.string().min(1) })
const literal = z.union([z.string(), z.number(), z.boolean()])
/** Where an action's input comes from: `$name` is the variable of that name, anything else stands for itself. */
const inputs = z.record(z.string(), literal)
const routes = z.record(z.string(), target)

const condition = z.string().regex(/^\w+(=\w+)?$/, 'a variable, or variable=value')

const choice = z.strictObject({
  en: z.string().min(1),
  sw: z.string().min(1),
  to: target,
  /** Shown only while this holds (`when`) or does not (`unless`): `name` is true, or `name=value`. */
  when: condition.optional(),
  unless: condition.optional(),
  /** Variables that choosing it sets. */
  set: z.record(z.string(), literal).optional(),
})

const shown = {
  say: words,
  /** Text that may take several pages, turned with 98. */
  long: z.literal(true).optional(),
  /** An action that only reads; its variables fill the words, its refusals lead where `else` says. */
  show: z.string().optional(),
  with: inputs.optional(),
  else: routes.optional(),
  /** A guard that must be passed first. */
  needs: z.string().optional(),
  /** Something is finished here: a call that is cut off now has nothing to go on with. */
  done: z.literal(true).optional(),
}

const step = z.strictObject({ do: z.string(), with: inputs.optional(), go: routes, needs: z.string().optional() })
/** A screen's kind is told by the one of these keys that it has; its own schema then says what is wrong with it. */
const kinds = {
  do: step,
  list: z.strictObject({ ...shown, list: z.strictObject({ ...words.shape, to: target }), choices: z.array(choice).optional() }),
  ask: z.strictObject({ ...shown, ask: z.strictObject({ format: z.string(), as: z.string(), to: target }) }),
  end: z.strictObject({ ...shown, end: z.literal(true) }),
  choices: z.strictObject({ ...shown, choices: z.array(choice).min(1) }),
} as const

const file = z.strictObject({
  /** Where a dial begins, and where `00` leads. */
  start: target.optional(),
  /** Offered to a person whose session was cut off. */
  resume: target.optional(),
  /** What `needs` names: unless the variable is true, the person goes to `to` first. */
  guards: z.record(z.string(), z.strictObject({ unless: z.string(), to: target })).optional(),
  screens: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and _'), z.unknown()),
})

export type Step = z.infer<typeof step>
export type Choice = z.infer<typeof choice>
/** Every kind of screen with words, seen as one. */
export type Shown = {
  say: { en: string; sw: string }
  long?: true | undefined
  show?: string | undefined
  with?: Record<string, string | number | boolean> | undefined
  else?: Record<string, string> | undefined
  needs?: string | undefined
  choices?: Choice[] | undefined
  list?: { en: string; sw: string; to: string } | undefined
  ask?: { format: string; as: string; to: string } | undefined
  end?: true | undefined
  done?: true | undefined
}
export type Screen = Step | Shown
export const isStep = (screen: Screen): screen is Step => 'do' in screen

export type Menu = {
  start: string
  resume: string
  guards: Readonly<Record<string, { unless: string; to: string }>>
  screens: Readonly<Record<string, Screen>>
  /** The file that holds a screen, for the check's messages. */
  home: Readonly<Record<string, Source>>
}

/** Files of `menus/` that hold something other than screens. */
const OTHERS = new Set(['words.yaml', 'messages.yaml', 'keywords.yaml', 'letter.yaml'])

/** Reads every screen file of `folder`; what cannot be read is noted in `problems`. */
export function readMenu(folder: string, problems: Problem[]): Menu {
  const menu = {
    start: '',
    resume: '',
    guards: {} as Record<string, { unless: string; to: string }>,
    screens: {} as Record<string, Screen>,
    home: {} as Record<string, Source>,
  }
  for (const name of readdirSync(folder)
    .filter((entry) => entry.endsWith('.yaml') && !OTHERS.has(entry))
    .sort()) {
    const source = readSource(join(folder, name))
    const read = shaped(source, file, problems)
    if (!read) continue
    if (read.start) menu.start = read.start
    if (read.resume) menu.resume = read.resume
    Object.assign(menu.guards, read.guards)
    for (const [id, value] of Object.entries(read.screens)) {
      if (menu.screens[id])
        problems.push(source.problem(['screens', id], `the screen '${id}' stands in ${menu.home[id]?.file} too`))
      const screen = readScreen(source, id, value, problems)
      if (!screen) continue
      menu.screens[id] = screen
      menu.home[id] = source
    }
  }
  return menu
}

function readScreen(source: Source, id: string, value: unknown, problems: Problem[]): Screen | undefined {
  const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find(
    (key) => typeof value === 'object' && value !== null && key in value,
  )
  if (!kind) {
    problems.push(
      source.problem(['screens', id], `the screen '${id}' has no way out: give it choices, a list, ask, do, or end: true`),
    )
    return undefined
  }
  const read = kinds[kind].safeParse(value)
  if (read.success) return read.data as Screen
  for (const issue of read.error.issues) {
    const path = issue.path as (string | number)[]
    const unknownKey = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : undefined
    const missing = /expected string, received undefined/.test(issue.message) && ['en', 'sw'].includes(String(path.at(-1)))
    const message = missing ? `the translation '${String(path.at(-1))}' is missing` : issue.message
    problems.push(
      source.problem(
        ['screens', id, ...path, ...(unknownKey === undefined ? [] : [unknownKey])],
        `screen '${id}', ${path.join('.') || kind}: ${message}`,
      ),
    )
  }
  return undefined
}
