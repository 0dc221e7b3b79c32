/** The clock of a demo's whole supergraph: it stands in the past while the past is filled in. */
export function createClock() {
  let offset = 0 // ms
  return {
    now: () => new Date(Date.now() + offset),
    /** Goes on from another time. */
    travelTo(time: Date) {
      offset = time.getTime() - Date.now()
    },
    /** Goes on with everybody's time. */
    comeBack() {
      offset = 0
    },
  }
}

export type Clock = ReturnType<typeof createClock>
