import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Block, Solved } from './block.ts'
import type { Answer, Ask } from './solve-worker.ts'

const SCRIPT = new URL('./solve-worker.ts', import.meta.url)

/** So few pairs of people and places are solved sooner than a second solver has loaded. */
const FOR_ONE = 200_000

/**
 * Solves blocks in threads, the largest first, and gives the results in the order of the blocks. The threads end with it.
 * `onSolved` hears of each block's place as it is done. Rejects where a block cannot be solved.
 */
export async function solveBlocks(
  blocks: readonly Block[],
  { threads = Math.min(2, availableParallelism()), onSolved }: SolveOptions = {},
): Promise<Solved[]> {
  const results: Solved[] = new Array(blocks.length)
  const sizeOf = ({ groups, needs }: Block) => groups.length * needs.length
  const queue = blocks.map((_, place) => place).sort((a, b) => sizeOf(blocks[b] as Block) - sizeOf(blocks[a] as Block) || a - b)
  const workers: Worker[] = []

  const run = async () => {
    // Without the environment: arithmetic needs none of the secrets.
    const worker = new Worker(SCRIPT, { env: {} })
    workers.push(worker)
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
      results[place] = await ask(worker, { place, block: blocks[place] as Block })
      onSolved?.(place)
    }
  }
  try {
    const pairs = blocks.reduce((sum, block) => sum + sizeOf(block), 0)
    await Promise.all(Array.from({ length: pairs < FOR_ONE ? 1 : Math.min(threads, blocks.length) }, run))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}

export type SolveOptions = { threads?: number; onSolved?: (place: number) => void }

function ask(worker: Worker, question: Ask): Promise<Solved> {
  const { promise, resolve, reject } = Promise.withResolvers<Solved>()
  const leave = () => {
    worker.off('message', take)
    worker.off('error', fail)
    worker.off('exit', gone)
  }
  const take = (answer: Answer) => {
    leave()
    if ('solved' in answer) resolve(answer.solved)
    else reject(new Error(`a block could not be solved: ${answer.failed}`))
  }
  const fail = (reason: Error) => {
    leave()
    reject(reason)
  }
  const gone = () => fail(new Error('the solver ended before its block was done'))
  worker.on('message', take)
  worker.on('error', fail)
  worker.on('exit', gone)
  worker.postMessage(question)
  return promise
}
