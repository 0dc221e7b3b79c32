/**
 * The source of a function that builds up one `text`. Constant text is kept back until something else follows, so that
 * neighbours become one. Whatever is not constant code of ours goes in as a JSON literal or a binding.
 */
export type WriterCode = {
  line(code: string): void
  /** Constant text comes next. */
  write(constant: string): void
  /** What an expression gives comes next. */
  writeValue(expression: string): void
  /** Either of two texts comes next. */
  branch(condition: string, yes: () => void, no: () => void): void
  /** What is written `body` comes next, again and again. */
  loop(head: string, body: () => void): void
  /** A name that nothing else has. */
  name(prefix: string): string
  /** The name of a value from outside. */
  bind(prefix: string, value: unknown): string
  /** A function of these parameters that returns the text. */
  compile(parameters: readonly string[]): unknown
}

export function createWriterCode(): WriterCode {
  const lines: string[] = []
  const bindings = new Map<string, unknown>()
  let pending = ''
  let names = 0

  function flush() {
    if (pending) lines.push(`text += ${literal(pending)}`)
    pending = ''
  }

  function name(prefix: string): string {
    names++
    return `${prefix}${names}`
  }

  return {
    name,
    line(code) {
      lines.push(code)
    },
    write(constant) {
      pending += constant
    },
    writeValue(expression) {
      lines.push(pending ? `text += ${literal(pending)} + ${expression}` : `text += ${expression}`)
      pending = ''
    },
    branch(condition, yes, no) {
      const before = pending
      lines.push(`if (${condition}) {`)
      yes()
      flush()
      lines.push('} else {')
      pending = before
      no()
      flush()
      lines.push('}')
    },
    loop(head, body) {
      flush()
      lines.push(`for (${head}) {`)
      body()
      flush()
      lines.push('}')
    },
    bind(prefix, value) {
      const bound = name(prefix)
      bindings.set(bound, value)
      return bound
    },
    compile(parameters) {
      flush()
      const code = ["let text = ''", ...lines, 'return text'].join('\n')
      const source = `return function write(${parameters.join()}) {\n${code}\n}`
      return new Function(...bindings.keys(), source)(...bindings.values())
    },
  }
}

export function literal(text: string): string {
  return JSON.stringify(text)
}
