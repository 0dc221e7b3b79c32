/** How wide an example is, where it need not be wider. */
const WIDTH = 64 // characters

/** Writes an operation as people do: values side by side, and what fits on a line on one. */
export function inLines(operation: string): string {
  const lines: string[] = []
  for (const line of operation.split('\n')) {
    const before = lines.at(-1)
    const joined = `${before} ${line.trim()}`
    const isValue = (text: string | undefined) => text !== undefined && /^ +[\w ]+$/.test(text)
    if (isValue(before) && isValue(line) && indentOf(before) === indentOf(line) && joined.length <= WIDTH) {
      lines[lines.length - 1] = joined
    } else lines.push(line)
  }
  for (let index = 1; index + 1 < lines.length; index++) {
    const [open = '', inner = '', close = ''] = lines.slice(index - 1, index + 2)
    const joined = `${open} ${inner.trim()} }`
    const isBlock = index > 1 && open.endsWith(' {') && !/[{}]$/.test(inner) && close.trim() === '}'
    if (!isBlock || joined.length > WIDTH) continue
    lines.splice(index - 1, 3, joined)
    index = Math.max(1, index - 2)
  }
  return lines.join('\n')
}

const indentOf = (line = '') => line.search(/\S/)
