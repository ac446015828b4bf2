import { leadsOf } from './check.ts'
import { isStep, type Menu } from './menu.ts'

/** A screen in its column, counted from the dial, and its place in that column; `from` is the screen that leads there first. */
export type Placed = { screen: string; column: number; place: number; from: string | undefined }

/** Where a screen leads in the end: steps show nothing, so it is what follows them. */
export function shownAfter(menu: Menu, id: string): string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const walk = (to: string) => {
    const screen = menu.screens[to]
    if (!screen || seen.has(to)) return
    seen.add(to)
    if (!isStep(screen)) return void found.add(to)
    for (const [, next] of leadsOf(screen)) walk(next)
  }
  const screen = menu.screens[id]
  if (screen) {
    const guard = screen.needs === undefined ? undefined : menu.guards[screen.needs]
    for (const to of [...leadsOf(screen).map(([, to]) => to), ...(guard ? [guard.to] : [])]) walk(to)
  }
  found.delete(id)
  return [...found]
}

/** The screens as a tree from the dial on: each in the first column where somebody can meet it, under the screens of its own parent. */
export function layers(menu: Menu): Placed[] {
  const placed: Placed[] = []
  const known = new Set<string>()
  let column = [menu.start, menu.resume].flatMap((id) => {
    const screen = menu.screens[id]
    const shown = screen && isStep(screen) ? shownAfter(menu, id) : [id]
    return shown.map((each) => ({ screen: each, from: undefined as string | undefined }))
  })
  for (let n = 0; column.length > 0; n++) {
    const fresh = column.filter(({ screen }) => {
      if (known.has(screen) || !menu.screens[screen]) return false
      known.add(screen)
      return true
    })
    fresh.forEach((each, place) => void placed.push({ ...each, column: n, place }))
    column = fresh.flatMap(({ screen }) => shownAfter(menu, screen).map((to) => ({ screen: to, from: screen })))
  }
  return placed
}
