'use client'

import { Button, Checkbox, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { asProblem } from '#app/_ui/answers.ts'
import { formatDate } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { Channel, ChannelForm as ChannelFields, SavedChannel } from '#lib/api/channels.ts'
import type { ChannelKind } from '#lib/channels/kinds.ts'
import classes from './notifications.module.css'
import { CHANNELS, EVENTS, KINDS, USUAL_EVENTS } from './words.ts'

interface Props {
  /** The one that is changed; a new one when left out. */
  channel?: Channel
  canMail: boolean
  onSaved: (answer: SavedChannel) => void
  onClose: () => void
}

const KIND_NAMES = Object.keys(KINDS) as ChannelKind[]

function valuesOf(channel?: Channel): ChannelFields {
  return {
    kind: channel?.kind ?? 'slack',
    label: channel?.label ?? '',
    address: '',
    token: '',
    events: channel?.events ?? USUAL_EVENTS,
  }
}

/** A new channel, or a change of one: an address that is saved is never shown, only replaced. */
export function ChannelForm({ channel, canMail, onSaved, onClose }: Props) {
  const [values, setValues] = useState(() => valuesOf(channel))
  const [isReplacing, setReplacing] = useState(!channel)
  const set = (change: Partial<ChannelFields>) => setValues((before) => ({ ...before, ...change }))
  const save = useSend<SavedChannel, Partial<ChannelFields>>(
    channel ? 'PUT' : 'POST',
    channel ? `${CHANNELS}/${channel.id}` : CHANNELS,
    { quiet: true, onDone: onSaved },
  )
  const problem = save.error && asProblem(save.error)
  const fields = problem?.fields ?? {}

  function submit(event: FormEvent) {
    event.preventDefault()
    const { kind, label, address, token, events } = values
    const target = isReplacing ? { address, ...(kind === 'ntfy' && token ? { token } : {}) } : {}
    save.mutate({ ...(channel ? {} : { kind }), label: label.trim() || KINDS[kind].title, events, ...target })
  }

  return (
    <form
      onSubmit={submit}
      className={classes.form}
      noValidate
      aria-label={channel ? `Change ${channel.label}` : 'Add a channel'}
    >
      <div className={classes.pair}>
        {!channel && (
          <NativeSelect
            label="Kind"
            value={values.kind}
            onChange={(event) => {
              const kind = KIND_NAMES.find((name) => name === event.currentTarget.value)
              if (kind) set({ kind })
              save.reset()
            }}
            data={KIND_NAMES.map((kind) => ({
              value: kind,
              label: kind === 'email' && !canMail ? 'E-mail (not set up here)' : KINDS[kind].title,
              disabled: kind === 'email' && !canMail,
            }))}
          />
        )}
        <TextInput
          label="Name"
          placeholder={KINDS[values.kind].title}
          value={values.label}
          onChange={(event) => set({ label: event.currentTarget.value })}
          error={fields.label}
          autoComplete="off"
        />
      </div>
      {isReplacing ? (
        <AddressFields values={values} set={set} errors={fields} />
      ) : (
        channel && <SavedAddress channel={channel} onReplace={() => setReplacing(true)} />
      )}
      <EventChoice values={values} set={set} error={fields.events} />
      {problem && Object.keys(fields).length === 0 && <ProblemText problem={problem} />}
      <div className={classes.buttons}>
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

interface FieldProps {
  values: ChannelFields
  set: (change: Partial<ChannelFields>) => void
}

function AddressFields({ values, set, errors }: FieldProps & { errors: Record<string, string> }) {
  const { address, like, help } = KINDS[values.kind]
  return (
    <>
      <TextInput
        label={address}
        description={help}
        placeholder={like}
        value={values.address}
        onChange={(event) => set({ address: event.currentTarget.value })}
        error={errors.address}
        autoComplete="off"
        spellCheck={false}
      />
      {values.kind === 'ntfy' && (
        <PasswordInput
          label="Access token"
          description="Of a protected topic only."
          value={values.token ?? ''}
          onChange={(event) => set({ token: event.currentTarget.value })}
          error={errors.token}
          autoComplete="off"
        />
      )}
    </>
  )
}

function SavedAddress({ channel, onReplace }: { channel: Channel; onReplace: () => void }) {
  const zone = useZone()
  return (
    <div>
      <p className={classes.label}>{KINDS[channel.kind].address}</p>
      <div className={classes.buttons}>
        <span className={classes.saved}>saved {formatDate(channel.savedAt, zone)}</span>
        <Button variant="default" size="xs" onClick={onReplace}>
          Replace
        </Button>
      </div>
    </div>
  )
}

function EventChoice({ values, set, error }: FieldProps & { error: string | undefined }) {
  return (
    <Checkbox.Group
      label="Tell me when"
      value={values.events}
      onChange={(chosen) => set({ events: EVENTS.map(({ event }) => event).filter((event) => chosen.includes(event)) })}
      error={error}
    >
      <div className={classes.events}>
        {EVENTS.map(({ event, label, help }) => (
          <Checkbox key={event} value={event} label={label} description={help} />
        ))}
      </div>
    </Checkbox.Group>
  )
}
