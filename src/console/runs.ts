import { and, eq, or } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { acting } from '../acting.ts'
import { officerActor } from '../officers/officer.ts'
import { type Run, resumeRun, stopRun } from '../runs/run.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'

/** `/console/runs/:id`: how far long work is; whoever began it may stop it and let it go on. */
export function runPages({ face, app }: Console): void {
  face.page('/runs/:id', 'self', async (visit) => {
    const run = await findRun(visit, runId(visit))
    const { say } = visit.reader
    const title = say(`run_${run.kind.replaceAll('.', '_')}`)
    visit.show({ title, body: html`<h1>${title}</h1>\n${progressOf(visit, run)}` })
  })

  for (const [path, change] of [
    ['stop', stopRun],
    ['resume', resumeRun],
  ] as const)
    face.form(`/runs/:id/${path}`, 'self', async (visit) => {
      const run = await findRun(visit, runId(visit))
      await acting(app, officerActor(visit.me, visit.reader.language), `runs.${path}`, `run:${run.id}`, async (scene) => [
        undefined,
        { outcome: (await change(scene, run.id)) ? 'done' : 'over', detail: { run: run.id } },
      ])
      visit.go(`/console/runs/${run.id}`)
    })

  /** One's own, and what came of an order that one asked for or decided. */
  async function findRun(visit: Visit, id: string): Promise<Run> {
    const { read } = app.store
    const { runs, orders } = read
    const me = `officer:${visit.me.id}`
    const [run] = await read.select().from(runs).where(eq(runs.id, id))
    if (run?.by === me) return run
    const mine = or(eq(orders.askedBy, me), eq(orders.decidedBy, me))
    const [order] = await read
      .select({ id: orders.id })
      .from(orders)
      .where(and(eq(orders.runId, id), mine))
    return run && order ? run : visit.ctx.throw(404)
  }
}

const runId = ({ ctx }: Visit) => (ctx as typeof ctx & { params: Record<string, string> }).params.id ?? ''
const isUnderWay = ({ state }: Run) => state === 'waiting' || state === 'running'

/** The bar, the counts, and what can be done now. With script it renews itself; without there is a link. */
export function progressOf(visit: Visit, run: Run): Html {
  const { say, count } = visit.reader
  const tally = Object.entries(run.tally)
  const button = (path: 'stop' | 'resume') =>
    html`<form method="post" action="/console/runs/${run.id}/${path}">${visit.hidden}<button class="second">${say(`run_${path}`)}</button></form>`
  return html`<section id="run" aria-live="polite"${isUnderWay(run) ? raw(' data-live="2000"') : ''}>
<p><strong>${say(`run_${run.state}`)}</strong>${run.why ? html` <span class="soft">${run.why}</span>` : ''}</p>
<p><progress aria-label="${say('run_progress')}"${run.state === 'done' ? raw(' value="1" max="1"') : run.of ? html` value="${run.done}" max="${run.of}"` : ''}></progress>
${run.of ? say('run_of', { done: count(run.done), of: count(run.of) }) : count(run.done)}</p>
${tally.length > 0 ? html`<dl>${tally.map(([name, n]) => html`<div><dt>${visit.reader.has(`tally_${name}`) ? say(`tally_${name}`) : name}</dt><dd>${count(n)}</dd></div>`)}</dl>` : ''}
${isUnderWay(run) ? html`<p class="noscript"><a href="/console/runs/${run.id}">${say('run_look')}</a></p>${button('stop')}` : ''}
${run.state === 'stopped' || run.state === 'failed' ? button('resume') : ''}
</section>`
}
