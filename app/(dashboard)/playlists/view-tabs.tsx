import { LinkTabs } from '#app/_ui/link-tabs.tsx'

/** The list as it is, or how it changed. @param page the address of the page */
export function ViewTabs({ page, view, list }: { page: string; view: 'list' | 'changes'; list: string }) {
  return (
    <LinkTabs
      label="View"
      tabs={[
        { label: list, href: page, isCurrent: view === 'list' },
        { label: 'What changed', href: `${page}?view=changes`, isCurrent: view === 'changes' },
      ]}
    />
  )
}
