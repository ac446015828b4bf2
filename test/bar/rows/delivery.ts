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
  again: {
    fault: 'the same callback 2 to 5 times, concurrently',
    promise: 'byte-equal answers, one effect',
    proof: { file: 'test/bar/again.test.ts' },
    controls: [
      {
        what: 'the stored answer of a hop is not looked up',
        edits: [{ file: 'src/ussd/hop.ts', from: 'if (before) return {', to: 'if (before && hop.sessionId === "") return {' }],
      },
      {
        what: 'a hop that is being answered is begun again, with its hash and its count of a try',
        edits: [{ file: 'src/ussd/hop.ts', from: 'if (waiting) return waiting', to: 'void waiting' }],
      },
      {
        what: 'an SMS that was taken before is taken again',
        edits: [
          {
            file: 'src/sms/inbound.ts',
            from: 'if (!fresh || msisdn === undefined) return',
            to: 'if (msisdn === undefined) return',
          },
        ],
      },
    ],
  },
}
