import type { Rows } from '../row.ts'

/** Hops, messages and reports: nothing lost, nothing doubled, nobody kept waiting. */
export const deliveryRows: Rows = {
  reports: {
    fault: 'delivery reports repeated, reordered, early, of unknown status',
    promise: 'the same end state; a final status stays; none is dropped',
    proof: { file: 'test/sms/status.test.ts' },
    controls: [
      {
        what: 'a later report always wins',
        edits: [{ file: 'src/sms/status.ts', from: '(RANKS[next] > RANKS[old] ? next : old)', to: 'next' }],
      },
      {
        what: 'a report that comes before its message is known is kept and never looked at again',
        edits: [{ file: 'src/sms/settle.ts', from: 'return applyReports(tx, tools, providerId, at)', to: 'return' }],
      },
    ],
  },
}
