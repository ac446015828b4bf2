import { Readable } from 'node:stream'
import { html } from 'hono/html'
import { nairobiDay } from '../base/dates.ts'
import { officerActor } from '../officers/officer.ts'
import { PAY_COLUMNS, takeFile } from '../pay/file.ts'
import { csvOf, xlsxOf } from '../sheets/write.ts'
import type { Console, Visit } from './console.ts'
import { listIn, PAY } from './pay-address.ts'

/** An approved list as a file for the banks: the only place where account numbers leave the service. */
export function payFiles({ face, app }: Console): void {
  for (const kind of ['csv', 'xlsx'] as const)
    face.page(`/pay/lists/:id/file.${kind}`, 'pay', async (visit) => {
      const { id, jobCode } = await listIn(app, visit)
      const taken = await takeFile(app, officerActor(visit.me, visit.reader.language), id, kind)
      if ('refused' in taken) return showRefusal(visit, id, `pay_file_${taken.refused}`)
      visit.ctx.set('Cache-Control', 'no-store')
      const name = `payments-${jobCode}-${nairobiDay(app.clock.now())}.${kind}`
      if (kind === 'csv') {
        visit.ctx.attachment(name)
        visit.ctx.type = 'text/csv; charset=utf-8'
        visit.ctx.body = Readable.from(csvOf(PAY_COLUMNS, taken.rows))
        return
      }
      const book = await xlsxOf(PAY_COLUMNS, taken.rows)
      if (book === 'too_many_rows') return showRefusal(visit, id, 'pay_file_too_many')
      visit.ctx.attachment(name)
      visit.ctx.type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
      visit.ctx.body = book
    })
}

function showRefusal(visit: Visit, id: string, name: string) {
  const { say } = visit.reader
  const title = say('pay_no_file')
  const body = html`<h1>${title}</h1><p>${say(name)}</p><p><a href="${PAY}/lists/${id}">${say('pay_to_list')}</a></p>`
  visit.show({ title, body }, 409)
}
