import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { nairobiDay, shortDay } from '../base/dates.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { linkTo } from '../links/link.ts'
import { holderOf, personOf } from '../people/holder.ts'
import { LETTERS_AGAIN } from '../security/limit-sizes.ts'
import { withinAll } from '../security/limits.ts'
import { tell } from '../sms/outbox.ts'
import { checkLetter } from './letter.ts'
import { lettersOf, linkOf } from './send.ts'

type Row = Awaited<ReturnType<typeof lettersOf>>[number]
const itemOf = ({ letter, deployment, job, station }: Row, { actor }: Scene) => ({
  letter,
  deployment: deployment.id,
  title: titleOf(job, actor.language),
  station: station.name,
  report_on: shortDay(deployment.reportOn),
  answer: deployment.status,
})

/** The letters that a person can fetch now. */
const lettersMine = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['letter', 'deployment', 'title', 'station', 'report_on', 'answer'],
  reads: true,
  async apply(scene) {
    const rows = await lettersOf(scene, (await holderOf(scene)).person.id)
    return rows.length === 0 ? refused('none') : done({ items: rows.map((row) => itemOf(row, scene)) })
  },
})

/** Sends the short link of a letter again and shows its code: of the named deployment, else of the one to report to next. */
const lettersSend = action<{ deployment?: string | undefined }>({
  who: 'person',
  input: z.object({ deployment: z.string().optional() }),
  refusals: ['none', 'slow_down'],
  gives: ['letter', 'deployment', 'title', 'station', 'report_on', 'answer', 'letter_code', 'link'],
  sends: ['letter_again'],
  async apply(scene, { deployment }) {
    const { tx, tools, actor, at } = scene
    const { person, msisdn } = await personOf(scene)
    const rows = (await lettersOf(scene, person.id)).filter((row) => deployment === undefined || row.deployment.id === deployment)
    const row = rows.find((each) => each.deployment.reportOn >= nairobiDay(at)) ?? rows.at(-1)
    if (!row) return refused('none', {}, person.id)
    if (!(await withinAll(tx, at, `letter:${msisdn}`, LETTERS_AGAIN))) return refused('slow_down', {}, person.id)
    const code = await linkTo(scene, row.letter, row.job.endsOn)
    const vars = { ...itemOf(row, scene), letter_code: code, link: linkOf(tools, code) }
    await tell(scene, {
      to: msisdn,
      person: person.id,
      message: 'letter_again',
      values: vars,
      language: actor.language,
      class: 'reply',
      dedupe: `letter_again:${row.letter}:${tools.clock.id()}`,
    })
    return done(vars, person.id)
  },
})

/** Whether a letter is genuine, for anyone and from any phone. */
const lettersVerify = action({
  who: 'anyone',
  input: z.object({ code: z.string() }),
  refusals: ['forged', 'revoked'],
  gives: ['name', 'role', 'station', 'from', 'to'],
  reads: true,
  async apply({ tx, tools }, { code }) {
    const checked = await checkLetter({ keyring: tools.keyring, store: { read: tx } }, code)
    if ('refused' in checked) return refused(checked.refused === 'unknown' ? 'forged' : 'revoked')
    const { name, role, station, startsOn, endsOn } = checked.genuine
    return done({ name, role, station, from: shortDay(startsOn), to: shortDay(endsOn) })
  },
})

export const letterActions = { 'letters.mine': lettersMine, 'letters.send': lettersSend, 'letters.verify': lettersVerify }
