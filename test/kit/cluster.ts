import { chownSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../src/open.ts'
import { childrenOf, commandOf, killHard, pidIn } from './proc.ts'
import { openPrograms, type Program, programAt } from './programs.ts'

const PATIENCE_MS = 90_000
const NEEDED = ['patroni', 'etcd', 'haproxy', 'pg_controldata']

/** What this machine lacks for a cluster; nothing where it has all. */
export const missingForCluster = (): string[] => NEEDED.filter((name) => programAt(name) === undefined)

const found = (name: string): string => {
  const path = programAt(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

type Node = { name: string; program: Program; port: number; rest: number; data: string }

/**
 * PostgreSQL servers that patroni leads with synchronous_mode, its etcd, and in front of them haproxy, which leads to whoever is the leader:
 * all on free ports of loopback and in one folder, as the user postgres.
 */
export async function startCluster(servers: number) {
  const programs = openPrograms('cluster')
  const { folder, user } = programs
  const put = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid)
    return path
  }
  const nodes: Node[] = []
  try {
    const [client, peer, door] = [await freePort('127.0.0.1'), await freePort('127.0.0.1'), await freePort('127.0.0.1')]
    const etcd = programs.start(found('etcd'), [
      ...['--data-dir', join(folder, 'etcd'), '--name', 'one'],
      ...['--listen-client-urls', `http://127.0.0.1:${client}`, '--advertise-client-urls', `http://127.0.0.1:${client}`],
      ...['--listen-peer-urls', `http://127.0.0.1:${peer}`, '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`],
      ...['--initial-cluster', `one=http://127.0.0.1:${peer}`],
    ])
    await until('etcd', () => isOk(`http://127.0.0.1:${client}/health`), etcd)
    for (let n = 1; n <= servers; n++) {
      const [name, port, rest] = [`node${n}`, await freePort('127.0.0.1'), await freePort('127.0.0.1')]
      const data = join(folder, name)
      const settings = put(`${name}.yml`, patroniSettings({ name, port, rest, data, etcd: client, folder }))
      nodes.push({ name, port, rest, data, program: programs.start(found('patroni'), [settings]) })
      // The first makes the cluster, the others copy it.
      const [last] = nodes.slice(-1)
      if (last) await until(name, () => isOk(`http://127.0.0.1:${rest}/${n === 1 ? 'primary' : 'replica'}`), last.program)
    }
    const leader = async () => {
      for (const node of nodes) if (await isOk(`http://127.0.0.1:${node.rest}/primary`)) return node
      return undefined
    }
    const hasStandby = async () => {
      for (const { rest } of nodes) if (await isOk(`http://127.0.0.1:${rest}/sync`)) return true
      return false
    }
    await until('a synchronous standby', hasStandby)
    const proxy = programs.start(found('haproxy'), ['-db', '-f', put('haproxy.cfg', proxySettings(door, nodes))])
    await wait(1_000)
    if (!proxy.isRunning()) throw new Error(`haproxy ended: ${proxy.said()}`)
    return {
      /** Leads to the leader, whoever that is. */
      url: `postgres://wito:wito@127.0.0.1:${door}/postgres`,
      hasStandby,
      /** Cuts the leader off from its standbys and, `afterMs` later, kills its patroni and every process of its server: as a machine that is lost. */
      async killLeader(afterMs: number) {
        const node = await leader()
        if (!node) throw new Error('there is no leader')
        const server = Number(readFileSync(join(node.data, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
        const children = childrenOf(server)
        for (const pid of children) if (commandOf(pid).includes('walsender')) process.kill(pid, 'SIGSTOP')
        await wait(afterMs)
        node.program.signal('SIGKILL')
        for (const pid of [server, ...childrenOf(server)]) killHard(pid)
        return node.name
      },
      /** The name of the leader as patroni says it. */
      leaderName: async () => (await leader())?.name,
      close: () => closeAll(),
    }
  } catch (reason) {
    const said = nodes.map(({ name, program }) => `${name}: ${program.said().slice(-1_500)}`).join('\n')
    await closeAll()
    throw new Error(`the cluster could not be started: ${said}`, { cause: reason })
  }

  async function closeAll() {
    for (const { data, program } of nodes) {
      if (program.isRunning()) await program.stop()
      // A patroni that was killed leaves its server behind.
      const server = pidIn(join(data, 'postmaster.pid'))
      if (server !== undefined) for (const pid of [server, ...childrenOf(server)]) killHard(pid)
    }
    await programs.close()
  }
}
export type Cluster = Awaited<ReturnType<typeof startCluster>>

type Settings = { name: string; port: number; rest: number; data: string; etcd: number; folder: string }

/** Its lease is short: what a leader that is lost costs is the time until nobody renews it, and the next is chosen. */
const patroniSettings = ({ name, port, rest, data, etcd, folder }: Settings) => `
scope: wito
name: ${name}
restapi: { listen: '127.0.0.1:${rest}', connect_address: '127.0.0.1:${rest}' }
etcd3: { hosts: '127.0.0.1:${etcd}' }
bootstrap:
  dcs:
    ttl: 6
    loop_wait: 1
    retry_timeout: 2
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    postgresql: { use_pg_rewind: true, parameters: { max_connections: 60, wal_level: replica, shared_buffers: 32MB } }
  initdb: [{ encoding: UTF8 }, { locale: C }]
postgresql:
  listen: 127.0.0.1:${port}
  connect_address: 127.0.0.1:${port}
  data_dir: ${data}
  bin_dir: ${dirname(found('pg_controldata'))}
  pgpass: ${join(folder, `${name}.pgpass`)}
  authentication: { superuser: { username: wito, password: wito }, replication: { username: copier, password: copier } }
  parameters: { unix_socket_directories: '${folder}' }
  pg_hba: ['host all all 127.0.0.1/32 md5', 'host replication copier 127.0.0.1/32 md5', 'local all all trust']
`

/** As docs/running.md has it: only the leader's patroni says yes, and whoever is on another connection is cut off from it. */
const proxySettings = (door: number, nodes: readonly Node[]) => `
global
  maxconn 500
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen leader
  bind 127.0.0.1:${door}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${nodes.map(({ name, port, rest }) => `  server ${name} 127.0.0.1:${port} check port ${rest}`).join('\n')}
`

const isOk = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  )

async function until(what: string, holds: () => Promise<boolean>, program?: Program): Promise<void> {
  for (const late = Date.now() + PATIENCE_MS; !(await holds()); await wait(100)) {
    if (program && !program.isRunning()) throw new Error(`${what} ended: ${program.said()}`)
    if (Date.now() > late) throw new Error(`${what} was not ready in time`)
  }
}
