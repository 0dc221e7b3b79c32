import { expect, test } from '@jest/globals'
import { openGateway } from './test-support/gateway.ts'
import { openSubgraphs } from './test-support/subgraphs.ts'

test('a gateway is ready when every subgraph is, and names those that are not', async () => {
  const subgraphs = await openSubgraphs()
  const gateway = await openGateway(subgraphs)
  const ready = async () => {
    const response = await fetch(`${gateway.origin}/readyz`)
    return { status: response.status, body: await response.json() }
  }
  expect(await ready()).toEqual({ status: 200, body: { status: 'ready' } })
  await subgraphs.stop('fitness')
  expect(await ready()).toEqual({ status: 503, body: { status: 'not ready', waitingFor: ['fitness'] } })
  expect((await fetch(`${gateway.origin}/livez`)).status).toBe(200)
  await gateway.close()
  await subgraphs.close()
})

test('a gateway that stops finishes what is in flight', async () => {
  const subgraphs = await openSubgraphs()
  const gateway = await openGateway(subgraphs)
  let answer = (_: string) => {}
  const reached = new Promise<void>((resolve) => {
    subgraphs.world.bio = () => {
      resolve()
      return new Promise((finish) => {
        answer = finish
      })
    }
  })
  const inFlight = gateway.ask('{ user(id: "ann") { bio } }')
  await reached
  const closed = gateway.close()
  answer('at last')
  expect((await inFlight).body).toEqual({ data: { user: { bio: 'at last' } } })
  await closed
  await expect(fetch(gateway.origin)).rejects.toThrow()
  await subgraphs.close()
})
