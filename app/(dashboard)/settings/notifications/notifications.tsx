'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { Copyable } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import type { ChannelsResponse, SavedChannel } from '#lib/api/channels.ts'
import { getChannels } from '#lib/api/client.ts'
import { ChannelForm } from './channel-form.tsx'
import { ChannelItem } from './channel-item.tsx'
import classes from './notifications.module.css'

/** The notification channels of the listener. */
export function Notifications() {
  const { data, error, isPending, refetch } = useEndpoint(getChannels)
  const [isAdding, setAdding] = useState(false)
  const [signingSecret, setSigningSecret] = useState<string | null>(null)
  const saved = (result: SavedChannel) => {
    setAdding(false)
    setSigningSecret(result.signingSecret)
  }
  return (
    <Panel
      title="Notifications"
      id="notifications"
      action={
        !isAdding && (
          <Button variant="default" size="xs" onClick={() => setAdding(true)}>
            Add a channel
          </Button>
        )
      }
    >
      <div className={classes.stack}>
        {signingSecret && <SigningSecret secret={signingSecret} />}
        {isAdding && data && <ChannelForm canMail={data.canMail} onSaved={saved} onClose={() => setAdding(false)} />}
        {isPending ? (
          <Placeholder height={72} />
        ) : data ? (
          <ChannelList data={data} onSaved={saved} isAdding={isAdding} />
        ) : (
          <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
        )}
      </div>
    </Panel>
  )
}

interface ListProps {
  data: ChannelsResponse
  isAdding: boolean
  onSaved: (saved: SavedChannel) => void
}

function ChannelList({ data: { channels, canMail }, isAdding, onSaved }: ListProps) {
  if (channels.length === 0) {
    return isAdding ? null : (
      <p className={classes.dimmed}>
        No notifications yet. Get notified by Slack, Discord, ntfy{canMail ? ', webhook or email' : ' or webhook'} when
        a sync fails.
      </p>
    )
  }
  return (
    <ul className={classes.channels}>
      {channels.map((channel) => (
        <ChannelItem key={channel.id} channel={channel} canMail={canMail} onSaved={onSaved} />
      ))}
    </ul>
  )
}

function SigningSecret({ secret }: { secret: string }) {
  return (
    <div role="status" className={classes.secret}>
      <p>
        The webhook is saved. Its messages are signed with this secret. It’s shown only now, so store it where your
        receiver can find it:
      </p>
      <Copyable text={secret} />
    </div>
  )
}
