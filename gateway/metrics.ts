import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, type Histogram, Registry } from 'prom-client'
import { delayBounds, type LiveCounters } from './live/counters.ts'

/** How often the delay of the event loop is measured. */
const PRECISION = 10 // ms

/** Serves /metrics to Prometheus: what the live engine counts, and the state of the process under prom-client's usual names. */
export function mountMetrics(app: FastifyInstance, { counters }: { counters: LiveCounters }): void {
  const live = liveMetrics(counters)
  app.get('/metrics', async (_, reply) => {
    const metrics = Registry.merge([live, await processMetrics()])
    return reply
      .type(metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.metrics())
  })
}

function liveMetrics(counters: LiveCounters): Registry {
  // One of its own, since a process may have several gateways.
  const registry = new Registry()
  const registers = [registry]

  new Gauge({
    name: 'podium_live_groups',
    help: 'Groups that are open: each watches its subgraph once for all of its readers.',
    registers,
    collect() {
      this.set(counters.groups)
    },
  })
  new Gauge({
    name: 'podium_live_readers',
    help: 'Readers that are there, by what carries their streams.',
    labelNames: ['carrier'],
    registers,
    collect() {
      for (const [carrier, count] of Object.entries(counters.readers)) this.set({ carrier }, count)
    },
  })
  const count = (name: string, help: string, now: () => Readonly<Record<string, number>>, label: string) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset() // it can only be added to
        for (const [value, times] of Object.entries(now())) this.inc({ [label]: value }, times)
      },
    })
  count(
    'podium_live_frames_sent_total',
    'Frames that were written, one for each reader, by what carries the stream.',
    () => counters.sent,
    'carrier',
  )
  count(
    'podium_live_frames_skipped_total',
    'Frames that slow readers were spared since a newer one was there, by what carries the stream.',
    () => counters.skipped,
    'carrier',
  )
  new Counter({
    name: 'podium_live_executions_total',
    help: 'Events that were resolved to a result, each once for all readers of a group.',
    registers,
    collect() {
      this.reset()
      this.inc(counters.executions)
    },
  })
  count(
    'podium_live_admissions_total',
    'Readers who came, by how they were judged, and those who were refused later.',
    () => counters.admissions,
    'outcome',
  )
  // prom-client's own histogram takes observations alone; a registry needs no more of a metric than this.
  registry.registerMetric(frameDelay(counters) as unknown as Histogram)
  return registry
}

function frameDelay({ delays }: LiveCounters) {
  const name = 'podium_live_frame_delay_seconds'
  const about = {
    name,
    help: 'Time from a change to each writing of the first frame that shows it.',
    type: 'histogram',
    aggregator: 'sum',
  }
  return {
    ...about,
    async get() {
      let total = 0
      const buckets = delays.counts.map((count, index) => {
        total += count
        return { metricName: `${name}_bucket`, labels: { le: delayBounds[index] ?? '+Inf' }, value: total }
      })
      const sum = { metricName: `${name}_sum`, labels: {}, value: delays.sum }
      return {
        ...about,
        values: [...buckets, sum, { metricName: `${name}_count`, labels: {}, value: total }],
      }
    },
  }
}

let ofProcess: Promise<Registry> | undefined

/**
 * Of the process, whichever gateway is asked first: what observes garbage collection and the event loop cannot be closed, so
 * there is one of each, which keeps no process alive.
 */
function processMetrics(): Promise<Registry> {
  ofProcess ??= observeProcess()
  return ofProcess
}

async function observeProcess(): Promise<Registry> {
  const register = new Registry()
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: PRECISION })
  // Before its first measurement the least delay of the event loop reads as centuries.
  await sleep(5 * PRECISION)
  return register
}
