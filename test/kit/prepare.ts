import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

// What `npm test` runs first: brings what npm cannot, where this machine lets it, and says in words what will be missing.

type Need = { part: string; there(): boolean; debian: string; without: string }

const hasCommand = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
const hasLibrary = (name: string) =>
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib'].some((folder) =>
    existsSync(`${folder}/${name}`),
  )
const hasFont = () =>
  ['/usr/share/fonts', '/System/Library/Fonts'].some(
    (folder) =>
      existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => /\.(ttf|otf|ttc)$/i.test(String(file))),
  )

const needs: Need[] = [
  {
    part: 'pdftotext',
    there: () => hasCommand('pdftotext'),
    debian: 'poppler-utils',
    without: 'the tests that read a letter back are skipped',
  },
  {
    part: 'zbarimg',
    there: () => hasCommand('zbarimg'),
    debian: 'zbar-tools',
    without: "the test that decodes a letter's QR is skipped",
  },
  {
    part: 'libnss3',
    there: () => process.platform !== 'linux' || hasLibrary('libnss3.so'),
    debian: 'libnss3',
    without: 'Chromium may not start',
  },
  {
    part: 'a C compiler',
    there: () => process.platform !== 'linux' || (hasCommand('cc') && existsSync('/usr/include/stdlib.h')),
    debian: 'gcc libc6-dev',
    without: 'the tests that let a disk fail are skipped',
  },
  { part: 'a font', there: hasFont, debian: 'fonts-dejavu-core', without: 'Chromium shows no letters' },
]

const missing = needs.filter((need) => !need.there())
if (missing.length > 0 && process.getuid?.() === 0 && hasCommand('apt-get')) {
  process.stderr.write(`Installing ${missing.map(({ debian }) => debian).join(', ')} for the tests …\n`)
  const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...missing.flatMap(({ debian }) => debian.split(' '))],
    options,
  )
}
for (const need of needs)
  if (!need.there()) process.stderr.write(`Without ${need.part} (Debian: apt-get install ${need.debian}) ${need.without}.\n`)
