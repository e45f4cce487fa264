import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { now, utcDay } from '#lib/core/clock.ts'
import { amountOf, type Figure, targetOf, verdictOf } from './figure.ts'

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'performance.md')

export interface MeasuredPart {
  name: string
  title: string
  figures: Figure[]
}

/** The machine and the day, in one sentence. */
export function machine(): string {
  const cores = cpus()
  const gigabytes = Math.round(totalmem() / 1024 ** 3)
  const model = cores[0]?.model.trim() ?? 'unknown processor'
  return `${cores.length} cores (${model}), ${gigabytes} GB, ${process.platform}, Node ${process.versions.node}, ${utcDay(now())}`
}

/** Writes docs/performance.md. @returns its path */
export function writeReport(parts: MeasuredPart[]): string {
  const short = parts.flatMap(({ figures }) => figures).filter((figure) => verdictOf(figure) === 'falls short')
  const text = [
    '# Performance',
    '',
    '`npm run bench -- --write` measures all of this and writes this page; `npm run bench -- <part>` measures one part,',
    'and with `--write` puts it into its place here.',
    'Nothing here is an assertion: a slow machine fails no test.',
    '',
    `Measured on ${machine()}.`,
    '',
    short.length === 0
      ? 'Every target is met.'
      : `Falls short: ${short.map((figure) => `${figure.name} (${amountOf(figure)}, ${targetOf(figure)})`).join('; ')}.`,
    ...parts.flatMap(section),
    '',
  ].join('\n')
  writeFileSync(FILE, text)
  return FILE
}

/** Puts one part into the page, or in place of what the page said of it, with the day on which it was measured. */
export function writePart(part: MeasuredPart): string {
  const head = `\n## ${part.title} (\`${part.name}\`)\n`
  const page = readFileSync(FILE, 'utf8')
  const start = page.includes(head) ? page.indexOf(head) : page.length
  const next = page.indexOf('\n## ', start + head.length)
  const [blank, heading, space, ...rest] = section(part)
  const text = [blank, heading, space, `Measured apart, on ${machine()}.`, '', ...rest, ''].join('\n')
  writeFileSync(FILE, page.slice(0, start) + text + (next === -1 ? '' : page.slice(next)))
  return FILE
}

function section({ name, title, figures }: MeasuredPart): string[] {
  const rows = figures.map((figure) =>
    row([
      figure.name,
      amountOf(figure),
      figure.baseline ?? '',
      targetOf(figure),
      figure.target ? verdictOf(figure) : '',
    ]),
  )
  const explained = new Map<string, string[]>()
  for (const { how, name } of figures) explained.set(how, [...(explained.get(how) ?? []), name])
  const notes = [...explained].map(([how, names]) => `- *${names.join(', ')}*: ${how}`)
  return [
    '',
    `## ${title} (\`${name}\`)`,
    '',
    row(['', 'measured', 'against', 'target', '']),
    row(['---', '---:', '---', '---', '---']),
    ...rows,
    '',
    ...notes,
  ]
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
