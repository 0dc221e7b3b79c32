import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { data, withFaults } from './arbitrary-data.test-support.ts'
import { flags, operation, schema } from './arbitrary-operation.test-support.ts'
import { createErrorList } from './error-list.ts'
import { writeExactly } from './exact-writer.ts'
import { generateWriter } from './generated-writer.ts'
import { createSelection } from './selection.ts'
import { sourceOf } from './test-support.ts'

function bothWriters(text: string, values: object, flags: Record<string, boolean>) {
  const { data, faults } = withFaults(values)
  const { source, operation, type } = sourceOf(schema, text, flags)
  const selection = createSelection(source, type, [operation.selectionSet])
  const list = createErrorList()
  const place = { coordinate: 'Query', nullable: true, content: { kind: 'object', selection } } as const
  const exact = writeExactly(place, data, { faults, path: [], errors: list })
  return { generated: generateWriter(selection)(data, faults), exact, errors: list.errors }
}

test('the generated writer writes all that is right, as the exact writer does', () => {
  fc.assert(
    fc.property(operation, data('right'), flags, (...of) => {
      const { generated, exact } = bothWriters(...of)
      expect(generated).toBe(exact)
    }),
    { numRuns: 100 },
  )
})

test('the generated writer gives up exactly where the exact one has something to say', () => {
  fc.assert(
    fc.property(operation, data('often wrong'), flags, (...of) => {
      const { generated, exact, errors } = bothWriters(...of)
      if (errors.length > 0) expect(generated).toBeUndefined()
      if (generated !== undefined) expect(generated).toBe(exact)
    }),
    { numRuns: 300 },
  )
})
