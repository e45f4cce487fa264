import type { Run, RunTotals } from '#lib/api/runs.ts'
import { formatDuration, formatNumber } from './format.ts'

const TRIGGERS: Record<Run['trigger'], string> = {
  'sign-in': 'At sign-in',
  schedule: 'By schedule',
  manual: 'Started',
  're-run': 'Re-run',
  upload: 'After an upload',
}

/** "Re-run by Juniper" */
export function triggerWords({ trigger, by }: Pick<Run, 'trigger' | 'by'>): string {
  return by ? `${TRIGGERS[trigger]} by ${by}` : TRIGGERS[trigger]
}

/** What a run is called in a list: how it began, and for a load where it leads. */
export function runTitle(run: Pick<Run, 'kind' | 'trigger' | 'by'>): string {
  const begun = triggerWords(run)
  return run.kind === 'load' ? `Load into Snowflake, ${begun.charAt(0).toLowerCase()}${begun.slice(1)}` : begun
}

/** "50 new, 2 changed, 1 removed", or "no changes". */
export function changeWords(totals: Pick<RunTotals, 'new' | 'changed' | 'removed'>): string {
  const parts = (['new', 'changed', 'removed'] as const)
    .filter((kind) => totals[kind] > 0)
    .map((kind) => `${formatNumber(totals[kind])} ${kind}`)
  return parts.join(', ') || 'no changes'
}

/** How long it took, or has taken so far; null before the start. */
export function durationWords(run: Pick<Run, 'startedAt' | 'endedAt'>, now: number): string | null {
  if (!run.startedAt) return null
  const end = run.endedAt ? Date.parse(run.endedAt) : now
  return formatDuration(Math.max(0, end - Date.parse(run.startedAt)))
}
