import { test } from '@jest/globals'
import { sql } from 'drizzle-orm'
import { openTestFitness } from './test-support.ts'
import { createRecordStore } from './record-store.ts'
test('x', async () => {
  const f = await openTestFitness()
  await f.db.execute(sql`insert into fitness.records (user_id, provider, external_id, version, device_id, source_kind, metric, value, started_at, ended_at, status)
   select gen_random_uuid(), 'MANUAL', i::text, 1, 'd', 'HAND', 'STEPS', 1, now() - i * interval '1 minute', now(), case when i % 100 = 0 then 'HELD' else 'LIVE' end from generate_series(1, 100000) i`)
  await f.db.execute(sql`analyze fitness.records`)
  const seen: string[] = []
  const q = f.pool.query.bind(f.pool)
  const { rows } = await q({ text: `explain analyze select id from fitness.records where status = 'HELD' and (started_at, id) > ($1, $2) order by started_at asc, id asc limit $3`, values: ['2025-01-01T00:00:00Z', '00000000-0000-0000-0000-000000000000', 21] })
  const t = performance.now()
  const page = await createRecordStore(f.db).held({ limit: 21, after: null })
  seen.push(`${page.length} in ${performance.now() - t} ms`)
  console.log(rows.map((r: any) => r['QUERY PLAN']).join('\n'), seen)
  await f.close()
})
