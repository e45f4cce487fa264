import { formatCount } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { addressOf, tableHref } from '#app/_ui/table-catalog.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import classes from './data.module.css'

/** Of a box and the space below it; data.module.css has the same. */
const ROW_PX = 48
const BOX_PX = 40
const GUTTER_PX = 56

interface Box {
  id: string
  title: string
  /** What kind of thing it is, or the table's name. */
  kind: string
  href?: string
}

/** What a table is made of on the left, what is made of it on the right. Every table is a link, from streams to charts. */
export function LineagePanel({ table, tables }: { table: TableInfo; tables: TableInfo[] }) {
  const byAddress = new Map(tables.map((one) => [addressOf(one), one]))
  const boxOf = (address: string): Box => {
    const found = byAddress.get(address)
    return {
      id: address,
      title: found?.title ?? address,
      kind: address,
      ...(found ? { href: tableHref(address) } : {}),
    }
  }
  const { streams, reads, readBy, charts } = table
  const titles = [...new Set(charts.map(({ title }) => title))]
  const sources = [...streams.map((title) => ({ id: title, title, kind: 'loaded' })), ...reads.map(boxOf)]
  const users = [
    ...readBy.map(boxOf),
    ...(titles.length > 0 ? [{ id: 'charts', title: formatCount(titles.length, 'chart'), kind: 'on the pages' }] : []),
  ]
  return (
    <Panel title="Lineage">
      <div className={classes.lineage}>
        <Boxes label="Made from" boxes={sources} none="Written by Tracklake itself" />
        <Connectors count={sources.length} towards="one" />
        <section className={classes.side}>
          <h3>This table</h3>
          <div className={classes.box} data-self="true">
            <span>{table.title}</span>
            <code>{table.name}</code>
          </div>
        </section>
        <Connectors count={users.length} towards="many" />
        <Boxes label="Used by" boxes={users} none="Nothing in Tracklake" />
      </div>
      {titles.length > 0 && (
        <p className={classes.shown}>
          <strong>Charts that read it:</strong> {titles.join(', ')}
        </p>
      )}
    </Panel>
  )
}

function Boxes({ label, boxes, none }: { label: string; boxes: Box[]; none: string }) {
  return (
    <section className={classes.side}>
      <h3>{label}</h3>
      <ul>
        {boxes.length === 0 && <li className={classes.none}>{none}</li>}
        {boxes.map(({ id, title, kind, href }) => (
          <li key={id}>
            {href ? (
              <Link href={href} className={classes.box} title={`${title} (${kind})`}>
                <span>{title}</span>
                <code>{kind}</code>
              </Link>
            ) : (
              <div className={classes.box}>
                <span>{title}</span>
                <small>{kind}</small>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Lines between a column of boxes and the one in the middle of its height. */
function Connectors({ count, towards }: { count: number; towards: 'one' | 'many' }) {
  if (count === 0) return <span className={classes.connectors} />
  const height = (count - 1) * ROW_PX + BOX_PX
  return (
    <svg
      className={classes.connectors}
      width={GUTTER_PX}
      height={height}
      viewBox={`0 0 ${GUTTER_PX} ${height}`}
      aria-hidden="true"
    >
      {Array.from({ length: count }, (_, index) => {
        const y = index * ROW_PX + BOX_PX / 2
        const [from, to] = towards === 'one' ? [y, height / 2] : [height / 2, y]
        const half = GUTTER_PX / 2
        return (
          <path
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity
            key={index}
            d={`M0 ${from} C${half} ${from} ${half} ${to} ${GUTTER_PX} ${to}`}
          />
        )
      })}
    </svg>
  )
}
