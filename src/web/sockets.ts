import { createServer, type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { openDeadline } from './deadline.ts'
import { SECURITY_HEADERS } from './headers.ts'

export type SocketLimits = {
  connections: number
  /** A request must have arrived whole within this time; a socket that sends nothing is closed as well. */
  requestMs: number
  /** The same for a file that somebody uploads from a phone. */
  uploadMs: number
  /** Between two requests; longer than a reverse proxy keeps its own side (60 s is common). */
  idleMs: number
  /** How long `close` waits before it stops listening, so that whoever watches readiness has seen it go. */
  drainMs: number
  /** How long answers under way may take after that. */
  graceMs: number
}
export const SOCKET_LIMITS: SocketLimits = {
  connections: 4_096,
  requestMs: 4_000,
  uploadMs: 180_000,
  idleMs: 65_000,
  drainMs: 0,
  graceMs: 10_000,
}

const uploads = new WeakSet<IncomingMessage>()
/** For a request of somebody who may bring a file: its body has `uploadMs`. */
export const waitForUpload = (request: IncomingMessage) => uploads.add(request)

/** Listens, bounded in sockets and in patience. */
export function openSockets(answer: RequestListener, clock: Clock, limits: SocketLimits) {
  // `headersTimeout` is looked at only this often, and `app.listen()` could not set it.
  const server = createServer(
    { connectionsCheckingInterval: 1_000, maxHeaderSize: 8_192, requireHostHeader: false },
    (request, response) => {
      if (request.headers.host === undefined && request.httpVersion === '1.1') refuse(response, 400)
      else answer(request, response)
    },
  )
  const withinPatience = openDeadline({ clock, ms: limits.requestMs })
  server.on('checkExpectation', (_, response) => refuse(response, 417))
  server.maxConnections = limits.connections
  server.headersTimeout = limits.requestMs
  server.requestTimeout = limits.uploadMs
  server.keepAliveTimeout = limits.idleMs
  server.timeout = 30_000
  server.on('request', (request) => {
    const arrived = new Promise<void>((resolve) => request.once('end', resolve).once('close', resolve))
    void withinPatience(arrived, () => {
      // A page without a body ends when it is answered, however long that takes; it has arrived whole long before.
      if (!request.complete && !uploads.has(request)) request.socket.destroy()
    })
  })
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    socket.end(bareAnswer(CLIENT_ERRORS[error.code ?? ''] ?? 400), () => socket.destroy())
  })

  return {
    /** Rejects when the port is taken. Port 0 is any free one. `shared`: other processes listen on it too, and the system takes turns. */
    listen: (host: string, port: number, shared = false) =>
      new Promise<{ port: number }>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, host, reusePort: shared }, () => {
          server.off('error', reject)
          resolve({ port: (server.address() as AddressInfo).port })
        })
      }),
    /** Finishes the answers under way, then closes every socket. Resolves when none is left. */
    async close() {
      await clock.sleep(limits.drainMs)
      let open = true
      server.close(() => {
        open = false
      })
      const until = clock.ticks() + limits.graceMs
      while (open && clock.ticks() < until) {
        server.closeIdleConnections()
        await clock.sleep(20)
      }
      server.closeAllConnections()
    },
  }
}

const CLIENT_ERRORS: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

/** For a request that Node would turn away by itself, without our headers. */
function refuse(response: ServerResponse, status: number) {
  response.writeHead(status, { ...SECURITY_HEADERS, Connection: 'close', 'Content-Length': '0' }).end()
}

/** For what never became a request. */
function bareAnswer(status: number): string {
  const headers = { ...SECURITY_HEADERS, Connection: 'close', 'Content-Length': '0' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`
}
