'use client'

import { Button, Checkbox, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { useState } from 'react'
import { formatDate } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { useFormRules, violations } from '#app/_ui/use-form-rules.ts'
import type { Channel, ChannelForm as Fields, SavedChannel } from '#lib/api/channels.ts'
import { addChannel, changeChannel } from '#lib/api/client.ts'
import { NOTIFICATION_EVENTS } from '#lib/api/lists.ts'
import { CHANNEL_KINDS, CHANNEL_LABELS } from '#lib/channels/kinds.ts'
import { DEFAULT_EVENTS, EVENTS } from './labels.ts'
import classes from './notifications.module.css'

interface Props {
  /** The channel to change; without it, a new one is created. */
  channel?: Channel
  canMail: boolean
  onSaved: (saved: SavedChannel) => void
  onClose: () => void
}

type Form = UseFormReturnType<Fields & { token: string }>

/** The request body: a channel without a name gets that of its type, and a saved address is left out. */
function bodyOf({ kind, label, address, token, events }: Fields, isReplacing: boolean) {
  const target = isReplacing ? { address, ...(CHANNEL_LABELS[kind].token && token ? { token } : {}) } : {}
  return { label: label.trim() || CHANNEL_LABELS[kind].title, events, ...target }
}

/** Creates or changes a channel. A saved address is never shown, only replaced. */
export function ChannelForm({ channel, canMail, onSaved, onClose }: Props) {
  const [isReplacing, setReplacing] = useState(!channel)
  const form: Form = useForm({
    initialValues: {
      kind: channel?.kind ?? 'slack',
      label: channel?.label ?? '',
      address: '',
      token: '',
      events: channel?.events ?? DEFAULT_EVENTS,
    },
    validate: useFormRules(
      () => import('#lib/api/channels.ts'),
      (contract, values: Fields) => {
        const body = bodyOf(values, isReplacing)
        return channel
          ? violations(contract.ChannelChange, body)
          : violations(contract.ChannelForm, { ...body, kind: values.kind })
      },
    ),
  })
  const add = useAction(addChannel, { quiet: true, onDone: onSaved })
  const change = useAction(changeChannel, { params: { id: channel?.id ?? '' }, quiet: true, onDone: onSaved })
  const save = channel ? change : add
  const problem = save.error && asProblem(save.error)

  function submit(values: Fields) {
    const showFields = { onError: (error: Error) => form.setErrors(asProblem(error).fields) }
    const { address, ...body } = { address: '', ...bodyOf(values, isReplacing) }
    if (channel) change.mutate(isReplacing ? { address, ...body } : body, showFields)
    else add.mutate({ kind: values.kind, address, ...body }, showFields)
  }

  return (
    <form
      onSubmit={form.onSubmit(submit)}
      className={classes.form}
      noValidate
      aria-label={channel ? `Change ${channel.label}` : 'Add a channel'}
    >
      <div className={classes.pair}>
        {!channel && (
          <NativeSelect
            label="Type"
            data={CHANNEL_KINDS.map((kind) => ({
              value: kind,
              label: kind === 'email' && !canMail ? 'Email (not set up here)' : CHANNEL_LABELS[kind].title,
              disabled: kind === 'email' && !canMail,
            }))}
            {...form.getInputProps('kind')}
            onChange={(event) => {
              form.getInputProps('kind').onChange(event)
              form.clearErrors()
              save.reset()
            }}
          />
        )}
        <TextInput
          label="Name"
          placeholder={CHANNEL_LABELS[form.values.kind].title}
          autoComplete="off"
          {...form.getInputProps('label')}
        />
      </div>
      {isReplacing ? (
        <AddressFields form={form} />
      ) : (
        channel && <SavedAddress channel={channel} onReplace={() => setReplacing(true)} />
      )}
      <EventChoice form={form} />
      {problem && Object.keys(problem.fields).length === 0 && <ProblemText problem={problem} />}
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

function AddressFields({ form }: { form: Form }) {
  const { kind } = form.values
  const { address, placeholder, help, token } = CHANNEL_LABELS[kind]
  return (
    <>
      <TextInput
        label={address}
        description={help}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('address')}
      />
      {token && (
        <PasswordInput
          label={token.label}
          description={token.help}
          autoComplete="off"
          {...form.getInputProps('token')}
        />
      )}
    </>
  )
}

function SavedAddress({ channel, onReplace }: { channel: Channel; onReplace: () => void }) {
  const zone = useZone()
  return (
    <div>
      <p className={classes.label}>{CHANNEL_LABELS[channel.kind].address}</p>
      <div className={classes.buttons}>
        <span className={classes.saved}>saved {formatDate(channel.savedAt, zone)}</span>
        <Button variant="default" size="xs" onClick={onReplace}>
          Replace
        </Button>
      </div>
    </div>
  )
}

function EventChoice({ form }: { form: Form }) {
  return (
    <Checkbox.Group label="Notify me about" {...form.getInputProps('events')}>
      <div className={classes.events}>
        {NOTIFICATION_EVENTS.map((event) => (
          <Checkbox key={event} value={event} label={EVENTS[event].label} description={EVENTS[event].help} />
        ))}
      </div>
    </Checkbox.Group>
  )
}
