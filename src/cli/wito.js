#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=50 --no-parallel-scavenge
// Memory is not garbage's to keep: left to itself V8 holds 290 MB before anybody calls and 480 in a flood, with the first two flags 175 and 280. A hop takes 5 % longer.
// The third: on busy cores the threads that would help to collect it were waited for, up to a quarter of a second, while nobody was answered.
// Plain JavaScript on purpose: an old Node must still be able to read this far, and hear what it needs.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
const bundled = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))

if (major > 22 || (major === 22 && minor >= 18)) {
  // Types are stripped once, not at every command.
  module.enableCompileCache()
  await import('./imports.js')
  await import('./wito.ts')
} else if (existsSync(bundled)) {
  const child = spawn(bundled, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
} else {
  process.stderr.write(`Wito needs Node 22.18 or newer; this is ${process.versions.node}. Run npm ci first: it brings one.\n`)
  process.exitCode = 1
}
