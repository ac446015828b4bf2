import { expect, test } from 'vitest'
import { benchDeploy, deployTable } from '../../src/bench/deploy.ts'

test('the benchmark of plans fills a small exam, plans it in a process of its own, and compares it with bound and greedy plan', async () => {
  const [small] = await benchDeploy([600], () => undefined)
  expect(small).toMatchObject({ people: 600, same: true })
  // What the solver proved holds of what it found, and no simple plan fills more or goes less far.
  expect(small?.metres).toBeGreaterThanOrEqual((small?.bound ?? 0) - 1)
  expect(small?.metres).toBeLessThanOrEqual((small?.bound ?? 0) * 1.001 + 1)
  expect(small?.filled).toBeGreaterThanOrEqual(small?.greedy.filled ?? 0)
  expect(small?.megabytes).toBeLessThan(1_024)
  const table = deployTable(small ? [small] : [])
  expect(table.split('\n')).toHaveLength(3)
  expect(table).toContain('same again')
}, 60_000)
