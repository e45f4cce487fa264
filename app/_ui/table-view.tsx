import type { ChartRow, TableColumn } from './draw/drawing.ts'
import classes from './table.module.css'

/** The rows of a chart as a table. */
export function TableView({ caption, columns, rows }: { caption: string; columns: TableColumn[]; rows: ChartRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`Table: ${caption}`}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map(({ header, numeric }) => (
              <th key={header} scope="col" data-numeric={numeric}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: chart rows have no id of their own
            <tr key={index}>
              {columns.map(({ header, numeric, cell }) => (
                <td key={header} data-numeric={numeric}>
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
