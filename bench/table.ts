/** Lines of rows whose columns stand under each other: the first to the left, the others to the right. */
export function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

export function whole(value: number | undefined): string {
  return value === undefined ? '-' : Math.round(value).toLocaleString('en')
}

export function decimal(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2)
}

export function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value * 100)} %`
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1)
  return (low + high) / 2
}
