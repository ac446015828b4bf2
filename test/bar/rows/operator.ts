import type { Rows } from '../row.ts'

/** What operators owe people: to tell whose data were seen, and to give, correct and erase them. */
export const operatorRows: Rows = {
  breach: {
    fault: 'a stolen login: pages opened, fields revealed, files taken',
    promise: 'everybody whose data were seen or taken in that time is listed, and nobody else',
    proof: { file: 'test/bar/breach.test.ts' },
    controls: [
      {
        what: 'a file leaves before it is noted whose data are in it',
        edits: [{ file: 'src/audit/exported.ts', from: 'await file.note(people)\n      yield rows', to: 'yield rows' }],
      },
      {
        what: 'the time is not asked for',
        edits: [
          {
            file: 'src/officers/breach.ts',
            from: 'eq(audit.action, action), gte(audit.at, from), lt(audit.at, to)',
            to: 'eq(audit.action, action)',
          },
        ],
      },
      {
        what: 'the list of a file is believed as it stands',
        edits: [{ file: 'src/officers/breach.ts', from: 'end === undefined || end.detail?.digest === digest.end()', to: 'true' }],
      },
    ],
  },
}
