import { Router } from '@koa/router'
import { html } from 'hono/html'
import type { Context } from 'koa'
import type { App } from '../app.ts'
import type { Seen } from '../audit/exported.ts'
import type { FaceName } from '../security/web-sessions.ts'
import { cookieOf, setCookie } from './cookies.ts'
import { facesBody, type Sent, sentBy } from './form.ts'
import { holdForm, openHeld, type Typed } from './held.ts'
import { heldPage, hiddenFields, typedFields } from './held-page.ts'
import { type Frame, type Html, otherOf, type Page, showPage } from './layout.ts'
import { faceReaderOf, type Reader } from './reader.ts'
import { routeOf } from './requests.ts'
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
  /** Notes whose data an answer shows; where that fails the answer is not sent. Left out where nobody sees but their own. */
  note?(visit: Visit<Me>, seen: Seen): Promise<void>
  /** A content policy of its own, where the face has a script. */
  policy?: string
  /** The page that logs in. `next` is where to go after it; `held` what somebody had typed when their session ran out. */
  loginPage(call: Call, way: { next?: string | undefined; held?: string | undefined }): Page
}

/** A form that is being answered. `speak`: only the language is to change. `repeats`: its page can be shown again. */
type Sending = Typed & { speak: string | undefined; repeats: boolean }
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

  /** The nearest page above an address that only takes forms. */
  function pageAbove(ctx: Context): string {
    const [names, parts] = [routeOf(ctx).split('/'), ctx.path.split('/')]
    if (names.length !== parts.length) return prefix
    const isPage = () => routes.some(({ method, path }) => method === 'GET' && path === names.join('/'))
    while (names.length > 2 && !isPage()) [names.pop(), parts.pop()]
    return parts.join('/')
  }

  /** `sent`: the form that is being answered, and whether its page can be shown again. */
  function callOf(ctx: Context, proof: string, me: () => Me | undefined, sent?: Sending): Call {
    const page = ctx.method === 'POST' ? pageAbove(ctx) : undefined
    const reader = faceReaderOf(ctx, words, { asked: sent?.speak, page })
    if (parts.policy !== undefined) ctx.set('Content-Security-Policy', parts.policy)
    const hidden = html`<input type="hidden" name="csrf" value="${proof}"><input type="hidden" name="once" value="${app.clock.id()}">`
    /** Where nothing was typed a link does; else what was typed goes along, and nothing is done. */
    function switchOf(again: Page['again']): Html | undefined {
      if (again === false) return html``
      const form = again ?? (sent && (sent.repeats || typedFields(sent).length > 0) ? sent : undefined)
      if (!form) return undefined
      const other = otherOf(reader)
      return html`<form method="post" action="${form.path}">${hidden}${hiddenFields(form)}<button class="plain" name="speak" value="${other}" lang="${other}">${reader.say('language_switch')}</button></form>`
    }
    const call: Call = {
      ctx,
      reader,
      word: (group, key) => app.phrases.word(group, key, reader.language),
      hidden,
      show(page, status = 200) {
        ctx.state.seen = page.seen
        // What was done is not said to whoever must first log in.
        const said = status === 401 ? undefined : saidOf(ctx, reader)
        showPage(ctx, reader, page, status, { ...parts.frame(call, me()), other: switchOf(page.again), said })
      },
      go(path, said) {
        ctx.status = 303
        ctx.set('Location', said === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}said=${said}`)
        ctx.body = ''
      },
    }
    return call
  }

  const short = (purpose: string, value: string) => app.keyring.digest(`${purpose}:${face}`, value).slice(0, 24)
  const proofOf = (secret: string) => short('csrf', secret)
  /** Stands in every form that was made for somebody: when the session is over, it still says for whom, and no foreign page knows it. */
  const markOf = (holder: string) => short('form-of', holder)
  const markIn = (form: Sent) => form.get('csrf').split('.')[1] ?? ''
  const sendingOf = (ctx: Context, form: Sent, repeats = false): Sending => ({
    path: ctx.path,
    fields: form.kept(),
    speak: form.get('speak') || undefined,
    repeats,
  })

  /** Before a login the proof hangs on a cookie of its own. */
  function strangerCall(ctx: Context, sent?: Sending): { call: Call; proof: string } {
    const known = cookieOf(ctx, 'form')
    const secret = known ?? app.clock.bytes(16).toString('base64url')
    if (known === undefined) setCookie(ctx, 'form', secret)
    const proof = proofOf(secret)
    return { call: callOf(ctx, proof, () => undefined, sent), proof }
  }

  async function visitOf(ctx: Context, sent?: Sending): Promise<{ visit: Visit<Me>; proof: string } | undefined> {
    const session = await sessions.of(ctx)
    if (session?.stage !== 'in') return undefined
    const me = await parts.findMe(session.holder)
    return me === undefined ? undefined : visitIn(ctx, session, me, sent)
  }

  function visitIn(ctx: Context, session: WebSession, me: Me, sent?: Sending) {
    const proof = `${proofOf(session.id)}.${markOf(session.holder)}`
    return { visit: { ...callOf(ctx, proof, () => me, sent), me, session }, proof }
  }

  function mustAllow(ctx: Context, me: Me, rule: Rule) {
    if (!parts.allows(me, rule)) ctx.throw(403)
  }

  /** Lets `handler` answer, and notes whose data the answer shows before it goes. */
  async function answer(visit: Visit<Me>, handler: () => unknown) {
    await handler()
    const seen: Seen | undefined = visit.ctx.state.seen
    if (seen) await parts.note?.(visit, seen)
  }

  /** A browser that says where a form came from is believed when it says: from elsewhere. */
  function refuseStrangers(ctx: Context) {
    const site = ctx.get('Sec-Fetch-Site')
    if (site !== '' && site !== 'same-origin' && site !== 'none') ctx.throw(403)
  }

  function showLogin(ctx: Context, way: { next?: string; held?: string }, sent?: Sending) {
    const { call } = strangerCall(ctx, sent)
    const { title, body } = loginPage(call, way)
    const asksAgain = ctx.method === 'POST' && way.next !== undefined
    const page: Page = {
      title,
      body: asksAgain ? html`<p class="next" role="status">${call.reader.say('login_file')}</p>\n${body}` : body,
    }
    const again = { path: `${prefix}/login`, fields: Object.entries(way) }
    call.show(ctx.method === 'POST' ? { ...page, again } : page, 401)
  }

  /** A filled form that came with an old proof: shown, to be sent by its owner's own hand. Somebody else's, or a foreign page's, is not. */
  function showHeld(visit: Visit<Me>, typed: Typed, by: string) {
    if (by !== markOf(visit.session.holder)) return visit.go(prefix, 'form_old')
    visit.show(heldPage(visit, typed, 'ended', prefix))
  }

  /** The answer to a form once more, in the language that was just chosen: nothing is done. */
  function showAgain(visit: Visit<Me>, typed: Typed) {
    const page = pageAbove(visit.ctx)
    if (typedFields(typed).length === 0) return visit.go(page)
    visit.show(heldPage(visit, typed, 'language', page))
  }

  /** Where an upload is begun, with what was typed beside the file: no file outlives its request, so it is asked for again. */
  const uploadPage = (ctx: Context, form: Sent) =>
    `${pageAbove(ctx)}?${new URLSearchParams([...shortly(form), ['said', 'file_again']])}`
  // An address has its limits, and what stands beside a file is a few words.
  const shortly = (form: Sent) =>
    form
      .kept()
      .slice(0, 4)
      .map(([name, value]) => [name, value.slice(0, 120)])

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
        await answer(found.visit, () => handler(found.visit))
      })
    },
    /** `again` shows the page of a form once more, from what was typed, and does nothing: where that is more than the fields themselves. */
    form(path: string, rule: Rule, handler: FormHandler<Visit<Me>>, again?: FormHandler<Visit<Me>>) {
      routes.push({ method: 'POST', path: prefix + path, rule })
      router.post(prefix + path, facesBody, async (ctx) => {
        refuseStrangers(ctx)
        const form = sentBy(ctx)
        const sending = sendingOf(ctx, form, again !== undefined)
        const { fields } = sending
        const by = markIn(form)
        const found = await visitOf(ctx, sending)
        if (!found) return showLogin(ctx, by === '' ? {} : { held: holdForm(app, face, { path: ctx.path, fields, by }) }, sending)
        mustAllow(ctx, found.visit.me, rule)
        if (form.get('csrf') !== found.proof) return showHeld(found.visit, sending, by)
        const { visit } = found
        if (sending.speak === undefined) await answer(visit, () => handler(visit, form))
        else await answer(visit, () => (again ? again(visit, form) : showAgain(visit, sending)))
      })
    },
    /** A form with one file, `most` bytes at most. Its page takes what was typed beside the file as its query. */
    upload(path: string, rule: Rule, most: number, handler: UploadHandler<Visit<Me>>) {
      routes.push({ method: 'POST', path: prefix + path, rule })
      router.post(prefix + path, facesBody, async (ctx) => {
        refuseStrangers(ctx)
        // Without a file it is the language switch, of a page that answered an upload.
        const bare = ctx.is('urlencoded') ? sendingOf(ctx, sentBy(ctx)) : undefined
        const found = await visitOf(ctx, bare)
        if (!found) ctx.set('Connection', 'close')
        const upload = bare
          ? ({ form: sentBy(ctx), refused: 'unproven' } as const)
          : await readUpload(ctx, { folder: app.config.dataFolder, most, id: app.clock.id(), proof: found?.proof })
        if (!found) return showLogin(ctx, { next: uploadPage(ctx, upload.form) }, bare)
        const { session, me } = found.visit
        mustAllow(ctx, me, rule)
        if (upload.refused === 'unproven') return found.visit.go(uploadPage(ctx, upload.form))
        const { visit } = visitIn(ctx, session, me, sendingOf(ctx, upload.form))
        await answer(visit, () => handler(visit, upload))
      })
    },
    /** A page for anybody: the login, a new account. */
    open(path: string, handler: Handler<Call>) {
      routes.push({ method: 'GET', path: prefix + path, rule: 'anyone' })
      router.get(prefix + path, (ctx) => handler(strangerCall(ctx).call))
    },
    /** `again` shows the form's page once more, from what was typed, and does nothing: where only the language changes. */
    openForm(path: string, handler: FormHandler<Call>, again: FormHandler<Call>) {
      routes.push({ method: 'POST', path: prefix + path, rule: 'anyone' })
      router.post(prefix + path, facesBody, async (ctx) => {
        refuseStrangers(ctx)
        const form = sentBy(ctx)
        const sending = sendingOf(ctx, form, true)
        // Before a login a code is a secret, whatever it is called later.
        const fields = sending.fields.filter(([name]) => name !== 'code')
        const { call, proof } = strangerCall(ctx, { ...sending, fields })
        // Without the cookie the page was opened elsewhere or too long ago: the login is simply shown again.
        if (form.get('csrf') !== proof) return call.go(`${prefix}/login`, 'form_old')
        await (sending.speak === undefined ? handler : again)(call, form)
      })
    },
    /** After a login: back to the form that was being filled, to the page that was asked for, or to the beginning. */
    async resume(call: Call, way: { session: WebSession; next?: string | undefined; held?: string | undefined }) {
      const held = way.held === undefined ? undefined : openHeld(app, face, way.held)
      const me = held && (await parts.findMe(way.session.holder))
      if (!held || me === undefined) return call.go(isOurs(way.next, prefix) ? way.next : prefix)
      // Begun in this very answer: the request does not carry the session's cookie yet.
      showHeld(visitIn(call.ctx, way.session, me).visit, held, held.by)
    },
    /** What went wrong, in this face's frame: its language, and the menu of whoever is logged in. */
    async showError(ctx: Context, draw: (reader: Reader) => Page, status: number) {
      // Where storage does not answer, nobody can be known.
      const found = await visitOf(ctx).catch(() => undefined)
      const call = found?.visit ?? callOf(ctx, '', () => undefined)
      call.show(draw(call.reader), status)
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
