'use client'

import { Tabs } from '@mantine/core'
import { usePathname, useSearchParams } from 'next/navigation'
import type { SavedQuery } from '#lib/api/sql.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import type { Example } from './examples.ts'
import { HistoryList } from './history-list.tsx'
import { PickList } from './pick-list.tsx'
import classes from './sidebar.module.css'
import { TableList } from './table-list.tsx'

/** The parameter of the address that names the list. */
const LIST = 'list'

interface Props {
  tables: TableInfo[]
  examples: Example[]
  queries: SavedQuery[]
  opened: SavedQuery | undefined
  /** Writes into the text. */
  onInsert: (text: string) => void
  /** Replaces the text. */
  onPick: (sql: string) => void
  onOpen: (name: string) => void
}

/** What queries are made of: tables, saved queries, examples and what was run before. */
export function Sidebar({ tables, examples, queries, opened, onInsert, onPick, onOpen }: Props) {
  const searchParams = useSearchParams()
  const pathname = usePathname()
  const show = (list: string | null) => {
    const params = new URLSearchParams(searchParams)
    params.set(LIST, list ?? 'tables')
    window.history.replaceState(null, '', `${pathname}?${params}`)
  }
  const lists = {
    tables: <TableList tables={tables} onInsert={onInsert} />,
    saved: (
      <PickList
        items={queries.map(({ name, description, lastRunAt }) => ({ title: name, about: description, at: lastRunAt }))}
        current={opened?.name}
        empty="Nothing saved yet. Press “Save” below the editor to keep a query and to call it from scripts."
        onPick={({ title }) => onOpen(title)}
      />
    ),
    examples: (
      <PickList
        items={examples}
        empty="Examples appear once your plays have been synced."
        onPick={({ title }) => onPick(examples.find((example) => example.title === title)?.sql ?? '')}
      />
    ),
    history: <HistoryList onPick={onPick} />,
  }
  const requested = searchParams.get(LIST)
  const shown = requested !== null && requested in lists ? requested : 'tables'
  return (
    <section className={classes.sidebar} aria-label="Tables and queries">
      <Tabs value={shown} onChange={show} keepMounted={false} classNames={{ panel: classes.panel, tab: classes.tab }}>
        <Tabs.List grow>
          <Tabs.Tab value="tables">Tables</Tabs.Tab>
          <Tabs.Tab value="saved">Saved</Tabs.Tab>
          <Tabs.Tab value="examples">Examples</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        {Object.entries(lists).map(([name, list]) => (
          <Tabs.Panel key={name} value={name}>
            {list}
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  )
}
