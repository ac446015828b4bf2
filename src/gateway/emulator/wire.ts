import type { Clock } from '../../base/clock.ts'

/** `ATUid_` (a session) or `ATXid_` (a message) and 32 hex digits. */
export const wireId = (clock: Clock, kind: 'ATUid' | 'ATXid') => `${kind}_${clock.bytes(16).toString('hex')}`

/** `2017-05-03 06:04:45`, in UTC. */
export const plainDate = (ms: number) => isoDate(ms).replace('T', ' ').replace('Z', '')

/** `2017-05-03T06:04:45Z` */
export const isoDate = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
