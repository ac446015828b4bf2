import { Fault } from './fault.ts'

/** An error as a log may hold it. Messages of queries and parsers repeat what they were given, so only our own and the engine's are kept. */
export type BareError = { name: string; code?: string; message?: string; at: string[]; cause?: BareError }

/** Everything of an error but what people typed: its kind, code, place, and those of its causes. */
export function bareError(reason: unknown, depth = 4): BareError {
  if (!(reason instanceof Error)) return { name: typeof reason, at: [] }
  const code = 'code' in reason ? String(reason.code) : undefined
  const spoken =
    reason instanceof Fault || reason instanceof TypeError || reason instanceof RangeError || reason instanceof ReferenceError
  return {
    name: reason.name,
    ...(code === undefined ? {} : { code }),
    ...(spoken ? { message: reason.message } : {}),
    at: placesOf(reason),
    ...(reason.cause === undefined || depth === 0 ? {} : { cause: bareError(reason.cause, depth - 1) }),
  }
}

const placesOf = (error: Error) =>
  (error.stack ?? '')
    .split('\n')
    .flatMap((line) => /^ {4}at (.+)$/.exec(line)?.[1] ?? [])
    .slice(0, 12)
