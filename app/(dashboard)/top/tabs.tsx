import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import { isRanked, LISTS, type List } from './charts.ts'
import classes from './top-list.module.css'

const LABELS: Record<List, string> = { tracks: 'Songs', artists: 'Artists', albums: 'Albums', genres: 'Genres' }

export const titleOf = (list: List) => `Top ${LABELS[list].toLowerCase()}`

/** Which list, and by what it is ranked. @param query the parameters that stay */
export function TopTabs({ what, by, query }: { what: List; by: 'plays' | 'spotify'; query: string }) {
  const address = (list: List, ranking: 'plays' | 'spotify') =>
    `/top/${list}?${ranking === 'spotify' && isRanked(list) ? `by=spotify&${query}` : query}`
  return (
    <div className={classes.tabs}>
      <LinkTabs
        label="Lists"
        tabs={LISTS.map((list) => ({ label: LABELS[list], href: address(list, by), isCurrent: list === what }))}
      />
      {isRanked(what) && (
        <LinkTabs
          label="Ranked by"
          tabs={[
            {
              label: 'Your plays',
              href: by === 'plays' ? address(what, 'plays') : `/top/${what}`,
              isCurrent: by === 'plays',
            },
            {
              label: 'Spotify’s ranking',
              href: by === 'spotify' ? address(what, 'spotify') : `/top/${what}?by=spotify`,
              isCurrent: by === 'spotify',
            },
          ]}
        />
      )}
    </div>
  )
}
