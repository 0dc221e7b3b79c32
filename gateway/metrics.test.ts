import { spawnSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import { createLiveCounters } from './live/counters.ts'
import { mountMetrics } from './metrics.ts'

async function open() {
  const app = Fastify()
  const counters = createLiveCounters()
  mountMetrics(app, { counters })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    counters,
    close: () => app.close(),
    async scrape() {
      const response = await fetch(`${origin}/metrics`)
      const text = await response.text()
      return {
        type: response.headers.get('content-type'),
        text,
        /** The samples of one metric. */
        of: (name: string) =>
          text.split('\n').filter((line) => line.startsWith('podium_') && line.startsWith(name)),
      }
    },
  }
}

test('Prometheus reads what the live engine counts', async () => {
  const { counters, scrape, close } = await open()
  counters.groups = 2
  counters.readers.websocket = 5
  counters.executions = 7
  counters.sent.sse = 11
  counters.skipped.multipart = 3
  counters.admissions.refused = 1
  const { type, of, text } = await scrape()
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(of('podium_live_groups')).toEqual(['podium_live_groups 2'])
  expect(of('podium_live_readers')).toEqual([
    'podium_live_readers{carrier="websocket"} 5',
    'podium_live_readers{carrier="sse"} 0',
    'podium_live_readers{carrier="multipart"} 0',
  ])
  expect(of('podium_live_executions_total')).toEqual(['podium_live_executions_total 7'])
  expect(of('podium_live_frames_sent_total')).toContain('podium_live_frames_sent_total{carrier="sse"} 11')
  expect(of('podium_live_frames_skipped_total')).toContain(
    'podium_live_frames_skipped_total{carrier="multipart"} 3',
  )
  expect(of('podium_live_admissions_total')).toContain('podium_live_admissions_total{outcome="refused"} 1')
  const named = [...text.matchAll(/^# TYPE (podium_\w+) (\w+)$/gm)].map(([, name, kind]) => [name, kind])
  expect(Object.fromEntries(named)).toEqual({
    podium_live_groups: 'gauge',
    podium_live_readers: 'gauge',
    podium_live_frames_sent_total: 'counter',
    podium_live_frames_skipped_total: 'counter',
    podium_live_executions_total: 'counter',
    podium_live_admissions_total: 'counter',
    podium_live_frame_delay_seconds: 'histogram',
  })
  for (const [name] of named) expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\.$`, 'm'))
  await close()
})

test('counts go up from one reading to the next, and are not added twice', async () => {
  const { counters, scrape, close } = await open()
  counters.executions = 1
  await Promise.all([scrape(), scrape()])
  counters.executions++
  counters.sent.websocket = 4
  const { of } = await scrape()
  expect(of('podium_live_executions_total')).toEqual(['podium_live_executions_total 2'])
  expect(of('podium_live_frames_sent_total')).toContain(
    'podium_live_frames_sent_total{carrier="websocket"} 4',
  )
  await close()
})

test('delays are a histogram: each bucket counts all that are within its bound', async () => {
  const { counters, scrape, close } = await open()
  for (const delay of [4, 20, 20, 700, 60_000]) counters.delays.observe(delay)
  const samples = (await scrape()).of('podium_live_frame_delay_seconds')
  const bucket = (bound: string) => samples.find((line) => line.includes(`{le="${bound}"}`))?.split(' ')[1]
  expect(['0.005', '0.01', '0.025', '0.5', '1', '30', '+Inf'].map(bucket)).toEqual([
    '1',
    '1',
    '3',
    '3',
    '4',
    '4',
    '5',
  ])
  expect(samples.at(-1)).toBe('podium_live_frame_delay_seconds_count 5')
  expect(Number(samples.at(-2)?.split(' ')[1])).toBeCloseTo(60.744)
  await close()
})

test('the process is told under the names that dashboards know, beside every gateway in it', async () => {
  const [one, other] = [await open(), await open()]
  other.counters.groups = 3
  for (const gateway of [one, other]) {
    const { text } = await gateway.scrape()
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, 'm'))
  }
  expect((await one.scrape()).of('podium_live_groups')).toEqual(['podium_live_groups 0'])
  expect((await other.scrape()).of('podium_live_groups')).toEqual(['podium_live_groups 3'])
  await Promise.all([one.close(), other.close()])
})

test('a process that was read ends by itself once its gateway is closed', () => {
  const program = `
    import Fastify from 'fastify'
    import { createLiveCounters } from './gateway/live/counters.ts'
    import { mountMetrics } from './gateway/metrics.ts'
    const app = Fastify()
    mountMetrics(app, { counters: createLiveCounters() })
    console.log((await app.inject('/metrics')).statusCode)
    await app.close()`
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
    timeout: 50_000, // ms
  })
  expect({ stdout, signal }).toEqual({ stdout: '200\n', signal: null })
})
