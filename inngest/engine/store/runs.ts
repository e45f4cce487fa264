import { DAY } from '#lib/core/clock.ts'
import type { Querier } from './database.ts'

/** Reads and writes runs, their calls and their steps. The caller decides what belongs to one transaction. */

/** The protocol's name for a call of the function itself; any other target is the id of a step. */
const FUNCTION_TARGET = 'step'

export interface NewRun {
  id: string
  functionId: string
  /** The event as JSON. */
  event: string
}

export interface NewCall {
  runId: string
  functionId: string
  target: string
  kind: 'call' | 'sleep'
  attempt: number
  losses: number
  delayMs: number
}

export interface FinishedStep {
  id: string
  outcome: 'data' | 'error'
  value: unknown
}

/** A call that this engine holds under its token, so that no other engine can take it. */
export interface HeldCall {
  runId: string
  functionId: string
  target: string
  token: string
  attempt: number
  losses: number
  event: string
  steps: [id: string, outcome: 'data' | 'error', value: string][]
}

// One statement writes each call and its timer, so neither exists without the other.
const SCHEDULE = `
with spec as (
  select * from json_to_recordset($1) as spec
    ("runId" text, "functionId" text, target text, kind text, attempt int, losses int, "delayMs" float8)
), due as (
  insert into engine.calls (run_id, target, kind, attempt, losses, due_at)
  select "runId", target, kind, attempt, losses, now() + "delayMs" * interval '1 millisecond' from spec
  on conflict (run_id, target) do nothing
  returning run_id, target, due_at
), jobs as (
  select array_agg((spec.kind, json_build_object('runId', "runId", 'functionId', "functionId", 'target', spec.target),
    null, due_at, 1, "runId" || ':' || spec.target, 0, null)::graphile_worker.job_spec) as specs
  from spec join due on due.run_id = spec."runId" and due.target = spec.target
)
select count(*) from jobs, graphile_worker.add_jobs(jobs.specs) where jobs.specs is not null`

/** Schedules calls and sleeps. One that is already scheduled is left unchanged. */
export async function schedule(db: Querier, calls: NewCall[]): Promise<void> {
  if (calls.length > 0) await db.query(SCHEDULE, [JSON.stringify(calls)])
}

export function functionCall(runId: string, functionId: string): NewCall {
  return { runId, functionId, target: FUNCTION_TARGET, kind: 'call', attempt: 0, losses: 0, delayMs: 0 }
}

/** Writes runs and their first calls. */
export async function createRuns(db: Querier, runs: NewRun[]): Promise<void> {
  if (runs.length === 0) return
  await db.query(
    'insert into engine.runs (id, function_id, event) select * from unnest($1::text[], $2::text[], $3::text[])',
    [runs.map((run) => run.id), runs.map((run) => run.functionId), runs.map((run) => run.event)],
  )
  await schedule(
    db,
    runs.map((run) => functionCall(run.id, run.functionId)),
  )
}

/** One field of the data of a run's event as text; empty when it is missing. */
export async function fieldOfEvent(db: Querier, runId: string, field: string): Promise<string> {
  const { rows } = await db.query<{ value: string | null }>({
    name: 'field of event',
    text: "select event::json -> 'data' ->> $2 as value from engine.runs where id = $1",
    values: [runId, field],
  })
  return rows[0]?.value ?? ''
}

/** Takes a due call. Each attempt has a new token, so that the response to an earlier one is recognized as stale. */
export async function holdCall(
  db: Querier,
  call: { runId: string; target: string },
  token: string,
): Promise<HeldCall | undefined> {
  const { rows } = await db.query<HeldCall>({
    name: 'hold call',
    text: `
    with held as (
      update engine.calls set token = $3 where run_id = $1 and target = $2 and kind = 'call' and token is null
      returning run_id, target, token, attempt, losses
    )
    select held.run_id as "runId", run.function_id as "functionId", held.target, held.token, held.attempt, held.losses, run.event,
      coalesce((select json_agg(json_build_array(step.id, step.outcome, step.value) order by step.position)
        from engine.steps step where step.run_id = held.run_id), '[]') as steps
    from held join engine.runs run on run.id = held.run_id`,
    values: [call.runId, call.target, token],
  })
  return rows[0]
}

/**
 * Releases a call and locks its run until the transaction ends, so that results of parallel steps are applied one by one.
 *
 * @returns false when the call is no longer held under this token: the response is stale and must change nothing
 */
export async function releaseCall(db: Querier, { runId, target, token }: HeldCall): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'release call',
    text: `
    with run as (select id from engine.runs where id = $1 for no key update)
    delete from engine.calls using run where run_id = run.id and target = $2 and token = $3`,
    values: [runId, target, token],
  })
  return rowCount === 1
}

const SAVE_STEPS = `
insert into engine.steps (run_id, id, outcome, value)
select $1, step.id, step.outcome, step.value
from unnest($2::text[], $3::text[], $4::text[]) with ordinality as step(id, outcome, value, place)`

function stepColumns(steps: FinishedStep[]): string[][] {
  return [
    steps.map(({ id }) => id),
    steps.map(({ outcome }) => outcome),
    steps.map(({ value }) => JSON.stringify(value ?? null)),
  ]
}

export async function saveSteps(db: Querier, runId: string, steps: FinishedStep[]): Promise<void> {
  if (steps.length === 0) return
  await db.query(`${SAVE_STEPS} order by place on conflict do nothing`, [runId, ...stepColumns(steps)])
}

/**
 * Saves steps that the app finished during a call.
 *
 * @returns false when the call is no longer held under this token
 */
export async function saveCheckpoint(
  db: Querier,
  runId: string,
  token: string,
  steps: FinishedStep[],
): Promise<boolean> {
  const { rows } = await db.query({
    name: 'save checkpoint',
    text: `
    with mine as (select 1 from engine.calls where run_id = $1 and token = $5), saved as (
      ${SAVE_STEPS} where exists (select from mine) order by place on conflict do nothing
    )
    select from mine`,
    values: [runId, ...stepColumns(steps), token],
  })
  return rows.length === 1
}

/** True while the run waits for an active call, a scheduled call or a sleep. */
export async function isWaiting(db: Querier, runId: string): Promise<boolean> {
  const { rows } = await db.query('select from engine.calls where run_id = $1 limit 1', [runId])
  return rows.length > 0
}

/** Ends a run and drops what it was waiting for. */
export async function endRun(
  db: Querier,
  runId: string,
  state: 'completed' | 'failed',
  result: unknown,
): Promise<void> {
  await db.query({
    name: 'end run',
    text: `
    with dropped as (delete from engine.calls where run_id = $1)
    update engine.runs set state = $2, result = $3, ended_at = now() where id = $1 and ended_at is null`,
    values: [runId, state, JSON.stringify(result ?? null)],
  })
}

/**
 * Ends a sleep and locks its run.
 *
 * @returns false when the sleep has ended already
 */
export async function endSleep(db: Querier, { runId, target }: { runId: string; target: string }): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'end sleep',
    text: `
    with run as (select id from engine.runs where id = $1 for no key update)
    delete from engine.calls using run where run_id = run.id and target = $2 and kind = 'sleep'`,
    values: [runId, target],
  })
  if (rowCount !== 1) return false
  await saveSteps(db, runId, [{ id: target, outcome: 'data', value: null }])
  return true
}

/** Releases every call and resets its timer: after a crash, no call can be active. @returns how many were held */
export async function resumeCalls(db: Querier): Promise<number> {
  const { rowCount } = await db.query('update engine.calls set token = null where token is not null')
  await db.query(`
    with jobs as (
      select array_agg((call.kind, json_build_object('runId', run.id, 'functionId', run.function_id, 'target', target),
        null, due_at, 1, run.id || ':' || target, 0, null)::graphile_worker.job_spec order by due_at, run.id) as specs
      from engine.calls call join engine.runs run on run.id = call.run_id
    )
    select count(*) from jobs, graphile_worker.add_jobs(jobs.specs) where jobs.specs is not null`)
  return rowCount ?? 0
}

/** The tokens of all held calls. */
export async function heldTokens(db: Querier): Promise<string[]> {
  const { rows } = await db.query<{ token: string }>('select token from engine.calls where token is not null')
  return rows.map(({ token }) => token)
}

/** Releases the calls held under these tokens and resets their timers. */
export async function freeCalls(db: Querier, tokens: string[]): Promise<void> {
  await db.query(
    `
    with freed as (
      update engine.calls call set token = null from engine.runs run where token = any($1) and run.id = call.run_id
      returning kind, run_id, run.function_id, target, due_at
    ), jobs as (
      select array_agg((kind, json_build_object('runId', run_id, 'functionId', function_id, 'target', target),
        null, due_at, 1, run_id || ':' || target, 0, null)::graphile_worker.job_spec) as specs from freed
    )
    select count(*) from jobs, graphile_worker.add_jobs(jobs.specs) where jobs.specs is not null`,
    [tokens],
  )
}

const RETENTION_MS = 7 * DAY
const BATCH = 1_000
const MAX_BATCHES = 100

/** Deletes ended runs with their steps, and the keys of events, after seven days. Small batches keep locks short. */
export async function removeOld(db: Querier, now: Date): Promise<void> {
  const before = new Date(now.getTime() - RETENTION_MS)
  await inBatches(() =>
    db.query(
      `delete from engine.runs where id in (select id from engine.runs where ended_at < $1 order by ended_at limit ${BATCH})`,
      [before],
    ),
  )
  await inBatches(() =>
    db.query(
      `delete from engine.events where key in (select key from engine.events where received_at < $1 order by received_at limit ${BATCH})`,
      [before],
    ),
  )
}

async function inBatches(remove: () => Promise<{ rowCount: number | null }>): Promise<void> {
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const { rowCount } = await remove()
    if ((rowCount ?? 0) < BATCH) return
  }
}
