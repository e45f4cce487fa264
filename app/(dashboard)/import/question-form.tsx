'use client'

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { zonesWith } from '#app/_ui/zone-list.ts'
import { replyToImport } from '#lib/api/client.ts'
import type { ImportQuestion, ImportReply } from '#lib/api/imports.ts'
import classes from './import.module.css'

interface Props<Kind extends ImportQuestion['kind']> {
  question: Extract<ImportQuestion, { kind: Kind }>
  onReply: (reply: ImportReply) => void
  isSending: boolean
}

/** What an import has to ask before it can continue. */
export function QuestionForm({ id, question }: { id: string; question: ImportQuestion }) {
  const { mutate, isPending, error } = useAction(replyToImport, { params: { id }, quiet: true })
  const form = { onReply: mutate, isSending: isPending }
  return (
    <>
      {question.kind === 'zone' && <ZoneForm question={question} {...form} />}
      {question.kind === 'chart' && <ChartForm question={question} {...form} />}
      {question.kind === 'owner' && <OwnerForm question={question} {...form} />}
      {error && <ProblemText problem={asProblem(error)} />}
    </>
  )
}

function ZoneForm({ question: { file }, onReply, isSending }: Props<'zone'>) {
  const [zone, setZone] = useState(useZone())
  function submit(event: FormEvent) {
    event.preventDefault()
    onReply({ kind: 'zone', zone })
  }
  return (
    <form onSubmit={submit} className={classes.question}>
      <p>
        The times in “{file}” have no time zone. Last.fm uses the time zone that was set in your profile when you
        exported it.
      </p>
      <NativeSelect
        label="Time zone of the file"
        data={zonesWith(zone)}
        value={zone}
        onChange={(event) => setZone(event.currentTarget.value)}
      />
      <Button type="submit" loading={isSending}>
        Continue
      </Button>
    </form>
  )
}

function ChartForm({ question, onReply, isSending }: Props<'chart'>) {
  const { file, position } = question
  const [chart, setChart] = useState(question.chart ?? '')
  const [day, setDay] = useState(question.day ?? '')
  function submit(event: FormEvent) {
    event.preventDefault()
    onReply({ kind: 'chart', position, chart, day })
  }
  return (
    <form onSubmit={submit} className={classes.question}>
      <p>“{file}” doesn’t say which chart it is or which day it covers.</p>
      <TextInput
        label="Chart"
        description="As in its charts.spotify.com address, for example regional-global-weekly."
        value={chart}
        onChange={(event) => setChart(event.currentTarget.value)}
        required
      />
      <TextInput
        label="Last day it covers"
        type="date"
        value={day}
        onChange={(event) => setDay(event.currentTarget.value)}
        required
      />
      <Button type="submit" loading={isSending}>
        Continue
      </Button>
    </form>
  )
}

function OwnerForm({ question: { plays, matching }, onReply, isSending }: Props<'owner'>) {
  return (
    <div className={classes.question}>
      <p>
        This may be somebody else’s history: Tracklake synced {formatCount(plays, 'play')} of yours in the time it
        covers, and only {formatNumber(matching)} of them {matching === 1 ? 'is' : 'are'} in the file.
      </p>
      <Button loading={isSending} onClick={() => onReply({ kind: 'owner' })}>
        It’s mine, import it
      </Button>
    </div>
  )
}
