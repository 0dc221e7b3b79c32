import { type Change, ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core'
import { type GraphQLSchema, resolveSchemaCoordinate } from 'graphql'
import { deprecationIn } from '../../gateway/supergraph/deprecation.ts'
import { reachableTypes } from './reachable-types.ts'

/** A change that may break partners, as docs/decisions.md says. */
export type Allowance = { coordinate: string; happening: Happening }

/** What happened at a coordinate, in the words of an allowance. */
export type Happening = 'added' | 'changed' | 'removed'

/** One difference between two contracts, as it concerns those who use them. */
export type ContractChange = {
  coordinate: string
  happening: Happening
  effect: 'breaks' | 'may break' | 'new'
  sentence: string
  /** Why it may break partners nevertheless; null where nothing allows it. */
  allowedBy: string | null
}

/**
 * What changes for partners from one contract to the next; nothing is told of descriptions. `today`, such as 2027-01-31, decides
 * whether the day has come from which on what is deprecated may be gone.
 */
export async function contractChanges(
  before: GraphQLSchema,
  after: GraphQLSchema,
  { today, allowances }: { today: string; allowances: readonly Allowance[] },
): Promise<ContractChange[]> {
  const found = (await diff(before, after)).filter(matters).map((change) => ({
    change,
    coordinate: coordinateOf(change),
    happening: happeningOf(change.type),
  }))
  const due = new Set(
    found.flatMap(({ coordinate, happening }) => (happening === 'removed' && isDue(coordinate) ? [coordinate] : [])), // biome-ignore format: one thought
  )
  const needed = reachableTypes(before, due)

  return found.map(({ change, coordinate, happening }) => ({
    coordinate,
    happening,
    effect: isBroughtForward(change, coordinate) ? 'breaks' : effects[change.criticality.level],
    sentence: `${change.message}.`,
    allowedBy: allowanceOf(change, coordinate, happening),
  }))

  function allowanceOf({ type }: Change, coordinate: string, happening: Happening): string | null {
    if (due.has(coordinate)) return 'its day has come'
    // What is only reached by way of what may be gone goes with it.
    if (type === ChangeType.TypeRemoved && !needed.has(coordinate)) return 'nothing led to it but what is due'
    const isAllowed = allowances.some((one) => one.coordinate === coordinate && one.happening === happening)
    return isAllowed ? 'docs/decisions.md' : null
  }

  function isDue(coordinate: string): boolean {
    const goesOn = goingOn(before, coordinate)
    return goesOn !== null && goesOn <= today
  }

  /** The day that partners were told has come closer, or is not said any more. */
  function isBroughtForward({ type }: Change, coordinate: string): boolean {
    if (!reasonChanges.has(type)) return false
    const [told, now] = [goingOn(before, coordinate), goingOn(after, coordinate)]
    return told !== null && (now === null || now < told)
  }
}

const effects = {
  [CriticalityLevel.Breaking]: 'breaks',
  [CriticalityLevel.Dangerous]: 'may break',
  [CriticalityLevel.NonBreaking]: 'new',
} as const

const reasonChanges = new Set<string>([
  ChangeType.FieldDeprecationReasonChanged,
  ChangeType.EnumValueDeprecationReasonChanged,
])

/** That a field or an enum value is deprecated is told twice, as that and as the use of a directive. */
function matters({ type, path = '' }: Change): boolean {
  if (type.includes('_DESCRIPTION_') || path.endsWith('@deprecated.reason')) return false
  const isToldTwice = /^DIRECTIVE_USAGE_(FIELD_DEFINITION|ENUM_VALUE)_/.test(type)
  return !(isToldTwice && path.endsWith('@deprecated'))
}

/** `Type`, `Type.field`, `Type.field(argument:)`, `@directive` or `@directive(argument:)`. */
function coordinateOf({ path = '' }: Change): string {
  const [type = '', member, argument] = path.replace(/\.@.*$/, '').split('.')
  if (type.startsWith('@')) return member ? `${type}(${member}:)` : type
  if (argument) return `${type}.${member}(${argument}:)`
  return member ? `${type}.${member}` : type
}

/** A change of a type's members, or of a directive on something, is one of that. */
function happeningOf(type: string): Happening {
  if (/^DIRECTIVE_(USAGE|LOCATION|REPEATABLE)_|_(INTERFACE|MEMBER|DEPRECATION|REASON)_/.test(type))
    return 'changed'
  return type.endsWith('_REMOVED') ? 'removed' : type.endsWith('_ADDED') ? 'added' : 'changed'
}

/** From which day on something may be gone; null where that was not said. */
function goingOn(schema: GraphQLSchema, coordinate: string): string | null {
  const found = resolveSchemaCoordinate(schema, coordinate)
  switch (found?.kind) {
    case 'Field':
      return deprecationIn(found.field.deprecationReason)?.goesOn ?? null
    case 'FieldArgument':
      return deprecationIn(found.fieldArgument.deprecationReason)?.goesOn ?? null
    case 'InputField':
      return deprecationIn(found.inputField.deprecationReason)?.goesOn ?? null
    case 'EnumValue':
      return deprecationIn(found.enumValue.deprecationReason)?.goesOn ?? null
    default:
      return null
  }
}
