import { inngest, ONE_TICK } from '#inngest/client.ts'
import { arrivalsRequest, dispatch, importRequest } from '#inngest/events.ts'
import { takeArrivals } from '#lib/imports/arrivals.ts'

/** Copying large files takes minutes, so it is not part of planning. The next tick repeats what failed. */
export const takeArrivedFiles = inngest.createFunction(
  { id: 'take-arrivals', triggers: [arrivalsRequest], concurrency: ONE_TICK, retries: 0 },
  async () => {
    const imports = await takeArrivals()
    await dispatch(imports.map((importId) => importRequest.create({ importId })))
  },
)
