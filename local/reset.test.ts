import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { openInstance } from './instance.ts'
import { reset } from './reset.ts'
import { kill, nextLine, processesBelow, silent, startElsewhere, temporaryFolder } from './test-support.ts'

jest.setTimeout(180_000) // ms: a cluster is made, which takes a slow machine its time

test('a running instance is not reset', async () => {
  const repository = temporaryFolder()
  const instance = openInstance(4000, repository)
  instance.secret('identity')
  await expect(reset(4000, silent, repository)).rejects.toThrow('already runs')
  expect(existsSync(join(instance.folder, 'secrets.json'))).toBe(true)
  instance.close()
})

test('reset stops what a killed start left running and removes everything, wherever it lies', async () => {
  const repository = temporaryFolder()
  chmodSync(repository, 0o700) // as root this puts PostgreSQL elsewhere
  const instance = openInstance(4000, repository)
  instance.close()
  await orphan(
    './postgres.ts',
    `local.openPostgres({ directory: '${instance.postgres}', say() {}, durable: true })`,
  )
  await orphan('./redis.ts', `local.openRedis({ directory: '${instance.redis}', say() {}, durable: true })`)

  const said: string[] = []
  await reset(4000, (line) => said.push(line), repository)
  expect(existsSync(instance.folder)).toBe(false)
  const removed = said.map((line) => /^Removed ([^:]*)/.exec(line)?.[1] ?? '')
  expect(removed).toEqual(expect.arrayContaining([instance.postgres, instance.redis, instance.folder]))
  for (const folder of removed) {
    expect(existsSync(folder)).toBe(false)
    expect(processesBelow(folder)).toEqual([])
  }
})

async function orphan(file: string, open: string): Promise<void> {
  const starter = startElsewhere(file, `console.log((await ${open}).url)`)
  await nextLine(starter)
  await kill(starter)
}
