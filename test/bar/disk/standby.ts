import { once } from 'node:events'
import module from 'node:module'
import '../../../src/cli/imports.js'

// Brought by `--import` before the real command: reads every module as the launcher does, and lets the command begin,
// and so open the database, only when it is told.
module.enableCompileCache()
await import('../../../src/cli/serve.ts')
process.stdout.write('read\n')
await once(process.stdin, 'data')
// It never outlives the test that started it.
process.stdin.once('end', () => process.exit(1)).resume()
