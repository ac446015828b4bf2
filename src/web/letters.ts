import type { Language, Role } from '../store/schema.ts'

/** Why a letter cannot be had by this link. All but `unknown` are about a genuine code. */
export type Gone = 'expired' | 'used_up' | 'locked' | 'replaced' | 'revoked'
export type NotHad = 'unknown' | Gone

/** What anyone may see of a genuine letter. */
export type Genuine = {
  /** First name and initial. */
  name: string
  role: Role
  station: string
  /** `YYYY-MM-DD` */
  startsOn: string
  endsOn: string
  reference: string
}

/** What the pages need of letters. Codes come as they were typed. `F` is whatever a letter is drawn from. */
export type Letters<F> = {
  /** Costs nothing and changes nothing. `until` is in milliseconds since 1970. */
  look(code: string): Promise<{ open: { downloadsLeft: number; until: number } } | { refused: NotHad }>
  /** Counts the download in the unit that permits it; wrong digits count too. */
  download(
    code: string,
    last4: string,
  ): Promise<
    { letter: { id: string; reference: string; facts: F } } | { refused: NotHad } | { refused: 'wrong'; triesLeft: number }
  >
  check(code: string): Promise<{ genuine: Genuine } | { refused: 'unknown' | 'revoked' | 'replaced' }>
  /** The letter as a PDF. */
  print(letterId: string, facts: F): Promise<Buffer>
  /** The same as HTML that stands inside a page's `main`, escaped already. */
  twin(facts: F, language: Language): string
}
