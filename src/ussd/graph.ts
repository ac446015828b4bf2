import { leadsOf } from './check.ts'
import { isStep, type Menu, type Screen } from './menu.ts'

/** The menu as a Mermaid flowchart: a group for each file, screens as boxes, steps rounded, guards as dotted lines. */
export function drawMenu(menu: Menu): string {
  const files = Map.groupBy(Object.keys(menu.screens), (id) => menu.home[id]?.file ?? '')
  const groups = [...files].flatMap(([file, ids]) => [
    `  subgraph ${file.replace('.yaml', '')}`,
    ...ids.map((id) => `    ${node(id, menu.screens[id])}`),
    '  end',
  ])
  return [
    'flowchart LR',
    `  dial((dial)) --> ${menu.start}`,
    ...groups,
    ...Object.entries(menu.screens).flatMap(([id, screen]) => edges(menu, id, screen)),
  ].join('\n')
}

const quoted = (text: string) => `"${text.replaceAll('"', "'").replace(/\n/g, ' ')}"`

function node(id: string, screen: Screen | undefined): string {
  if (screen === undefined) return id
  if (isStep(screen)) return `${id}([${quoted(screen.do)}])`
  return screen.end ? `${id}[[${quoted(id)}]]` : `${id}[${quoted(id)}]`
}

function edges(menu: Menu, id: string, screen: Screen): string[] {
  const guard = screen.needs === undefined ? undefined : menu.guards[screen.needs]
  const guarded = guard ? [`  ${id} -. ${screen.needs} .-> ${guard.to}`] : []
  const ways = leadsOf(screen)
    .filter(([, to]) => !to.startsWith('$'))
    .map(([path, to]) => `  ${id} -- ${quoted(labelOf(screen, path))} --> ${to}`)
  return [...guarded, ...ways]
}

function labelOf(screen: Screen, [kind, key]: readonly (string | number)[]): string {
  if (isStep(screen) || kind === 'else') return String(key)
  if (kind === 'choices') return screen.choices?.[Number(key)]?.en ?? ''
  return kind === 'list' ? (screen.list?.en ?? '') : (screen.ask?.format ?? '')
}
