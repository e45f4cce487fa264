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

/** Describes the machine, with today's date. */
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
    '`npm run bench -- --write` measures everything and writes this page; `npm run bench -- <part>` measures one part,',
    'and `--write` then replaces that part here.',
    'These are measurements, not tests: nothing fails on a slow machine.',
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

/** Adds or replaces one part of the page, with the day of its measurement. */
export function writePart(part: MeasuredPart): string {
  const head = `\n## ${part.title} (\`${part.name}\`)\n`
  const page = readFileSync(FILE, 'utf8')
  const start = page.includes(head) ? page.indexOf(head) : page.length
  const next = page.indexOf('\n## ', start + head.length)
  const [blank, heading, space, ...rest] = section(part)
  const text = [blank, heading, space, `Measured separately, on ${machine()}.`, '', ...rest, ''].join('\n')
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
    row(['', 'measured', 'compared with', 'target', '']),
    row(['---', '---:', '---', '---', '---']),
    ...rows,
    '',
    ...notes,
  ]
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
