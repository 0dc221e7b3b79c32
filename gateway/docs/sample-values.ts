import {
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from 'graphql'

/** What stands for something that a reader has to know, such as an id. */
const UNKNOWN = '…'

const known: Record<string, unknown> = {
  Int: 3,
  Float: 1.5,
  Boolean: true,
  DateTime: '2026-01-31T07:30:00.000Z',
  LocalDate: '2026-01-31',
  TimeZone: 'Europe/Helsinki',
  EmailAddress: 'ada@example.com',
  URL: 'https://files.example/a.webp',
}

/**
 * A value of an input type, with nothing in it that is deprecated: what has to be given, and where it is to show `shown`, the field
 * that leads there. Of an input object that is shown itself one field is given that need not be, since what makes sense alone may
 * not together: of two times, say, or of filters that exclude each other.
 */
export function sampleValue(
  type: GraphQLInputType,
  shown: GraphQLNamedType | null = null,
  above: ReadonlySet<string> = new Set(),
): unknown {
  const nullable = getNullableType(type)
  if (isListType(nullable)) {
    const isEndless = above.has(getNamedType(nullable).name)
    return isEndless ? [] : [sampleValue(nullable.ofType, shown, above)]
  }
  if (isEnumType(nullable)) return sampleOfEnum(nullable)
  if (!isInputObjectType(nullable)) return known[nullable.name] ?? UNKNOWN
  const within = new Set([...above, nullable.name])
  const way = shown === nullable ? null : shown
  const chosen = choose(nullable, shown, within)
  const given = fieldsOf(nullable).filter((field) => field === chosen || isRequiredInputField(field))
  return Object.fromEntries(
    given.map((field) => [field.name, sampleValue(field.type, field === chosen ? way : null, within)]),
  )
}

/** Which field is given though it need not be. */
function choose(
  type: GraphQLInputObjectType,
  shown: GraphQLNamedType | null,
  above: ReadonlySet<string>,
): GraphQLInputField | undefined {
  const fields = fieldsOf(type)
  if (shown && shown !== type) {
    const way = fields.find((field) => leadsTo(field.type, shown, above))
    if (way) return way
  }
  if (shown !== type && !type.isOneOf) return undefined
  const optional = fields.filter((field) => !isRequiredInputField(field))
  return optional.find((field) => hasSample(getNamedType(field.type))) ?? optional[0]
}

function leadsTo(type: GraphQLInputType, shown: GraphQLNamedType, above: ReadonlySet<string>): boolean {
  const named = getNamedType(type)
  if (named === shown) return true
  if (!isInputObjectType(named) || above.has(named.name)) return false
  const within = new Set([...above, named.name])
  return fieldsOf(named).some((field) => leadsTo(field.type, shown, within))
}

/** What is given for it makes sense as it stands. */
const hasSample = (type: GraphQLNamedType) => isEnumType(type) || Object.hasOwn(known, type.name)

/**
 * The value a third of the way through: states are listed in the order in which they come, and the first is often seen by few
 * and the last long over.
 */
function sampleOfEnum(type: GraphQLEnumType): string | undefined {
  const all = type.getValues()
  const current = all.filter(({ deprecationReason }) => deprecationReason == null)
  const values = current.length > 0 ? current : all
  return values[Math.floor(values.length / 3)]?.name
}

const fieldsOf = (type: GraphQLInputObjectType) =>
  Object.values(type.getFields()).filter(({ deprecationReason }) => deprecationReason == null)
