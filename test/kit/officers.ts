import type { Actor } from '../../src/action.ts'
import type { App } from '../../src/app.ts'

/** Rows for made-up officers who never log in, confirmed: without one, what they ask for and agree to would not count. */
export const seatOfficers = ({ store }: Pick<App, 'store'>, ...actors: Pick<Actor, 'name'>[]): Promise<void> =>
  store.work('officers', async (tx) => {
    const rows = actors.map(({ name }) => {
      const id = name.slice('officer:'.length)
      return { id, username: `seat.${id}`, name: 'Made Up', role: 'approver' as const, counties: [], confirmedAt: 0, at: 0 }
    })
    await tx.insert(tx.officers).values(rows).onConflictDoNothing()
  })
