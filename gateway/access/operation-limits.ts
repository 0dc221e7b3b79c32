import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode, visit } from 'graphql'
import { badUserInput, tooComplex } from '../../platform/errors.ts'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { checkSubscriptionRoot } from './subscription-root.ts'

/** Names that are properties of every JavaScript object, so that merging results under them would alter all. */
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])

/** How deep lists and objects may be nested in a value: the planner visits what is in a list twice, so that each level doubles its time. */
const VALUE_DEPTH = 8

/** How large an operation may be. */
export type OperationLimits = Pick<GatewayLimits, 'depth' | 'selections' | 'aliases' | 'rootFields'>

/** What a selection set amounts to with its fragments written out. */
type Size = { depth: number; selections: number; aliases: number; roots: number }

/**
 * Throws for an operation that passes a limit on its size, that names an alias or a variable as no one needs to, or that is a
 * subscription whose field is conditional.
 * Each fragment is measured once, so that this costs no more than reading the document, whatever it amounts to.
 */
export function checkOperation(document: DocumentNode, limits: OperationLimits): void {
  checkNames(document)
  checkValues(document)
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet]] : [],
    ),
  )
  const measure = measurer(fragments)
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    if (node.operation === 'subscription') checkSubscriptionRoot(node, fragments)
    const size = measure(node.selectionSet)
    limit('levels of fields', size.depth, limits.depth)
    limit('fields, fragments counted where they are used', size.selections, limits.selections)
    limit('aliases', size.aliases, limits.aliases)
    limit('fields at the root', size.roots, limits.rootFields)
  }
}

function limit(what: string, size: number, most: number): void {
  if (size > most) throw tooComplex(`An operation may have ${most.toLocaleString('en')} ${what} at most.`)
}

function checkNames(document: DocumentNode): void {
  const check = (name: string | undefined) => {
    if (name !== undefined && forbiddenNames.has(name)) {
      throw badUserInput(`${name} cannot be the name of an alias or a variable.`)
    }
  }
  visit(document, {
    Field(node) {
      const alias = node.alias?.value
      check(alias)
      if (alias === '__typename' && node.name.value !== alias) {
        throw badUserInput('__typename cannot be the alias of another field: types are told by it.')
      }
    },
    Variable: (node) => check(node.name.value),
  })
}

function checkValues(document: DocumentNode): void {
  let depth = 0
  const nested = {
    enter() {
      depth++
      limit('levels of lists and objects in a value', depth, VALUE_DEPTH)
    },
    leave() {
      depth--
    },
  }
  visit(document, { ListValue: nested, ObjectValue: nested })
}

function measurer(fragments: Map<string, SelectionSetNode>) {
  const measured = new Map<string, Size>()
  const nothing: Size = { depth: 0, selections: 0, aliases: 0, roots: 0 }

  function fragment(name: string): Size {
    const known = measured.get(name)
    if (known) return known
    const selectionSet = fragments.get(name)
    measured.set(name, nothing) // a fragment within itself, which validation refuses, ends here
    const size = selectionSet ? measure(selectionSet) : nothing
    measured.set(name, size)
    return size
  }

  function measureOne(node: SelectionNode): Size {
    if (node.kind === Kind.FRAGMENT_SPREAD) return fragment(node.name.value)
    const inner = node.selectionSet ? measure(node.selectionSet) : nothing
    if (node.kind === Kind.INLINE_FRAGMENT) return inner
    // Introspection is deep by nature, costs little, and is off where strangers ask.
    const isIntrospection = node.name.value === '__schema' || node.name.value === '__type'
    return {
      ...inner,
      depth: isIntrospection ? 1 : inner.depth + 1,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      roots: 1,
    }
  }

  function measure(selectionSet: SelectionSetNode): Size {
    const total = { ...nothing }
    for (const node of selectionSet.selections) {
      const size = measureOne(node)
      total.depth = Math.max(total.depth, size.depth)
      total.selections += size.selections + 1
      total.aliases += size.aliases
      total.roots += size.roots
    }
    return total
  }

  return measure
}
