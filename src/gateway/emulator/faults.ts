import { LRUCache } from 'lru-cache'

/**
 * What can go wrong on demand, for one number. `touches` says where; `digits` end the numbers that always have this fault.
 * `answer`: the answer to a send · `report`: the delivery reports · `step`: the USSD callbacks.
 */
export const faults = {
  'wrong-key': { touches: 'answer', digits: '990401' },
  'invalid-sender': { touches: 'answer', digits: '990402' },
  'no-balance': { touches: 'answer', digits: '990405' },
  blacklisted: { touches: 'answer', digits: '990406' },
  'too-many': { touches: 'answer', digits: '990429' },
  'error-500': { touches: 'answer', digits: '990500' },
  hang: { touches: 'answer', digits: '990501' },
  reset: { touches: 'answer', digits: '990502' },
  rubbish: { touches: 'answer', digits: '990503' },
  'failed-report': { touches: 'report', digits: '990601' },
  'no-report': { touches: 'report', digits: '990602' },
  'late-report': { touches: 'report', digits: '990603' },
  'duplicate-report': { touches: 'report', digits: '990604' },
  'reversed-reports': { touches: 'report', digits: '990605' },
  'unknown-status': { touches: 'report', digits: '990606' },
  'early-report': { touches: 'report', digits: '990607' },
  'duplicate-step': { touches: 'step', digits: '990701' },
} satisfies Record<string, { touches: Touch; digits: string }>

export type Touch = 'answer' | 'report' | 'step'
type Named = keyof typeof faults
/** A name of the table, or `status-409`: the recipient is answered with that `statusCode`, listed or not. */
export type Fault = Named | `status-${number}`
type At<T extends Touch> = { [F in Named]: (typeof faults)[F]['touches'] extends T ? F : never }[Named]
export type AnswerFault = At<'answer'> | `status-${number}`
export type ReportFault = At<'report'>
export type StepFault = At<'step'>
type FaultAt<T extends Touch> = T extends 'answer' ? AnswerFault : T extends 'report' ? ReportFault : StepFault

export type FaultSetting = { msisdn: string; fault: Fault; times: number | null }

export type FaultBook = {
  /** `times` null: until it is cleared. One fault for each number and place: a new one replaces the old. */
  set(setting: FaultSetting): void
  list(): FaultSetting[]
  clear(): void
  /** The fault that holds now for this number at this place, counted down. */
  take<T extends Touch>(msisdn: string, touch: T): FaultAt<T> | undefined
}

export function isFault(name: unknown): name is Fault {
  return typeof name === 'string' && (Object.hasOwn(faults, name) || /^status-\d{1,4}$/.test(name))
}

const touchOf = (fault: Fault): Touch => (Object.hasOwn(faults, fault) ? faults[fault as Named].touches : 'answer')

const byDigits = new Map<string, Named>(Object.entries(faults).map(([name, { digits }]) => [digits, name as Named]))

export function openFaultBook(): FaultBook {
  const settings = new LRUCache<string, FaultSetting>({ max: 1000 })
  return {
    set: (setting) => void settings.set(`${setting.msisdn} ${touchOf(setting.fault)}`, setting),
    list: () => [...settings.values()],
    clear: () => settings.clear(),
    take<T extends Touch>(msisdn: string, touch: T) {
      const key = `${msisdn} ${touch}`
      const setting = settings.get(key)
      if (!setting) {
        const special = byDigits.get(msisdn.slice(-6))
        return special && touchOf(special) === touch ? (special as FaultAt<T>) : undefined
      }
      if (setting.times !== null) {
        if (setting.times > 1) settings.set(key, { ...setting, times: setting.times - 1 })
        else settings.delete(key)
      }
      return setting.fault as FaultAt<T>
    },
  }
}
