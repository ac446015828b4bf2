import { eq } from 'drizzle-orm'
import type { App } from '../app.ts'
import type { Job } from '../jobs/eligibility.ts'
import { covers } from '../officers/officer.ts'
import { findList, type KnownList } from '../pay/overview.ts'
import { MPESA } from '../pay/payee.ts'
import { param } from '../web/face.ts'
import type { Visit } from './console.ts'
import { sees } from './job-rights.ts'

export const PAY = '/console/pay'

/** The job that the address names; 404 where nobody knows it or it is another county's own. */
export async function jobIn({ store: { read } }: App, visit: Visit): Promise<Job> {
  const [job] = await read
    .select()
    .from(read.jobs)
    .where(eq(read.jobs.code, param(visit, 'code')))
  return job && !job.draft && sees(visit.me, job) ? job : visit.ctx.throw(404)
}

/** The list that the address names; 404 where it is not this officer's business. */
export async function listIn(app: App, visit: Visit): Promise<KnownList> {
  const list = await findList(app, param(visit, 'id'))
  return list && covers(visit.me, list.county) ? list : visit.ctx.throw(404)
}

export const bankName = ({ reader: { say } }: Visit, bank: string): string =>
  bank === MPESA ? say('pay_mpesa') : say('pay_bank', { bank })
