import { eq } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import type { Actor, Outcome } from '../../src/action.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { actions } from '../../src/catalogue.ts'
import { performing } from '../../src/perform.ts'
import { openDesk } from '../kit/desk.ts'

export const ACHIENG = '+254700000901'
export const ACHIENG_ID = '99100001'
export const BARAKA = '+254700000902'
export const DAHIR = '+254700000904'
export const STRANGER = '+254711999999'
export const PIN = '830564'

/** The town's service, and what its people ask of it, each in a unit of their own as a door would. */
export async function openTown() {
  const desk = await openDesk()
  onTestFinished(desk.close)
  const { app, texts, clock } = desk
  const { read } = app.store

  /** Performs an action as somebody with this number; `signed`: their PIN was right in this session. */
  const ask = (msisdn: string, name: string, input: Record<string, unknown> = {}, signed = false): Promise<Outcome> => {
    const actor: Actor = { via: 'ussd', name: `number:${msisdn}`, msisdn: msisdn as Msisdn, signed, language: 'en' }
    return performing(app, actions, msisdn, (_, perform) => perform(name, actor, input))
  }

  return {
    app,
    clock,
    texts,
    ask,
    /** Registers, and chooses PIN `830564`. */
    async join(msisdn = ACHIENG, nationalId = ACHIENG_ID) {
      await ask(msisdn, 'people.register', { national_id: nationalId })
      await ask(msisdn, 'pin.choose', { pin: PIN, again: PIN })
    },
    accounts: () => read.select().from(read.accounts),
    async account(msisdn: string) {
      const [row] = await read.select().from(read.accounts).where(eq(read.accounts.msisdn, msisdn))
      if (!row) throw new Error('there is no such account')
      return row
    },
    /** The eight digits of the newest text that holds some; undefined where none does. */
    async oneTime(msisdn: string) {
      const all = await texts(msisdn)
      return all.flatMap((text) => /(?<!\d)\d{8}(?!\d)/.exec(text)?.[0] ?? []).at(-1)
    },
  }
}
