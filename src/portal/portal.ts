import { eq } from 'drizzle-orm'
import { html } from 'hono/html'
import type { Catalogue, Outcome, Scene } from '../action.ts'
import type { App } from '../app.ts'
import type { Msisdn } from '../base/msisdn.ts'
import type { LetterFacts } from '../letters/facts.ts'
import { performing } from '../perform.ts'
import { type Face, openFace } from '../web/face.ts'
import type { PageWords } from '../web/words.ts'
import { accountPages, loginPage } from './account.ts'
import { applicationPages } from './applications.ts'
import { changePages } from './changes.ts'
import { documentPages } from './documents.ts'
import { homePage } from './home.ts'
import { jobPages } from './jobs.ts'
import { letterPages } from './letters.ts'
import { messagePages } from './messages.ts'
import { payPage } from './pay.ts'
import { privacyPages } from './privacy.ts'
import { profilePages } from './profile.ts'
import { securityPages } from './security.ts'
import { servicePages } from './service.ts'
import { actorOf, type Me, type Visit } from './visit.ts'

/** A face has one rule: to be logged in. */
export type PortalFace = Face<Me, 'in'>

export type PortalParts = {
  app: App
  actions: Catalogue
  words: PageWords
  /** Draws a letter as PDF; see letters/press.ts. */
  print(id: string, facts: LetterFacts): Promise<Uint8Array>
}

/** What the families of pages need. */
export type Portal = PortalParts & {
  face: PortalFace
  /** Performs an action in the visitor's name; whoever is logged in has proven as much as a PIN does. */
  perform(visit: Visit, name: string, input: unknown): Promise<Outcome>
  /** One consistent look, in the visitor's name, without writing. */
  within<T>(visit: Visit, look: (scene: Scene) => Promise<T>): Promise<T>
}

/** Where the menu leads, in its order. */
const ROOMS = ['jobs', 'applications', 'letters', 'pay', 'profile', 'messages', 'privacy'] as const

/** The portal: what a person does by phone, on a page. */
export function openPortal(parts: PortalParts): PortalFace {
  const { app, words, actions } = parts
  const face = openFace<Me, 'in'>({
    app,
    words,
    face: 'portal',
    findMe: (holder) => findMe(app, holder),
    allows: () => true,
    frame: (call, me) => ({
      face: 'portal',
      home: '/portal',
      nav: me
        ? ROOMS.map((room) => ({
            href: `/portal/${room}`,
            label: call.reader.say(`room_${room}`),
            here: call.ctx.path.startsWith(`/portal/${room}`),
          }))
        : [],
      aside: me
        ? html`<form method="post" action="/portal/logout">${call.hidden}<button class="plain">${call.reader.say('log_out')}</button></form>`
        : undefined,
    }),
    loginPage,
  })
  const portal: Portal = {
    ...parts,
    face,
    perform: (visit, name, input) =>
      performing(app, actions, visit.me.msisdn, (_, perform) => perform(name, actorOf(visit), input)),
    within: (visit, look) =>
      app.store.work(visit.me.msisdn, (tx) => look({ tx, actor: actorOf(visit), at: app.clock.now(), tools: app })),
  }
  for (const addPages of [
    accountPages,
    homePage,
    jobPages,
    applicationPages,
    letterPages,
    payPage,
    messagePages,
    privacyPages,
    servicePages,
    profilePages,
    changePages,
    documentPages,
    securityPages,
  ])
    addPages(portal)
  return face
}

async function findMe({ store: { read } }: App, personId: string): Promise<Me | undefined> {
  const [found] = await read
    .select({ person: read.people, account: read.accounts })
    .from(read.accounts)
    .innerJoin(read.people, eq(read.people.id, read.accounts.personId))
    .where(eq(read.accounts.personId, personId))
  return found?.person.status === 'vetted' ? { ...found, msisdn: found.account.msisdn as Msisdn } : undefined
}
