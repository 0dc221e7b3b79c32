import type { PlanNode } from '@apollo/query-planner'
import { type GraphQLSchema, isAbstractType, Kind } from 'graphql'
import type { createCompletions, Flags } from './completions.ts'
import type { DataKeys } from './data-keys.ts'
import type { Deferral, DeferralStep } from './planning-form.ts'
import type { LaterResult } from './result.ts'
import { type Data, isData } from './steps/data.ts'
import type { Parts } from './steps/parts.ts'
import type { Run } from './steps/run.ts'

type Part = LaterResult['incremental'][number]

/** Whether a fragment is put off, with these variables. */
export function isActive({ fragment }: Pick<Deferral, 'fragment'>, flags: Flags): boolean {
  const directive = fragment.directives?.find(({ name }) => name.value === 'defer')
  const condition = directive?.arguments?.find(({ name }) => name.value === 'if')?.value
  if (condition?.kind === Kind.VARIABLE) return flags[condition.name.value] !== false
  return condition?.kind !== Kind.BOOLEAN || condition.value
}

/** The labels that a plan puts off: the planner may find that there is nothing to gain. */
export function plannedLabels(node: PlanNode | undefined): Set<string> {
  switch (node?.kind) {
    case undefined:
    case 'Fetch':
      return new Set()
    case 'Sequence':
    case 'Parallel':
      return union(node.nodes.map(plannedLabels))
    case 'Flatten':
      return plannedLabels(node.node)
    case 'Condition':
      return union([plannedLabels(node.ifClause), plannedLabels(node.elseClause)])
    case 'Defer':
      return union([
        plannedLabels(node.primary.node),
        ...node.deferred.flatMap(({ label, node: inner }) => [
          new Set(label ? [label] : []),
          plannedLabels(inner),
        ]),
      ])
  }
}

const union = (sets: Set<string>[]) => new Set(sets.flatMap((set) => [...set]))

/** Completes the fragments that were put off, wherever they are in the data. */
export function compileDeferrals(
  deferrals: readonly Deferral[],
  {
    schema,
    keys,
    completions,
  }: { schema: GraphQLSchema; keys: DataKeys; completions: ReturnType<typeof createCompletions> },
) {
  const compiled = new Map(
    deferrals.map((deferral) => [
      deferral.label,
      { deferral, completion: completions(deferral.type, deferral.selections) },
    ]),
  )

  return (run: Run, labels: readonly string[]): Part[] =>
    labels.flatMap((label) => {
      const known = compiled.get(label)
      if (!known) return []
      const complete = known.completion(run.coerced)
      const { clientLabel } = known.deferral
      return placesOf(run.data, known.deferral.steps).map(({ object, path }) => {
        const { data, errors } = complete(object, run.ledger.isEmpty() ? undefined : run.ledger, path)
        return { data, path, errors, ...(clientLabel !== undefined && { label: clientLabel }) }
      })
    })

  type Place = { object: Data; path: readonly (string | number)[] }

  function placesOf(data: Data, steps: readonly DeferralStep[]): Place[] {
    let places: Place[] = [{ object: data, path: [] }]
    for (const step of steps) {
      places = places.flatMap((place) =>
        step.kind === 'type' ? (isOf(place.object, step.type.name) ? [place] : []) : below(place, step),
      )
    }
    return places
  }

  function below({ object, path }: Place, { field }: Extract<DeferralStep, { kind: 'field' }>): Place[] {
    return objectsIn(object[keys.of(field)], [...path, (field.alias ?? field.name).value])
  }

  function isOf({ __typename: typename }: Data, name: string): boolean {
    if (typename === undefined || typename === name) return true
    const [type, object] = [schema.getType(name), schema.getType(String(typename))]
    return (
      isAbstractType(type) &&
      object !== undefined &&
      'getInterfaces' in object &&
      schema.isSubType(type, object)
    )
  }
}

function objectsIn(
  value: unknown,
  path: readonly (string | number)[],
): { object: Data; path: readonly (string | number)[] }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, [...path, index]))
  return isData(value) ? [{ object: value, path }] : []
}

/** What comes later, as a stream that ends the work behind it when it is returned. */
export function laterResults(
  parts: Parts,
  complete: (labels: readonly string[]) => Part[],
): AsyncIterableIterator<LaterResult> {
  return {
    async next() {
      for (;;) {
        const filled = await parts.next()
        if (!filled) return { done: true, value: undefined }
        const incremental = complete(filled.labels)
        // Fragments may be in no place at all.
        if (incremental.length > 0 || !filled.hasNext) {
          return { done: false, value: { incremental, hasNext: filled.hasNext } }
        }
      }
    },
    async return() {
      parts.stop()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
