import { expect, test } from '@jest/globals'
import { notFound } from '../../platform/errors.ts'
import type { Caller } from '../../platform/identity.ts'
import { eventually } from '../test-support/gateway.ts'
import { createLiveCounters } from './counters.ts'
import { Reader } from './reader.ts'
import type { Source } from './source.ts'
import { createOutlet, createSource, quiet, resultOf } from './test-support.ts'
import { openTopic } from './topic.ts'
import type { Watcher } from './upstream.ts'

const ann: Caller = {
  identity: { kind: 'person', id: 'ann', role: 'USER', scopes: [], sessionId: 's1' },
  requestId: 'r1',
}

test('what was found out while another supergraph came is found out again', async () => {
  const watches: { kind: string; watcher: Watcher }[] = []
  const { source: model } = createSource()
  const source: Source = {
    ...model,
    operation: Object.assign(model.operation, { resolve: async () => resultOf('1') }),
    upstream: {
      watch(_, { identity: { kind } }, watcher) {
        watches.push({ kind, watcher })
        return () => {}
      },
      async close() {},
    },
  }
  let isEmpty = false
  const counters = createLiveCounters()
  const topic = openTopic({
    source,
    sharing: 'judged',
    admissionCheck: 1_000_000, // ms
    onEmpty: () => {
      isEmpty = true
    },
    counters,
    logger: quiet,
  })
  const { outlet, ends } = createOutlet()
  topic.enter(new Reader(ann, outlet, counters))
  await eventually(() => watches.length === 2)
  topic.adopt({ ...source }, 0)
  watches[1]?.watcher.next({ data: { text: '1' } })
  for (const index of [2, 3]) {
    await eventually(() => watches.length === index + 1)
    watches[index]?.watcher.error([notFound('competition').toJSON()])
  }
  await eventually(() => isEmpty)
  expect(watches.map(({ kind }) => kind)).toEqual(['gateway', 'anonymous', 'anonymous', 'person'])
  expect(ends).toMatchObject([[{ extensions: { code: 'NOT_FOUND' } }]])
  expect(counters.admissions).toEqual({ admitted: 0, differs: 0, refused: 1 })
})
