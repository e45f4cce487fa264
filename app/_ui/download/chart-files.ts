import type { ChartRow } from '#app/_ui/draw/drawing.ts'
import { BYTE_ORDER_MARK, csvLine } from '#lib/core/csv.ts'
import type { Cell } from '#lib/core/table.ts'
import { dataUrl, pictureOf } from './picture.ts'

/** Pixels of a PNG for one of the page, so that it is sharp on any screen. */
const SCALE = 2
/** Browsers read the address after the click. */
const REVOKE_MS = 60_000

/** Saves rows as CSV, with all fields that the API returns. */
export function saveRows(name: string, rows: ChartRow[]): void {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = rows.map((row) => csvLine(fields.map((field) => (row[field] ?? null) as Cell)))
  saveFile(`${name}.csv`, new Blob([BYTE_ORDER_MARK, csvLine(fields), ...lines], { type: 'text/csv' }))
}

interface PictureFile {
  drawing: SVGSVGElement
  title: string
  name: string
  as: 'svg' | 'png'
}

/** Saves a drawing of the page as a picture. */
export async function savePicture({ drawing, title, name, as }: PictureFile): Promise<void> {
  const { svg, width, height } = await pictureOf(drawing, title)
  const vector = new Blob([svg], { type: 'image/svg+xml' })
  saveFile(`${name}.${as}`, as === 'svg' ? vector : await pixelsOf(vector, width, height))
}

async function pixelsOf(vector: Blob, width: number, height: number): Promise<Blob> {
  const image = new Image()
  image.src = await dataUrl(vector)
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = width * SCALE
  canvas.height = height * SCALE
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return pngOf(canvas)
}

function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The canvas is too large')))),
  )
}

/** Saves what is drawn on a canvas as PNG. */
export async function saveCanvas(name: string, canvas: HTMLCanvasElement): Promise<void> {
  saveFile(name, await pngOf(canvas))
}

/** Saves a file. Characters that can't be in its name are replaced. */
export function saveFile(name: string, file: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name.replaceAll(/[^\w.-]+/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS)
}
