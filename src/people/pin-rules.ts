/**
 * Why a six-digit PIN is refused; undefined where it is good. The weak ones are about a tenth of all:
 * dates, runs, repeats and patterns that people choose first. Personal ones share four digits in a row with something known of the person.
 */
export function pinFault(pin: string, personal: readonly string[]): 'weak' | 'personal' | undefined {
  if (isWeak(pin)) return 'weak'
  return personal.some((known) => shareFour(pin, known.replace(/\D/g, ''))) ? 'personal' : undefined
}

function isWeak(pin: string): boolean {
  const digits = [...pin].map(Number)
  const steps = digits.slice(1).map((digit, place) => digit - (digits[place] as number))
  const kinds = new Set(digits).size
  return (
    kinds <= 2 ||
    steps.every((step) => step === steps[0]) ||
    /^(\d\d)\1\1$|^(\d{3})\2$/.test(pin) ||
    /(\d)\1\1\1/.test(pin) ||
    pin === [...pin].reverse().join('') ||
    /0123|1234|2345|3456|4567|5678|6789|9876|8765|7654|6543|5432|4321|3210/.test(pin) ||
    isDate(pin)
  )
}

/** DDMMYY, MMDDYY and YYMMDD, and a year of birth at either end (1950 to 2009). */
function isDate(pin: string): boolean {
  const [a, b, c] = [pin.slice(0, 2), pin.slice(2, 4), pin.slice(4)].map(Number) as [number, number, number]
  const day = (n: number) => n >= 1 && n <= 31
  const month = (n: number) => n >= 1 && n <= 12
  return (
    (day(a) && month(b)) ||
    (month(a) && day(b)) ||
    (month(b) && day(c)) ||
    /^(19[5-9]|200)\d/.test(pin) ||
    /(19[5-9]|200)\d$/.test(pin)
  )
}

function shareFour(pin: string, known: string): boolean {
  return [0, 1, 2].some((place) => known.includes(pin.slice(place, place + 4)))
}
