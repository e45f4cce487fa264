import { z } from 'zod'
import type { Json } from '#lib/core/table.ts'
import { type HttpResponse, type JsonObject, json } from '#simulator/core/http.ts'

/** Faults that leave a response well-formed: the true list, edited. */

export const LIST_EDITS = [
  /** 204 without a body. */
  z.object({ kind: z.literal('no-content') }),
  /** Items at these places of the list come without their track, album or item; `bare`: they are null altogether. */
  z.object({
    kind: z.literal('withheld'),
    places: z.array(z.number().int().min(0)).max(1000),
    bare: z.boolean().default(false),
  }),
  /** Items at these places of the list are left out; the total still counts them. */
  z.object({ kind: z.literal('left-out'), places: z.array(z.number().int().min(0)).max(1000) }),
  /** The list seems to end after this many items; `keepsTotal`: although its total says more. */
  z.object({ kind: z.literal('shortened'), to: z.number().int().min(0), keepsTotal: z.boolean().default(false) }),
  /** The reported total differs from what the pages hold. */
  z.object({ kind: z.literal('wrong-total'), total: z.number().int().min(0).nullable() }),
  /** Offset and cursor are ignored, and there is always a next page. */
  z.object({ kind: z.literal('same-page') }),
  /** At most this many items are sent, whatever limit was asked for. */
  z.object({ kind: z.literal('clamped'), limit: z.number().int().min(1).max(50) }),
] as const

export type ListEdit = z.infer<(typeof LIST_EDITS)[number]>

const KINDS: readonly string[] = LIST_EDITS.map(({ shape }) => shape.kind.value)

export function isListEdit<Fault extends { kind: string }>(fault: Fault): fault is Fault & ListEdit {
  return KINDS.includes(fault.kind)
}

/** Changes what is asked for, before the request is responded to. */
export function editQuery(edit: ListEdit, query: URLSearchParams): void {
  if (edit.kind === 'same-page') for (const name of ['offset', 'after', 'before']) query.delete(name)
  if (edit.kind === 'clamped') query.set('limit', String(Math.min(edit.limit, Number(query.get('limit') ?? 20))))
}

/** Changes the response. Errors stay as they are. */
export function editResponse(edit: ListEdit, query: URLSearchParams, response: HttpResponse): HttpResponse {
  if (response.status !== 200) return response
  if (edit.kind === 'no-content') return { status: 204, type: 'text/plain', body: '' }
  const body = JSON.parse(response.body) as JsonObject
  const [wrapper] = Object.entries(body).filter(([, value]) => isList(value))
  if (isList(body)) return json(200, editList(edit, query, body))
  return wrapper ? json(200, { [wrapper[0]]: editList(edit, query, wrapper[1] as JsonObject) }) : response
}

function isList(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Array.isArray(value.items)
}

function editList(edit: ListEdit, query: URLSearchParams, list: JsonObject): JsonObject {
  const items = list.items as Json[]
  const offset = Number(query.get('offset') ?? 0)
  switch (edit.kind) {
    case 'withheld':
      return {
        ...list,
        items: items.map((item, nth) => (edit.places.includes(offset + nth) ? withhold(item, edit.bare) : item)),
      }
    case 'left-out':
      return { ...list, items: items.filter((_, nth) => !edit.places.includes(offset + nth)) }
    case 'shortened': {
      const left = items.slice(0, Math.max(0, edit.to - offset))
      const hasNext = edit.to > offset + items.length
      const total = edit.keepsTotal ? (list.total ?? null) : Math.min(edit.to, Number(list.total ?? edit.to))
      return { ...list, items: left, next: hasNext ? (list.next ?? null) : null, total }
    }
    case 'wrong-total':
      return { ...list, total: edit.total }
    case 'same-page':
      return { ...list, next: list.next ?? list.href ?? null }
    default:
      return list
  }
}

const WRAPPED = ['track', 'album', 'item']

function withhold(item: Json, bare: boolean): Json {
  if (bare || item === null || typeof item !== 'object' || Array.isArray(item)) return null
  const wrapper = WRAPPED.find((name) => isWrapper(item, name))
  return wrapper === undefined ? null : { ...item, [wrapper]: null }
}

/** A track also has an `album`, but only an item of a library has a time. */
function isWrapper(item: JsonObject, name: string): boolean {
  return name in item && ('added_at' in item || 'played_at' in item)
}
