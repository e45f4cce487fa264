import { chance, type Draw, draws, hashText, pick } from '#simulator/core/random.ts'

/** Covers and portraits: abstract SVG drawings determined by the id. */

const PALETTES = [
  ['#0b3c5d', '#328cc1', '#d9b310', '#f4f1de'],
  ['#2d1e2f', '#c9485b', '#f2a65a', '#f6e7cb'],
  ['#12343b', '#2d545e', '#e1b382', '#f7efe2'],
  ['#1b1b3a', '#693668', '#f67280', '#ffd6a5'],
  ['#0f2027', '#2c7873', '#6fb98f', '#ffd800'],
  ['#22223b', '#4a4e69', '#9a8c98', '#f2e9e4'],
  ['#132a13', '#4f772d', '#90a955', '#ecf39e'],
  ['#3d0066', '#5a189a', '#38c6e8', '#e3fbff'],
  ['#461220', '#8c2f39', '#fcb9b2', '#fed0bb'],
  ['#10203a', '#ef6f8e', '#9d8df1', '#5fd3a3'],
  ['#e8e1d3', '#d8cfbd', '#b4442c', '#23395b'],
  ['#f3d9c4', '#e9b89a', '#3b5249', '#a8442a'],
  ['#dfe8ec', '#b9cdd6', '#1d3f58', '#e0653a'],
  ['#151515', '#2b2b2b', '#e94f37', '#f6f7eb'],
  ['#05302e', '#0c5c53', '#f2c14e', '#f78154'],
  ['#241734', '#43306b', '#f4a6c0', '#7fd1ae'],
] as const

const SIDE = 640

type Colors = (typeof PALETTES)[number]

/** Rings around a point, like a stone dropped in water. */
function rings(draw: Draw, [, b, c, d]: Colors): string {
  const [x, y] = [120 + draw() * 400, 120 + draw() * 400]
  return Array.from({ length: 7 }, (_, n) => {
    const color = [b, c, d][n % 3]
    return `<circle cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" r="${40 + n * (34 + draw() * 18)}" fill="none" stroke="${color}" stroke-width="${(4 + draw() * 16).toFixed(1)}" opacity="${(0.9 - n * 0.09).toFixed(2)}"/>`
  }).join('')
}

/** Overlapping waves. */
function waves(draw: Draw, [, b, c, d]: Colors): string {
  const first = 60 + draw() * 220
  const side = draw() < 0.5 ? -1 : 1
  const count = 3 + Math.floor(draw() * 4)
  return Array.from({ length: count }, (_, n) => {
    const top = Math.round(first + n * ((640 - first) / count))
    const swing = side * (20 + draw() * 90)
    const color = [d, c, b][n % 3]
    return `<path d="M0 ${top} C 160 ${(top - swing).toFixed(0)} 240 ${(top + swing).toFixed(0)} 400 ${top} S 560 ${(top - swing).toFixed(0)} 640 ${top} V640 H0Z" fill="${color}" opacity="${(0.45 + n * 0.09).toFixed(2)}"/>`
  }).join('')
}

/** A sun over bars. */
function horizon(draw: Draw, [a, b, c, d]: Colors): string {
  const bars = Array.from({ length: 9 }, (_, n) => {
    const y = 340 + n * 34
    return `<rect y="${y}" width="640" height="${(8 + draw() * 22).toFixed(0)}" fill="${n % 2 ? b : a}" opacity="0.85"/>`
  })
  return `<circle cx="${(180 + draw() * 280).toFixed(0)}" cy="300" r="${(110 + draw() * 80).toFixed(0)}" fill="${draw() < 0.5 ? c : d}"/>${bars.join('')}`
}

/** A field of quarter circles. */
function tiles(draw: Draw, [, b, c, d]: Colors): string {
  const step = SIDE / 4
  return Array.from({ length: 16 }, (_, n) => {
    const [x, y] = [(n % 4) * step, Math.floor(n / 4) * step]
    const color = pick([b, c, d], Math.floor(draw() * 3))
    const angle = Math.floor(draw() * 4) * 90
    return `<path d="M0 0 H${step} A${step} ${step} 0 0 1 0 ${step}Z" fill="${color}" transform="translate(${x} ${y}) rotate(${angle} ${step / 2} ${step / 2})"/>`
  }).join('')
}

/** Translucent discs. */
function discs(draw: Draw, [, b, c, d]: Colors): string {
  return Array.from({ length: 8 }, (_, n) => {
    const color = [b, c, d][n % 3]
    return `<circle cx="${(draw() * SIDE).toFixed(0)}" cy="${(draw() * SIDE).toFixed(0)}" r="${(50 + draw() * 150).toFixed(0)}" fill="${color}" opacity="0.62"/>`
  }).join('')
}

/** Mountains behind each other under a moon. */
function mountains(draw: Draw, [, b, c, d]: Colors): string {
  const ridge = (top: number, color: string, opacity: number) => {
    const points = Array.from({ length: 8 }, (_, n) => `${n * 92} ${(top + (n % 2 ? -1 : 1) * draw() * 80).toFixed(0)}`)
    return `<path d="M0 640 L${points.join(' L')} L640 640Z" fill="${color}" opacity="${opacity}"/>`
  }
  const moon = `<circle cx="${(100 + draw() * 440).toFixed(0)}" cy="${(90 + draw() * 110).toFixed(0)}" r="${(36 + draw() * 40).toFixed(0)}" fill="${d}"/>`
  return moon + ridge(330, c, 0.55) + ridge(430, b, 0.9) + ridge(530, c, 0.95)
}

/** Diagonal stripes of different widths. */
function stripes(draw: Draw, [, b, c, d]: Colors): string {
  let x = -640
  const bars = Array.from({ length: 14 }, (_, n) => {
    const width = 18 + draw() ** 2 * 130
    const bar = `<rect x="${x.toFixed(0)}" y="-320" width="${width.toFixed(0)}" height="1300" fill="${[c, d, b][n % 3]}"/>`
    x += width + 14 + draw() * 70
    return bar
  })
  return `<g transform="rotate(${Math.floor(draw() * 4) * 30 - 45} 320 320)">${bars.join('')}</g>`
}

/** One large letter-like arch, with a dot. */
function arch(draw: Draw, [, , c, d]: Colors): string {
  const rings = Array.from({ length: 4 }, (_, n) => {
    const r = 250 - n * 58
    return `<path d="M${320 - r} 560 V330 A${r} ${r} 0 0 1 ${320 + r} 330 V560" fill="none" stroke="${n % 2 ? d : c}" stroke-width="34"/>`
  })
  const angle = Math.floor(draw() * 4) * 90
  return `<g transform="rotate(${angle} 320 320)">${rings.join('')}<circle cx="320" cy="${(430 + draw() * 90).toFixed(0)}" r="34" fill="${d}"/></g>`
}

/** A grid of dots that grow toward one corner. */
function dots(draw: Draw, [, , c, d]: Colors): string {
  const [x, y] = [draw() * 7, draw() * 7]
  return Array.from({ length: 64 }, (_, n) => {
    const distance = Math.hypot((n % 8) - x, Math.floor(n / 8) - y)
    const r = Math.max(3, 36 - distance * 5)
    return `<circle cx="${40 + (n % 8) * 80}" cy="${40 + Math.floor(n / 8) * 80}" r="${r.toFixed(0)}" fill="${distance < 2.2 ? d : c}"/>`
  }).join('')
}

const DRAWINGS = [rings, waves, horizon, tiles, discs, mountains, stripes, arch, dots]

/** @param size side in pixels, 16 to 1024 */
export function artwork(kind: string, id: string, size: number): string {
  const seed = hashText(`${kind} ${id}`)
  const colors = pick(PALETTES, seed)
  const drawing = pick(DRAWINGS, Math.floor(chance(seed, 1) * DRAWINGS.length))
  const tilt = Math.floor(chance(seed, 2) * 90)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${SIDE} ${SIDE}"><defs><linearGradient id="g" gradientTransform="rotate(${tilt})"><stop stop-color="${colors[0]}"/><stop offset="1" stop-color="${colors[1]}"/></linearGradient></defs><rect width="${SIDE}" height="${SIDE}" fill="url(#g)"/>${drawing(draws(seed), colors)}</svg>`
}
