import { getTableColumns } from 'drizzle-orm'
import type { Tables } from '../store/schema.ts'
import { once, type Store, type Tx } from '../store/store.ts'

type Row<T extends keyof Tables> = Tables[T]['$inferInsert']

/** An insert of whole rows, built once: building it costs twenty times what running does. */
export function into<T extends keyof Tables>(name: T): (tx: Tx, row: Required<Row<T>>) => Promise<unknown> {
  return once<Required<Row<T>>, unknown>(`bench_${name}`, (tx, hole) => {
    const table = tx[name] as Tables['people']
    const columns = Object.keys(getTableColumns(table)) as (keyof typeof hole)[]
    return tx.insert(table).values(Object.fromEntries(columns.map((column) => [column, hole[column]])) as never)
  })
}

/** Writes the rows 0 to `count` - 1, `atOnce` in a unit; `onSlice` hears how many there are by then. */
export async function inSlices(
  store: Pick<Store, 'work'>,
  count: number,
  atOnce: number,
  write: (tx: Tx, n: number) => Promise<unknown>,
  onSlice: (done: number) => void = () => undefined,
): Promise<void> {
  for (let from = 0; from < count; from += atOnce) {
    const to = Math.min(from + atOnce, count)
    await store.work('bench', async (tx) => {
      for (let n = from; n < to; n++) await write(tx, n)
    })
    onSlice(to)
  }
}

type Days = Pick<Row<'jobs'>, 'opensOn' | 'closesOn' | 'startsOn' | 'endsOn'>

/** A job that asks nothing of anybody. */
export const invigilators = (code: string, exam: string, days: Days): Row<'jobs'> => ({
  code,
  codeKey: code,
  title: 'Invigilator',
  titleSw: 'Msimamizi',
  exam,
  role: 'invigilator',
  ...days,
  subjects: [],
  taken: 0,
  dailyRateKes: 550,
})

/** A duty about which nothing has happened yet. */
export const UNTOUCHED = {
  reportAt: '07:00',
  reasonSealed: null,
  letterVersion: 0,
  origin: 'import',
  seat: null,
  held: null,
  answerBy: null,
  remindAt: null,
  offeredFrom: null,
  rulesVersion: null,
  metres: null,
  confirmedBy: null,
  calendar: 0,
} as const
