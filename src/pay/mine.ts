import { and, desc, eq, inArray, ne } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { nairobiDay } from '../base/dates.ts'
import { rulesOf } from '../jobs/rules.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { holderOf } from '../people/holder.ts'
import type { PayState } from '../store/schema.ts'
import { dutiesOf, type Job, type PayDuty } from './duties.ts'
import { ISSUE_KINDS, type IssueKind } from './findings.ts'
import { kesOf, returnedWords } from './outcome.ts'
import { type Line, openPayee } from './sum.ts'
import { paidMarks, worthOf } from './worth.ts'

/**
 * How far the pay of one duty is: `open` on no list yet, `stopped` something stands in the way, else the state of its payment. What was
 * returned is `returned` until it is on the next list.
 */
export type Pay = {
  duty: string
  job: Job
  days: number
  totalKes: number
  state: PayState | 'open' | 'stopped'
  /** Why it came back, in the person's language; empty where it did not. */
  back: string
  /** The bank's own number of the payment; empty before it was made. */
  reference: string
  issues: IssueKind[]
}

/** The pay of every duty that a person accepted and that has begun, the last to begin first. */
export async function payOf(scene: Scene, personId: string): Promise<Pay[]> {
  const { tx, at } = scene
  const { jobs, payIssues, payLines } = tx
  const duties = await dutiesOf(scene, personId)
  if (duties.length === 0) return []
  const ids = duties.map(({ deployment }) => deployment.id)
  const codes = [...new Set(duties.map(({ deployment }) => deployment.jobCode))]
  const ofJob = new Map((await tx.select().from(jobs).where(inArray(jobs.code, codes))).map((job) => [job.code, job]))
  const open = await tx
    .select({ duty: payIssues.deploymentId, kind: payIssues.kind })
    .from(payIssues)
    .where(and(eq(payIssues.personId, personId), eq(payIssues.state, 'open')))
  const lines = await tx
    .select()
    .from(payLines)
    .where(and(inArray(payLines.deploymentId, ids), ne(payLines.state, 'refused')))
    .orderBy(desc(payLines.changedAt))
  const today = nairobiDay(at)
  const all: Pay[] = []
  for (const duty of duties) {
    const { id, jobCode } = duty.deployment
    const job = ofJob.get(jobCode)
    if (!job || (duty.marks.length === 0 && today < job.startsOn)) continue
    const issues = ISSUE_KINDS.filter((kind) => open.some((row) => row.duty === id && row.kind === kind))
    const line = lines.find(({ deploymentId, live }) => deploymentId === id && live !== null)
    const last = line ?? lines.find(({ deploymentId }) => deploymentId === id)
    all.push({ duty: id, job, issues: line ? [] : issues, ...(await standing(scene, duty, job, last, issues)) })
  }
  return all.sort((a, b) => (a.job.startsOn < b.job.startsOn ? 1 : -1))
}

type Standing = Pick<Pay, 'days' | 'totalKes' | 'state' | 'back' | 'reference'>
async function standing(
  { tx, tools, actor }: Scene,
  { deployment, marks }: PayDuty,
  job: Job,
  line: Line | undefined,
  issues: readonly IssueKind[],
): Promise<Standing> {
  if (line) {
    const { days, totalKes, state, reason } = line
    const back = state === 'returned' ? returnedWords(tools.phrases, reason, actor.language) : ''
    const { reference = '' } = openPayee(tools.keyring, line)
    return { days, totalKes, state: state as PayState, back, reference }
  }
  const rules = await rulesOf(tx, job.exam)
  const { days, totalKes } = worthOf({
    marks: paidMarks(marks, { deployment, job }, rules),
    role: job.role,
    dailyRateKes: job.dailyRateKes,
    metres: deployment.metres,
    rules,
  })
  return { days, totalKes, state: issues.length > 0 ? 'stopped' : 'open', back: '', reference: '' }
}

/** `1 day`, `5 days`, `siku 5`. */
const daysOf = ({ tools: { phrases }, actor: { language } }: Pick<Scene, 'tools' | 'actor'>, days: number): string =>
  phrases.fill(phrases.word('pay', days === 1 ? 'one' : 'many', language), { pay_count: days }, language)

const itemOf = ({ duty, job, state }: Pay, { actor }: Scene) => ({
  duty,
  title: titleOf(job, actor.language),
  pay_short: state,
})

export const payMine = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['duty', 'title', 'pay_short'],
  reads: true,
  async apply(scene) {
    const all = await payOf(scene, (await holderOf(scene)).person.id)
    return all.length === 0 ? refused('none') : done({ items: all.map((pay) => itemOf(pay, scene)) })
  },
})

/** Under `My profile` these can be mended by the person alone. */
const IN_PROFILE: readonly IssueKind[] = ['no_tsc', 'no_account']

export const payRead = action({
  who: 'account',
  input: z.object({ duty: z.string() }),
  refusals: ['none'],
  gives: ['duty', 'title', 'pay_days', 'kes', 'pay_state', 'pay_back', 'pay_issues', 'in_profile'],
  reads: true,
  async apply(scene, { duty }) {
    const pay = (await payOf(scene, (await holderOf(scene)).person.id)).find((each) => each.duty === duty)
    if (!pay) return refused('none')
    return done({
      duty,
      title: titleOf(pay.job, scene.actor.language),
      pay_days: daysOf(scene, pay.days),
      kes: kesOf(pay.totalKes),
      pay_state: pay.state,
      pay_back: pay.back === '' ? '' : `${pay.back}. `,
      pay_issues: pay.issues,
      in_profile: pay.issues.some((kind) => IN_PROFILE.includes(kind)),
    })
  },
})

/** By SMS: every duty in a line, the last first; what does not fit one segment is left to the menu. */
export const payStatus = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['pays'],
  reads: true,
  async apply(scene) {
    const { phrases } = scene.tools
    const { language } = scene.actor
    const all = await payOf(scene, (await holderOf(scene)).person.id)
    if (all.length === 0) return refused('none')
    const pays = all.map(({ job, days, totalKes, state, back, issues }) => {
      const why = [back, ...issues.map((kind) => phrases.word('pay_issue_short', kind, language))].filter(Boolean)
      const sum = phrases.fill(
        phrases.word('pay', 'line', language),
        { pay_days: daysOf(scene, days), kes: kesOf(totalKes) },
        language,
      )
      return `${job.code}: ${sum}, ${phrases.word('pay_short', state, language)}${why.length > 0 ? ` (${why.join(', ')})` : ''}`
    })
    return done({ pays: pays.join('\n') })
  },
})

export const payActions = { 'pay.mine': payMine, 'pay.read': payRead, 'pay.status': payStatus }
