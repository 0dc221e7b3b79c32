import { expect, test } from '@jest/globals'
import { notFound } from '../../platform/errors.ts'
import type { Caller, Identity } from '../../platform/identity.ts'
import { createAdmission } from './admission.ts'
import type { Source } from './source.ts'
import { createSource, incompleteOf, quiet, resultOf } from './test-support.ts'

const callerOf = (identity: Identity): Caller => ({ identity, requestId: 'r1' })
const gateway = callerOf({ kind: 'gateway' })
const anonymous = callerOf({ kind: 'anonymous' })
const person = (id: string) => callerOf({ kind: 'person', id, role: 'USER', scopes: [], sessionId: 's1' })
const nameOf = ({ identity }: Caller) => (identity.kind === 'person' ? identity.id : identity.kind)

/** Admission to a source that those may see of whom it is said; `asked` is on whose behalf it was watched. */
function open(isSeenBy: (name: string) => boolean, resultFor = (_name: string) => resultOf('1')) {
  const asked: string[] = []
  const { source: model } = createSource()
  const source: Source = {
    ...model,
    operation: Object.assign(model.operation, {
      resolve: async (_: unknown, { caller }: { caller: Caller }) => resultFor(nameOf(caller)),
    }),
    upstream: {
      watch(_, caller, watcher) {
        asked.push(nameOf(caller))
        if (isSeenBy(nameOf(caller))) watcher.next({ data: { text: '1' } })
        else watcher.error([notFound('competition').toJSON()])
        return () => {}
      },
      async close() {},
    },
  }
  const { admit, ...rest } = createAdmission({ source: () => source, gateway, logger: quiet })
  return { asked, admit: async (caller: Caller) => (await admit(caller)).outcome, ...rest }
}

test('what anyone may see is judged once for everyone who comes within moments', async () => {
  const { admit, asked, forget } = open(() => true)
  for (const caller of [person('ann'), anonymous, person('bob')]) expect(await admit(caller)).toBe('admitted')
  expect(asked).toEqual(['anonymous'])
  forget()
  expect(await admit(person('ann'))).toBe('admitted')
  expect(asked).toEqual(['anonymous', 'anonymous'])
})

test('who is refused is judged again whenever they ask: they may have joined meanwhile', async () => {
  const members = new Set<string>()
  const { admit, asked } = open((name) => members.has(name))
  expect(await admit(person('ann'))).toBe('refused')
  members.add('ann')
  expect(await admit(person('ann'))).toBe('admitted')
  expect(await admit(person('ann'))).toBe('admitted')
  expect(await admit(person('bob'))).toBe('refused')
  expect(asked).toEqual(['anonymous', 'ann', 'ann', 'bob'])
})

test('what differs because a subgraph was away is compared again; what differs otherwise is not', async () => {
  const missing = new Set(['gateway'])
  const flaky = open(
    () => true,
    (name) => (missing.delete(name) ? incompleteOf('1') : resultOf('1')),
  )
  expect(await flaky.admit(anonymous)).toBe('admitted')
  const told: string[] = []
  const other = open(
    () => true,
    (name) => {
      told.push(name)
      return resultOf(name)
    },
  )
  expect(await other.admit(anonymous)).toBe('differs')
  expect(told).toEqual(['anonymous', 'gateway'])
})
