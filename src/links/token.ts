import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Keyring } from '../security/keyring.ts'

/** Crockford's base32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const HALF = 8
const FORM = new RegExp(`^[${ALPHABET}]{${2 * HALF}}$`)

/** `download` opens a letter (with the last digits of an ID), `verify` says only whether it is genuine. */
export type CodePurpose = 'download' | 'verify'

/** A new code: 40 random bits (`id`, which is stored) and 40 bits of their MAC (which is not). */
export function newCode(keyring: Keyring, purpose: CodePurpose, clock: Pick<Clock, 'bytes'>): { id: string; code: string } {
  const id = base32(clock.bytes(5))
  return { id, code: codeOf(keyring, purpose, id) }
}

/** The code of an id, signed with the newest key, as people read it: `7K4M-2QXD-9FTR-0VHB`. */
export function codeOf(keyring: Keyring, purpose: CodePurpose, id: string): string {
  return grouped(id + half(keyring.sign(`code:${purpose}`, id)))
}

/**
 * Reads a code as people type it (any case, hyphens, spaces, O for 0, I and L for 1) and gives its id.
 * Undefined where no key of the ring signed it for this purpose: then no database is asked.
 */
export function readCode(keyring: Keyring, purpose: CodePurpose, text: string): string | undefined {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  if (!FORM.test(plain)) return undefined
  const id = plain.slice(0, HALF)
  const given = Buffer.from(plain.slice(HALF))
  // Every key is compared, so that the time tells nothing.
  const matches = keyring.signatures(`code:${purpose}`, id).filter((mac) => timingSafeEqual(Buffer.from(half(mac)), given))
  return matches.length > 0 ? id : undefined
}

const half = (mac: Buffer): string => base32(mac.subarray(0, 5))
const grouped = (plain: string): string => plain.replace(/(.{4})(?=.)/g, '$1-')

/** Five bytes as eight characters. */
function base32(bytes: Buffer): string {
  const bits = bytes.readUIntBE(0, 5)
  return Array.from({ length: HALF }, (_, place) => ALPHABET[Math.floor(bits / 32 ** (HALF - 1 - place)) % 32]).join('')
}
