import { spawnSync } from 'node:child_process'
import { test } from 'vitest'
import { cannot } from './row.ts'

test('the leader of a cluster is lost', (context) => {
  const missing = ['patroni', 'etcd', 'haproxy'].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  const lacks = missing.length > 0 ? `missing here: ${missing.join(', ')}` : 'no proof was written for it yet'
  cannot(context, `a replica that takes over needs Patroni with synchronous_mode, etcd and haproxy; ${lacks}`)
})
