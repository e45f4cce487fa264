import classes from './insights.module.css'

export interface Fact {
  label: string
  value: string
  unit?: string | null
  detail?: string
}

/** A few large numbers in a panel. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ label, value, unit, detail }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={classes.value}>
            {value}
            {unit && <span className={classes.unit}> {unit}</span>}
          </dd>
          {detail && <dd className={classes.detail}>{detail}</dd>}
        </div>
      ))}
    </dl>
  )
}
