import type { OfficerRole } from '../store/schema.ts'

/** What a route of the console, or a command in an officer's name, asks for. */
export const RIGHTS = {
  /** What waits, system state, the menus. */
  today: ['clerk', 'officer', 'approver', 'administrator', 'auditor'],
  /** People, jobs, applications, deployments, messages: personal fields masked. */
  look: ['clerk', 'officer', 'approver', 'administrator'],
  /** A masked field in clear, with a reason that is recorded. */
  reveal: ['clerk', 'officer', 'approver'],
  /** Vet and nominate, unlock, suspend, send a letter again, answer messages. */
  vet: ['clerk', 'officer'],
  roll: ['officer'],
  jobs: ['officer'],
  decide: ['officer'],
  /** Enter deployments, ask for their release, revoke and re-issue. */
  deploy: ['officer'],
  broadcast: ['officer'],
  /** Prepare payment lists, clear what stands in their way, take them to the banks and bring what the banks said. */
  pay: ['officer'],
  /** The second pair of eyes on what another asked for. */
  approve: ['approver'],
  officers: ['administrator'],
  settings: ['administrator'],
  trail: ['auditor', 'administrator'],
  /** One's own password, sessions, saved views. */
  self: ['clerk', 'officer', 'approver', 'administrator', 'auditor'],
} as const satisfies Record<string, readonly OfficerRole[]>

export type Right = keyof typeof RIGHTS
export const ROLES: readonly OfficerRole[] = ['clerk', 'officer', 'approver', 'administrator', 'auditor']

export const hasRight = (role: OfficerRole, right: Right): boolean => (RIGHTS[right] as readonly OfficerRole[]).includes(role)
