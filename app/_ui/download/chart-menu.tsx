import { Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type RefObject, useState } from 'react'
import type { ChartRow } from '#app/_ui/draw/drawing.ts'
import type { TakesOver } from '#app/_ui/on-demand.tsx'
import { ChartMenuButton } from './chart-menu-button.tsx'
import { drawingIn } from './drawing-in.ts'

export interface ChartMenuProps {
  title: string
  /** Of the files, without ending. Characters that a file can't have in its name are replaced. */
  name: string
  rows: ChartRow[]
  /** What holds the drawing. */
  content: RefObject<HTMLElement | null>
}

// What writes files loads with the first one.
const files = () => import('./chart-files.ts')

/** Downloads a chart: its rows as CSV and, if it is drawn as one picture, that as SVG or PNG. */
export function ChartMenu({ title, name, rows, content, autoFocus, defaultOpened }: ChartMenuProps & TakesOver) {
  const [drawing, setDrawing] = useState<SVGSVGElement | null>(() =>
    defaultOpened ? drawingIn(content.current) : null,
  )
  const save = (work: (module: Awaited<ReturnType<typeof files>>) => Promise<void> | void) => () => {
    files()
      .then(work)
      .catch(() =>
        notifications.show({
          color: 'rose',
          title: 'The file couldn’t be made.',
          message: 'Reload the page and try again.',
        }),
      )
  }
  return (
    <Menu position="bottom-end" defaultOpened={defaultOpened} onOpen={() => setDrawing(drawingIn(content.current))}>
      <Menu.Target>
        <ChartMenuButton chart={title} autoFocus={autoFocus} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={save(({ saveRows }) => saveRows(name, rows))}>Table as CSV</Menu.Item>
        {drawing && (
          <>
            <Menu.Item onClick={save(({ savePicture }) => savePicture({ drawing, title, name, as: 'png' }))}>
              Picture as PNG
            </Menu.Item>
            <Menu.Item onClick={save(({ savePicture }) => savePicture({ drawing, title, name, as: 'svg' }))}>
              Picture as SVG
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
