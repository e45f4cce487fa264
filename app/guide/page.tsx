import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Marked } from 'marked'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'

export const metadata = { title: 'User guide' }

/** Links to other files of the documentation have no page here: their text stays. */
const marked = new Marked({
  renderer: {
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      return /^(https:|#|\/)/.test(href) ? `<a href="${href}">${text}</a>` : text
    },
  },
})

/** docs/user-guide.md as a page, so that the guide of an instance is the one of its version. */
export default async function GuidePage() {
  const guide = await readFile(join(process.cwd(), 'docs', 'user-guide.md'), 'utf8')
  const [, title = '', text = ''] = /^# (.+)\n([\s\S]*)$/.exec(guide) ?? []
  return (
    <PublicPage>
      <Prose title={title}>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the file comes with the app */}
        <div dangerouslySetInnerHTML={{ __html: await marked.parse(text) }} />
      </Prose>
    </PublicPage>
  )
}
