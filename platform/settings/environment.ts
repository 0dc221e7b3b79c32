import { z } from 'zod'

/** The environment is at fault; the message names every fault, one a line. */
export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    const lines = faults.map((fault) => `  ${fault}`)
    super(`The environment is at fault:\n${lines.join('\n')}\nSee .env.example.`)
    this.faults = faults
  }
}

/** Reads what belongs to one process, with the faults of all in one error. Throws ConfigError. */
export function readTogether<const Readers extends readonly (() => unknown)[]>(
  readers: Readers,
): { -readonly [Index in keyof Readers]: ReturnType<Readers[Index]> } {
  const faults = new Set<string>()
  const values = readers.map((read) => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const fault of error.faults) faults.add(fault)
      return undefined
    }
  })
  if (faults.size > 0) throw new ConfigError([...faults])
  // `map` forgets that there is one value for each reader; undefined stands only where a fault was thrown above.
  return values as { -readonly [Index in keyof Readers]: ReturnType<Readers[Index]> }
}

/** Reads the variables of a shape. Throws ConfigError. */
export function check<Shape extends z.ZodRawShape>(env: NodeJS.ProcessEnv, shape: Shape) {
  const given = givenIn(env)
  const result = z.object(shape).safeParse(given)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0]) // of a list, too, whose items have a path of their own
    return `${name}: ${given[name] === undefined ? 'is missing' : issue.message}`
  })
  throw new ConfigError(faults)
}

/** The variables that are set. An empty one is how compose files and CI write "not set". */
export function givenIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  )
}
