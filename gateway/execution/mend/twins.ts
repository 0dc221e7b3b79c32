import { type ConstArgumentNode, type FieldDefinitionNode, type FieldNode, Kind, print, type SelectionNode, type SelectionSetNode } from 'graphql' // biome-ignore format: one list
import { nameOf, type TypeWithFields } from './join-directives.ts'

/** The planner's names of fields with arguments, and what they stand for. */
export type Variants = ReadonlyMap<string, { field: string; arguments: readonly ConstArgumentNode[] }>

/** Makes fields without arguments that stand for fields with arguments. */
export function createTwins(types: ReadonlyMap<string, TypeWithFields>) {
  const fieldNames = new Set(
    [...types.values()].flatMap(({ fields = [] }) => fields.map(({ name }) => name.value)),
  )
  const variants = new Map<string, { field: string; arguments: readonly ConstArgumentNode[] }>()
  const byText = new Map<string, string>()
  const byType = new Map<string, Set<string>>()

  function selectionSet(node: SelectionSetNode, parent: string): SelectionSetNode {
    return { ...node, selections: node.selections.map((one) => selection(one, parent)) }
  }

  function selection(node: SelectionNode, parent: string): SelectionNode {
    if (node.kind === Kind.FRAGMENT_SPREAD) return node // a field set has none
    if (node.kind === Kind.INLINE_FRAGMENT) {
      return {
        ...node,
        selectionSet: selectionSet(node.selectionSet, node.typeCondition?.name.value ?? parent),
      }
    }
    const definition = types.get(parent)?.fields?.find(({ name }) => name.value === node.name.value)
    if (!definition) return node
    const field = {
      ...node,
      selectionSet: node.selectionSet && selectionSet(node.selectionSet, nameOf(definition.type)),
    }
    if (!node.arguments?.length) return field
    const twin = twinOf(node)
    for (const type of [parent, ...implementationsOf(parent)])
      byType.set(type, (byType.get(type) ?? new Set()).add(twin))
    return { ...field, name: { ...node.name, value: twin }, arguments: [] }
  }

  function twinOf(node: FieldNode): string {
    const field = node.name.value
    const args = (node.arguments ?? []) as readonly ConstArgumentNode[] // a field set has no variables
    const text = `${field}(${args.map((argument) => print(argument)).sort()})` // biome-ignore format: one thought
    const known = byText.get(text)
    if (known !== undefined) return known
    let number = 1
    while (fieldNames.has(`${field}_required${number}`) || variants.has(`${field}_required${number}`))
      number++
    byText.set(text, `${field}_required${number}`)
    variants.set(`${field}_required${number}`, { field, arguments: args })
    return `${field}_required${number}`
  }

  function implementationsOf(type: string): string[] {
    return [...types.values()].flatMap(({ name, interfaces = [] }) =>
      interfaces.some((implemented) => implemented.name.value === type) ? [name.value] : [],
    )
  }

  return {
    variants: variants as Variants,
    /** Selections on a type in which twins stand for fields with arguments. */
    selectionSet,
    /** The twins that selections so far want on a type, of its fields. */
    on: (type: string, fields: readonly FieldDefinitionNode[] = []): FieldDefinitionNode[] =>
      [...(byType.get(type) ?? [])].flatMap((twin) => {
        const field = fields.find(({ name }) => name.value === variants.get(twin)?.field)
        return field ? [{ ...field, name: { ...field.name, value: twin }, arguments: [] }] : []
      }),
  }
}
