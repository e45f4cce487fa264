import { formatNumber } from '#app/_ui/format.ts'
import { rejectionTitles } from '#lib/api/import-labels.ts'
import type { ImportOverview } from '#lib/api/imports.ts'
import type { ImportRejection } from '#lib/api/lists.ts'
import classes from './import.module.css'
import { getRejectedRows } from './rejected-address.ts'

/** A reason as part of a sentence. */
const titleOf = (reason: string) => (rejectionTitles[reason as ImportRejection] ?? reason).toLowerCase()

/** What happened to the rows of an import. The first number is the sum of the others. */
export function Receipt({ one }: { one: ImportOverview }) {
  const rejected = Object.entries(one.rejected)
  const rows: [label: string, count: number][] = [
    ['new', one.new],
    ['already there', one.duplicate],
    ['matched with synced plays', one.paired],
    ...rejected.map(([reason, count]): [string, number] => [`not imported: ${titleOf(reason)}`, count]),
  ]
  return (
    <>
      <table className={classes.receipt} aria-label="What became of the rows">
        <tbody>
          <tr>
            <td data-numeric>{formatNumber(one.read)}</td>
            <th scope="row">rows read</th>
          </tr>
          {rows
            .filter(([, count]) => count > 0)
            .map(([label, count]) => (
              <tr key={label}>
                <td data-numeric>{formatNumber(count)}</td>
                <th scope="row">{label}</th>
              </tr>
            ))}
        </tbody>
      </table>
      {rejected.length > 0 && (
        <a href={getRejectedRows(one.id)} download className={classes.link}>
          Rows that weren’t imported (CSV)
        </a>
      )}
    </>
  )
}
