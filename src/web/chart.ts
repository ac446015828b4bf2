import { html } from 'hono/html'
import type { Html } from './layout.ts'

const [WIDTH, HEIGHT, FOOT] = [336, 72, 14]

/**
 * Bars for the hours of a day as an inline picture, with its numbers as text for who cannot see it. `bars` in order, each with its
 * label (`07`); the highest fills the height.
 */
export function hourBars({
  title,
  total,
  bars,
}: {
  title: string
  total: string
  bars: readonly { label: string; n: number }[]
}): Html {
  const most = Math.max(1, ...bars.map(({ n }) => n))
  const step = WIDTH / bars.length
  const text = bars.filter(({ n }) => n > 0).map(({ label, n }) => `${label}: ${n}`)
  return html`<figure class="chart"><figcaption>${title} <strong>${total}</strong></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + FOOT}" role="img" aria-label="${[title, ...text].join(', ')}">${bars.map(
    ({ label, n }, place) => {
      const high = (n / most) * HEIGHT
      const x = place * step
      return html`<rect x="${(x + 1).toFixed(1)}" y="${(HEIGHT - high).toFixed(1)}" width="${(step - 2).toFixed(1)}" height="${Math.max(high, 1).toFixed(1)}" fill="${n > 0 ? '#0a5c36' : '#d3dade'}"/>${place % 6 === 0 ? html`<text x="${x.toFixed(1)}" y="${HEIGHT + FOOT - 2}" font-size="11" fill="#55606a">${label}</text>` : ''}`
    },
  )}</svg></figure>`
}
