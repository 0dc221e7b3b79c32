import {
  type ASTNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getLocation,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type Source,
  specifiedRules,
  validate,
  visit,
} from 'graphql'
import { sha256 } from '../../gateway/documents/manifest.ts'
import { withTypename } from './typename.ts'

/** An operation with every fragment that it uses, as the manifest has it. */
export type Gathered = { id: string; name: string; type: OperationDefinitionNode['operation']; body: string }

/** Names are judged here, with the places of both, and a fragment may be there for who does not use it yet. */
const rules = specifiedRules.filter(
  ({ name }) =>
    !/^(UniqueOperationNames|UniqueFragmentNames|LoneAnonymousOperation|NoUnusedFragments|ExecutableDefinitions)Rule$/.test(
      name,
    ),
)

/** More would hardly be read. */
const FAULTS = 1_000

/**
 * The operations in an app's sources, in the order of their names, or all that is wrong with them, as lines with file and
 * line. Fragments are found in whichever source they are. Types are nobody's to run, and passed over.
 */
export function gather(
  sources: readonly Source[],
  { schema, addTypename }: { schema: GraphQLSchema; addTypename: boolean },
): { operations: Gathered[]; faults: string[] } {
  const faults: string[] = []
  const operations = new Map<string, OperationDefinitionNode>()
  const fragments = new Map<string, FragmentDefinitionNode>()

  for (const node of sources.flatMap((source) => definitionsIn(source, faults))) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) add(fragments, node.name.value, node)
    else if (node.kind === Kind.OPERATION_DEFINITION) {
      if (node.name) add(operations, node.name.value, node)
      else faults.push(`${placeOf(node)}: an operation must have a name`)
    }
  }
  const definitions = [...operations.values(), ...fragments.values()]
  const invalid = validate(schema, { kind: Kind.DOCUMENT, definitions }, rules, { maxErrors: FAULTS })
  faults.push(...invalid.map(({ message, nodes }) => `${nodes?.[0] ? placeOf(nodes[0]) : ''}: ${message}`))
  if (faults.length > 0) return { operations: [], faults }

  const named = [...operations].sort(([one], [other]) => (one < other ? -1 : 1))
  return { operations: named.map(([name, node]) => gathered(name, node)), faults }

  function add<Node extends ASTNode>(known: Map<string, Node>, name: string, node: Node): void {
    const first = known.get(name)
    if (first) faults.push(`${placeOf(node)}: ${name} is at ${placeOf(first)} already`)
    else known.set(name, node)
  }

  function gathered(name: string, node: OperationDefinitionNode): Gathered {
    const used = new Map<string, FragmentDefinitionNode>()
    collect(node, used)
    const whole = { kind: Kind.DOCUMENT, definitions: [node, ...used.values()] } as const
    const body = print(addTypename ? withTypename(whole) : whole)
    return { id: sha256(body), name, type: node.operation, body }
  }

  /** Adds the fragments that something uses, and those that they use, each once, in the order of their use. */
  function collect(node: ASTNode, used: Map<string, FragmentDefinitionNode>): void {
    visit(node, {
      FragmentSpread({ name: { value: name } }) {
        const fragment = fragments.get(name)
        if (!fragment || used.has(name)) return
        used.set(name, fragment)
        collect(fragment, used)
      },
    })
  }
}

function definitionsIn(source: Source, faults: string[]) {
  try {
    return parse(source).definitions
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const place = error.positions?.[0] === undefined ? source.name : placeIn(source, error.positions[0])
    faults.push(`${place}: ${error.message}`)
    return []
  }
}

const placeOf = ({ loc }: ASTNode) => (loc ? placeIn(loc.source, loc.start) : '')

function placeIn(source: Source, position: number): string {
  const { line } = getLocation(source, position)
  return `${source.name}:${line + source.locationOffset.line - 1}`
}
