/** A drawing of a page as a picture that looks the same anywhere. */

const SVG = 'http://www.w3.org/2000/svg'
const PADDING = 20
const TITLE_HEIGHT = 40
const SOURCE_HEIGHT = 28
const SOURCE = 'Tracklake · Data from Spotify'

/** What style sheets of the page may set for an element of an SVG. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'visibility',
  'display',
  'font-family',
  'font-size',
  'font-weight',
  'font-variant-numeric',
  'letter-spacing',
  'text-anchor',
  'dominant-baseline',
  'shape-rendering',
]

interface Picture {
  svg: string
  width: number
  height: number
}

/** The drawing with its title, its legend (`data-legend` beside it) and its source, in the colors of the page's theme. */
export async function pictureOf(drawing: SVGSVGElement, title: string): Promise<Picture> {
  const legend = drawing.closest('section')?.querySelector('[data-legend]') ?? null
  const boxes = [drawing, ...(legend ? [legend] : [])].map((element) => element.getBoundingClientRect())
  const left = Math.min(...boxes.map((box) => box.left))
  const top = Math.min(...boxes.map((box) => box.top))
  const width = Math.ceil(Math.max(...boxes.map((box) => box.right)) - left) + 2 * PADDING
  const bodyHeight = Math.ceil(Math.max(...boxes.map((box) => box.bottom)) - top)
  const height = PADDING + TITLE_HEIGHT + bodyHeight + SOURCE_HEIGHT + PADDING / 2
  const [dx, dy] = [PADDING - left, PADDING + TITLE_HEIGHT - top]

  const { color, fontFamily } = getComputedStyle(drawing)
  const root = element('svg', {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'font-family': fontFamily,
  })
  const text: Text = (content, attributes) => {
    const node = withText('text', content)
    for (const [name, value] of Object.entries({ fill: color, ...attributes })) node.setAttribute(name, String(value))
    return node
  }
  const fonts = await embeddedFonts(fontFamily)
  root.append(
    withText('title', title),
    ...(fonts ? [withText('style', fonts)] : []),
    element('rect', { width, height, fill: backgroundOf(drawing) }),
    text(title, { x: PADDING, y: PADDING + 18, 'font-size': 18, 'font-weight': 600 }),
    placed(drawing, dx, dy),
    ...legendParts(legend, dx, dy, text),
    text(SOURCE, { x: PADDING, y: height - PADDING / 2 - 4, 'font-size': 11, opacity: 0.7 }),
  )
  return { svg: new XMLSerializer().serializeToString(root), width, height }
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const node = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, String(value))
  return node
}

function withText(name: string, text: string): SVGElement {
  const node = element(name, {})
  node.textContent = text
  return node
}

/** A copy of an SVG with its computed styles, where it is on the page. */
function placed(svg: SVGSVGElement, dx: number, dy: number): SVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const originals = [svg, ...svg.querySelectorAll('*')]
  for (const [index, part] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[index]
    if (!original) continue
    const computed = getComputedStyle(original)
    const declarations = STYLES.map((name) => `${name}:${computed.getPropertyValue(name)}`)
    for (const name of ['class', 'style', 'tabindex', 'role', 'aria-hidden']) part.removeAttribute(name)
    // What the page's variables stand for is among the computed styles.
    for (const { name, value } of [...part.attributes]) if (value.includes('var(')) part.removeAttribute(name)
    part.setAttribute('style', declarations.join(';'))
  }
  // HTML inside an SVG can't be drawn on a canvas.
  for (const part of copy.querySelectorAll('foreignObject')) part.remove()
  const { left, top, width, height } = svg.getBoundingClientRect()
  const place = { x: left + dx, y: top + dy, width, height }
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, String(value))
  return copy
}

type Text = (content: string, attributes: Record<string, string | number>) => SVGElement

/** The texts and lines of a legend, each where it is on the page. */
function legendParts(legend: Element | null, dx: number, dy: number, text: Text): SVGElement[] {
  if (!legend) return []
  const lines = [...legend.querySelectorAll('svg')].map((svg) => placed(svg, dx, dy))
  const walker = document.createTreeWalker(legend, NodeFilter.SHOW_TEXT)
  const texts: SVGElement[] = []
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const content = node.textContent?.trim()
    if (!content || !node.parentElement) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const { left, top, height } = range.getBoundingClientRect()
    const { fontSize, fontWeight, color } = getComputedStyle(node.parentElement)
    const at = { x: left + dx, y: top + dy + height / 2, 'dominant-baseline': 'central' }
    texts.push(text(content, { ...at, 'font-size': fontSize, 'font-weight': fontWeight, fill: color }))
  }
  return [...lines, ...texts]
}

/** The first color behind an element that isn't transparent. */
function backgroundOf(start: Element): string {
  for (let node: Element | null = start; node; node = node.parentElement) {
    const { backgroundColor } = getComputedStyle(node)
    if (!/^transparent$|[,/] ?0\)$/.test(backgroundColor)) return backgroundColor
  }
  return '#fff'
}

/** The page's own font as a style sheet that needs no other file; empty if it is one of the system. */
async function embeddedFonts(fontFamily: string): Promise<string> {
  const [family = ''] = fontFamily.split(',')
  const nameOf = (value: string) => value.trim().replaceAll(/^["']|["']$/g, '')
  const rules = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules]
      .filter((rule) => rule instanceof CSSFontFaceRule)
      .filter((rule) => nameOf(rule.style.getPropertyValue('font-family')) === nameOf(family))
      .map((rule) => ({ rule, base: sheet.href ?? document.baseURI })),
  )
  const embedded = await Promise.all(
    rules.map(async ({ rule, base }) => {
      const [, address] = /url\(["']?([^"')]+)["']?\)/.exec(rule.style.getPropertyValue('src')) ?? []
      if (!address) return ''
      const font = await fetch(new URL(address, base)).then((response) => response.blob())
      const weight = rule.style.getPropertyValue('font-weight') || 'normal'
      return `@font-face{font-family:${family};font-weight:${weight};src:url(${await dataUrl(font)}) format("woff2")}`
    }),
  )
  return embedded.join('')
}

/** A blob as an address that the Content Security Policy allows for pictures. */
export function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
