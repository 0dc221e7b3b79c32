import { type Data, isData } from './data.ts'

/** The way to the objects that a step is about: keys, and `@` for each element of a list. */
export type DataPath = readonly string[]

/** Finds the objects at a path; null, and what is no object there, is left out. */
export type Collector = (data: Data) => Data[]

/** A function of its own for each path, so that each of its property reads meets objects of one kind alone. */
export function createCollector(path: DataPath): Collector {
  const types: ReadonlySet<unknown>[] = []
  const code = path.reduceRight((inner, step, depth) => {
    const [value, next] = [`v${depth}`, `v${depth + 1}`]
    if (step === '@') return `if (Array.isArray(${value})) for (const ${next} of ${value}) { ${inner} }`
    const { key, only } = readStep(step)
    const condition = only ? ` && types[${types.push(only) - 1}].has(${value}.__typename)` : ''
    return `if (typeof ${value} === 'object' && ${value} !== null${condition}) { const ${next} = ${value}[${JSON.stringify(key)}]; ${inner} }`
  }, `if (isData(v${path.length})) found.push(v${path.length})`)
  const source = `return function collect(v0) { const found = []; ${code}; return found }`
  // What the line above makes.
  return new Function('isData', 'types', source)(isData, types) as Collector
}

/** A step may be for some types only: `key|[A,B]`. */
function readStep(step: string): { key: string; only?: Set<string> } {
  const [, key, types] = /^(.*)\|\[(.*)\]$/.exec(step) ?? []
  return key === undefined || types === undefined ? { key: step } : { key, only: new Set(types.split(',')) }
}
