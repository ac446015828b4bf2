import { DEMONSTRATION_PIN as PIN } from '../demo/demo.ts'
import type { Language } from '../store/schema.ts'
import type { Player } from './handset.ts'

export type Way = 'USSD' | 'SMS' | 'deep dial'

/** How a task is done in each way, and the hops that were promised. `first` brings the person to where it begins, for nothing. */
export type Task = {
  task: string
  who: 'newcomer' | 'applicant' | 'deployed'
  most?: Partial<Record<Way, number>>
  first?(player: Player): Promise<void>
  ways: Partial<Record<Way, (player: Player) => Promise<void>>>
}

const NEW_PIN = '739150'
const REASON: Record<Language, string> = { en: 'my child is ill', sw: 'mtoto wangu anaugua' }
const RELATION: Record<Language, string> = { en: 'sister', sw: 'dada' }

/** What somebody types whom the council's roll knows already. */
const answersOf = ({ language, fullName }: Player): Record<string, string> => ({
  gender: '1',
  birth_year: '1988',
  town: 'Kisumu',
  bank_code: '01',
  branch_code: '094',
  account_number: '1100223344',
  account_name: fullName,
  teaching_level: '3',
  kin_name: 'Otieno Odera',
  kin_relation: RELATION[language],
  kin_phone: '0712345678',
  nssf: '2001234567',
  sha: 'CR1234567890123-4',
})

const asksPassword = (player: Player) => player.send('password')
const register = (player: Player) => player.send('register', player.nationalId)

/** What people do from the account to the letter. */
export const tasks: readonly Task[] = [
  {
    task: 'create an account',
    who: 'newcomer',
    most: { USSD: 5 },
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('register_id')
        await player.type(player.nationalId, 'registered')
      },
      SMS: register,
    },
  },
  {
    task: 'choose the first PIN, fill in the profile',
    who: 'newcomer',
    first: register,
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('profile', 'pin_new')
        await player.type(PIN)
        await player.type(PIN, 'profile')
        await player.choose('profile_any', 'profile_field')
        while (player.screen === 'profile_field') await player.type(player.answerTo(answersOf(player)))
        player.isAt('profile_complete')
      },
    },
  },
  {
    task: 'get a new password',
    who: 'applicant',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('password', 'pin_enter')
        await player.type(PIN, 'password')
        await player.choose('password_reset', 'password_sent')
      },
      SMS: asksPassword,
    },
  },
  {
    task: 'choose a new PIN with it',
    who: 'applicant',
    first: asksPassword,
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('profile', 'pin_enter')
        await player.type(player.found(/\b\d{8}\b/), 'pin_new')
        await player.type(NEW_PIN)
        await player.type(NEW_PIN, 'profile')
      },
    },
  },
  {
    task: 'see the jobs',
    who: 'applicant',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('jobs')
      },
      SMS: (player) => player.send('jobs'),
    },
  },
  {
    task: 'apply',
    who: 'applicant',
    // Five from the dial on, whose own answer is one more; five with it counted too where the first choices are dialled along.
    most: { USSD: 6, 'deep dial': 5 },
    // The code of a job stands in an SMS that came before.
    first: (player) => player.send('jobs'),
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('jobs')
        await player.pick('job')
        await player.choose('apply_confirm', 'pin_enter')
        await player.type(PIN, 'apply_confirm')
        await player.choose('apply', 'applied')
      },
      SMS: (player) => player.send('apply', player.found(/\bKCSE\d\dSEC\b/)),
      async 'deep dial'(player) {
        await player.dial('1*1*1', 'pin_enter')
        await player.type(PIN, 'apply_confirm')
        await player.choose('apply', 'applied')
      },
    },
  },
  {
    task: 'see where applications stand',
    who: 'applicant',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('applications')
      },
      SMS: (player) => player.send('status'),
    },
  },
  {
    task: 'get the link of the letter',
    who: 'deployed',
    most: { USSD: 3 },
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.choose('letter_next', 'letter_sent')
      },
      SMS: (player) => player.send('letter'),
      'deep dial': (player) => player.dial('3*2', 'letter_sent'),
    },
  },
  {
    task: 'accept a duty',
    who: 'deployed',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.pick('deployment')
        await player.choose('accept_confirm', 'pin_enter')
        await player.type(PIN, 'accept_confirm')
        await player.choose('accept', 'accepted')
      },
      SMS: (player) => player.send('accept'),
    },
  },
  {
    task: 'decline a duty',
    who: 'deployed',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.pick('deployment')
        await player.choose('decline_reason', 'pin_enter')
        await player.type(PIN, 'decline_reason')
        await player.type(REASON[player.language], 'decline_confirm')
        await player.choose('decline', 'declined')
      },
      SMS: (player) => player.send('decline', REASON[player.language]),
    },
  },
  {
    task: 'check that a letter is genuine',
    who: 'deployed',
    first: (player) => player.send('letter'),
    ways: { SMS: (player) => player.send('verify', player.found(/(?<=\/l\/)\S{19}/)) },
  },
]

/** What is done when the exam has begun. */
export const later: readonly Task[] = [
  {
    task: 'check in at the station',
    who: 'deployed',
    first: (player) => player.send('accept'),
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.pick('deployment')
        await player.choose('check_in')
        await player.type(player.dayCode, 'checked_in')
      },
    },
  },
  {
    task: 'see the pay',
    who: 'deployed',
    first: (player) => player.send('accept'),
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('applications')
        await player.choose('pay')
        await player.pick('pay_duty')
      },
      SMS: (player) => player.send('pay'),
    },
  },
]
