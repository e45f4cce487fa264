import type { ReactNode } from 'react'
import classes from './fact-list.module.css'

interface Props {
  /** Null facts are omitted. */
  facts: [label: string, fact: ReactNode][]
}

/** Labeled facts, side by side if there is room. */
export function FactList({ facts }: Props) {
  return (
    <dl className={classes.facts}>
      {facts.map(
        ([label, fact]) =>
          fact !== null && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{fact}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
