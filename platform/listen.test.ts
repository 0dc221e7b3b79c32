import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import { listen } from './listen.ts'

const address = { host: '127.0.0.1', port: 0, setting: 'PORT' }

test('a connection on which nothing was sent does not keep a server from closing', async () => {
  const app = Fastify().get('/', () => 'here')
  const url = new URL(await listen(app, address))
  const silent = connect(Number(url.port), url.hostname)
  await once(silent, 'connect')
  expect(await (await fetch(url)).text()).toBe('here') // by then the one before has been accepted
  const ended = once(silent, 'close')
  await app.close()
  await ended
  await expect(fetch(url)).rejects.toThrow()
})

test('a request that is on its way when the server closes is answered, and its connection ends', async () => {
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<string>()
  const app = Fastify()
    .get('/', () => 'here')
    .get('/slow', () => {
      asked.resolve()
      return answered.promise
    })
  const url = await listen(app, address)
  const answer = fetch(`${url}/slow`)
  await asked.promise
  const closed = app.close()
  while (await isHere(url));
  answered.resolve('late')
  const response = await answer
  expect(response.headers.get('connection')).toBe('close')
  expect(await response.text()).toBe('late')
  await closed
})

const isHere = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
