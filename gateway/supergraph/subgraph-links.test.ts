import { expect, test } from '@jest/globals'
import type { Caller } from '../../platform/identity.ts'
import type { Watcher } from '../live/upstream.ts'
import { createLinkPool } from './subgraph-links.ts'

const caller: Caller = { identity: { kind: 'anonymous' }, requestId: 'test' }
const at = (url: string) => ({ name: 'reviews', url, secret: null })

/** A pool whose links are fakes, and what happened to them. */
function open() {
  const happened: string[] = []
  const watchers: Watcher[] = []
  const pool = createLinkPool({
    transport({ url }) {
      happened.push(`open ${url}`)
      return { send: async () => `from ${url}`, close: async () => void happened.push(`close ${url}`) }
    },
    upstream: ({ url }) => ({
      watch(_, __, watcher) {
        watchers.push(watcher)
        return () => {}
      },
      close: async () => void happened.push(`close stream ${url}`),
    }),
  })
  const send = (links: ReturnType<typeof pool.to>) =>
    links.transports.reviews?.send({ body: '{}', kind: 'query', caller })
  return { pool, happened, watchers, send }
}

test('an address that stays keeps what leads there, and another one gets its own', async () => {
  const { pool, happened, send } = open()
  expect(await send(pool.to([at('http://a')]))).toBe('from http://a')
  expect(await send(pool.to([at('http://a')]))).toBe('from http://a')
  expect(await send(pool.to([at('http://b')]))).toBe('from http://b')
  expect(happened).toEqual(['open http://a', 'open http://b'])
})

test('an older supergraph can use what the present one no longer has', async () => {
  const { pool, send } = open()
  const [older, present] = [pool.to([at('http://a')]), pool.to([at('http://b')])]
  pool.keepOnly([at('http://b')])
  expect(await send(older)).toBe('from http://a')
  expect(await send(present)).toBe('from http://b')
})

test('all that is open is closed in the end, also what is used by nobody but an older supergraph', async () => {
  const { pool, happened, watchers, send } = open()
  const older = pool.to([at('http://a')])
  await send(older)
  older.upstreams.reviews?.watch(() => ({ query: '' }), caller, { next() {}, error() {}, complete() {} })
  expect(watchers).toHaveLength(1)
  pool.keepOnly([])
  await pool.close()
  expect(happened).toEqual(['open http://a', 'close http://a', 'close stream http://a'])
})

test('events, errors and ends come through', () => {
  const { pool, watchers } = open()
  const seen: unknown[] = []
  const watcher: Watcher = {
    next: (event) => seen.push(event),
    error: (errors) => seen.push(errors),
    complete: () => seen.push('end'),
  }
  pool.to([at('http://a')]).upstreams.reviews?.watch(() => ({ query: '' }), caller, watcher)
  watchers[0]?.next({ data: { a: 1 } })
  watchers[0]?.error([{ message: 'No.' }])
  watchers[0]?.complete()
  expect(seen).toEqual([{ data: { a: 1 } }, [{ message: 'No.' }], 'end'])
})
