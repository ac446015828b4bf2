import { DAY } from '../base/dates.ts'
import { HOPS_IN_ALL, SMS_IN_ALL } from '../security/limit-sizes.ts'
import { classes } from '../sms/classes.ts'

/** A figure that the model takes as given, with where it comes from. */
const given = (value: number, from: string) => ({ value, from })
/** What is not known: from so much to so much. */
const between = (low: number, high: number, from: string) => ({ low, high, from })

/** What each person does on the morning that applications open. Hops and SMS are what `effort` counts; hashes are passwords and PINs. */
export const MORNING = [
  { task: 'create an account', hops: 3, sms: 1, hashes: 1 },
  { task: 'choose the first PIN, fill in the profile', hops: 19, sms: 1, hashes: 1 },
  { task: 'apply', hops: 6, sms: 1, hashes: 1 },
] as const

const BY_HAND = 'measured once by hand, 26 November 2026, two shared cores'
const ASSUMED = 'assumed; no published figure was found'
const PGBENCH = 'a third of the 36,237 transactions that pgbench shows with 16 clients on a large server, github.com/Vonng/pgtpc'
const PRICES = 'mspace.co.ke/ussd.html, a copy without a date: 1.60 for few, 0.60 above a million a month, tax included'

/** Everything the model takes as given. Of `machine` two are of `wito bench`; the others were measured once by hand, and no program measures them again. */
export const GIVEN = {
  machine: {
    hopsPerCore: given(
      2_400,
      'measured 26 November 2026: durable hops a second of one process on one core and a file, `npm run bench -- hop`',
    ),
    hopsPerCoreOnServer: given(
      640,
      'measured 27 November 2026: a second of one core over the CPU that a process takes for a durable hop on PostgreSQL (1,562 µs, and 493 on a file), `npm run bench -- server`',
    ),
    hashMs: given(22, `${BY_HAND}, busy; 12 on a quiet one`),
    rowsPerHop: given(3.6, `${BY_HAND}: the morning of 200 people, played`),
    keptPerPersonKb: given(14, `${BY_HAND}: account, profile, application, messages, trail`),
    gonePerHopKb: given(0.47, `${BY_HAND}: calls and answers, forgotten after two days`),
    openCallKb: given(1, `${BY_HAND}: a row of sessions with its index entries`),
    serverHops: given(12_000, `assumed: ${PGBENCH}`),
  },
  house: {
    hashLanes: given(2, 'of one process, src/security/hashing.ts'),
    hashMb: given(19, 'of one hash, src/security/hashing.ts'),
    connections: given(10, 'of one process, src/store/postgres.ts; the first of a node, which answers nobody, has as many'),
    maxConnections: given(100, 'max_connections of PostgreSQL when nothing is set'),
    smsPerSecond: given(30, 'SMS_PER_SECOND when nothing is set'),
    smsPerSecondMost: given(1_000, 'the largest SMS_PER_SECOND'),
    hopsAMinute: given(HOPS_IN_ALL, 'HOPS_IN_ALL, src/security/limit-sizes.ts'),
    smsADay: given(SMS_IN_ALL.most, 'SMS_IN_ALL, src/security/limit-sizes.ts'),
    noticeHours: given(classes.notice.hours[1] - classes.notice.hours[0], 'in which letters leave, src/sms/classes.ts'),
    noticeDays: given(classes.notice.lifeMs / DAY, 'then a letter is too old to send, src/sms/classes.ts'),
  },
  morning: {
    peakHour: given(0.4, `share of the morning in its fullest hour; ${ASSUMED}`),
    peakMinute: given(3, `times the even minute of that hour; ${ASSUMED}`),
    secondsAHop: given(8, `to read and type; ${ASSUMED}, a phone gives 30 s at most`),
    cutOff: given(0.1, `share of calls that are cut off and gone on with, 3 hops and a PIN each; ${ASSUMED}`),
  },
  plan: {
    utilisation: given(0.5, 'so that a second with twice the calls is just answered within itself'),
    coresPerNode: given(8, 'a common size'),
  },
  kes: {
    call: between(0.6, 1.6, PRICES),
    sms: between(0.3, 1, "0.80 in the gateway's own examples; what large contracts pay is not published"),
  },
}
export type Givens = typeof GIVEN
type Between = ReturnType<typeof between>

const CUT_OFF_HOPS = 3
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** What one person brings on that morning. */
function perPerson({ morning }: Givens) {
  const again = morning.cutOff.value * MORNING.length
  return {
    calls: MORNING.length + again,
    hops: sum(MORNING.map(({ hops }) => hops)) + again * CUT_OFF_HOPS,
    hashes: sum(MORNING.map(({ hashes }) => hashes)) + again,
    sms: sum(MORNING.map(({ sms }) => sms)),
  }
}

export type Capacity = ReturnType<typeof capacityOf>

/**
 * What a morning of so many people needs. Rates are a second's of the peak minute. Open calls by Little's law: how many begin a second,
 * times how long one lasts. Pure.
 */
export function capacityOf(people: number, givens: Givens = GIVEN) {
  const { machine, house, morning, plan, kes } = givens
  const each = perPerson(givens)
  const inPeak = (morning.peakHour.value * morning.peakMinute.value) / 3_600
  const rate = { hops: people * each.hops * inPeak, calls: people * each.calls * inPeak, hashes: people * each.hashes * inPeak }
  const callSeconds = (each.hops / each.calls - 1) * morning.secondsAHop.value
  const busy = { hops: rate.hops / machine.hopsPerCoreOnServer.value, hashes: (rate.hashes * machine.hashMs.value) / 1_000 }
  const wanted = (load: number, ofOne: number) => Math.ceil(load / (ofOne * plan.utilisation.value))
  const cores = wanted(busy.hops + busy.hashes, 1)
  const processes = Math.max(wanted(busy.hops, 1), wanted(busy.hashes, house.hashLanes.value))
  /** One more than is needed, so that any one may be restarted or lost. */
  const nodes = Math.ceil(cores / plan.coresPerNode.value) + 1
  const answering = processes * house.connections.value
  const connections = answering + nodes * house.connections.value
  const servers = wanted(rate.hops, machine.serverHops.value)
  const sms = people * each.sms
  const letterHours = people / house.smsPerSecond.value / 3_600
  const times = ({ low, high }: Between, n: number) => ({ low: low * n, high: high * n })
  return {
    people,
    hops: people * each.hops,
    rate,
    hopLimit: (rate.hops * 60) / house.hopsAMinute.value,
    callSeconds,
    openCalls: rate.calls * callSeconds,
    busy,
    cores,
    nodes,
    processes,
    hashMb: processes * house.hashLanes.value * house.hashMb.value,
    connections,
    /** Whether a database server of so many parts must let more in than it usually does. */
    maxConnections: house.maxConnections.value,
    aboveUsual: connections / servers > house.maxConnections.value,
    /** Little's law the other way round: what a unit may take while the connections of those that answer are as busy as everything else. */
    unitMs: (answering * plan.utilisation.value * 1_000) / rate.hops,
    servers,
    rows: rate.hops * machine.rowsPerHop.value,
    growthMb: (rate.hops * machine.gonePerHopKb.value + (rate.hops / each.hops) * machine.keptPerPersonKb.value) / 1_000,
    keptGb: (people * machine.keptPerPersonKb.value) / 1e6,
    goneGb: (people * each.hops * machine.gonePerHopKb.value) / 1e6,
    openMb: (rate.calls * callSeconds * machine.openCallKb.value) / 1_000,
    sms,
    smsLimit: sms / house.smsADay.value,
    smsRate: (sms * morning.peakHour.value) / 3_600,
    perSecond: house.smsPerSecond.value,
    smsHours: sms / house.smsPerSecond.value / 3_600,
    letterHours,
    letterDays: letterHours / house.noticeHours.value,
    kesCalls: times(kes.call, people * each.calls),
    kesSms: times(kes.sms, sms),
    kesLetters: times(kes.sms, people),
  }
}

export type Ceiling = { what: string; people: number; cure: string }

/** What gives way first, in order: how many people each part carries as it is, and what is done then. */
export function ceilings(givens: Givens = GIVEN): Ceiling[] {
  const { machine, house, morning, plan } = givens
  const each = perPerson(givens)
  const inPeak = (morning.peakHour.value * morning.peakMinute.value) / 3_600
  const load = plan.utilisation.value
  const waits = (morning.peakHour.value * each.sms) / 3_600
  const found: Ceiling[] = [
    {
      what: 'PINs and passwords of one process',
      people: (house.hashLanes.value * load * 1_000) / (machine.hashMs.value * each.hashes * inPeak),
      cure: 'more processes, each with lanes of its own',
    },
    {
      what: `answers by SMS, SMS_PER_SECOND at ${house.smsPerSecond.value}`,
      people: house.smsPerSecond.value / waits,
      cure: 'the rate that the gateway agrees to; answers older than an hour are not sent',
    },
    {
      what: 'hops of one process on one file',
      people: (machine.hopsPerCore.value * load) / (each.hops * inPeak),
      cure: 'a database server: a second process on the file answers no more',
    },
    { what: 'SMS_IN_ALL', people: house.smsADay.value / each.sms, cure: 'a larger limit for that day, and its money' },
    {
      what: 'hops of one database server',
      people: (machine.serverHops.value * load) / (each.hops * inPeak),
      cure: 'a server for each group of counties',
    },
    {
      what: 'HOPS_IN_ALL',
      people: house.hopsAMinute.value / 60 / (each.hops * inPeak),
      cure: 'a larger limit, once the machines are there',
    },
    {
      what: `SMS_PER_SECOND at its largest, ${house.smsPerSecondMost.value}`,
      people: house.smsPerSecondMost.value / waits,
      cure: 'several accounts or a line to the operators',
    },
    {
      what: `letters of all within ${house.noticeDays.value} days, SMS_PER_SECOND at ${house.smsPerSecond.value}`,
      people: house.noticeDays.value * house.noticeHours.value * 3_600 * house.smsPerSecond.value,
      cure: 'the same, or letters released county by county',
    },
  ]
  return found.sort((a, b) => a.people - b.people)
}
