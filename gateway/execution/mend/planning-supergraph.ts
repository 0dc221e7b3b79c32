import { Supergraph } from '@apollo/federation-internals'
import { parse, print } from 'graphql'
import { type AbstractMembers, readAbstractMembers } from './abstract-members.ts'
import './external-fields.ts'
import {
  type InterfaceObjects,
  readInterfaceObjects,
  withoutProvidedInterfaceObjects,
} from './interface-objects.ts'
import { type RequiredFields, withRequiredFields } from './required-fields.ts'
import { withResolvableKeys } from './resolvable-keys.ts'

/** What mend() knows of a supergraph. */
export type Mending = {
  required: RequiredFields
  members: AbstractMembers
  interfaceObjects: InterfaceObjects
}

/**
 * A supergraph in the form that the planner plans it right. Clients never see it: it has fields that are none. Throws
 * for what is no supergraph.
 */
export function planningSupergraph(
  original: Supergraph,
  sdl: string,
): { supergraph: Supergraph; mending: Mending } {
  const document = parse(sdl, { noLocation: true })
  const interfaceObjects = readInterfaceObjects(document)
  const unprovided = withoutProvidedInterfaceObjects(document, interfaceObjects)
  const { supergraph, required } = withRequiredFields(withResolvableKeys(unprovided))
  const mending = { required, members: readAbstractMembers(original), interfaceObjects }
  const text = print(supergraph)
  if (text === print(document)) return { supergraph: original, mending }
  // What only twins are required of is external for nothing: that would be refused, and is right.
  return { supergraph: Supergraph.build(text, { validateSupergraph: false }), mending }
}
