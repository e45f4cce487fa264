import { CheckList } from '#app/_ui/check-list.tsx'
import type { MarkLook } from '#app/_ui/mark.tsx'
import type { SnowflakeCheck } from '#lib/api/warehouse.ts'

const LOOKS: Record<SnowflakeCheck['state'], MarkLook> = {
  ok: 'good',
  failed: 'bad',
  advice: 'warning',
  'not reached': 'unknown',
}

/** Each step that was tried with the listener's Snowflake, in its order. */
export function Checks({ checks }: { checks: SnowflakeCheck[] }) {
  return (
    <CheckList
      checks={checks.map(({ name, state, message, remedy, ms }) => ({
        name,
        look: LOOKS[state],
        word: state,
        message: state === 'not reached' ? '' : message,
        remedy,
        ...(state === 'not reached' ? {} : { ms }),
      }))}
    />
  )
}
