import { asyncProperty, type IAsyncProperty, integer, nat, record } from 'fast-check'
import { Operations } from '../operations/arbitrary.ts'
import { dialect } from './fixture/dialect.ts'
import type { createHarness } from './harness.ts'

/** A difference, for fast-check to shrink. */
class Difference extends Error {}

/** Something that holds for every operation. */
export type Property = {
  name: string
  /** The part of all operations that it is tried with. */
  share: number
  property: IAsyncProperty<unknown>
}

/** How many operations a test run tries. `npm run differential -- 2000 <seed>` tries the same. */
export const OPERATIONS = 2000

/** What holds for every operation. */
export function createProperties(harness: ReturnType<typeof createHarness>) {
  const operations = new Operations(harness.oracle, dialect)
  const seed = nat({ max: 9999 })
  const failures = record({
    fields: integer({ min: 0, max: 60 }),
    entities: integer({ min: 0, max: 250 }),
    seed,
  })
  const breakage = record({ rate: integer({ min: 50, max: 500 }), seed })
  const properties: Property[] = [
    {
      name: 'The gateway answers as one schema would',
      share: 0.6,
      property: asyncProperty(operations, async (made) => expectNothing(await harness.differs(made))),
    },
    {
      name: 'What fails in a subgraph fails as it would in one schema',
      share: 0.25,
      property: asyncProperty(operations, failures, async (made, failing) =>
        expectNothing(await harness.differs(made, failing)),
      ),
    },
    {
      name: 'Nonsense from a subgraph costs what was asked of it, with an error, and nothing else',
      share: 0.15,
      property: asyncProperty(operations, breakage, async (made, { seed, rate }) =>
        expectNothing(await harness.breaks(made, seed, rate)),
      ),
    },
  ]
  return { operations, properties }
}

function expectNothing(difference: string | undefined): void {
  if (difference !== undefined) throw new Difference(difference)
}
