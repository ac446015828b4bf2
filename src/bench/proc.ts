import { existsSync, readFileSync } from 'node:fs'

// What Linux tells of a process; nothing where a system does not say, or of one that is gone.
const told = (pid: number, name: string): string => {
  const path = `/proc/${pid}/${name}`
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
const megabytes = (pid: number, name: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(told(pid, 'status'))?.[1] ?? 0) / 1_024

export const residentMb = (pid: number): number => megabytes(pid, 'VmRSS')
/** The most that it ever held. */
export const peakMb = (pid: number): number => megabytes(pid, 'VmHWM')

/** Seconds of CPU that it took since it began. */
export function cpuSeconds(pid: number): number {
  const stat = told(pid, 'stat')
  // Hundredths of a second in user and in system mode stand 12th and 13th behind the name.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user ?? 0) + Number(system ?? 0)) / 100
}
