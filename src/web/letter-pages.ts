import { Router } from '@koa/router'
import type { Context } from 'koa'
import type { Metrics } from '../metrics.ts'
import type { Phrasebook } from '../text/phrasebook.ts'
import { formBody, formOf } from './form.ts'
import { showPage } from './layout.ts'
import { codeBox, genuineLetter, letterForm, letterGone, letterNotValid, letterTwin } from './letter-views.ts'
import type { Letters, NotHad } from './letters.ts'
import { readerOf } from './reader.ts'
import type { PageWords } from './words.ts'

type Parts<F> = { letters: Letters<F>; words: PageWords; phrases: Phrasebook; shortCode: string; metrics: Metrics }

/** `/l` gives a person their letter, `/v` tells anyone whether a letter is genuine. Looking costs nothing: messengers fetch links too. */
export function letterRoutes<F>({ letters, words, phrases, shortCode, metrics }: Parts<F>): Router {
  const router = new Router()

  for (const [path, about] of [
    ['/l', 'letter'],
    ['/v', 'verify'],
  ] as const)
    router.get(path, (ctx) => {
      const reader = readerOf(ctx, words)
      const { code } = ctx.query
      if (code === undefined) return showPage(ctx, reader, codeBox(reader, about, shortCode))
      const typed = String(code).slice(0, 64)
      const tidy = tidyCode(typed)
      if (tidy === undefined) return showPage(ctx, reader, codeBox(reader, about, shortCode, typed), 422)
      ctx.status = 303
      ctx.set('Location', reader.to(`${path}/${tidy}`))
      ctx.body = ''
    })

  router.get('/l/:code', async (ctx) => {
    const looked = await letters.look(codeOf(ctx))
    if ('refused' in looked) return refuse(ctx, looked.refused)
    const reader = readerOf(ctx, words)
    showPage(ctx, reader, letterForm(reader, looked.open))
  })

  router.post('/l/:code', formBody, async (ctx) => {
    const code = codeOf(ctx)
    const form = formOf(ctx)
    const digits = form?.id_last4?.trim()
    // What cannot be four digits is not a guess, so it costs no try.
    const guess = digits && /^\d{4}$/.test(digits) ? digits : undefined
    const fetched = guess === undefined ? undefined : await letters.download(code, guess)
    if (fetched && 'letter' in fetched) return giveLetter(ctx, fetched.letter, form?.as === 'page')
    if (fetched && fetched.refused !== 'wrong') return refuse(ctx, fetched.refused)

    const looked = await letters.look(code)
    if ('refused' in looked) return refuse(ctx, looked.refused)
    const reader = readerOf(ctx, words)
    const notice = fetched
      ? ({ name: 'digits_wrong', triesLeft: fetched.triesLeft } as const)
      : ({ name: 'digits_missing' } as const)
    showPage(ctx, reader, letterForm(reader, looked.open, notice), digits === undefined ? 400 : 422)
  })

  router.get('/v/:code', async (ctx) => {
    const checked = await letters.check(codeOf(ctx))
    const reader = readerOf(ctx, words)
    if ('genuine' in checked)
      return showPage(
        ctx,
        reader,
        genuineLetter(reader, checked.genuine, phrases.word('role', checked.genuine.role, reader.language)),
      )
    if (checked.refused === 'unknown') ctx.throw(404)
    showPage(ctx, reader, letterNotValid(reader), 410)
  })

  function refuse(ctx: Context, why: NotHad) {
    if (why === 'unknown') ctx.throw(404)
    const reader = readerOf(ctx, words)
    showPage(ctx, reader, letterGone(reader, why, shortCode), 410)
  }

  async function giveLetter(
    ctx: Context,
    { id, reference, facts }: { id: string; reference: string; facts: F },
    asPage: boolean,
  ) {
    const reader = readerOf(ctx, words)
    if (asPage) {
      showPage(ctx, reader, letterTwin(reader, reference, letters.twin(facts, reader.language)))
    } else {
      const pdf = await letters.print(id, facts)
      ctx.attachment(`letter-${reference.replace(/[^\w-]+/g, '-')}.pdf`)
      ctx.type = 'application/pdf'
      ctx.body = pdf
    }
    metrics.lettersPrinted.inc({ form: asPage ? 'page' : 'pdf' })
  }
  return router
}

const codeOf = (ctx: Context & { params: Record<string, string> }) => ctx.params.code ?? ''

/** Sixteen letters and digits in groups of four, from whatever was typed between them; undefined where there are more or fewer. */
function tidyCode(typed: string): string | undefined {
  const bare = typed.toUpperCase().replace(/[^0-9A-Z]/g, '')
  return bare.length === 16 ? bare.match(/.{4}/g)?.join('-') : undefined
}
