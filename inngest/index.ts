import { musicBrainz } from '#lib/core/config.ts'
import { endRun } from './functions/end-run.ts'
import { extractStream } from './functions/extract-stream.ts'
import { importHistory } from './functions/import-demo-history.ts'
import { loadDestination } from './functions/load-destination.ts'
import { loadExternal } from './functions/load-external.ts'
import { lookUpQueuedGenres } from './functions/look-up-genres.ts'
import { packLandedPages } from './functions/pack-landing.ts'
import { plan } from './functions/plan.ts'
import { publishLake } from './functions/publish-lake.ts'
import { runListenerImport } from './functions/run-import.ts'
import { sendWaitingMessages } from './functions/send-messages.ts'
import { takeArrivedFiles } from './functions/take-arrivals.ts'
import { watchConsent } from './functions/watch-consent.ts'
import { weeklySummary } from './functions/weekly-summary.ts'

export { inngest } from './client.ts'

/** All background functions. */
export const functions = [
  plan,
  extractStream,
  loadDestination,
  loadExternal,
  endRun,
  sendWaitingMessages,
  watchConsent,
  weeklySummary,
  packLandedPages,
  importHistory,
  runListenerImport,
  publishLake,
  takeArrivedFiles,
  // While it is off, it isn't called either.
  ...(musicBrainz() ? [lookUpQueuedGenres] : []),
]
