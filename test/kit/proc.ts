import { readdirSync, readFileSync } from 'node:fs'

/** The processes that this one started. Linux only. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statusOf(name).includes(`PPid:\t${parent}\n`))
    .map(Number)
}
/** Nothing of a process that has just ended. */
const statusOf = (pid: string) => textAt(`/proc/${pid}/status`)
export const commandOf = (pid: number) => textAt(`/proc/${pid}/cmdline`)

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (reason) {
    if (reason instanceof Error && 'code' in reason && (reason.code === 'ENOENT' || reason.code === 'ESRCH')) return ''
    throw reason
  }
}

export function pidIn(path: string): number | undefined {
  const [first = ''] = textAt(path).split('\n', 1)
  return first === '' ? undefined : Number(first)
}

export function killHard(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (reason) {
    if (!(reason instanceof Error && 'code' in reason && reason.code === 'ESRCH')) throw reason
  }
}

/** How many sockets listen on a port of this machine (IPv4). Linux only. */
export function listenersOf(port: number): number {
  const [at, LISTENS] = [`:${port.toString(16).toUpperCase().padStart(4, '0')}`, '0A']
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(at) && state === LISTENS).length
}
