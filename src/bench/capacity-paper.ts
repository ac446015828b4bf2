import { type Capacity, capacityOf, ceilings, GIVEN, type Givens } from './capacity.ts'

export const SIZES = [400_000, 10_000_000] as const

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
const fine = (value: number): string => (value < 100 ? value.toPrecision(2) : whole(value))
const money = ({ low, high }: { low: number; high: number }): string => `${fine(low / 1e6)} to ${fine(high / 1e6)} million`

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** One size, as a table of docs/capacity.md. */
export const sizeTable = (needs: Capacity): string =>
  markdown(
    [`${whole(needs.people)} people`, 'needs'],
    [
      ['hops that morning, and a second in its peak minute', `${whole(needs.hops)}, ${whole(needs.rate.hops)}`],
      ['calls that begin a second, and last', `${whole(needs.rate.calls)}, ${whole(needs.callSeconds)} s`],
      ['calls open at once, and their rows', `${whole(needs.openCalls)}, ${whole(needs.openMb)} MB`],
      ['PINs and passwords a second', whole(needs.rate.hashes)],
      ['cores busy with hops, with PINs and passwords', `${fine(needs.busy.hops)}, ${fine(needs.busy.hashes)}`],
      ['nodes, one to spare', whole(needs.nodes)],
      ['processes, and memory while they hash', `${whole(needs.processes)}, ${whole(needs.hashMb)} MB`],
      [
        'connections, and what a unit may take',
        `${whole(needs.connections)}${needs.aboveUsual ? ` (max_connections is ${needs.maxConnections} when nothing is set)` : ''}, ${fine(needs.unitMs)} ms`,
      ],
      ['database servers, each with a standby', whole(needs.servers)],
      ['written a second: rows, growth', `${whole(needs.rows)}, ${fine(needs.growthMb)} MB`],
      ['database: kept, and gone after two days', `${fine(needs.keptGb)} GB, ${fine(needs.goneGb)} GB`],
      ['SMS of the morning, and a second so that none waits', `${whole(needs.sms)}, ${whole(needs.smsRate)}`],
      [`the same at SMS_PER_SECOND ${needs.perSecond}`, `${fine(needs.smsHours)} hours`],
      [
        `letters of all at SMS_PER_SECOND ${needs.perSecond}`,
        `${fine(needs.letterHours)} hours, ${fine(needs.letterDays)} days of sending`,
      ],
      ['KES for the calls', money(needs.kesCalls)],
      ['KES for the SMS, and for those of the letters', `${money(needs.kesSms)}, ${money(needs.kesLetters)}`],
    ],
  )

/** What gives way first, as a table of docs/capacity.md. */
export const ceilingTable = (givens: Givens = GIVEN): string =>
  markdown(
    ['what gives way', 'above so many people', 'then'],
    ceilings(givens).map(({ what, people, cure }) => [what, `${whole(people / 1_000)} thousand`, cure]),
  )

/** What the model takes as given, as a table of docs/capacity.md. */
export const givenTable = (givens: Givens = GIVEN): string =>
  markdown(
    ['given', 'value', 'from'],
    Object.values(givens).flatMap((part) =>
      Object.entries(part).map(([name, each]) => [
        `\`${name}\``,
        'value' in each ? each.value.toLocaleString('en-US') : `${each.low} to ${each.high}`,
        each.from,
      ]),
    ),
  )

/** Every table of docs/capacity.md. */
export const capacityTables = (givens: Givens = GIVEN): string[] => [
  givenTable(givens),
  ...SIZES.map((people) => sizeTable(capacityOf(people, givens))),
  ceilingTable(givens),
]
