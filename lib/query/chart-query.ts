import { z } from 'zod'
import { PeriodQuery } from '#lib/api/period.ts'
import type { Chart, PageQuery, QueryContext, Subject } from '#lib/charts/chart.ts'
import { Refused } from '#lib/core/errors.ts'
import { fold } from '#lib/core/fold.ts'
import { type Calendar, isYear } from '#lib/core/period.ts'
import type { Row } from '#lib/core/table.ts'
import { resolveQuery } from './period.ts'

/** What a request asks a chart: its parameters, checked and resolved. */
export interface ChartQuery
  extends Pick<QueryContext, 'weekStart' | 'period' | 'compared' | 'subject' | 'about' | 'page'> {
  /** The chart's own parameters. */
  params: Record<string, string>
  /** Everything that the result depends on, as the response repeats it. */
  shown: Record<string, string>
}

/** The parameters of a request that a chart understands, in one order. */
export function knownParams(chart: Chart, requested: Record<string, string>): Record<string, string> {
  const names = [
    ...Object.keys(chart.params.shape),
    ...(chart.period ? Object.keys(PeriodQuery.shape) : []),
    ...(chart.about ?? []),
    ...(chart.mayBeAbout ?? []),
    ...(chart.list ? ['limit', 'sort', 'search', 'cursor'] : []),
  ]
  return Object.fromEntries(names.flatMap((name) => (requested[name] ? [[name, requested[name]]] : [])))
}

/** The most rows of a page. */
const MAX_LIMIT = 500
const MAX_OFFSET = 1_000_000
const MAX_SEARCH = 200
const MAX_CURSOR = 1_000
const MAX_ID = 255

const Limit = z.coerce.number().int().min(1).max(MAX_LIMIT)
const Search = z.string().max(MAX_SEARCH).transform(fold)
const Id = z
  .string()
  .min(1)
  .max(MAX_ID)
  .regex(/^[\w-]+$/, 'is not an id')

const Cursor = z.union([
  z.object({ offset: z.int().min(0).max(MAX_OFFSET) }).strict(),
  z.object({ after: z.array(z.json()).max(8) }).strict(),
])
type Cursor = z.infer<typeof Cursor>

/**
 * Checks the parameters of a request. Unknown ones are ignored.
 * @throws Refused 400 that names the parameter
 */
export function readChartQuery(chart: Chart, requested: Record<string, string>, calendar: Calendar): ChartQuery {
  const own = chart.params.safeParse(requested)
  if (!own.success) throw wrongParameter(own.error.issues[0])
  const params = own.data as Record<string, string>
  const selection = parsed(PeriodQuery, chart.period ? requested : {})
  const { period, compared } = resolveQuery(selection, calendar)
  const { subject, about } = subjectOf(chart, requested, calendar)
  const page = pageOf(chart, requested)
  const shown = {
    ...params,
    ...(chart.period ? shownPeriod(period, compared, selection) : {}),
    ...(subject ? { [subject]: about } : {}),
    ...(chart.list ? shownPage(page, requested) : {}),
  }
  return { params, weekStart: calendar.weekStart, period, compared, subject, about, page, shown }
}

function shownPeriod(
  period: QueryContext['period'] & { preset: string | null },
  compared: QueryContext['compared'],
  { compare }: PeriodQuery,
): Record<string, string> {
  return {
    ...(period.preset ? { period: period.preset } : {}),
    from: period.from,
    to: period.to,
    ...(compare ? { compare } : {}),
    ...(compared ? { compareFrom: compared.from, compareTo: compared.to } : {}),
  }
}

function shownPage({ sort, limit }: PageQuery, { search, cursor }: Record<string, string>): Record<string, string> {
  return { sort, limit: String(limit - 1), ...(search ? { search } : {}), ...(cursor ? { cursor } : {}) }
}

function subjectOf(
  { about, mayBeAbout = [] }: Chart,
  requested: Record<string, string>,
  calendar: Calendar,
): Pick<QueryContext, 'subject' | 'about'> {
  const [subject = about?.[0], other] = (about ?? mayBeAbout).filter((one) => one in requested)
  if (other)
    throw new Refused(400, 'wrong-parameter', `"${subject}" can't be combined with "${other}"`, 'Send one of them.')
  return subject ? { subject, about: idOf(subject, requested, calendar) } : { subject: null, about: '' }
}

function idOf(subject: Subject, requested: Record<string, string>, calendar: Calendar): string {
  return parsed(z.object({ [subject]: shapeOf(subject, calendar) }), requested)[subject] as string
}

function shapeOf(subject: Subject, calendar: Calendar): z.ZodType {
  if (subject === 'year') return z.string().refine((year) => isYear(year, calendar), 'is not a year from 2006 to now')
  return subject === 'genre' ? z.string().min(1).max(MAX_ID) : Id
}

function pageOf({ list, row }: Chart, requested: Record<string, string>): PageQuery {
  if (!list) return { limit: MAX_LIMIT + 1, offset: 0, after: null, sort: '', search: '' }
  const { limit, sort, search, cursor } = parsed(
    z.object({
      limit: Limit.default(list.pageSize),
      sort: z.enum(list.sorts).default(list.sorts[0]),
      search: Search.default(''),
      cursor: z.string().max(MAX_CURSOR).optional(),
    }),
    requested,
  )
  const position = cursor ? readCursor(cursor) : null
  if (position && !fits(position, { list, row })) throw foreignCursor()
  return {
    limit: limit + 1,
    sort,
    search: list.searchable ? search : '',
    offset: position && 'offset' in position ? position.offset : 0,
    after: position && 'after' in position ? position.after : null,
  }
}

/** Whether a cursor is one of the chart's: cells of the fields that its pages continue after, or a number of rows. */
function fits(position: Cursor, { list, row }: Pick<Chart, 'list' | 'row'>): boolean {
  if (!list?.after) return 'offset' in position
  if (!('after' in position) || position.after.length !== list.after.length) return false
  return list.after.every((name, at) => z.safeParse(row.shape[name], position.after[at]).success)
}

/**
 * The rows of the page, the cursor of the next one, and how many rows come before if pages are counted by rows.
 * @param rows up to `page.limit` rows, so one more than the page has if there are more
 */
export function cutPage(
  { list }: Chart,
  { page }: ChartQuery,
  rows: Row[],
): { rows: Row[]; next: string | null; offset?: number } {
  if (!list) return { rows, next: null }
  const shown = rows.slice(0, page.limit - 1)
  const last = shown.at(-1)
  const place = list.after ? {} : { offset: page.offset }
  if (rows.length < page.limit || !last) return { rows: shown, next: null, ...place }
  const offset = page.offset + shown.length
  if (!list.after && offset > MAX_OFFSET) return { rows: shown, next: null, ...place }
  return {
    rows: shown,
    next: cursorOf(list.after ? { after: list.after.map((name) => last[name] ?? null) } : { offset }),
    ...place,
  }
}

function cursorOf(position: Cursor): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function readCursor(cursor: string): Cursor {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw foreignCursor()
  }
}

function foreignCursor(): Refused {
  return new Refused(
    400,
    'wrong-parameter',
    'The parameter "cursor" is invalid',
    'Send what the response of the page before has as "next", with the same other parameters.',
  )
}

function parsed<Shape extends z.ZodType>(shape: Shape, requested: Record<string, string>): z.output<Shape> {
  const result = shape.safeParse(requested)
  if (!result.success) throw wrongParameter(result.error.issues[0])
  return result.data
}

function wrongParameter(issue: z.core.$ZodIssue | undefined): Refused {
  return new Refused(
    400,
    'wrong-parameter',
    `The parameter "${issue?.path.join('.')}" is invalid: ${issue?.message}`,
    'Correct the URL.',
  )
}
