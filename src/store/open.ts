import { Fault } from '../base/fault.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { Store } from './store.ts'

/** Opens the store that `DATABASE_URL` names (`file:…` or `postgres://…`) and applies its migrations. */
export async function openStore(url: string, onBroken?: (reason: unknown) => void): Promise<Store> {
  if (url.startsWith('file:')) return openSqlite(url.slice('file:'.length), onBroken)
  if (/^postgres(ql)?:/.test(url)) return openPostgres(url)
  throw new Fault('bad_settings', 'DATABASE_URL must begin with file: or postgres://')
}
