import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { serverAudits } from 'graphql-http'
import { openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
})
afterAll(async () => {
  await gateway.close()
  await subgraphs.close()
})

test.each(['not known', 'known'])(
  'every audit of GraphQL over HTTP is passed, operations being %s',
  async () => {
    const audits = serverAudits({ url: gateway.url })
    const results = await Promise.all(audits.map(({ fn }) => fn()))
    const failed = results.flatMap((result) =>
      result.status === 'ok' ? [] : [`${result.id} ${result.name}: ${result.reason}`],
    )
    expect(failed).toEqual([])
    expect(results.length).toBeGreaterThan(60)
  },
)
