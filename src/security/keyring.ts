import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'

/** The service's keys by what they do; every purpose has a key of its own, derived with HKDF-SHA256. */
export type Keyring = Readonly<{
  /** Seals `text` for one place (`table.column:row`): `v1.kid.nonce.ciphertext.tag`, AES-256-GCM, base64url. */
  seal(place: string, text: string): string
  /** Opens what was sealed for the same place. Throws a Fault `unsealable`, without the text, for another place, an unknown key or a changed seal. */
  open(place: string, sealed: string): string
  /** A blind index: the same value gives the same 43 characters, and nobody without INDEX_KEY can tell which value. */
  index(purpose: string, value: string): string
  /** A keyed digest, for values that are only ever compared. */
  digest(purpose: string, value: string): string
  /** The MAC of the newest key. */
  sign(purpose: string, data: string): Buffer
  /** The MACs of every key of the ring, the newest first: what a code that was signed before a rotation is compared with. */
  signatures(purpose: string, data: string): Buffer[]
  /** 32 bytes, derived from PEPPER. */
  pepper: Buffer
}>

type Ring = readonly { id: string; key: Buffer }[]

/** Reads the keys. Throws a Fault that names the variable (and the key's id) that is wrong, never its value. */
export function openKeyring(
  { secretKeys, indexKey, pepper }: { secretKeys: string; indexKey: string; pepper: string },
  clock: Pick<Clock, 'bytes'> = systemClock,
): Keyring {
  const ring = readRing(secretKeys)
  const newest = ring[0]
  if (!newest) throw new Fault('bad_settings', 'SECRET_KEYS holds no key')
  const indexRoot = readText('INDEX_KEY', indexKey)
  const pepperRoot = readText('PEPPER', pepper)
  // Made into a key object once: given as bytes, node makes one anew at every use, which costs more than the MAC itself.
  const derived = new Map<string, KeyObject>()
  const derive = (root: Buffer, label: string): KeyObject => {
    let key = derived.get(label)
    if (!key) {
      key = createSecretKey(Buffer.from(hkdfSync('sha256', root, 'wito', label, 32)))
      derived.set(label, key)
    }
    return key
  }
  const mac = (entry: Ring[number], purpose: string, data: string) =>
    createHmac('sha256', derive(entry.key, `mac:${entry.id}:${purpose}`))
      .update(data)
      .digest()
  const indexed = (label: string, value: string) =>
    createHmac('sha256', derive(indexRoot, label)).update(value).digest('base64url')

  return Object.freeze({
    seal(place: string, text: string) {
      const nonce = clock.bytes(12)
      const cipher = createCipheriv('aes-256-gcm', derive(newest.key, `seal:${newest.id}`), nonce)
      cipher.setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `v1.${newest.id}.${nonce.toString('base64url')}.${body.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`
    },
    open(place: string, sealed: string) {
      const [version, id, ...parts] = sealed.split('.')
      const entry = ring.find((candidate) => candidate.id === id)
      const [nonce, body, tag] = parts.map(exactBytes)
      if (version !== 'v1' || !nonce || !body || !tag || parts.length > 3)
        throw new Fault('unsealable', 'a sealed value is malformed')
      if (!entry) throw new Fault('unsealable', `a value was sealed with the key '${id}', which SECRET_KEYS does not hold`)
      try {
        const decipher = createDecipheriv('aes-256-gcm', derive(entry.key, `seal:${entry.id}`), nonce, {
          authTagLength: 16,
        })
        decipher.setAAD(Buffer.from(place))
        decipher.setAuthTag(tag)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch {
        throw new Fault(
          'unsealable',
          'a sealed value was changed, moved to another place, or sealed with another key of the same name',
        )
      }
    },
    index: (purpose: string, value: string) => indexed(`index:${purpose}`, value),
    digest: (purpose: string, value: string) => indexed(`digest:${purpose}`, value),
    sign: (purpose: string, data: string) => mac(newest, purpose, data),
    signatures: (purpose: string, data: string) => ring.map((entry) => mac(entry, purpose, data)),
    pepper: derive(pepperRoot, 'pepper').export(),
  })
}

/** Undefined where it is not the one way to write these bytes: so no character of a seal can be changed unseen. */
function exactBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function readRing(text: string): Ring {
  const ring = text.split(',').map((entry, place) => {
    const [id = '', key = '', ...more] = entry.trim().split(':')
    if (!/^[A-Za-z0-9_-]{1,16}$/.test(id) || more.length > 0)
      throw new Fault('bad_settings', `SECRET_KEYS: entry ${place + 1} must be id:base64`)
    return { id, key: readKey(`SECRET_KEYS, key '${id}'`, key) }
  })
  if (new Set(ring.map(({ id }) => id)).size < ring.length)
    throw new Fault('bad_settings', 'SECRET_KEYS: two keys have the same id')
  return ring
}

function readKey(name: string, text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length < 32 || key.toString('base64').replace(/=+$/, '') !== text.trim().replace(/=+$/, ''))
    throw new Fault('bad_settings', `${name}: expected at least 32 bytes in base64; make one with: openssl rand -base64 32`)
  return key
}

/** Any text that is long enough: HKDF makes a key of it. */
function readText(name: string, text: string): Buffer {
  const trimmed = text.trim()
  if (trimmed.length < 32)
    throw new Fault('bad_settings', `${name}: expected at least 32 characters; make them with: openssl rand -base64 32`)
  return Buffer.from(trimmed)
}
