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
  /** The id of the key that seals and signs now. */
  newest: string
  /** The ids of all keys, the newest first; those that only read codes are left out of `sealing`. */
  ids: { all: readonly string[]; sealing: readonly string[] }
  /**
   * What may stand in SECRET_KEYS in the place of an old key, so that codes that it signed go on being read while nothing that it sealed
   * can be opened any more, a backup neither. Undefined where the ring does not hold the key whole.
   */
  codesOnly(id: string): string | undefined
}>

/** A key of the ring. One that was retired has only `codes`: what its MACs of letter codes are made with. */
type Entry = { id: string; key: Buffer | undefined; codes: ReadonlyMap<string, KeyObject> }
type Ring = readonly Entry[]

/** The purposes for which a retired key is still good. */
const CODE_PURPOSES = ['code:download', 'code:verify'] as const
const KEY_BYTES = 32

/** Reads the keys. Throws a Fault that names the variable (and the key's id) that is wrong, never its value. */
export function openKeyring(
  { secretKeys, indexKey, pepper }: { secretKeys: string; indexKey: string; pepper: string },
  clock: Pick<Clock, 'bytes'> = systemClock,
): Keyring {
  const ring = readRing(secretKeys)
  const newest = ring[0]
  if (!newest?.key) throw new Fault('bad_settings', 'SECRET_KEYS must begin with a whole key: the newest')
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
  const macKey = ({ id, key, codes }: Entry, purpose: string) =>
    codes.get(purpose) ?? (key === undefined ? undefined : derive(key, `mac:${id}:${purpose}`))
  const macs = (entry: Entry, purpose: string, data: string): Buffer[] => {
    const key = macKey(entry, purpose)
    return key === undefined ? [] : [createHmac('sha256', key).update(data).digest()]
  }
  const sealKey = ({ id, key }: Entry) => (key === undefined ? undefined : derive(key, `seal:${id}`))
  const newestSeal = derive(newest.key, `seal:${newest.id}`)
  const indexed = (label: string, value: string) =>
    createHmac('sha256', derive(indexRoot, label)).update(value).digest('base64url')

  return Object.freeze({
    seal(place: string, text: string) {
      const nonce = clock.bytes(12)
      const cipher = createCipheriv('aes-256-gcm', newestSeal, nonce)
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
      const key = entry && sealKey(entry)
      if (!key) throw new Fault('unsealable', `a value was sealed with the key '${id}', which SECRET_KEYS does not hold`)
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, {
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
    sign: (purpose: string, data: string) => macs(newest, purpose, data)[0] as Buffer,
    signatures: (purpose: string, data: string) => ring.flatMap((entry) => macs(entry, purpose, data)),
    pepper: derive(pepperRoot, 'pepper').export(),
    newest: newest.id,
    ids: {
      all: ring.map(({ id }) => id),
      sealing: ring.filter(({ key }) => key !== undefined).map(({ id }) => id),
    },
    codesOnly(id: string) {
      const entry = ring.find((each) => each.id === id)
      if (!entry?.key) return undefined
      const keys = CODE_PURPOSES.map((purpose) => (macKey(entry, purpose) as KeyObject).export())
      return `${id}:codes:${Buffer.concat(keys).toString('base64')}`
    },
  })
}

/** Undefined where it is not the one way to write these bytes: so no character of a seal can be changed unseen. */
function exactBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function readRing(text: string): Ring {
  const ring = text.split(',').map((entry, place): Entry => {
    const [id = '', ...parts] = entry.trim().split(':')
    const retired = parts.length === 2 && parts[0] === 'codes'
    if (!/^[A-Za-z0-9_-]{1,16}$/.test(id) || (parts.length !== 1 && !retired))
      throw new Fault('bad_settings', `SECRET_KEYS: entry ${place + 1} must be id:base64`)
    const key = readKey(`SECRET_KEYS, key '${id}'`, parts.at(-1) ?? '', retired ? CODE_PURPOSES.length * KEY_BYTES : KEY_BYTES)
    return retired ? { id, key: undefined, codes: codeKeys(key) } : { id, key, codes: new Map() }
  })
  if (new Set(ring.map(({ id }) => id)).size < ring.length)
    throw new Fault('bad_settings', 'SECRET_KEYS: two keys have the same id')
  return ring
}

const codeKeys = (bytes: Buffer): ReadonlyMap<string, KeyObject> =>
  new Map(
    CODE_PURPOSES.map((purpose, n) => [purpose, createSecretKey(bytes.subarray(n * KEY_BYTES, (n + 1) * KEY_BYTES))] as const),
  )

function readKey(name: string, text: string, least: number): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length < least || key.toString('base64').replace(/=+$/, '') !== text.trim().replace(/=+$/, ''))
    throw new Fault('bad_settings', `${name}: expected at least ${least} bytes in base64; make one with: openssl rand -base64 32`)
  return key
}

/** Any text that is long enough: HKDF makes a key of it. */
function readText(name: string, text: string): Buffer {
  const trimmed = text.trim()
  if (trimmed.length < 32)
    throw new Fault('bad_settings', `${name}: expected at least 32 characters; make them with: openssl rand -base64 32`)
  return Buffer.from(trimmed)
}
