import type { SetupResult } from '#lib/api/spotify-app.ts'
import classes from './check-list.module.css'
import { CopyableScript } from './copyable.tsx'
import { formatDuration, inSentences } from './format.ts'
import { Mark, type MarkLook } from './mark.tsx'

export interface CheckLine {
  name: string
  look: MarkLook
  /** Empty where the word says it all. */
  message: string
  /** What to do about it, as words or as a script of several lines; null where nothing has to be done. */
  remedy: string | null
  /** How it ended, where icon and name do not say it already. */
  word?: string
  /** How long it took, where that is known. */
  ms?: number
}

/** What failed checks say of single fields of a form, to stand beside them. */
export function fieldErrors(checks: SetupResult['checks']): Record<string, string> {
  const failed = checks.flatMap(({ ok, field, message }) => (ok || !field ? [] : [[field, inSentences(message)]]))
  return Object.fromEntries(failed)
}

const isScript = (remedy: string) => remedy.includes('\n')

/** Each check with what it found, and its fix where it failed. */
export function CheckList({ checks }: { checks: CheckLine[] }) {
  return (
    <ul className={classes.checks} aria-live="polite">
      {checks.map(({ name, look, word, message, remedy, ms }) => (
        <li key={name}>
          <div className={classes.head}>
            <Mark look={look} word={name} />
            {(word || ms !== undefined) && (
              <span className={classes.aside}>
                {[word, ms === undefined ? null : formatDuration(ms)].filter(Boolean).join(' · ')}
              </span>
            )}
          </div>
          {message && (
            <p>
              {inSentences(message)} {remedy && !isScript(remedy) && <span className={classes.remedy}>{remedy}</span>}
            </p>
          )}
          {remedy && isScript(remedy) && (
            <CopyableScript label={`Script that mends ${name}`} word="Copy the remedy" text={remedy} />
          )}
        </li>
      ))}
    </ul>
  )
}
