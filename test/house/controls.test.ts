import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rows } from '../bar/rows.ts'

const root = new URL('../..', import.meta.url).pathname

test.each(Object.entries(rows))('the controls of the row %s can still be applied', (_, { controls, proof }) => {
  expect(readFileSync(root + proof.file, 'utf8')).not.toBe('')
  for (const { what, edits } of controls)
    for (const { file, from } of edits) {
      const times = readFileSync(root + file, 'utf8').split(from).length - 1
      expect([what, file, times]).toEqual([what, file, 1])
    }
})
