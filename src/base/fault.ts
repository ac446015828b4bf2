/** Something broke: not 'someone may not' (that is a refusal, a value). */
const faults = {
  busy: { status: 503, retry: true },
  storage_full: { status: 503, retry: true },
  storage_broken: { status: 503, retry: false },
  unit_misused: { status: 500, retry: false },
  not_found: { status: 404, retry: false },
  bad_request: { status: 400, retry: false },
  too_large: { status: 413, retry: false },
  bad_settings: { status: 500, retry: false },
  bad_file: { status: 400, retry: false },
  unsealable: { status: 500, retry: false },
} satisfies Record<string, { status: number; retry: boolean }>

export type FaultCode = keyof typeof faults

/** `code` says what broke, `status` what HTTP answers, `retry` whether the same call may go through later. The message never holds personal data. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly status: number
  readonly retry: boolean
  constructor(code: FaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
    this.status = faults[code].status
    this.retry = faults[code].retry
  }
}
