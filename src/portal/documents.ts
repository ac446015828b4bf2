import { readFile } from 'node:fs/promises'
import { html, raw } from 'hono/html'
import {
  addDocument,
  type Document,
  type DocumentRefusal,
  deleteDocument,
  documentsOf,
  MOST_BYTES,
  MOST_DOCUMENTS,
  openDocument,
} from '../people/documents.ts'
import { param, queryOf } from '../web/face.ts'
import { field, problem } from '../web/fields.ts'
import type { Html, Page } from '../web/layout.ts'
import type { Upload } from '../web/upload.ts'
import type { Portal } from './portal.ts'
import { actorOf, type Visit } from './visit.ts'

/** What a file is given out as: what we found it to be, nothing that came with it. */
const KINDS = { pdf: { mime: 'application/pdf', name: 'PDF' }, jpeg: { mime: 'image/jpeg', name: 'JPEG' } }

/** `/portal/documents`: a person's certificates, uploaded, taken back home, deleted. */
export function documentPages({ face, app }: Portal): void {
  const mine = (visit: Visit) => documentsOf(app, visit.me.person.id)
  const found = async (visit: Visit) => (await mine(visit)).find(({ id }) => id === param(visit, 'id')) ?? visit.ctx.throw(404)

  face.page('/documents', 'in', async (visit) => visit.show(listPage(visit, await mine(visit))))

  face.upload('/documents', 'in', MOST_BYTES, async (visit, upload) => {
    const refused = await keep(visit, upload)
    if (refused === undefined) return visit.go('/portal/documents', 'document_added')
    visit.show(listPage(visit, await mine(visit), { label: upload.form.get('label'), refused }), 422)
  })

  face.page('/documents/:id', 'in', async (visit) => {
    const { id } = await found(visit)
    const document = (await openDocument(app, id)) ?? visit.ctx.throw(404)
    const { ctx } = visit
    ctx.attachment(fileName(document))
    ctx.set('Content-Type', KINDS[document.type].mime)
    ctx.set('X-Content-Type-Options', 'nosniff')
    ctx.body = document.bytes
  })

  face.page('/documents/:id/delete', 'in', async (visit) => visit.show(deletePage(visit, await found(visit))))

  face.form('/documents/:id/delete', 'in', async (visit) => {
    // Sent twice: it is gone, as was asked.
    await deleteDocument(app, actorOf(visit), { personId: visit.me.person.id, id: param(visit, 'id') })
    visit.go('/portal/documents', 'document_deleted')
  })

  async function keep(visit: Visit, upload: Upload): Promise<DocumentRefusal | undefined> {
    if (upload.refused !== undefined) return upload.refused === 'too_big' ? 'too_big' : 'empty'
    const { form, file } = upload
    try {
      const added = await addDocument(app, actorOf(visit), {
        personId: visit.me.person.id,
        label: form.get('label'),
        bytes: await readFile(file.path),
        once: form.get('once'),
      })
      return 'refused' in added ? added.refused : undefined
    } finally {
      await file.drop()
    }
  }
}

/** A name that any machine takes: of what the person called it only letters, digits and spaces. */
function fileName({ label, type }: Pick<Document, 'label' | 'type'>): string {
  const name = label
    .replace(/[^\p{L}\p{N} -]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return `${name || 'certificate'}.${type === 'pdf' ? 'pdf' : 'jpg'}`
}

type Tried = { label: string; refused: DocumentRefusal }

function listPage(visit: Visit, documents: readonly Document[], tried?: Tried): Page {
  const { say } = visit.reader
  const title = say('documents_title')
  const body = html`<h1>${title}</h1>
${tried ? problem('document', say('documents_wrong_again')) : ''}
<p>${say('documents_text')}</p>
${documents.length === 0 ? html`<p>${say('documents_none')}</p>` : ''}
${documents.map((document) => card(visit, document))}
<h2>${say('documents_add')}</h2>
${documents.length >= MOST_DOCUMENTS ? html`<p class="next">${say('documents_most', { count: MOST_DOCUMENTS })}</p>` : uploadForm(visit, tried)}
<p><a href="/portal/profile">${say('profile_back')}</a></p>`
  return { title, body }
}

function card({ reader: { say, time, count } }: Visit, { id, label, type, bytes, at }: Document): Html {
  const facts = { type: KINDS[type].name, size: count(Math.ceil(bytes / 1024)), time: time(at) }
  return html`<section class="card"><h2>${label}</h2>
<p class="soft">${say('documents_row', facts)}</p>
<p><a href="/portal/documents/${id}" aria-label="${say('documents_download')}: ${label}">${say('documents_download')}</a> · <a href="/portal/documents/${id}/delete" aria-label="${say('documents_delete')}: ${label}">${say('documents_delete')}</a></p>
</section>\n`
}

function uploadForm(visit: Visit, tried: Tried | undefined): Html {
  const { say } = visit.reader
  const wrong = tried && tried.refused !== 'full' ? say(`documents_wrong_${tried.refused}`) : undefined
  const ofLabel = tried?.refused === 'label'
  return html`<form method="post" action="/portal/documents" enctype="multipart/form-data">${visit.hidden}
${field({
  name: 'label',
  label: say('documents_label'),
  value: tried?.label ?? queryOf(visit).label ?? '',
  hint: say('documents_label_hint'),
  wrong: ofLabel ? wrong : undefined,
  more: raw(' maxlength="60" required autocomplete="off"'),
})}
${field({
  name: 'file',
  label: say('documents_file'),
  value: '',
  hint: say('documents_file_hint'),
  wrong: ofLabel ? say('documents_choose_again') : wrong,
  more: raw(' type="file" required accept="application/pdf,image/jpeg,.pdf,.jpg,.jpeg"'),
})}
<button>${say('documents_upload')}</button>
</form>`
}

function deletePage(visit: Visit, { label }: Document): Page {
  const { say } = visit.reader
  const title = say('documents_delete_title')
  const body = html`<h1>${title}</h1>
<p><strong>${label}</strong></p>
<p>${say('documents_delete_text')}</p>
<form method="post">${visit.hidden}<button>${say('documents_delete')}</button></form>
<p><a href="/portal/documents">${say('documents_keep')}</a></p>`
  return { title, body }
}
