import { fork } from 'node:child_process'
import { once } from 'node:events'
import { percentileOf } from './delays.ts'

/** What many viewers of a board saw. Times are in ms. */
export type Viewing = {
  viewers: number
  /** Frames, each of which came to every viewer unless it was skipped. */
  frames: number
  /** From the first viewer of a frame to the last. */
  spread: { median: number; p99: number }
}

/** What the other process is told, and what it tells: first that all are connected, in the end what they saw. */
export type Watching = { url: string; query: string; variables: object; viewers: number }
export type Seen =
  | { kind: 'connected' }
  | { kind: 'seen'; spreads: number[] }
  | { kind: 'failed'; reason: string }

/** Has many viewers watch, each on a socket of its own, in a process of their own. Throws when they cannot connect. */
export async function openViewers(watching: Watching): Promise<{ close(): Promise<Viewing> }> {
  const child = fork(new URL('viewers-process.ts', import.meta.url), {
    serialization: 'advanced',
    execArgv: [], // this process's own make it follow whoever started it, over the channel that is used here
  })
  child.send(watching)
  const next = async (): Promise<Seen> => {
    const [seen] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then((why) => [exitedWith(why)]),
    ])
    return seen as Seen // the other process sends nothing else
  }
  const first = await next()
  if (first.kind === 'failed') throw new Error(first.reason)
  return {
    async close() {
      const answer = next()
      child.send('close')
      const seen = await answer
      child.kill()
      if (seen.kind !== 'seen') throw new Error('The viewers were lost.')
      const { spreads } = seen
      return {
        viewers: watching.viewers,
        frames: spreads.length,
        spread: { median: percentileOf(spreads, 0.5), p99: percentileOf(spreads, 0.99) },
      }
    },
  }
}

const exitedWith = ([code, signal]: (number | string | null)[]): Seen => ({
  kind: 'failed',
  reason: `The process of the viewers ended with ${code ?? signal}.`,
})
