/** Quotes the name of a schema, table or column. Every engine here understands double quotes. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quoted names separated by commas, each with the alias as a prefix if there is one. */
export function quoteAll(names: string[], alias?: string): string {
  return names.map((name) => column(name, alias)).join(', ')
}

/** One quoted column, with the alias of its table as a prefix if there is one. */
export function column(name: string, alias?: string): string {
  return alias ? `${alias}.${quote(name)}` : quote(name)
}
