import type { SetupResult } from '#lib/api/spotify-app.ts'
import classes from './check-list.module.css'
import { CopyableScript } from './copyable.tsx'
import { formatDuration, inSentences } from './format.ts'
import { StatusIcon, type StatusKind } from './status-icon.tsx'

export interface CheckLine {
  name: string
  kind: StatusKind
  /** Empty if the status says it all. */
  message: string
  /** The fix, as a sentence or a script of several lines; null if there is nothing to fix. */
  remedy: string | null
  /** Status text, if the icon doesn't say it already. */
  detail?: string
  /** Duration, if known. */
  ms?: number
}

/** Messages of failed checks by form field. */
export function fieldErrors(checks: SetupResult['checks']): Record<string, string> {
  const failed = checks.flatMap(({ ok, field, message }) => (ok || !field ? [] : [[field, inSentences(message)]]))
  return Object.fromEntries(failed)
}

const isScript = (remedy: string) => remedy.includes('\n')

/** Check results, with a fix for each failed check. */
export function CheckList({ checks }: { checks: CheckLine[] }) {
  return (
    <ul className={classes.checks} aria-live="polite">
      {checks.map(({ name, kind, detail, message, remedy, ms }) => (
        <li key={name}>
          <div className={classes.head}>
            <StatusIcon kind={kind} label={name} />
            {(detail || ms !== undefined) && (
              <span className={classes.aside}>
                {[detail, ms === undefined ? null : formatDuration(ms)].filter(Boolean).join(' · ')}
              </span>
            )}
          </div>
          {message && (
            <p>
              {inSentences(message)} {remedy && !isScript(remedy) && <span className={classes.remedy}>{remedy}</span>}
            </p>
          )}
          {remedy && isScript(remedy) && (
            <CopyableScript label={`Script that fixes ${name}`} button="Copy script" text={remedy} />
          )}
        </li>
      ))}
    </ul>
  )
}
