import { html } from 'hono/html'
import type { Catalogue, Outcome } from '../action.ts'
import type { App } from '../app.ts'
import { noteSeen } from '../audit/exported.ts'
import type { LetterFacts } from '../letters/facts.ts'
import { findOfficer, type Officer, officerActor } from '../officers/officer.ts'
import { hasRight, type Right } from '../officers/roles.ts'
import { performing } from '../perform.ts'
import type { Menu } from '../ussd/menu.ts'
import { type Face, type Visit as FaceVisit, openFace } from '../web/face.ts'
import { routeOf } from '../web/requests.ts'
import type { PageWords } from '../web/words.ts'
import { officerAccountPage } from './account.ts'
import { applicationPages } from './applications.ts'
import { approvalPages } from './approvals.ts'
import { CONSOLE_HEAD, CONSOLE_POLICY, consoleAssets } from './assets.ts'
import { auditPages } from './audit.ts'
import { deploymentPages } from './deployments.ts'
import { entryPages, officerLoginPage } from './entry.ts'
import { jobPages } from './jobs.ts'
import { menuPages } from './menus.ts'
import { messagePages } from './messages.ts'
import { noticePages } from './notices.ts'
import { officerPages } from './officers.ts'
import { openingPages } from './openings.ts'
import { payPages } from './pay.ts'
import { peoplePages } from './people.ts'
import { planPages } from './plans.ts'
import { rollPages } from './roll.ts'
import { rulePages } from './rules.ts'
import { runPages } from './runs.ts'
import { settingsPage } from './settings.ts'
import { staffingPages } from './staffing.ts'
import { todayPage } from './today.ts'

export type Visit = FaceVisit<Officer>
export type ConsoleFace = Face<Officer, Right>

export type ConsoleParts = {
  app: App
  actions: Catalogue
  menu: Menu
  words: PageWords
  print(id: string, facts: LetterFacts): Promise<Uint8Array>
}

/** What the families of pages need. */
export type Console = ConsoleParts & {
  face: ConsoleFace
  /** Performs an operator's action in the officer's name. Whether it is this officer's county is for the page to know before. */
  perform(visit: Visit, name: string, input: unknown): Promise<Outcome>
}

/** Where the menu leads, in its order, and who sees it. */
const ROOMS = [
  ['people', 'look'],
  ['roll', 'roll'],
  ['jobs', 'look'],
  ['applications', 'look'],
  ['deployments', 'look'],
  ['approvals', 'approve'],
  ['messages', 'look'],
  ['menus', 'today'],
  ['audit', 'trail'],
  ['officers', 'officers'],
  ['settings', 'settings'],
  ['account', 'self'],
] as const satisfies readonly (readonly [string, Right])[]

/** The console: the officers' day. */
export function openConsole(parts: ConsoleParts): ConsoleFace {
  const { app, words, actions } = parts
  const face: ConsoleFace = openFace<Officer, Right>({
    app,
    words,
    face: 'console',
    findMe: (holder) => findOfficer(app.store.read, holder),
    allows: ({ role }, right) => hasRight(role, right),
    frame: (call, me) => ({
      face: 'console',
      head: CONSOLE_HEAD,
      home: '/console',
      nav: me
        ? ROOMS.filter(([room, right]) => hasRight(me.role, right) && face.leadsTo(`/console/${room}`)).map(([room]) => ({
            href: `/console/${room}`,
            label: call.reader.say(`desk_${room}`),
            here: call.ctx.path.startsWith(`/console/${room}`),
          }))
        : [],
      aside: me
        ? html`<span class="who">${me.name}, ${call.reader.say(`role_${me.role}`)}</span><form method="post" action="/console/logout">${call.hidden}<button class="plain">${call.reader.say('log_out')}</button></form>`
        : undefined,
    }),
    note: ({ me, reader, ctx }, seen) => noteSeen(app, officerActor(me, reader.language), routeOf(ctx), seen),
    loginPage: officerLoginPage,
    policy: CONSOLE_POLICY,
  })
  const desk: Console = {
    ...parts,
    face,
    perform: (visit, name, input) =>
      performing(app, actions, `console:${name}`, (_, perform) =>
        perform(name, officerActor(visit.me, visit.reader.language), input),
      ),
  }
  consoleAssets(face)
  for (const addPages of [
    entryPages,
    todayPage,
    peoplePages,
    rollPages,
    jobPages,
    applicationPages,
    deploymentPages,
    approvalPages,
    noticePages,
    openingPages,
    rulePages,
    planPages,
    staffingPages,
    payPages,
    messagePages,
    menuPages,
    auditPages,
    runPages,
    officerPages,
    settingsPage,
    officerAccountPage,
  ])
    addPages(desk)
  return face
}
