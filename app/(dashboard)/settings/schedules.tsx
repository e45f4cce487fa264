'use client'

import type { SettingsAnswer } from '../../../lib/answers.ts'
import { Moment } from '../../_ui/moment.tsx'
import { Panel } from '../../_ui/panel.tsx'
import classes from './settings.module.css'

/** When which streams are fetched by themselves. */
export function Schedules({ schedules }: Pick<SettingsAnswer, 'schedules'>) {
  return (
    <Panel title="Schedules">
      {schedules.length === 0 && <p className={classes.saved}>Nothing is scheduled while Spotify is not connected.</p>}
      <ul className={classes.schedules}>
        {schedules.map(({ group, every, streams, nextAt }) => (
          <li key={group}>
            <h3>{group}</h3>
            <span>{every}</span>
            <span>{nextAt ? <Moment at={nextAt} /> : 'not planned'}</span>
            <span className={classes.saved}>{streams.join(' · ')}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
