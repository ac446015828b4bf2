import type { Rows } from '../row.ts'

/** Who may do what, how often, and what is left to a thief. */
export const accessRows: Rows = {
  limits: {
    fault: 'too much from one number, one range of numbers, one address, or all of them; two processes',
    promise:
      'limits hold across all processes, shed politely, counted; an ordinary step costs no query and waits for no shared row',
    proof: { file: 'test/bar/limits.test.ts' },
    controls: [
      {
        what: 'each process counts for itself',
        edits: [
          { file: 'src/security/shares.ts', from: 'const row = `', to: 'const row = mine + `' },
          { file: 'src/security/shares.ts', from: 'const part = ', to: 'const mine = clock.id()\n  const part = ' },
        ],
      },
      {
        what: 'whatever a forwarding header begins with is believed',
        edits: [{ file: 'src/web/address.ts', from: 'forwarded.at(-proxies)', to: 'forwarded.at(0)' }],
      },
      {
        what: 'a proxy that nobody told us of is one address like any other',
        edits: [{ file: 'src/web/address.ts', from: 'shared.check(address) ? undefined : address', to: 'address' }],
      },
      {
        what: 'every step asks the table',
        edits: [{ file: 'src/security/shares.ts', from: 'Math.floor(limit.most / 20)', to: '1' }],
      },
      {
        what: 'what is turned away is not counted',
        edits: [{ file: 'src/web/ussd.ts', from: '    metrics.shed.inc({ why })\n', to: '' }],
      },
    ],
  },
  pumping: {
    fault: 'SMS pumping: somebody earns by the messages that they make us send',
    promise: 'only +2547 and +2541 are answered; caps by number, range of numbers and day hold, in any order, two processes',
    proof: { file: 'test/bar/pumping.test.ts' },
    controls: [
      {
        what: 'whatever number is valid anywhere is answered',
        edits: [{ file: 'src/base/msisdn.ts', from: '/^\\+254[17]\\d{8}$/.test(number.number)', to: 'number.number' }],
      },
      {
        what: 'messages are counted, and none is held back',
        edits: [{ file: 'src/security/limits.ts', from: 'setWhere: sql`', to: 'setWhere: sql`1 = 1 or ' }],
      },
      {
        what: 'a range of numbers has no cap',
        edits: [{ file: 'src/sms/caps.ts', from: '{prefixOf(msisdn)}', to: '{msisdn}:range' }],
      },
      {
        what: 'a day has no cap',
        edits: [{ file: 'src/sms/caps.ts', from: "['all', 'sms:all']", to: "['all', 'sms:all' + msisdn]" }],
      },
      {
        what: 'one number is answered as often as it asks',
        edits: [
          { file: 'src/security/limits.ts', from: 'if (!taken.has(place) &&', to: 'if (' },
          { file: 'src/security/limits.ts', from: 'setWhere: lte(limits.until, hole.at) })', to: '})' },
        ],
      },
    ],
  },
  console: {
    fault: 'console: forms from elsewhere, officers of other regions and roles',
    promise: 'deny by default: every route by every role and region; a form counts only from our own page',
    proof: { file: 'test/console/matrix.test.ts' },
    controls: [
      {
        what: 'a form needs no proof',
        edits: [{ file: 'src/web/face.ts', from: "form.get('csrf') !== found.proof", to: "form.get('csrf') === 'never'" }],
      },
      {
        what: 'one proof is good for everybody',
        edits: [{ file: 'src/web/face.ts', from: '`${proofOf(session.id)}.${markOf(session.holder)}`', to: "proofOf('all')" }],
      },
      {
        what: 'a form from another site is taken',
        edits: [{ file: 'src/web/face.ts', from: "if (site !== '' && site", to: "if (site === 'never' && site" }],
      },
      {
        what: 'whoever is logged in may use every route',
        edits: [{ file: 'src/web/face.ts', from: 'if (!parts.allows(me, rule)) ctx.throw(403)', to: '' }],
      },
      {
        what: 'one thing is shown to officers of every county',
        edits: [{ file: 'src/officers/officer.ts', from: 'counties.length === 0 || (county', to: 'true || (county' }],
      },
      {
        what: 'lists are not narrowed',
        edits: [
          {
            file: 'src/officers/officer.ts',
            from: 'counties.length === 0 ? undefined : inArray',
            to: 'true ? undefined : inArray',
          },
        ],
      },
      {
        what: 'a search is not narrowed',
        edits: [{ file: 'src/console/people.ts', from: 'counties: visit.me.counties', to: 'counties: []' }],
      },
    ],
  },
  two: {
    fault:
      'one officer alone, or one administrator as two: bank or phone change, releasing letters, pay lists, notices, broadcasts, erasure',
    promise:
      'two people, let in by two, and exactly what was seen; a change is told on both numbers and counts after 72 hours (keys: not in this row)',
    proof: { file: 'test/bar/two.test.ts' },
    controls: [
      {
        what: 'whoever asked may agree',
        edits: [{ file: 'src/orders/order.ts', from: 'if (standing.askedBy === actor.name)', to: 'if (false)' }],
      },
      {
        what: 'a yes holds for whatever stands there now',
        edits: [{ file: 'src/orders/order.ts', from: 'if (standing.digest !== digest)', to: 'if (false)' }],
      },
      {
        what: 'what was decided is decided again',
        edits: [
          {
            file: 'src/orders/order.ts',
            from: "and(eq(tx.orders.id, id), eq(tx.orders.state, 'asked'))",
            to: 'eq(tx.orders.id, id)',
          },
        ],
      },
      {
        what: 'an officer counts whom nobody has confirmed',
        edits: [{ file: 'src/orders/decide.ts', from: 'if (missing) return', to: 'if (false) return' }],
      },
      {
        what: 'whoever invited an officer confirms them too',
        edits: [
          {
            file: 'src/officers/confirm.ts',
            from: "if (officer.broughtIn.some(({ by }) => officerIdOf(by) === me.id)) return 'brought'",
            to: '',
          },
        ],
      },
      {
        what: 'who opens a new link is still confirmed',
        edits: [{ file: 'src/officers/invite.ts', from: '...broughtInBy(scene, held?.broughtIn ?? []),', to: '' }],
      },
      {
        what: 'a change counts as soon as an officer agrees',
        edits: [{ file: 'src/people/change-effect.ts', from: 'order.effectAt > scene.at || ', to: '' }],
      },
      {
        what: 'only the number on file is told',
        edits: [{ file: 'src/people/changes.ts', from: '...(numbers.new ? [numbers.new] : [])', to: '' }],
      },
    ],
  },
  stolen: {
    fault: 'stolen database, WAL, backup or log',
    promise: 'no national ID, KRA PIN, account number, PIN, code or message in clear; no phone in the log either',
    proof: { file: 'test/security/canaries.test.ts' },
    controls: [
      {
        what: 'what people write is kept as they wrote it',
        edits: [
          {
            file: 'src/sms/inbound.ts',
            from: 'bodySealed: keyring.seal(',
            to: 'bodySealed: ((_: string, clear: string) => clear)(',
          },
        ],
      },
      {
        what: 'what is typed into a call is kept, not its digest',
        edits: [{ file: 'src/ussd/hop.ts', from: "app.keyring.digest('transcript', ", to: 'String(' }],
      },
      {
        what: 'the log holds whole addresses, as they came',
        edits: [
          { file: 'src/web/requests.ts', from: 'route: routeOf(ctx)', to: 'route: ctx.url' },
          { file: 'src/base/log.ts', from: 'to.write(scrub(line))', to: 'to.write(line)' },
        ],
      },
    ],
  },
}
