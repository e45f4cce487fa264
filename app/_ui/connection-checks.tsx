import type { SnowflakeCheck } from '#lib/api/warehouse.ts'
import { CheckList } from './check-list.tsx'
import type { StatusKind } from './status-icon.tsx'

const STATUS_KINDS: Record<SnowflakeCheck['state'], StatusKind> = {
  ok: 'good',
  failed: 'bad',
  advice: 'warning',
  unconfirmed: 'waiting',
  'not reached': 'unknown',
}

/** The results of the connection checks, in order. */
export function ConnectionChecks({ checks }: { checks: SnowflakeCheck[] }) {
  return (
    <CheckList
      checks={checks.map(({ name, state, message, remedy, ms }) => ({
        name,
        kind: STATUS_KINDS[state],
        detail: state,
        message: state === 'not reached' ? '' : message,
        remedy,
        ...(state === 'not reached' ? {} : { ms }),
      }))}
    />
  )
}
