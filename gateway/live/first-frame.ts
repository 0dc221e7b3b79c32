import { costReport, type Price } from '../access/cost-report.ts'
import { Frame } from './frame.ts'
import type { OpenStream, Outlet } from './outlet.ts'

/** A stream whose first frame says what one costs: those after it are of all readers. */
export function withCostInFirstFrame(open: OpenStream, price: Price, limit: number | null): OpenStream {
  return (caller, outlet) => {
    let isFirst = true
    const reporting: Outlet = {
      carrier: outlet.carrier,
      isBusy: () => outlet.isBusy(),
      write(frame) {
        outlet.write(isFirst ? withReport(frame) : frame)
        isFirst = false
      },
      fail: (errors) => outlet.fail(errors),
      complete: () => outlet.complete(),
    }
    return open(caller, reporting)
  }

  function withReport({ result, changedAt }: Frame): Frame {
    const { data } = JSON.parse(result) as { data?: unknown } // as every frame is
    return new Frame(`${result.slice(0, -1)},"extensions":${costReport(price, data, limit)}}`, changedAt)
  }
}
