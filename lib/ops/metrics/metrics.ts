import { createHash, timingSafeEqual } from 'node:crypto'
import { Gauge, Registry } from 'prom-client'
import { now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { health } from '#lib/ops/health.ts'
import {
  type Figure,
  lagFigures,
  loadFigures,
  peopleFigures,
  queueFigures,
  quotaFigures,
  runFigures,
} from './figures.ts'

/** The instance for Prometheus. Every value is asked for anew, so several instances on one database say the same. */

/**
 * Lets in who knows the token of the settings.
 * @throws Refused 404 when there is none, 401 for another one
 */
export function requireMetricsToken(authorization: string | null): void {
  const { METRICS_TOKEN } = settings()
  if (!METRICS_TOKEN)
    throw new Refused(404, 'no-metrics', 'There is nothing at this address', 'The operator sets METRICS_TOKEN.')
  if (!sameText(authorization ?? '', `Bearer ${METRICS_TOKEN}`))
    throw new Refused(401, 'wrong-token', 'This is not the token', 'Send "Authorization: Bearer" with METRICS_TOKEN.')
}

/** Takes as long for the first wrong letter as for the last. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

type Metric = [name: string, help: string, figures: Figure[]]

/** @returns the text format of Prometheus */
export async function metrics(at = now()): Promise<{ text: string; contentType: string }> {
  const register = new Registry()
  for (const [name, help, figures] of await everything(at)) {
    const labelNames = [...new Set(figures.flatMap(({ labels }) => Object.keys(labels)))]
    const gauge = new Gauge({ name: `tracklake_${name}`, help, labelNames, registers: [register] })
    for (const { labels, value } of figures) gauge.set(labels, value)
  }
  return { text: await register.metrics(), contentType: register.contentType }
}

async function everything(at: Date): Promise<Metric[]> {
  const [state, runs, lag, quota, queue, loads, people] = await Promise.all([
    health(),
    runFigures(at),
    lagFigures(at),
    quotaFigures(at),
    queueFigures(),
    loadFigures(at),
    peopleFigures(),
  ])
  const well = { ok: 1, degraded: 0.5, down: 0 }
  return [
    ['info', 'The version that runs.', [{ labels: { version: state.version }, value: 1 }]],
    [
      'health',
      'Of each part as /api/health says it: 1 ok, 0.5 degraded, 0 down.',
      state.checks.map(({ name, status }) => ({ labels: { part: name }, value: well[status] })),
    ],
    ['runs', 'Runs of the last 24 hours, and those under way, by kind and state.', runs.runs],
    ['stream_runs', 'Stream runs of the same runs, by stream and state.', runs.streamRuns],
    ['rows', 'Rows of the same runs, by stream and what became of them.', runs.rows],
    ['requests', 'Requests to Spotify of the same runs, by stream.', runs.requests],
    ['recently_played_lag_seconds', 'Since the last look at recently played, over all connected listeners.', lag.polls],
    ['planning_lag_seconds', 'Since planning last went through.', lag.planning],
    ['load_lag_seconds', 'Age of the oldest read that waits for a warehouse.', lag.loads],
    ['quota_requests', 'Requests of the last 24 hours, by developer account and group of addresses.', quota.used],
    ['quota_day_limit', 'Requests a day that Spotify was seen to take.', quota.limits],
    ['quota_blocked_seconds', 'Until Spotify answers again.', quota.blocked],
    ['queue_depth', 'What waits for its turn.', queue],
    ['loads', 'Reads loaded within the last 24 hours, and all that wait or failed, by warehouse.', loads.loads],
    ['snowflake_statements', 'Statements sent to Snowflake within the last 24 hours.', loads.statements],
    ['snowflake_seconds', 'How long Snowflake worked within the last 24 hours.', loads.seconds],
    ['listeners', 'Listeners by the state of their consent.', people.listeners],
    ['troubles', 'What is wrong now, for how many listeners or streams.', people.troubles],
  ]
}
