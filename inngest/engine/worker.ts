import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import type pg from 'pg'
import { log } from '#lib/core/log.ts'
import { DueCall } from './dispatch.ts'

const logger = new Logger(() => (level, message) => {
  if (level === 'error') log.error('error in the job queue', { detail: message })
})

/** Creates or updates the queue's tables and releases the locks of a dead engine, which would last four hours. */
export async function prepareQueue(pool: pg.Pool): Promise<void> {
  const utils = await makeWorkerUtils({ pgPool: pool, logger })
  try {
    await utils.migrate()
    const { rows } = await pool.query<{ worker: string }>(
      'select distinct locked_by as worker from graphile_worker.jobs where locked_by is not null',
    )
    if (rows.length > 0) await utils.forceUnlockWorkers(rows.map(({ worker }) => worker))
  } finally {
    await utils.release()
  }
}

/** Deletes jobs that a crash left behind. Their calls have new ones. */
export async function sweepQueue(pool: pg.Pool): Promise<void> {
  const utils = await makeWorkerUtils({ pgPool: pool, logger })
  try {
    await utils.cleanup({ tasks: ['DELETE_PERMAFAILED_JOBS'] })
  } finally {
    await utils.release()
  }
}

/** Runs all future jobs now: after the clock was set back, they would wait too long. */
export async function wakeQueue(pool: pg.Pool): Promise<void> {
  await pool.query(`
    select graphile_worker.reschedule_jobs(array_agg(id), run_at := now())
    from graphile_worker.jobs where run_at > now() having count(*) > 0`)
}

export interface WorkerOptions {
  pool: pg.Pool
  /** Concurrent jobs. Each call to the app occupies one until it ends. */
  concurrency: number
  /** How often to look for future jobs that have become due; new ones announce themselves. */
  pollMs: number
  call: (due: DueCall) => Promise<void>
  sleep: (due: DueCall) => Promise<void>
}

/** Runs jobs as they become due. `ended` rejects when the queue fails. */
export async function startWorker(options: WorkerOptions): Promise<{ stop(): Promise<void>; ended: Promise<void> }> {
  const { pool, concurrency, pollMs, call, sleep } = options
  const runner = await run({
    pgPool: pool,
    noHandleSignals: true,
    logger,
    preset: {
      worker: {
        concurrentJobs: concurrency,
        pollInterval: pollMs,
        // One query fetches jobs for all workers.
        localQueue: { size: concurrency },
        completeJobBatchDelay: 0,
      },
    },
    taskList: { call: (job) => call(DueCall.parse(job)), sleep: (job) => sleep(DueCall.parse(job)) },
  })
  const stop = () => runner.stop().catch((error) => log.warn("the job queue didn't stop cleanly", { error }))
  return { stop, ended: runner.promise }
}
