import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { startPostgres } from '../kit/postgres.ts'

// A PostgreSQL for the benchmark, with one empty database whose address it writes into the file that it is told, until it is ended.
// On the disk, as a server that is to keep something: what is measured waits for it.
const postgres = await startPostgres({ home: tmpdir() })
writeFileSync(process.argv[2] ?? '', await postgres.createDatabase())
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void postgres.stop().then(() => process.exit()))
// Its server alone holds nothing open here.
setInterval(() => undefined, 60_000)
