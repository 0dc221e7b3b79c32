import { ask, type Program } from '../programs.ts'
import { median } from '../table.ts'
import { cpuSeconds, machineCpuSeconds, memoryOf } from '../usage.ts'
import type { Collected, Connected, Progress, Task } from './clients.ts'
import { now } from './clock.ts'
import { quantile } from './histogram.ts'
import type { Options } from './options.ts'
import type { Order, Standing } from './subgraphs/server.ts'
import { subscription } from './supergraph.ts'

/** How many sockets there are, and changes a second. */
export type Load = { sockets: number; events: number }

export type Figures = {
  sockets: number
  /** From publishing to the arrival of the frame's last byte, over all sockets and changes, in ms. */
  median: number
  p99: number
  /** From publishing to the last socket that got it: the median of all changes, in ms. */
  last: number
  /** Share of frames that sockets did not get, 0 to 1: they were spared them for newer ones, or lost them. */
  skipped: number
  /** Sockets that do not have the last change when no more comes. */
  behind: number
  /** Changes that were published. */
  events: number
  /** CPU seconds of the gateway for each change, without what it takes when there are none; null where the system does not tell. */
  cpuPerEvent: number | null
  /** The gateway's share of its core while changes come, and while none do; that of clients and subgraphs of theirs. */
  cpu: number | null
  idleCpu: number | null
  loadCpu: number | null
  /** What all other programs of the machine took of a core meanwhile. */
  othersCpu: number | null
  /** Resident memory of the gateway for each socket, in bytes: at rest, and when all changes were delivered; null for a few. */
  memory: number | null
  loadedMemory: number | null
  /** Requests to the users subgraph for each change. */
  executions: number
}

export type Bench = { clients: Program[]; subgraphs: Program }

/** Frames of this many sockets are read whole. */
const CHECKED = 20
/** Longest that all sockets may take to get their first frame, and for each of them. */
const CONNECT_LIMIT = 20_000 // ms
const CONNECT_LIMIT_EACH = 10 // ms
/** Sockets of each process that come and go before anything is measured. */
const WARMING = 10
/** With fewer sockets, what a process takes and gives back meanwhile, some 20 MB, is more than what they take. */
const MEMORY_FROM = 1_000
/** From when all are connected; what the connecting left behind is done then. */
const REST = 2_000 // ms
const IDLE = 2_000 // ms
/** Longest that frames may be on their way when no more is published. */
const DRAIN_LIMIT = 15_000 // ms
const DRAIN_POLL = 250 // ms
/** How long no frame has come for when none is on its way any more. */
const SILENCE = 2_500 // ms

/** Lets sockets watch a gateway. Rejects, with the reason, when one is lost or gets a wrong frame. */
export async function measure(
  { clients, subgraphs }: Bench,
  gateway: { program: Program; port: number },
  { sockets, events, warmUp, duration }: Load & Pick<Options, 'warmUp' | 'duration'>,
): Promise<Figures> {
  const { pid } = gateway.program
  const everyone = <T>(task: Task, limit?: number) =>
    Promise.all(clients.map((process) => ask<T>(process, task, limit)))
  const order = (publish?: Order['publish']) => ask<Standing>(subgraphs, { publish } satisfies Order)
  const loadPids = [subgraphs, ...clients].map((program) => program.pid)

  try {
    await warm()
    const memoryBefore = memoryOf(pid)?.now
    await connect(sockets)
    await wait(REST)
    const idle = cpuMeter([pid])
    await wait(IDLE)
    const idleCpu = idle().share
    const memoryConnected = memoryOf(pid)?.now

    const from = now() + warmUp * 1_000
    await everyone({ do: 'count', from })
    await order(events)
    await wait((from - now()) / 1_000)
    const before = await order()
    const [own, load] = [cpuMeter([pid]), cpuMeter(loadPids)]
    const [machine, bench] = [meter(machineCpuSeconds), cpuMeter([pid, process.pid, ...loadPids])]
    await wait(duration)
    const after = await order('stop')
    const [cpu, loadCpu] = [own().share, load().share]
    const othersCpu = difference(machine().share, bench().share)
    const stamps = after.stamps.filter((stamp) => stamp >= from)
    const behind = await drained(stamps.at(-1) ?? 0)
    const used = own()
    const { answered } = await order()
    const memoryLoaded = memoryOf(pid)?.now
    const collected = await everyone<Collected>({ do: 'collect' })

    const failure = collected.map((one) => one.failure).find((one) => one !== null)
    if (failure) throw new Error(failure)
    if (collected.some(({ checked }) => checked === 0)) throw new Error('no frame was read whole')
    const delays = collected.map((one) => one.delays)
    const changes = byChange(collected)
    const published = stamps.length
    const arrived = changes.reduce((sum, change) => sum + change.sockets, 0)
    const each = (bytes: number | undefined) =>
      bytes === undefined || memoryBefore === undefined || sockets < MEMORY_FROM
        ? null
        : (bytes - memoryBefore) / sockets
    return {
      sockets,
      median: quantile(delays, 0.5),
      p99: quantile(delays, 0.99),
      last: median(changes.map(({ longest }) => longest / 1_000)),
      skipped: Math.max(0, 1 - arrived / (published * sockets)),
      behind,
      events: published,
      cpuPerEvent:
        used.cpu === null || idleCpu === null ? null : (used.cpu - idleCpu * used.seconds) / published,
      ...{ cpu, idleCpu, loadCpu, othersCpu },
      memory: each(memoryConnected),
      loadedMemory: each(memoryLoaded),
      executions: (answered - before.answered) / published,
    }
  } finally {
    await order('stop').catch(() => {})
    await everyone({ do: 'close' }).catch(() => {})
  }

  /** What a gateway makes at its first readers is no memory of its sockets. */
  async function warm(): Promise<void> {
    await connect(clients.length * WARMING)
    await order(events)
    await wait(REST)
    await order('stop')
    await everyone({ do: 'close' })
    await wait(REST)
  }

  async function connect(count: number): Promise<void> {
    const limit = CONNECT_LIMIT + count * CONNECT_LIMIT_EACH
    const shares = clients.map((_, index) => Math.floor((count + index) / clients.length))
    const answers = await Promise.all(
      clients.map((process, index) => {
        const task = {
          do: 'connect',
          port: gateway.port,
          path: '/graphql',
          query: subscription,
          limit,
        } as const
        const checked = Math.ceil(CHECKED / clients.length)
        return ask<Connected>(
          process,
          { ...task, sockets: shares[index] ?? 0, checked } satisfies Task,
          limit * 2,
        )
      }),
    )
    const failure = answers.map((answer) => answer.failure).find((one) => one !== null)
    const connected = answers.reduce((sum, answer) => sum + answer.connected, 0)
    if (failure) throw new Error(`${connected} of ${count} sockets were connected: ${failure}`)
  }

  /** Waits until all have the last change, or no more frames come; gives how many do not have it. */
  async function drained(last: number): Promise<number> {
    const deadline = performance.now() + DRAIN_LIMIT
    let [frames, came] = [-1, performance.now()]
    while (true) {
      const progress = await everyone<Progress>({ do: 'progress', last })
      const behind = sockets - progress.reduce((sum, { upToDate }) => sum + upToDate, 0)
      const sum = progress.reduce((total, one) => total + one.frames, 0)
      if (sum !== frames) [frames, came] = [sum, performance.now()]
      const isOver = performance.now() > deadline || performance.now() - came > SILENCE
      if (behind === 0 || isOver) return behind
      await wait(DRAIN_POLL)
    }
  }
}

/** The changes as all processes together saw them. */
function byChange(collected: Collected[]) {
  const changes = new Map<number, { sockets: number; longest: number }>()
  for (const { events } of collected) {
    for (const [stamp, sockets, longest] of events) {
      const known = changes.get(stamp) ?? { sockets: 0, longest: 0 }
      changes.set(stamp, { sockets: known.sockets + sockets, longest: Math.max(known.longest, longest) })
    }
  }
  return [...changes.values()]
}

/** Begins to count the CPU time of processes; what it returns tells how long ago that is, how much it was, in seconds, and the share of a core. */
function cpuMeter(pids: number[]) {
  return meter(() => {
    const all = pids.map(cpuSeconds).filter((seconds) => seconds !== null)
    return all.length < pids.length ? null : all.reduce((sum, seconds) => sum + seconds, 0)
  })
}

function meter(total: () => number | null) {
  const [began, before] = [performance.now(), total()]
  return () => {
    const after = total()
    const seconds = (performance.now() - began) / 1_000
    const cpu = difference(after, before)
    return { seconds, cpu, share: cpu === null ? null : cpu / seconds }
  }
}

function difference(whole: number | null, part: number | null): number | null {
  return whole === null || part === null ? null : whole - part
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
