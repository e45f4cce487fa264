import type { ChartRow, TableColumn } from './draw/drawing.ts'
import { ScrollTable } from './scroll-table.tsx'

/** The rows of a chart as a table. */
export function TableView({ caption, columns, rows }: { caption: string; columns: TableColumn[]; rows: ChartRow[] }) {
  return (
    <ScrollTable label={caption}>
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
    </ScrollTable>
  )
}
