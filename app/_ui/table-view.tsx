import type { ChartRow, TableColumn } from './draw/drawing.ts'
import classes from './table.module.css'

/** The rows of a chart as a table. */
export function TableView({ caption, columns, rows }: { caption: string; columns: TableColumn[]; rows: ChartRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`Table: ${caption}`}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map(({ head, numeric }) => (
              <th key={head} scope="col" data-numeric={numeric}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a chart have no identity of their own
            <tr key={index}>
              {columns.map(({ head, numeric, cell }) => (
                <td key={head} data-numeric={numeric}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
