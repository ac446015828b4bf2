import { html, raw } from 'hono/html'
import { addDays, nairobiDay } from '../base/dates.ts'
import type { Language } from '../store/schema.ts'
import { septets } from '../text/gsm7.ts'
import { leadsOf } from '../ussd/check.ts'
import { layers, shownAfter } from '../ussd/layers.ts'
import { isStep, type Menu, type Shown } from '../ussd/menu.ts'
import { BUDGET, drawn } from '../ussd/screen.ts'
import { keptTraffic, type Traffic, trafficOf } from '../ussd/traffic.ts'
import { hourBars } from '../web/chart.ts'
import { param } from '../web/face.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'

const [BOX_WIDTH, BOX_HEIGHT, ACROSS, DOWN] = [150, 44, 200, 58]
const DAYS_BACK = 14

/** `/console/menus`: the tree that callers walk, how many came where yesterday, and each screen's words. */
export function menuPages({ face, app, menu }: Console): void {
  face.page('/menus', 'today', async (visit) => {
    const { say, day } = visit.reader
    const yesterday = addDays(nairobiDay(app.clock.now()), -1)
    const kept = await keptTraffic(app, yesterday)
    const traffic = new Map(kept.filter((row) => row.day === yesterday).map((row) => [row.screen, row]))
    const title = say('desk_menus')
    const body = html`<h1>${title}</h1>
<p>${say('tree_text', { day: day(yesterday) })}</p>
<div class="scroll tree" tabindex="0" role="region" aria-label="${say('tree_picture')}">${picture(visit, menu, traffic)}</div>
<h2>${say('tree_table')}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${say('tree_table')}"><table><caption>${say('tree_caption', { day: day(yesterday) })}</caption>
<thead><tr><th scope="col">${say('tree_screen')}</th><th scope="col">${say('tree_leads')}</th><th scope="col" class="right">${say('tree_shown')}</th><th scope="col" class="right">${say('tree_left')}</th></tr></thead>
<tbody>${layers(menu).map(({ screen }) => {
      const row = traffic.get(screen)
      return html`<tr><td><a href="/console/menus/${screen}">${screen}</a></td><td>${shownAfter(menu, screen).join(', ')}</td><td class="right">${visit.reader.count(row?.shown ?? 0)}</td><td class="right">${leftOf(visit, menu, screen, row)}</td></tr>\n`
    })}</tbody></table></div>`
    visit.show({ title, body })
  })

  face.page('/menus/:screen', 'today', async (visit) => {
    const name = param(visit, 'screen')
    const screen = Object.hasOwn(menu.screens, name) ? menu.screens[name] : undefined
    if (!screen || isStep(screen)) return visit.ctx.throw(404)
    const { say } = visit.reader
    const today = nairobiDay(app.clock.now())
    const since = addDays(today, -DAYS_BACK)
    const kept = await keptTraffic(app, since, name)
    const now = (await trafficOf(app, today)).find((row) => row.screen === name)
    const bars = Array.from({ length: DAYS_BACK + 1 }, (_, n) => {
      const day = addDays(since, n)
      const n_ = day === today ? now?.shown : kept.find((row) => row.day === day)?.shown
      return { label: day.slice(8), n: n_ ?? 0 }
    })
    const total = bars.reduce((sum, { n }) => sum + n, 0)
    const body = html`<h1>${say('screen_title', { name })}</h1>
<p>${say('screen_text')}</p>
<div class="two">${(['en', 'sw'] as const).map((language) => inWords(visit, screen, language))}</div>
<h2>${say('tree_leads')}</h2>
<ul>${leadsOf(screen)
      .filter(([, to]) => !to.startsWith('$'))
      .map(
        ([path, to]) =>
          html`<li>${wayOf(visit, screen, path)} → ${isStep(menu.screens[to] ?? screen) ? to : html`<a href="/console/menus/${to}">${to}</a>`}</li>`,
      )}</ul>
<h2>${say('screen_traffic')}</h2>
${hourBars({ title: say('screen_shown'), total: visit.reader.count(total), bars })}
<p><a href="/console/menus">${say('screen_back')}</a></p>`
    visit.show({ title: say('screen_title', { name }), body })
  })

  /** Every page of the screen with each variable at its widest: what `wito menus check` measures. */
  function inWords(visit: Visit, screen: Shown, language: Language): Html {
    const { say } = visit.reader
    const shown = drawn(
      screen,
      { values: widestChoices(screen), items: screen.list ? [{}] : [], back: true, language },
      app.phrases,
      (text) => app.phrases.widest(text, language),
    )
    return html`<section lang="${language}"><h2>${say(`language_${language}`)}</h2>${shown.map(
      ({ text }) =>
        html`<figure class="screen"><pre class="phone">${text}</pre><figcaption>${say('post_septets', { n: septets(`CON ${text}`), of: BUDGET })}</figcaption></figure>`,
    )}</section>`
  }
}

/** Values under which the first of choices that exclude each other stands on the screen. */
function widestChoices({ choices = [] }: Shown): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { when } of choices) {
    const [name = '', value] = (when ?? '').split('=')
    if (name !== '' && !(name in values)) values[name] = value ?? true
  }
  return values
}

function wayOf({ reader: { say, language } }: Visit, screen: Shown, [kind, key]: readonly (string | number)[]): string {
  if (kind === 'choices') return screen.choices?.[Number(key)]?.[language] ?? ''
  if (kind === 'list') return say('way_list')
  return kind === 'ask' ? say('way_ask') : say('way_else', { outcome: String(key) })
}

/** Of those who saw it, how many saw nothing after it; nothing is lost where something was finished. */
function leftOf({ reader }: Visit, menu: Menu, name: string, row: Traffic | undefined): string {
  const screen = menu.screens[name] as Shown
  if (!row || row.shown === 0) return '–'
  if (screen.end || screen.done) return reader.say('tree_finished', { n: reader.count(row.left) })
  return `${Math.round((row.left * 100) / row.shown)} %`
}

function picture(visit: Visit, menu: Menu, traffic: ReadonlyMap<string, Traffic>): Html {
  const placed = layers(menu)
  const at = new Map(placed.map((each) => [each.screen, each]))
  const width = (Math.max(...placed.map(({ column }) => column)) + 1) * ACROSS
  const height = (Math.max(...placed.map(({ place }) => place)) + 1) * DOWN
  const [x, y] = [(column: number) => column * ACROSS + 4, (place: number) => place * DOWN + 6]
  const ways = placed.flatMap(({ screen, from, column, place }) => {
    const parent = from === undefined ? undefined : at.get(from)
    if (!parent) return []
    const [x1, y1] = [x(parent.column) + BOX_WIDTH, y(parent.place) + BOX_HEIGHT / 2]
    const [x2, y2] = [x(column), y(place) + BOX_HEIGHT / 2]
    return [
      html`<path d="M${x1} ${y1}C${x1 + 25} ${y1} ${x2 - 25} ${y2} ${x2} ${y2}" fill="none" stroke="#76828b"><title>${from} → ${screen}</title></path>`,
    ]
  })
  const boxes = placed.map(({ screen, column, place }) => {
    const row = traffic.get(screen)
    const counts = row ? `${visit.reader.count(row.shown)} · ${leftOf(visit, menu, screen, row)}` : '–'
    return html`<a href="/console/menus/${screen}"><rect x="${x(column)}" y="${y(place)}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="5" fill="${row ? '#e6f1ea' : '#fff'}" stroke="${row ? '#0a5c36' : '#76828b'}"/><text x="${x(column) + 8}" y="${y(place) + 18}" font-size="${screen.length > 17 ? 11 : 13}" font-weight="600" fill="#1a2024">${screen}</text><text x="${x(column) + 8}" y="${y(place) + 35}" font-size="12" fill="#55606a">${counts}</text></a>`
  })
  return html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"${raw(' role="group"')} aria-label="${visit.reader.say('tree_picture')}">${ways}${boxes}</svg>`
}
