import type { AnyDrawing, Measure } from '#lib/charts/chart.ts'
import { bars } from './bars.tsx'
import { calendar } from './calendar.tsx'
import { chartEntries } from './chart-entries.tsx'
import { chartRanks } from './chart-ranks.tsx'
import type { DrawingKind } from './drawing.ts'
import { figures } from './figures.tsx'
import { genreRanking } from './genre-ranking.tsx'
import { genreShares } from './genre-shares.tsx'
import { genreSources } from './genre-sources.tsx'
import { history } from './history.tsx'
import { listChanges } from './list-changes.tsx'
import { moments } from './moments.tsx'
import { monthBars } from './month-bars.tsx'
import { monthChanges } from './month-changes.tsx'
import { musicList } from './music-list.tsx'
import { ownRanking } from './own-ranking.tsx'
import { periodFigures } from './period-figures.tsx'
import { playlistCards } from './playlist-cards.tsx'
import { playlistItems } from './playlist-items.tsx'
import { plays } from './plays.tsx'
import { rankLines } from './rank-lines.tsx'
import { ranking } from './ranking.tsx'
import { savedList } from './saved-list.tsx'
import { sessionFigures, sessions } from './sessions.tsx'
import { spotifyRanks } from './spotify-ranks.tsx'
import { streaks } from './streaks.tsx'
import { trend } from './trend.tsx'
import { weekHours } from './week-hours.tsx'
import { yearMonths } from './year-months.tsx'

/** Returns the implementation of a drawing. A kind missing here does not compile. */
export function kindOf(draw: AnyDrawing): DrawingKind {
  switch (draw.as) {
    case 'figures':
      return figures
    case 'plays':
      return plays
    case 'period figures':
      return periodFigures
    case 'history':
      return history
    case 'spotify ranks':
      return spotifyRanks
    case 'chart entries':
      return chartEntries
    case 'chart ranks':
      return chartRanks
    case 'music list':
      return musicList(draw)
    case 'own ranking':
      return ownRanking(draw)
    case 'genre ranking':
      return genreRanking
    case 'genre shares':
      return genreShares
    case 'genre sources':
      return genreSources
    case 'bars':
      return bars(draw)
    case 'week hours':
      return weekHours(draw.unit)
    case 'calendar':
      return calendar(draw.unit)
    case 'trend':
      return trend
    case 'month bars':
      return monthBars(draw)
    case 'streaks':
      return streaks
    case 'year months':
      return yearMonths
    case 'moments':
      return moments
    case 'sessions':
      return sessions
    case 'session figures':
      return sessionFigures
    case 'saved list':
      return savedList(draw)
    case 'playlist cards':
      return playlistCards
    case 'playlist items':
      return playlistItems
    case 'list changes':
      return listChanges
    case 'month changes':
      return monthChanges
    case 'rank lines':
      return rankLines(draw)
    case 'ranking':
      return ranking
  }
}

/** The same drawing of what the page measures, if it can draw both. */
export function withMeasure(draw: AnyDrawing, measure: Measure | undefined): AnyDrawing {
  if (!measure) return draw
  if (draw.as === 'bars' && draw.measured) return { ...draw, y: measure, unit: measure }
  return draw.as === 'week hours' || draw.as === 'calendar' ? { ...draw, unit: measure } : draw
}
