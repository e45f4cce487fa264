'use client'

import { useState } from 'react'
import { formatNumber } from '#app/_ui/format.ts'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getImport } from '#lib/api/client.ts'
import { exportKindTitles } from '#lib/api/import-labels.ts'
import type { ImportMember } from '#lib/api/imports.ts'
import classes from './import.module.css'

/** The files of an import behind a disclosure; fetched when it is opened. */
export function MemberList({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false)
  const details = useEndpoint(getImport, { params: { id }, enabled: isOpen, every: false })
  return (
    <details className={classes.members} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Files</summary>
      {details.isError && <ProblemText problem={asProblem(details.error)} />}
      {details.data && (
        <ScrollTable label="files of the import">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Content</th>
              <th scope="col" data-numeric>
                Read
              </th>
              <th scope="col" data-numeric>
                New
              </th>
              <th scope="col" data-numeric>
                Already there
              </th>
              <th scope="col" data-numeric>
                Matched
              </th>
              <th scope="col" data-numeric>
                Not imported
              </th>
            </tr>
          </thead>
          <tbody>
            {details.data.members.map((member) => (
              <Member key={`${member.file} ${member.name}`} member={member} />
            ))}
          </tbody>
        </ScrollTable>
      )}
    </details>
  )
}

function Member({ member }: { member: ImportMember }) {
  const { name, kind, state, problem } = member
  const rejected = Object.values(member.rejected).reduce((all, count) => all + count, 0)
  return (
    <tr>
      <th scope="row" className={classes.memberName}>
        <bdi>{name}</bdi>
      </th>
      {state === 'read' ? (
        <>
          <td>{kind && exportKindTitles[kind]}</td>
          {[member.read, member.new, member.duplicate, member.paired, rejected].map((count, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the columns are fixed
            <td key={index} data-numeric>
              {formatNumber(count)}
            </td>
          ))}
        </>
      ) : (
        <td colSpan={6}>{problem ?? state}</td>
      )}
    </tr>
  )
}
