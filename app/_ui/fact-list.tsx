import type { ReactNode } from 'react'
import classes from './fact-list.module.css'

interface Props {
  /** A fact that is null is left out. */
  facts: [word: string, fact: ReactNode][]
}

/** Facts under their words, side by side where there is room. */
export function FactList({ facts }: Props) {
  return (
    <dl className={classes.facts}>
      {facts.map(
        ([word, fact]) =>
          fact !== null && (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{fact}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
