import { Button } from '@mantine/core'
import { Link } from '#app/_ui/link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import classes from './connections.module.css'

/** Offers to connect the listener's own Snowflake. */
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
      <p>Not connected. With your own Snowflake, all tables and their history are loaded there too.</p>
      <p className={classes.detail}>
        Pages keep reading Tracklake’s own copy, so they stay fast and cost nothing. Loading once a day costs less than
        one credit a month.
      </p>
    </Panel>
  )
}
