import { readMsisdn } from '../base/msisdn.ts'
import type { Profile } from '../people/profile-fields.ts'

/** The bank code of those who are paid by M-PESA: their account is a phone number. */
export const MPESA_CODE = '00'
export const MPESA = 'mpesa'

/** Where money goes. `account` of M-PESA is a number as `2547…`; `reference` is the payment's own, once it was made. */
export type Payee = { account: string; name: string; branch: string; reference?: string }

/** What of a profile says where somebody is paid. */
export const PAYEE_FIELDS = ['bank_code', 'branch_code', 'account_number', 'account_name'] as const

/** The bank (`mpesa`, or its code) and the account of a profile; undefined where it says none that money could go to. */
export function payeeOf(profile: Profile): { bank: string; payee: Payee } | undefined {
  const { bank_code: code, branch_code: branch = '', account_number: account, account_name: name } = profile
  if (!code || !account || !name) return undefined
  if (code !== MPESA_CODE) return { bank: code.padStart(2, '0'), payee: { account, name, branch } }
  const number = readMsisdn(account)
  return number && { bank: MPESA, payee: { account: number.slice(1), name, branch: '' } }
}

/** The place under which a line's payee is sealed. */
export const payeePlace = (line: string): string => `pay_lines.payee:${line}`
