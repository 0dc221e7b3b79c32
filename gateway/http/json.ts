import { badRequest } from './request-error.ts'

/** Deeper values are slow to read and cannot be written again by what writes JSON recursively. */
const DEPTH = 200

/** Reads JSON from a client. Throws RequestError for what is none, which is said in the words of `rule`, is too deep, or has names that reach into prototypes. */
export function parseJson(text: string, rule = 'The request is not JSON.'): unknown {
  if (text.length > 2 * DEPTH) checkDepth(text)
  const value = parse(text, rule)
  // An escape may hide a name.
  if (text.includes('__proto__') || text.includes('constructor') || text.includes('\\u')) checkNames(value)
  return value
}

function parse(text: string, rule: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest(rule)
  }
}

function checkDepth(text: string): void {
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '"') index = endOfString(text, index)
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth > DEPTH) throw badRequest(`The request may be ${DEPTH} levels deep at most.`)
  }
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0
  while (text[index - slashes - 1] === '\\') slashes++
  return slashes % 2 === 1
}

function checkNames(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__') || hasPrototype(value)) {
    throw badRequest('The request has a forbidden name.')
  }
  for (const inner of Object.values(value)) checkNames(inner)
}

function hasPrototype(object: object): boolean {
  if (!Object.hasOwn(object, 'constructor')) return false
  const { constructor: inner }: { constructor: unknown } = object
  return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype')
}
