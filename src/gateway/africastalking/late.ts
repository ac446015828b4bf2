import http, { type ClientRequest, type RequestOptions } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'

/**
 * Node's own way to a server, but it asks once more whether the request may go: when the request is made, and on a new connection when that
 * is there, before the first byte. A process can sleep in between for as long as somebody likes. (With TLS the handshake comes after that.)
 */
export function askingLate(mayGo: () => boolean) {
  return {
    request(options: RequestOptions, answered: (response: http.IncomingMessage) => void): ClientRequest {
      const request = (options.protocol === 'https:' ? https : http).request(options, answered)
      const ask = () => {
        if (!mayGo()) request.destroy(new Error('it may not go any more'))
      }
      request.once('socket', (socket: Socket) => {
        if (socket.connecting) socket.prependOnceListener('connect', ask)
        else ask()
      })
      return request
    },
  }
}
