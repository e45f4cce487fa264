import { CopyButton } from './copy-button.tsx'
import classes from './copyable.module.css'

/** A short text with a copy button. */
export function Copyable({ text }: { text: string }) {
  return (
    <span className={classes.copyable}>
      <code>{text}</code>
      <CopyButton text={text} />
    </span>
  )
}

interface ScriptProps {
  /** Accessible name of the script. */
  label: string
  text: string
  /** The copy button's name. */
  button: string
}

/** A script to copy and run elsewhere. Long scripts scroll. */
export function CopyableScript({ label, text, button }: ScriptProps) {
  return (
    <div className={classes.script}>
      <CopyButton text={text} label={button} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
    </div>
  )
}
