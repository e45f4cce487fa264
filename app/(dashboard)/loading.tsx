import { VisuallyHidden } from '@mantine/core'
import classes from '../_ui/frame/frame.module.css'
import { Placeholder, TilesPlaceholder } from '../_ui/placeholder.tsx'

/** The shape of most pages: a title, a row of tiles, a panel. */
export default function Loading() {
  return (
    <div role="status" className={classes.loading}>
      <VisuallyHidden>Loading</VisuallyHidden>
      <Placeholder height={40} />
      <TilesPlaceholder tiles={3} height={104} />
      <Placeholder height={360} />
    </div>
  )
}
