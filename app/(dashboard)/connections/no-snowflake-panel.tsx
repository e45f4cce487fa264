import { Button } from '@mantine/core'
import Link from 'next/link'
import { Panel } from '#app/_ui/panel.tsx'
import classes from './connections.module.css'

/** The way to a warehouse of the listener's own. */
export function NoSnowflakePanel() {
  return (
    <Panel
      title="Snowflake"
      action={
        <Button component={Link} href="/connections/snowflake" variant="default">
          Connect Snowflake
        </Button>
      }
    >
      <p>Not connected. With a Snowflake of your own, all tables and their history are loaded there too.</p>
      <p className={classes.detail}>
        Pages go on reading the copy here, so they stay fast and wake nothing. Loading once a day costs less than a
        credit a month.
      </p>
    </Panel>
  )
}
