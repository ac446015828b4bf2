import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockFile, unlockFile } from '../../src/backup/vault.ts'
import { systemClock as clock } from '../../src/base/clock.ts'
import { openKeyring } from '../../src/security/keyring.ts'
import { KEY } from '../kit/restart.ts'

const keysOf = (secretKeys: string) => openKeyring({ secretKeys, indexKey: KEY(2), pepper: KEY(3) })
const keyring = keysOf(`a:${KEY(1)}`)
const MIB = 1 << 20

let folder: string
let made = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-vault-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fresh = () => join(folder, `f${++made}`)
async function locked(bytes: Buffer) {
  const [plain, file] = [fresh(), fresh()]
  writeFileSync(plain, bytes)
  await lockFile({ keyring, clock }, plain, file, { people: 6 })
  return file
}

describe('a locked file', () => {
  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 12_345])(
    'of %d bytes comes back as it was, with its details',
    async (length) => {
      const bytes = Buffer.alloc(length, 'Achieng Odera 99100001 ')
      const file = await locked(bytes)
      const back = fresh()
      expect(await unlockFile(keyring, file, back)).toEqual({ people: 6 })
      expect(readFileSync(back).equals(bytes)).toBe(true)
      expect(readFileSync(file, 'latin1')).not.toContain('Achieng')
      expect(readFileSync(file, 'latin1')).not.toContain('people')
      expect(statSync(file).mode & 0o077).toBe(0)
    },
  )

  test('is refused when any part of it was changed, moved, repeated or cut off', async () => {
    const file = await locked(Buffer.alloc(2 * MIB + 500, 7))
    const whole = readFileSync(file)
    const start = whole.indexOf('\n') + 1
    const piece = (n: number) => whole.subarray(start + n * (MIB + 16), start + (n + 1) * (MIB + 16))
    const head = whole.subarray(0, start)
    const altered: Record<string, Buffer> = {
      'one bit of the first piece': Buffer.from(whole),
      'one bit of the last tag': Buffer.from(whole),
      'cut in a piece': whole.subarray(0, whole.length - 700),
      'without its last piece': whole.subarray(0, start + 2 * (MIB + 16)),
      'two pieces exchanged': Buffer.concat([head, piece(1), piece(0), piece(2)]),
      'one piece twice': Buffer.concat([head, piece(0), piece(0), piece(2)]),
      'something behind it': Buffer.concat([whole, Buffer.alloc(40)]),
      'the head of another': Buffer.concat([
        readFileSync(await locked(Buffer.alloc(10))).subarray(0, start),
        whole.subarray(start),
      ]),
    }
    const flip = (bytes: Buffer | undefined, at: number) => bytes?.writeUInt8((bytes.readUInt8(at) ^ 1) & 255, at)
    flip(altered['one bit of the first piece'], start + 5)
    flip(altered['one bit of the last tag'], whole.length - 1)
    for (const [what, bytes] of Object.entries(altered)) {
      const bad = fresh()
      writeFileSync(bad, bytes)
      await expect(unlockFile(keyring, bad, fresh()), what).rejects.toThrow(/was changed or cut off|is cut off|not a backup/)
    }
  })

  test('opens with no other key, nor with what a retired key leaves behind', async () => {
    const file = await locked(Buffer.from('a made-up roll'))
    await expect(unlockFile(keysOf(`b:${KEY(4)}`), file, fresh())).rejects.toThrow("sealed with the key 'a'")
    const both = keysOf(`b:${KEY(4)},a:${KEY(1)}`)
    await expect(unlockFile(both, file, fresh())).resolves.toEqual({ people: 6 })
    const retired = keysOf(`b:${KEY(4)},${both.codesOnly('a')}`)
    await expect(unlockFile(retired, file, fresh())).rejects.toThrow("sealed with the key 'a'")
  })

  test('that is none is said to be none', async () => {
    const file = fresh()
    writeFileSync(file, 'SQLite format 3')
    await expect(unlockFile(keyring, file, fresh())).rejects.toThrow('is not a backup of this service')
    await expect(unlockFile(keyring, join(folder, 'nowhere'), fresh())).rejects.toThrow('there is no file')
  })
})
