'use client'

import { CopyableScript } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import classes from './data.module.css'
import { DBT_SCRIPTS, type DbtTarget } from './dbt-script.ts'

const TARGETS: Record<DbtTarget, { label: string; about: string }> = {
  duckdb: {
    label: 'In a copy of the built-in warehouse',
    about:
      'The file is in the folder “warehouses” of this instance’s data. Stop Tracklake before you copy it: dbt must not open a file that Tracklake uses.',
  },
  snowflake: {
    label: 'In your Snowflake',
    about: 'TRACKLAKE_RAW_SCHEMA is the schema of your connection.',
  },
}

/** How to build the same tables with dbt. @param target shown first */
export function DbtPanel({ target }: { target: DbtTarget }) {
  const others = (Object.keys(TARGETS) as DbtTarget[]).filter((name) => name !== target)
  return (
    <Panel title="Build with dbt">
      <div className={classes.steps}>
        <p>
          Tracklake builds the staging, analytical and reporting tables by itself. They are a plain dbt project, the
          folder <code>dbt</code> of its source. If you want to change them, build them with dbt: it writes to schemas
          of its own (<code>dbt_staging</code> …), beside Tracklake’s.
        </p>
        {[target, ...others].map((name) => (
          <Disclosure key={name} name={name} isOpen={name === target} />
        ))}
      </div>
    </Panel>
  )
}

function Disclosure({ name, isOpen }: { name: DbtTarget; isOpen: boolean }) {
  const { label, about } = TARGETS[name]
  return (
    <details open={isOpen} className={classes.details}>
      <summary>{label}</summary>
      <p>{about}</p>
      <CopyableScript label={`Commands: ${label}`} button="Copy commands" text={DBT_SCRIPTS[name]} />
    </details>
  )
}
