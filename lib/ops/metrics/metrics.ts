import { createHash, timingSafeEqual } from 'node:crypto'
import { Gauge, Registry } from 'prom-client'
import { now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { health } from '#lib/ops/health.ts'
import {
  type Figure,
  lagFigures,
  listenerFigures,
  loadFigures,
  queueFigures,
  quotaFigures,
  runFigures,
} from './figures.ts'

/** The metrics for Prometheus. Every value is queried, so several instances on one database report the same. */

/** @throws Refused 404 if METRICS_TOKEN is not set, 401 for a wrong token */
export function requireMetricsToken(authorization: string | null): void {
  const { METRICS_TOKEN } = settings()
  if (!METRICS_TOKEN)
    throw new Refused(404, 'no-metrics', 'There’s nothing at this address', 'The operator has to set METRICS_TOKEN.')
  if (!sameText(authorization ?? '', `Bearer ${METRICS_TOKEN}`))
    throw new Refused(401, 'wrong-token', 'This token is wrong', 'Send "Authorization: Bearer" with METRICS_TOKEN.')
}

/** Compares in constant time. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

type Metric = [name: string, help: string, figures: Figure[]]

/** @returns the text format of Prometheus */
export async function metrics(at = now()): Promise<{ text: string; contentType: string }> {
  const register = new Registry()
  for (const [name, help, figures] of await allMetrics(at)) {
    const labelNames = [...new Set(figures.flatMap(({ labels }) => Object.keys(labels)))]
    const gauge = new Gauge({ name: `tracklake_${name}`, help, labelNames, registers: [register] })
    for (const { labels, value } of figures) gauge.set(labels, value)
  }
  return { text: await register.metrics(), contentType: register.contentType }
}

async function allMetrics(at: Date): Promise<Metric[]> {
  const [state, runs, lag, quota, queue, loads, listeners] = await Promise.all([
    health(),
    runFigures(at),
    lagFigures(at),
    quotaFigures(at),
    queueFigures(),
    loadFigures(at),
    listenerFigures(),
  ])
  const values = { ok: 1, degraded: 0.5, down: 0 }
  return [
    ['info', 'The running version.', [{ labels: { version: state.version }, value: 1 }]],
    [
      'health',
      'State of each part as in /api/health: 1 ok, 0.5 degraded, 0 down.',
      state.checks.map(({ name, status }) => ({ labels: { part: name }, value: values[status] })),
    ],
    ['runs', 'Runs of the last 24 hours and active ones, by kind and state.', runs.runs],
    ['stream_runs', 'Stream runs of the same runs, by stream and state.', runs.streamRuns],
    ['rows', 'Rows of the same runs, by stream and change.', runs.rows],
    ['requests', 'Requests to Spotify of the same runs, by stream.', runs.requests],
    [
      'recently_played_lag_seconds',
      'Time since the last poll of recently played, over all connected listeners.',
      lag.polls,
    ],
    ['planning_lag_seconds', 'Time since planning last succeeded.', lag.planning],
    ['load_lag_seconds', 'Age of the oldest read that waits to be loaded.', lag.loads],
    ['quota_requests', 'Requests of the last 24 hours, by developer account and request group.', quota.used],
    ['quota_day_limit', 'Known limits of requests per day.', quota.limits],
    ['quota_blocked_seconds', 'Time until Spotify accepts requests again.', quota.blocked],
    ['queue_depth', 'Length of each queue.', queue],
    ['loads', 'Reads loaded in the last 24 hours and all that wait or failed, by warehouse.', loads.loads],
    ['snowflake_statements', 'Statements sent to Snowflake in the last 24 hours.', loads.statements],
    ['snowflake_seconds', 'Time Snowflake worked in the last 24 hours.', loads.seconds],
    ['listeners', 'Listeners by consent state.', listeners.listeners],
    ['troubles', 'Open alerts by kind.', listeners.alerts],
  ]
}
