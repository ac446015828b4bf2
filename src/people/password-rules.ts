const SHORTEST = 8
const LONGEST = 128

/** What most people who choose badly choose, in small letters and without the digits at the ends. */
const COMMON = new Set(
  `password passwort passw pass qwerty qwertyuiop qwertz asdf asdfgh asdfghjkl zxcvbn zxcvbnm letmein welcome karibu admin administrator
  root user login test testing guest master secret siri nenosiri iloveyou nakupenda love lovely baby princess sunshine football
  soccer arsenal chelsea liverpool manchester gormahia dragon monkey shadow superman batman kenya nairobi mombasa kisumu nakuru
  eldoret africa safari simba jambo hakuna matata hakunamatata mungu jesus jesuschrist jehovah god godisgood allah amen bible
  teacher mwalimu shule school exam exams mtihani knec kcse kcpe kpsea kjsea tsc wito student university safaricom airtel mpesa
  abc abcd abcdef abcdefgh abcdefghi aaaa changeme default temp temporary hello family mama baba mother father friend computer
  internet samsung nokia techno infinix january february march april may june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday summer winter blessed blessing blessings grace faith hope happy money pesa`
    .split(/\s+/)
    .filter(Boolean),
)
const LOOKALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

export type PasswordFault = 'short' | 'long' | 'common' | 'personal'

/**
 * What is wrong with a password somebody wants to choose; undefined when nothing is. Any characters may stand in it. `personal` are
 * texts that others know of this person: name, number, national ID.
 */
export function passwordFault(password: string, personal: readonly string[]): PasswordFault | undefined {
  const letters = [...password]
  if (letters.length < SHORTEST) return 'short'
  if (letters.length > LONGEST) return 'long'
  const small = password.toLowerCase()
  const bare = small.replace(/^[\d\W_]+|[\d\W_]+$/g, '')
  const plain = plainly(small)
  if (
    new Set(letters).size < 4 ||
    isRow(small) ||
    [bare, plain, plain.replace(/[\d\W_]+$/, ''), plainly(small.replace(/[\d\W_]+$/, '')), half(small)].some((each) =>
      COMMON.has(each),
    )
  )
    return 'common'
  // Only digits are guessed in minutes, whatever they are.
  if (/^\d+$/.test(password) && letters.length < 12) return 'common'
  const known = personal.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length >= 4)
  const rest = known.reduce((text, part) => text.replaceAll(part, ''), small)
  return rest.length < 4 ? 'personal' : undefined
}

/** `p@ssw0rd` as people mean it. */
const plainly = (text: string): string => [...text].map((letter) => LOOKALIKES[letter] ?? letter).join('')

/** `abcdefgh`, `87654321`: every character one further, or one back. */
function isRow(text: string): boolean {
  const steps = [...text].slice(1).map((letter, place) => letter.charCodeAt(0) - text.charCodeAt(place))
  return steps.every((step) => step === 1) || steps.every((step) => step === -1)
}

/** `kenyakenya` is `kenya` twice. */
const half = (text: string): string => {
  const middle = text.slice(0, text.length / 2)
  return middle + middle === text ? middle : text
}
