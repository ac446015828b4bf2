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
        edits: [
          { file: 'src/ussd/hop.ts', from: 'if (waiting) return waiting', to: 'void waiting' },
          // Where it reached another node, the try would be known by this.
          { file: 'src/people/pin.ts', from: 'keyOf(msisdn), sameTry(app, actor, pin)', to: 'keyOf(msisdn), undefined' },
        ],
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
  gateway: {
    fault: 'the gateway takes a message and hangs, resets, answers rubbish; 429, 5xx',
    promise: 'every message reaches an end state; doubles only where its class allows',
    proof: { file: 'test/bar/gateway.test.ts' },
    controls: [
      {
        what: 'what was perhaps sent is sent again at once, whatever its class',
        edits: [
          {
            file: 'src/sms/settle.ts',
            from: 'return lose(tx, tools, row, result.reason, at)',
            to: 'return requeue(tx, row, { dueAt: at, reason: result.reason, changedAt: at })',
          },
        ],
      },
      {
        what: 'what was perhaps sent is given up',
        edits: [
          {
            file: 'src/sms/settle.ts',
            from: 'return lose(tx, tools, row, result.reason, at)',
            to: "return forward(tx, tools, row, 'failed', { reason: result.reason, changedAt: at })",
          },
        ],
      },
      {
        what: 'what nobody ever reports stays as it is',
        edits: [{ file: 'src/sms/settle.ts', from: 'const UNREPORTED_MS = 2 * DAY', to: 'const UNREPORTED_MS = 99 * DAY' }],
      },
    ],
  },
  rate: {
    fault: 'the rate of the operator, with 30,000 job alerts waiting and an uneven way to the gateway',
    promise: 'never more than SMS_PER_SECOND in any 1,000 ms; a one-time password overtakes all but 2 s of them (p99)',
    proof: { file: 'test/bar/rate.test.ts' },
    controls: [
      {
        what: 'the oldest goes first, whatever its class',
        edits: [
          { file: 'src/sms/sender.ts', from: '.orderBy(asc(outbox.rank), asc(outbox.dueAt))', to: '.orderBy(asc(outbox.dueAt))' },
        ],
      },
      {
        what: 'the second is counted from the turn, not from the answer',
        edits: [
          { file: 'src/sms/pace.ts', from: 'underWay++', to: 'answers.push(clock.ticks() + 0)' },
          { file: 'src/sms/pace.ts', from: '        underWay--\n        answers.push(clock.ticks())\n', to: '' },
        ],
      },
    ],
  },
  stale: {
    fault: 'an old queue after an outage',
    promise: 'expired messages are not sent, and do not wait for ever',
    proof: { file: 'test/bar/stale.test.ts' },
    controls: [
      {
        what: 'whatever waits is sent',
        edits: [{ file: 'src/sms/sender.ts', from: 'gt(outbox.expiresAt, at),', to: '' }],
      },
      {
        what: 'what is too old stays in the queue',
        edits: [{ file: 'src/sms/settle.ts', from: "and(eq(outbox.status, 'queued'), lte(outbox.expiresAt, at)),", to: '' }],
      },
    ],
  },
  flood: {
    fault: 'ten times the load; 500 slow sockets; 50,000 hostile bodies',
    promise: 'bounded queues, shed politely, no 5xx but a polite 503, no crash; under 300 MB; slow sockets closed in 6 s',
    proof: { file: 'test/bar/flood.test.ts' },
    controls: [
      {
        what: 'every call is let in, however many there are',
        edits: [{ file: 'src/web/ussd.ts', from: 'underWay >= limits.underWay', to: 'underWay < 0' }],
      },
      {
        what: 'a body may be as long as it likes',
        edits: [{ file: 'src/web/form.ts', from: "const FORM_LIMIT = '8kb'", to: "const FORM_LIMIT = '800mb'" }],
      },
      {
        what: 'a body may take as long as it likes',
        edits: [{ file: 'src/web/sockets.ts', from: '!request.complete && !uploads.has(request)', to: 'uploads.has(request)' }],
      },
      {
        what: 'a body that cannot be unpacked is a failure of ours',
        edits: [
          {
            file: 'src/web/form.ts',
            from: "throw reason instanceof Error && 'status' in reason ? reason : new Fault('bad_request', 'a body cannot be read', reason)",
            to: 'throw reason',
          },
        ],
      },
    ],
  },
  clock: {
    fault: 'the wall clock moves a day; the gateway is black-holed; hashing hangs; the storage is held',
    promise: 'timers are monotonic; every USSD answer within 8 s',
    proof: { file: 'test/bar/clock.test.ts' },
    controls: [
      {
        what: 'no deadline',
        edits: [{ file: 'src/web/deadline.ts', from: 'each.late()', to: 'void each' }],
      },
      {
        what: 'the pace is counted by the wall clock',
        edits: [
          { file: 'src/sms/pace.ts', from: 'const now = clock.ticks()', to: 'const now = clock.now()' },
          { file: 'src/sms/pace.ts', from: 'answers.push(clock.ticks())', to: 'answers.push(clock.now())' },
        ],
      },
      {
        what: 'what waits is due by a clock that was set back',
        edits: [
          {
            file: 'src/sms/sender.ts',
            from: 'or(lte(outbox.dueAt, at), gt(outbox.changedAt, past))',
            to: 'lte(outbox.dueAt, at)',
          },
        ],
      },
      {
        what: 'scheduled work sleeps until a moment of the wall clock',
        edits: [{ file: 'src/schedule.ts', from: 'const SET_MS = 5_000', to: 'const SET_MS = Infinity' }],
      },
    ],
  },
  nodes: {
    fault: 'two nodes on one PostgreSQL; its server killed hard, the node that sends killed or frozen in the middle',
    promise:
      'one sender a message and one rate for all, no double booking, one answer a call, one try a PIN; nothing acknowledged is lost, and all go on by themselves',
    proof: { file: 'test/bar/nodes.test.ts' },
    controls: [
      {
        what: 'units of one key do not wait for each other',
        edits: [
          {
            file: 'src/store/postgres.ts',
            from: "await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key])",
            to: 'void key',
          },
        ],
      },
      {
        what: 'a PIN is a try for each node that it reaches',
        edits: [{ file: 'src/people/pin.ts', from: 'keyOf(msisdn), sameTry(app, actor, pin)', to: 'keyOf(msisdn), undefined' }],
      },
      {
        what: 'a node that slept sends on, as if nobody had taken over',
        edits: [
          { file: 'src/sms/sender.ts', from: 'pausedFor === 0 && role.stands()', to: 'pausedFor === 0' },
          { file: 'src/sms/sender.ts', from: 'tooLate ||= !role.stands()', to: 'tooLate ||= false' },
        ],
      },
      {
        what: 'every node sends, each by its own pace',
        edits: [
          {
            file: 'src/store/role.ts',
            from: 'if (row.holder !== null && !isDead(row)) return undefined',
            to: "if (row.holder !== null && !isDead(row)) return 'held'",
          },
          { file: 'src/sms/sender.ts', from: 'pausedFor === 0 && role.stands()', to: 'pausedFor === 0' },
          { file: 'src/sms/sender.ts', from: 'tooLate ||= !role.stands()', to: 'tooLate ||= false' },
        ],
      },
      {
        what: 'whether a place is free is asked first, and then it is taken',
        edits: [
          {
            file: 'src/jobs/decide.ts',
            from: 'const taken = await tx\n',
            to: 'const [job] = await tx.select().from(jobs).where(eq(jobs.code, code))\n  if (job && job.places !== null && job.taken >= job.places) return false\n  const taken = await tx\n',
          },
          {
            file: 'src/jobs/decide.ts',
            from: 'and(eq(jobs.code, code), or(isNull(jobs.places), lt(jobs.taken, jobs.places)))',
            to: 'eq(jobs.code, code)',
          },
        ],
      },
      {
        what: 'an answer does not wait for the disk',
        edits: [
          {
            file: 'src/store/postgres.ts',
            from: "client.query('begin')",
            to: "client.query('begin; set local synchronous_commit = off')",
          },
        ],
      },
      {
        what: 'a lost connection is a mistake like any other',
        edits: [{ file: 'src/store/postgres.ts', from: 'if (isAway) return', to: 'if (isAway && state === undefined) return' }],
      },
    ],
  },
  rolling: {
    fault: 'each of two nodes is restarted in turn under load, behind haproxy and behind nginx',
    promise: 'no call and no SMS fails, none is doubled',
    proof: { file: 'test/bar/rolling.test.ts' },
    controls: [
      {
        what: 'a node stops listening at once, and cuts off what it is answering',
        edits: [
          { file: 'src/web/sockets.ts', from: 'await clock.sleep(limits.drainMs)', to: 'void limits' },
          { file: 'src/web/sockets.ts', from: 'const until = clock.ticks() + limits.graceMs', to: 'const until = clock.ticks()' },
        ],
      },
    ],
  },
  leader: {
    fault: 'the leader of a PostgreSQL cluster is cut off and lost under load, with its patroni',
    promise: 'nothing acknowledged is lost, nothing is doubled; writes are back within 15 s',
    proof: { file: 'test/bar/leader.test.ts' },
    controls: [
      {
        what: 'an answer waits for the disk of the leader only',
        edits: [
          {
            file: 'src/store/postgres.ts',
            from: "client.query('begin')",
            to: "client.query('begin; set local synchronous_commit = local')",
          },
        ],
      },
    ],
  },
}
