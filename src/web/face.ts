import { Router } from '@koa/router'
import { html } from 'hono/html'
import type { Context } from 'koa'
import type { App } from '../app.ts'
import type { FaceName } from '../security/web-sessions.ts'
import { cookieOf, setCookie } from './cookies.ts'
import { facesBody, type Sent, sentBy } from './form.ts'
import { type Held, holdForm, openHeld } from './held.ts'
import { type Frame, type Html, type Page, showPage } from './layout.ts'
import { faceReaderOf, type Reader } from './reader.ts'
import { openSessions, type Sessions, type WebSession } from './session.ts'
import { readUpload, type Upload } from './upload.ts'
import type { PageWords } from './words.ts'

/** A request to a face before anybody is known. */
export type Call = {
  ctx: Context
  reader: Reader
  /** A word of `menus/words.yaml`, such as a role or a field's name. */
  word(group: string, key: string): string
  /** What every form must carry, as hidden fields: proof that our page sent it, and `once`, which names this one filling of it. */
  hidden: Html
  show(page: Page, status?: number): void
  /** Leads on with 303; `said` names words `said_…` that the next page shows once. */
  go(path: string, said?: string): void
}
/** The same from somebody who is logged in. */
export type Visit<Me> = Call & { me: Me; session: WebSession }

export type FaceParts<Me, Rule extends string> = {
  app: App
  words: PageWords
  face: FaceName
  /** Undefined where the holder may not come in any more: the session is then over. */
  findMe(holder: string): Promise<Me | undefined>
  /** Whether somebody may use a route that asks for `rule`. Anything not allowed is denied. */
  allows(me: Me, rule: Rule): boolean
  frame(call: Call, me: Me | undefined): Frame
  /** A content policy of its own, where the face has a script. */
  policy?: string
  /** The page that logs in. `next` is where to go after it; `held` what somebody had typed when their session ran out. */
  loginPage(call: Call, way: { next?: string | undefined; held?: string | undefined }): Page
}

type Handler<V> = (visit: V) => unknown
type FormHandler<V> = (visit: V, form: Sent) => unknown
type UploadHandler<V> = (visit: V, upload: Upload) => unknown

/** One line of the table of routes: what the matrix test goes through. */
export type FaceRoute = { method: 'GET' | 'POST'; path: string; rule: string }
export type Face<Me, Rule extends string> = ReturnType<typeof openFace<Me, Rule>>

/**
 * A web face: its routes, each with the rule that guards it, and its sessions. A page is a GET that changes nothing, a form a POST that
 * our own page must have sent. Whoever is not logged in is led to the login and back; what they had typed comes along.
 */
export function openFace<Me, Rule extends string>(parts: FaceParts<Me, Rule>) {
  const { app, words, face, loginPage } = parts
  const prefix = `/${face}`
  const router = new Router()
  const sessions: Sessions = openSessions(app, face)
  const routes: FaceRoute[] = []

  function callOf(ctx: Context, proof: string, me: () => Me | undefined): Call {
    const reader = faceReaderOf(ctx, words)
    if (parts.policy !== undefined) ctx.set('Content-Security-Policy', parts.policy)
    const call: Call = {
      ctx,
      reader,
      word: (group, key) => app.phrases.word(group, key, reader.language),
      hidden: html`<input type="hidden" name="csrf" value="${proof}"><input type="hidden" name="once" value="${app.clock.id()}">`,
      show(page, status = 200) {
        showPage(ctx, reader, page, status, { ...parts.frame(call, me()), said: saidOf(ctx, reader) })
      },
      go(path, said) {
        ctx.status = 303
        ctx.set('Location', said === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}said=${said}`)
        ctx.body = ''
      },
    }
    return call
  }

  const proofOf = (secret: string) => app.keyring.digest(`csrf:${face}`, secret).slice(0, 24)

  /** Before a login the proof hangs on a cookie of its own. */
  function strangerCall(ctx: Context): { call: Call; proof: string } {
    const known = cookieOf(ctx, 'form')
    const secret = known ?? app.clock.bytes(16).toString('base64url')
    if (known === undefined) setCookie(ctx, 'form', secret)
    const proof = proofOf(secret)
    return { call: callOf(ctx, proof, () => undefined), proof }
  }

  async function visitOf(ctx: Context): Promise<{ visit: Visit<Me>; proof: string } | undefined> {
    const session = await sessions.of(ctx)
    if (session?.stage !== 'in') return undefined
    const me = await parts.findMe(session.holder)
    if (me === undefined) return undefined
    const proof = proofOf(session.id)
    return { visit: { ...callOf(ctx, proof, () => me), me, session }, proof }
  }

  function mustAllow(ctx: Context, me: Me, rule: Rule) {
    if (!parts.allows(me, rule)) ctx.throw(403)
  }

  /** A browser that says where a form came from is believed when it says: from elsewhere. */
  function refuseStrangers(ctx: Context) {
    const site = ctx.get('Sec-Fetch-Site')
    if (site !== '' && site !== 'same-origin' && site !== 'none') ctx.throw(403)
  }

  function showLogin(ctx: Context, way: { next?: string; held?: string }) {
    const { call } = strangerCall(ctx)
    showPage(ctx, call.reader, loginPage(call, way), 401, parts.frame(call, undefined))
  }

  /** A filled form that came with an old proof, or with none: shown again, to be sent by its own hand. */
  function showHeld(visit: Visit<Me>, held: Held) {
    const { say } = visit.reader
    const title = say('held_title')
    const body = html`<h1>${title}</h1>
<p>${say('held_text')}</p>
<form method="post" action="${held.path}">${visit.hidden}
${held.fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${say('held_send')}</button></form>
<p><a href="${prefix}">${say('held_drop')}</a></p>`
    visit.show({ title, body })
  }

  return {
    prefix,
    router,
    sessions,
    routes: routes as readonly FaceRoute[],
    /** Whether there is a page at this path, with or without a query. */
    leadsTo: (address: string) => routes.some(({ method, path }) => method === 'GET' && path === address.split('?')[0]),
    /** A page for whoever is logged in and may see it. `path` is without the prefix. */
    page(path: string, rule: Rule, handler: Handler<Visit<Me>>) {
      routes.push({ method: 'GET', path: prefix + path, rule })
      router.get(prefix + path, async (ctx) => {
        const found = await visitOf(ctx)
        if (!found) return showLogin(ctx, { next: ctx.path === prefix ? prefix : ctx.url })
        mustAllow(ctx, found.visit.me, rule)
        await handler(found.visit)
      })
    },
    form(path: string, rule: Rule, handler: FormHandler<Visit<Me>>) {
      routes.push({ method: 'POST', path: prefix + path, rule })
      router.post(prefix + path, facesBody, async (ctx) => {
        refuseStrangers(ctx)
        const form = sentBy(ctx)
        const found = await visitOf(ctx)
        if (!found) return showLogin(ctx, { held: holdForm(app, face, { path: ctx.path, form }) })
        mustAllow(ctx, found.visit.me, rule)
        if (form.get('csrf') !== found.proof) return showHeld(found.visit, { path: ctx.path, fields: form.kept() })
        await handler(found.visit, form)
      })
    },
    /** A form with one file, `most` bytes at most. A file cannot be held over a login: it is asked for again. */
    upload(path: string, rule: Rule, most: number, handler: UploadHandler<Visit<Me>>) {
      routes.push({ method: 'POST', path: prefix + path, rule })
      router.post(prefix + path, async (ctx) => {
        refuseStrangers(ctx)
        const found = await visitOf(ctx)
        if (!found) {
          ctx.set('Connection', 'close')
          return showLogin(ctx, { next: prefix })
        }
        mustAllow(ctx, found.visit.me, rule)
        const upload = await readUpload(ctx, { folder: app.config.dataFolder, most, id: app.clock.id(), proof: found.proof })
        if (upload.refused === 'unproven') ctx.throw(403)
        await handler(found.visit, upload)
      })
    },
    /** A page for anybody: the login, a new account. */
    open(path: string, handler: Handler<Call>) {
      routes.push({ method: 'GET', path: prefix + path, rule: 'anyone' })
      router.get(prefix + path, (ctx) => handler(strangerCall(ctx).call))
    },
    openForm(path: string, handler: FormHandler<Call>) {
      routes.push({ method: 'POST', path: prefix + path, rule: 'anyone' })
      router.post(prefix + path, facesBody, async (ctx) => {
        refuseStrangers(ctx)
        const form = sentBy(ctx)
        const { call, proof } = strangerCall(ctx)
        // Without the cookie the page was opened elsewhere or too long ago: the login is simply shown again.
        if (form.get('csrf') !== proof) return call.go(`${prefix}/login`, 'form_old')
        await handler(call, form)
      })
    },
    /** After a login: back to the form that was being filled, to the page that was asked for, or to the beginning. */
    async resume(call: Call, way: { session: WebSession; next?: string | undefined; held?: string | undefined }) {
      const held = way.held === undefined ? undefined : openHeld(app, face, way.held)
      if (!held) return call.go(isOurs(way.next, prefix) ? way.next : prefix)
      const me = await parts.findMe(way.session.holder)
      if (me === undefined) return call.go(prefix)
      // Begun in this very answer: the request does not carry the session's cookie yet.
      showHeld({ ...callOf(call.ctx, proofOf(way.session.id), () => me), me, session: way.session }, held)
    },
  }
}

/** What stands in the address for `:name`. */
export const param = ({ ctx }: Pick<Call, 'ctx'>, name: string): string =>
  (ctx as Context & { params: Record<string, string> }).params[name] ?? ''

/** What the address asks for: the values that were given once, and not empty. */
export const queryOf = ({ ctx }: Pick<Call, 'ctx'>): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(ctx.query).filter(([, value]) => typeof value === 'string' && value !== '')) as Record<
    string,
    string
  >

/** A path of this face, and no other address: nobody is led away after a login. */
function isOurs(path: string | undefined, prefix: string): path is string {
  return path !== undefined && (path === prefix || path.startsWith(`${prefix}/`)) && !/[\\\s]|\/\//.test(path)
}

function saidOf(ctx: Context, reader: Reader): string | undefined {
  const name = `said_${String(ctx.query.said ?? '')}`
  return ctx.query.said !== undefined && reader.has(name) ? reader.say(name) : undefined
}
