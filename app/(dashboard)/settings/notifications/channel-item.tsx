'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { formatDate, inSentences } from '#app/_ui/format.ts'
import { AlertIcon, CheckIcon } from '#app/_ui/icons.tsx'
import { useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import type { Channel, ChannelTest, SavedChannel } from '#lib/api/channels.ts'
import { removeChannel, testChannel } from '#lib/api/client.ts'
import { CHANNEL_LABELS } from '#lib/channels/kinds.ts'
import { ChannelForm } from './channel-form.tsx'
import { EVENTS } from './labels.ts'
import classes from './notifications.module.css'

interface Props {
  channel: Channel
  canMail: boolean
  onSaved: (saved: SavedChannel) => void
}

/** One channel: its events, whether the last message was delivered, and its actions. */
export function ChannelItem({ channel, canMail, onSaved }: Props) {
  const { id, kind, label, events, problem, warning } = channel
  const [isOpen, setOpen] = useState(false)
  const test = useAction(testChannel, { params: { id }, quiet: true })
  const eventLabels = events.map((event) => EVENTS[event].label.toLowerCase())
  return (
    <li aria-label={label}>
      <div className={classes.head}>
        <div className={classes.name}>
          <h3>{label}</h3>
          <span className={classes.dimmed}>{CHANNEL_LABELS[kind].title}</span>
        </div>
        <div className={classes.buttons}>
          <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate()}>
            Send a test
          </Button>
          <Button variant="default" size="xs" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Change
          </Button>
          <RemoveButton id={id} label={label} />
        </div>
      </div>
      <p className={classes.dimmed}>Notifies about: {eventLabels.join(', ')}</p>
      <Facts channel={channel} />
      {problem && !(test.data && !test.isPending) && (
        <p className={classes.problem}>
          <AlertIcon size={16} /> {problem}
        </p>
      )}
      {warning && (
        <p className={classes.warning}>
          <AlertIcon size={16} /> {warning}.
        </p>
      )}
      <div role="status">{!test.isPending && test.data && <Outcome result={test.data} />}</div>
      {test.error && <ProblemText problem={asProblem(test.error)} />}
      {isOpen && (
        <ChannelForm
          channel={channel}
          canMail={canMail}
          onClose={() => setOpen(false)}
          onSaved={(result) => {
            setOpen(false)
            onSaved(result)
          }}
        />
      )}
    </li>
  )
}

function Facts({ channel: { savedAt, lastSentAt } }: Pick<Props, 'channel'>) {
  const zone = useZone()
  return (
    <p className={classes.dimmed}>
      Address saved {formatDate(savedAt, zone)} · {lastSentAt ? 'last message ' : 'no messages yet'}
      {lastSentAt && <Moment at={lastSentAt} />}
    </p>
  )
}

function Outcome({ result: { arrived, problem, remedy } }: { result: ChannelTest }) {
  if (!arrived) {
    return (
      <p className={classes.problem}>
        <AlertIcon size={16} /> {inSentences(problem ?? '', remedy ?? '')}
      </p>
    )
  }
  return (
    <p className={classes.good}>
      <CheckIcon size={16} /> Test message delivered.
    </p>
  )
}

/** Asks for confirmation in place, which is enough since a channel is easy to add again. */
function RemoveButton({ id, label }: { id: string; label: string }) {
  const [isSure, setSure] = useState(false)
  const remove = useAction(removeChannel, { params: { id } })
  if (!isSure) {
    return (
      <Button variant="default" size="xs" onClick={() => setSure(true)}>
        Remove
      </Button>
    )
  }
  return (
    <Button
      color="rose"
      size="xs"
      loading={remove.isPending}
      onClick={() => remove.mutate()}
      onBlur={() => setSure(false)}
    >
      Remove “{label}”
    </Button>
  )
}
