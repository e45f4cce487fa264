/** Quotes a name of a schema, table or column; every engine of the list understands double quotes. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quoted names parted by commas, each behind an alias when one is given. */
export function quoteAll(names: string[], alias?: string): string {
  return names.map((name) => column(name, alias)).join(', ')
}

/** One column, behind the alias of its table when one is given. */
export function column(name: string, alias?: string): string {
  return alias ? `${alias}.${quote(name)}` : quote(name)
}
