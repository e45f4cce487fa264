import { CopyButton } from './copy-button.tsx'
import classes from './copyable.module.css'

/** A short text to take along. */
export function Copyable({ text }: { text: string }) {
  return (
    <span className={classes.copyable}>
      <code>{text}</code>
      <CopyButton text={text} />
    </span>
  )
}

interface ScriptProps {
  /** What people who hear the page are told that it is. */
  label: string
  text: string
  /** The button's name while nothing was copied. */
  word: string
}

/** A script to copy and run elsewhere. Long ones scroll. */
export function CopyableScript({ label, text, word }: ScriptProps) {
  return (
    <div className={classes.script}>
      <CopyButton text={text} word={word} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
    </div>
  )
}
