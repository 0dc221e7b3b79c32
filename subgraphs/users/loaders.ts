import DataLoader from 'dataloader'
import { isId } from '../../platform/ids.ts'
import type { UserStore } from './store.ts'
import type { PersonRow } from './tables.ts'

export type Loaders = ReturnType<typeof createLoaders>

/** Loaders of one request. */
export function createLoaders(store: UserStore) {
  return {
    person: new DataLoader<string, PersonRow | null>(async (ids) => {
      const rows = await store.byIds(ids.filter(isId))
      const byId = new Map(rows.map((row) => [row.id, row]))
      return ids.map((id) => byId.get(id) ?? null)
    }),
  }
}
