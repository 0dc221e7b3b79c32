import { type FieldNode, type GraphQLOutputType, getNamedType, isLeafType, print } from 'graphql'

/**
 * Names the fields of one operation by what they are and not by what the client calls them, so that no alias collides with
 * the keys and requirements that the planner adds: `{ product { id: name reviews { body } } }` would otherwise put the name where
 * the id is that reviews are fetched by.
 *
 * A leaf is one value under one key, however many aliases it has. An object keeps one key for each of its response
 * names: selections under two aliases fail apart from each other.
 */
export function createDataKeys(fieldNames: ReadonlySet<string>) {
  const keys = new Map<FieldNode, string>()
  const bySignature = new Map<string, string>()
  const taken = new Set<string>()
  return {
    /** The key of a field; `alone` where each response name is an execution of its own, as at the root of a mutation. */
    add(field: FieldNode, type: GraphQLOutputType, alone: boolean): string {
      const name = field.name.value
      const responseName = (field.alias ?? field.name).value
      const args = (field.arguments ?? []).map((argument) => print(argument)).sort().join() // biome-ignore format: one thought
      const isLeaf = isLeafType(getNamedType(type)) && !alone
      // Types tell leaves apart that differ on sibling types: a subgraph could not answer both under one name.
      const signature = `${name}(${args})${isLeaf ? String(type) : responseName}`
      // `constructor` is there before any answer is: every object inherits it.
      const isPlain = args === '' && (isLeaf || responseName === name) && !(name in Object.prototype)
      const key = bySignature.get(signature) ?? keyFor(name, isPlain)
      bySignature.set(signature, key)
      keys.set(field, key)
      return key
    },
    /** The key of a field that was added. */
    of(field: FieldNode): string {
      const key = keys.get(field)
      if (key === undefined) throw new Error(`${field.name.value} is no field of this operation`)
      return key
    },
  }

  function keyFor(name: string, isPlain: boolean): string {
    let key = name
    for (
      let number = 1;
      taken.has(key) || (key === name && !isPlain) || (key !== name && fieldNames.has(key));
      number++
    ) {
      key = `${name}_${number}`
    }
    taken.add(key)
    return key
  }
}

export type DataKeys = ReturnType<typeof createDataKeys>
