/** Draws the card of a year on a canvas. Spotify's pictures may not be altered, so it has none. */

export const CARD = { width: 1080, height: 1350 } as const

export interface CardContent {
  year: string
  /** The year is running. */
  soFar: boolean
  big: { value: string; label: string }
  figures: { value: string; label: string }[]
  /** Minutes of the twelve months. */
  months: number[]
  artists: { name: string }[]
  songs: { name: string; by: string }[]
  /** What was counted. */
  counting: string
}

const MARGIN = 84
const INNER = CARD.width - 2 * MARGIN
const COLUMN_GAP = 48
const COLUMN = (INNER - COLUMN_GAP) / 2

const COLORS = {
  top: '#12354a',
  bottom: '#0a101d',
  text: '#f3f7fd',
  dimmed: '#a9b6cc',
  accent: '#38c6e8',
  line: '#2a3a55',
}

const INITIALS = 'JFMAMJJASOND'
const TITLES = { artists: 'Top artists', songs: 'Top songs' }
const SOURCE = 'Data from Spotify'
const BRAND = 'Tracklake'

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/**
 * Draws in the page's font, which is loaded first.
 * @throws if the browser has no canvas
 */
export async function drawCard(canvas: HTMLCanvasElement, content: CardContent): Promise<void> {
  const family = getComputedStyle(document.body).fontFamily
  // The page's own font; what stands in for it may be missing on a machine.
  const [font = family] = family.split(',')
  await Promise.allSettled([400, 600, 700].map((weight) => document.fonts.load(`${weight} 40px ${font}`)))
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser has no canvas')
  const card = new Card(context, family)
  card.background()
  card.head(content)
  card.figures(content.figures, 520)
  card.months(content.months, 622)
  card.list(TITLES.artists, content.artists, { x: MARGIN, y: 816 })
  card.list(TITLES.songs, content.songs, { x: MARGIN + COLUMN + COLUMN_GAP, y: 816 })
  card.foot(content)
}

interface TextStyle {
  size: number
  weight?: 400 | 600 | 700
  color?: string
  /** Pixels; a longer text ends with an ellipsis. */
  width?: number
  align?: CanvasTextAlign
}

class Card {
  readonly #context: CanvasRenderingContext2D
  readonly #family: string

  constructor(context: CanvasRenderingContext2D, family: string) {
    this.#context = context
    this.#family = family
    context.textBaseline = 'alphabetic'
  }

  background(): void {
    const { width, height } = CARD
    const gradient = this.#context.createLinearGradient(0, 0, width * 0.4, height)
    gradient.addColorStop(0, COLORS.top)
    gradient.addColorStop(0.75, COLORS.bottom)
    this.#context.fillStyle = gradient
    this.#context.fillRect(0, 0, width, height)
    this.#waves()
  }

  /** Rings of a lake, behind everything. */
  #waves(): void {
    const context = this.#context
    context.save()
    context.strokeStyle = COLORS.accent
    context.lineWidth = 3
    for (let ring = 1; ring <= 6; ring += 1) {
      context.globalAlpha = 0.22 - 0.03 * ring
      context.beginPath()
      context.arc(CARD.width - 120, 130, 78 * ring, 0, 2 * Math.PI)
      context.stroke()
    }
    context.restore()
  }

  head({ year, soFar, big }: CardContent): void {
    this.#text(soFar ? 'So far in' : 'My year in music', MARGIN, 116, { size: 36, color: COLORS.dimmed })
    this.#text(year, MARGIN - 8, 286, { size: 196, weight: 700, color: COLORS.accent })
    this.#text(big.value, MARGIN - 4, 416, { size: 112, weight: 700 })
    const { width } = this.#context.measureText(big.value)
    this.#text(big.label, MARGIN + width + 22, 416, { size: 44, weight: 600, width: INNER - width - 22 })
  }

  figures(figures: CardContent['figures'], y: number): void {
    const width = INNER / figures.length
    for (const [at, { value, label }] of figures.entries()) {
      this.#text(value, MARGIN + at * width, y, { size: 52, weight: 600, width: width - 16 })
      this.#text(label, MARGIN + at * width, y + 40, { size: 30, color: COLORS.dimmed, width: width - 16 })
    }
  }

  months(months: number[], top: number): void {
    const height = 104
    const most = Math.max(1, ...months)
    const width = INNER / months.length
    const context = this.#context
    for (const [at, minutes] of months.entries()) {
      const bar = Math.max(4, (height * minutes) / most)
      context.fillStyle = minutes === most ? COLORS.accent : minutes > 0 ? '#2f8fae' : COLORS.line
      context.beginPath()
      context.roundRect(MARGIN + at * width + 5, top + height - bar, width - 10, bar, 6)
      context.fill()
      this.#text(INITIALS[at] ?? '', MARGIN + (at + 0.5) * width, top + height + 32, {
        size: 22,
        color: COLORS.dimmed,
        align: 'center',
      })
    }
  }

  list(title: string, entries: { name: string; by?: string }[], { x, y }: { x: number; y: number }): void {
    if (entries.length === 0) return
    const height = 76
    this.#text(title, x, y, { size: 30, color: COLORS.accent, weight: 600 })
    for (const [at, { name, by }] of entries.entries()) {
      const line = y + 56 + at * height
      this.#text(String(at + 1), x, line, { size: 32, weight: 600, color: COLORS.dimmed })
      const width = COLUMN - 44
      this.#text(name, x + 44, line, { size: 34, weight: 600, width })
      if (by) this.#text(by, x + 44, line + 30, { size: 23, color: COLORS.dimmed, width })
    }
  }

  foot({ counting }: CardContent): void {
    const y = CARD.height - 74
    this.#text(BRAND, MARGIN, y, { size: 30, weight: 600 })
    this.#text(SOURCE, CARD.width - MARGIN, y, { size: 26, color: COLORS.dimmed, align: 'right' })
    this.#text(counting, MARGIN, y + 38, { size: 22, color: COLORS.dimmed, width: INNER })
  }

  #text(
    text: string,
    x: number,
    y: number,
    { size, weight = 400, color = COLORS.text, width, align = 'left' }: TextStyle,
  ): void {
    const context = this.#context
    context.font = `${weight} ${size}px ${this.#family}`
    context.fillStyle = color
    context.textAlign = align
    // The line stays where it is; this orders the parts of a name.
    context.direction = RIGHT_TO_LEFT.test(text) ? 'rtl' : 'ltr'
    const fitting = width ? shortened(text, (part) => context.measureText(part).width <= width) : text
    context.fillText(fitting, x, y)
  }
}

/** The longest beginning that fits, with an ellipsis; never cut within a character. */
export function shortened(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment)
  const cut = (length: number) => `${characters.slice(0, length).join('').trimEnd()}…`
  let [low, high] = [0, characters.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(cut(middle))) low = middle
    else high = middle - 1
  }
  return cut(low)
}
