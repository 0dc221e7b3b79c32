import { Arbitrary, type Random as Source, Stream, Value } from 'fast-check'
import type { GraphQLSchema } from 'graphql'
import { type Case, caseOf, isValid, tidied } from './case.ts'
import { type Dialect, generate } from './generate.ts'
import { createRandom, type Random } from './random.ts'
import { smaller } from './shrink.ts'

/** Random operations that are valid against a schema. */
export class Operations extends Arbitrary<Case> {
  /** How many were made, and how many of them were thrown away since they were not valid. */
  readonly count = { made: 0, dropped: 0 }
  readonly #schema: GraphQLSchema
  readonly #dialect: Dialect

  constructor(schema: GraphQLSchema, dialect: Dialect) {
    super()
    this.#schema = schema
    this.#dialect = dialect
  }

  override generate(source: Source): Value<Case> {
    const random = createRandom(source)
    for (;;) {
      const made = caseOf(generate(this.#schema, random, this.#dialect))
      this.count.made++
      if (isValid(this.#schema, made))
        return new Value(random.chance(2) ? spoilt(made, random) : made, undefined)
      this.count.dropped++
    }
  }

  override canShrinkWithoutContext(value: unknown): value is Case {
    return typeof value === 'object' && value !== null && 'document' in value
  }

  override shrink(value: Case): Stream<Value<Case>> {
    const schema = this.#schema
    const size = value.query.length + JSON.stringify(value.variables).length
    function* valid(): IterableIterator<Value<Case>> {
      for (const made of smaller(value)) {
        const isNew =
          made.query !== value.query || size > made.query.length + JSON.stringify(made.variables).length
        if (isNew && isValid(schema, made)) yield new Value(made, undefined)
      }
    }
    return new Stream(valid())
  }
}

/** The same with a variable that does not fit, if it has one. */
function spoilt({ document, variables }: Case, random: Random): Case {
  const names = Object.keys(variables)
  const name = names.length > 0 ? random.pick(names) : undefined
  return tidied(document, name === undefined ? variables : { ...variables, [name]: { wrong: true } })
}
