'use client'

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef } from 'react'
import { formatCounting } from '#app/_ui/counting/labels.ts'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { CountingResponse } from '#lib/api/counting.ts'
import type { OwnRankingRow, PeriodFigureRow, YearMonthRow } from '#lib/charts/chart.ts'
import classes from './recap.module.css'
import { CARD, type CardContent, drawCard } from './share-card.ts'

const NAMES = 5

interface Props {
  year: string
  soFar: boolean
  /** Plays of the year may be missing. */
  isAtLeast: boolean
  figures: Map<string, PeriodFigureRow>
  months: YearMonthRow[]
  artists: OwnRankingRow[]
  songs: OwnRankingRow[]
}

function contentOf(
  { year, soFar, isAtLeast, figures, months, artists, songs }: Props,
  counting: CountingResponse,
): CardContent {
  const amountOf = (name: string) => figures.get(name)?.value ?? 0
  const hours = amountOf('minutes') / 60
  const figure = (name: string, one: string) => ({
    value: formatNumber(amountOf(name)),
    label: amountOf(name) === 1 ? one : `${one}s`,
  })
  return {
    year,
    soFar,
    big:
      hours >= 10
        ? { value: formatNumber(hours), label: `hours of music${isAtLeast ? ', at least' : ''}` }
        : { value: formatNumber(amountOf('minutes')), label: `minutes of music${isAtLeast ? ', at least' : ''}` },
    figures: [figure('plays', 'play'), figure('songs', 'song'), figure('artists', 'artist')],
    months: months.map(({ minutes }) => minutes ?? 0),
    artists: artists.slice(0, NAMES).map((row) => ({ name: nameOf(row) })),
    songs: songs.slice(0, NAMES).map((row) => ({ name: nameOf(row), by: row.artists ?? '' })),
    counting: `Counts ${formatCounting(counting)}`,
  }
}

/** What the card says, for who can't see it. */
function altOf({ year, soFar, big, figures, artists, songs, counting }: CardContent): string {
  const list = (label: string, names: { name: string }[]) =>
    names.length > 0 ? ` ${label}: ${names.map(({ name }) => name).join(', ')}.` : ''
  const counts = figures.map(({ value, label }) => `${value} ${label}`).join(', ')
  return `${year} in music${soFar ? ' so far' : ''}: ${big.value} ${big.label}, ${counts}.${list('Top artists', artists)}${list('Top songs', songs)} ${counting}.`
}

/** The card of a year as it will be saved. */
export function SharePanel(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { counting } = useMe()
  const content = contentOf(props, counting)
  const drawn = JSON.stringify(content)
  useEffect(() => {
    if (canvas.current) drawCard(canvas.current, JSON.parse(drawn)).catch(() => {})
  }, [drawn])

  async function save() {
    try {
      if (!canvas.current) return
      await drawCard(canvas.current, content)
      const { saveCanvas } = await import('#app/_ui/download/chart-files.ts')
      await saveCanvas(`tracklake-${content.year}.png`, canvas.current)
    } catch {
      notifications.show({
        color: 'rose',
        title: 'The picture couldn’t be made.',
        message: 'Reload the page and try again.',
      })
    }
  }

  return (
    <Panel title="Share card" id="share-card">
      <div className={classes.share}>
        <canvas
          ref={canvas}
          className={classes.card}
          width={CARD.width}
          height={CARD.height}
          role="img"
          aria-label={altOf(content)}
        />
        <div className={classes.shareText}>
          <p>
            Your {content.year} as a picture of {formatCount(CARD.width, 'pixel')} by {formatNumber(CARD.height)},
            without artwork. It’s made in your browser and goes nowhere unless you send it.
          </p>
          <Button onClick={save}>Save as PNG</Button>
        </div>
      </div>
    </Panel>
  )
}
