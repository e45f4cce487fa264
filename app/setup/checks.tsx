import type { SetupCheckAnswer } from '../../lib/answers.ts'
import { inSentences } from '../_ui/format.ts'
import { Mark } from '../_ui/mark.tsx'
import classes from './setup.module.css'

/** Each check with what it found, and its fix where it failed. */
export function Checks({ checks }: Pick<SetupCheckAnswer, 'checks'>) {
  return (
    <ul className={classes.checks} aria-live="polite">
      {checks.map(({ name, ok, message, remedy }) => (
        <li key={name}>
          <Mark look={ok ? 'good' : 'bad'} word={name} />
          <p>{ok ? message : inSentences(message, remedy)}</p>
        </li>
      ))}
    </ul>
  )
}
