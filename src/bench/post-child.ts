import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'

// What the outbox is compared with: the same posts, so many under way at once, on connections that are kept. Nothing is written down.
export type Posts = { url: string; underWay: number; headers: Record<string, string>; bodies: string[] }

const { url, underWay, headers, bodies } = (await json(process.stdin)) as Posts
const agent = new Agent({ keepAlive: true, maxSockets: underWay })
const queue = bodies.values()
let accepted = 0

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => {
          text += part
        })
        answer.on('end', () => {
          if (answer.statusCode === 201 && text.includes('"ATXid_')) accepted++
          resolve()
        })
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

const line = async () => {
  for (const body of queue) await post(body)
}
await Promise.all(Array.from({ length: underWay }, line))
agent.destroy()
process.stdout.write(JSON.stringify({ accepted }))
