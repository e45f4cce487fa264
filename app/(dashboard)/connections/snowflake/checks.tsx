import { CheckList } from '#app/_ui/check-list.tsx'
import type { MarkLook } from '#app/_ui/status-icon.tsx'
import type { SnowflakeCheck } from '#lib/api/warehouse.ts'

const LOOKS: Record<SnowflakeCheck['state'], MarkLook> = {
  ok: 'good',
  failed: 'bad',
  advice: 'warning',
  'not reached': 'unknown',
}

/** The results of the connection checks, in order. */
export function Checks({ checks }: { checks: SnowflakeCheck[] }) {
  return (
    <CheckList
      checks={checks.map(({ name, state, message, remedy, ms }) => ({
        name,
        kind: LOOKS[state],
        detail: state,
        message: state === 'not reached' ? '' : message,
        remedy,
        ...(state === 'not reached' ? {} : { ms }),
      }))}
    />
  )
}
