import type { StreamRunState } from '#lib/api/lists.ts'
import type { Run, RunTotals } from '#lib/api/runs.ts'
import { formatDuration, formatNumber } from './format.ts'

const TRIGGER_LABELS: Record<Run['trigger'], string> = {
  'sign-in': 'At sign-in',
  schedule: 'By schedule',
  manual: 'Started',
  're-run': 'Re-run',
}

export const STATE_LABELS: Record<StreamRunState, string> = {
  queued: 'queued',
  running: 'running',
  waiting: 'waiting',
  succeeded: 'succeeded',
  'nothing new': 'nothing new',
  incomplete: 'incomplete',
  failed: 'failed',
  skipped: 'skipped',
  cancelled: 'canceled',
}

/** For example "Re-run by Juniper". */
function formatTrigger({ trigger, by }: Pick<Run, 'trigger' | 'by'>): string {
  return by ? `${TRIGGER_LABELS[trigger]} by ${by}` : TRIGGER_LABELS[trigger]
}

/** Who or what started a run, for example "Schedule" or "Juniper (re-run)". */
export function formatStartedBy({ trigger, by }: Pick<Run, 'trigger' | 'by'>): string {
  if (trigger === 'schedule') return 'Schedule'
  if (trigger === 'sign-in') return 'Sign-in'
  const name = by ?? 'Unknown'
  return trigger === 're-run' ? `${name} (re-run)` : name
}

/** The name of a run in a list: its trigger, and for a load its destination. */
export function formatRunTitle(run: Pick<Run, 'kind' | 'trigger' | 'by'>): string {
  const trigger = formatTrigger(run)
  return run.kind === 'load' ? `Load into Snowflake, ${trigger.charAt(0).toLowerCase()}${trigger.slice(1)}` : trigger
}

/** For example "50 new, 2 changed, 1 removed", or "no changes". */
export function formatChanges(totals: Pick<RunTotals, 'new' | 'changed' | 'removed'>): string {
  const parts = (['new', 'changed', 'removed'] as const)
    .filter((kind) => totals[kind] > 0)
    .map((kind) => `${formatNumber(totals[kind])} ${kind}`)
  return parts.join(', ') || 'no changes'
}

/** Duration of a run so far; null before its start. */
export function formatRunDuration(run: Pick<Run, 'startedAt' | 'endedAt'>, now: number): string | null {
  if (!run.startedAt) return null
  const end = run.endedAt ? Date.parse(run.endedAt) : now
  return formatDuration(Math.max(0, end - Date.parse(run.startedAt)))
}
