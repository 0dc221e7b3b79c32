import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import { mountHealth } from './health.ts'
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

test('those who ask at the same time whether a gateway is ready are one question to each subgraph', async () => {
  const all = 20
  let answerAll = () => {}
  const haveCome = new Promise<void>((resolve) => {
    answerAll = resolve
  })
  let asked = 0
  const subgraph = createServer(async (_, response) => {
    asked++
    await haveCome
    response.end()
  })
  await new Promise<void>((resolve) => subgraph.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`
  const app = Fastify({ forceCloseConnections: true })
  let come = 0
  app.addHook('onRequest', async () => {
    if (++come === all) setImmediate(answerAll)
  })
  mountHealth(app, { subgraphs: () => [{ name: 'users', url, secret: 'secret' }], isStopping: () => false })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const statuses = await Promise.all(
    Array.from({ length: all }, async () => (await fetch(`${origin}/readyz`)).status),
  )
  expect(statuses).toEqual(Array(all).fill(200))
  expect(asked).toBe(1)
  await app.close()
  subgraph.closeAllConnections()
  subgraph.close()
})
