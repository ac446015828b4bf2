import { Fault } from '../base/fault.ts'
import { openSqlite } from './sqlite.ts'
import type { Store } from './store.ts'

type News = {
  /** The disk cannot be trusted until a restart. */
  onBroken?: ((reason: unknown) => void) | undefined
  /** A connection to a server was lost; the next unit gets another. */
  onLost?: ((reason: unknown) => void) | undefined
}

/**
 * Opens the store that `DATABASE_URL` names (`file:…` or `postgres://…`) and applies its migrations. Throws a Fault that says what to mend
 * where it would not keep what it acknowledges.
 */
export async function openStore(url: string, { onBroken, onLost }: News = {}): Promise<Store> {
  if (url.startsWith('file:')) return openSqlite(url.slice('file:'.length), onBroken)
  // Half of drizzle and a driver, which a service on a file never needs.
  if (/^postgres(ql)?:/.test(url)) return (await import('./postgres.ts')).openPostgres(url, onLost)
  throw new Fault('bad_settings', 'DATABASE_URL must begin with file: or postgres://')
}
