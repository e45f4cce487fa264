import type { AnyDrawing } from '#lib/charts/chart.ts'
import { bars } from './bars.tsx'
import type { DrawingKind } from './drawing.ts'
import { figures } from './figures.tsx'
import { history } from './history.tsx'
import { musicList } from './music-list.tsx'
import { ownRanking } from './own-ranking.tsx'
import { periodFigures } from './period-figures.tsx'
import { plays } from './plays.tsx'
import { rankLines } from './rank-lines.tsx'
import { ranking } from './ranking.tsx'

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
    case 'music list':
      return musicList(draw)
    case 'own ranking':
      return ownRanking(draw)
    case 'bars':
      return bars(draw)
    case 'rank lines':
      return rankLines(draw)
    case 'ranking':
      return ranking
  }
}
