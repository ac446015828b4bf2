import { html, raw } from 'hono/html'
import type { Html } from './layout.ts'

export type Field = {
  name: string
  label: string
  value: string
  /** A sentence under the field; an example. */
  hint?: string | undefined
  /** What is wrong with what was typed. */
  wrong?: string | undefined
  /** Further attributes, as we wrote them: never anything that was typed. */
  more?: Html | undefined
}

/** One labelled input with its hint and, where it was wrong, what to mend. */
export function field({ name, label, value, hint, wrong, more }: Field): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${value}"${more ?? ''}${described(name, hint, wrong)}>
${after(name, hint, wrong)}</div>`
}

/** One of a few, in a list. */
export function choice(
  { name, label, value, hint, wrong }: Omit<Field, 'more'>,
  options: readonly { value: string; label: string }[],
): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
<select id="${name}" name="${name}"${described(name, hint, wrong)}>${options.map(
    (option) => html`<option value="${option.value}"${option.value === value ? raw(' selected') : ''}>${option.label}</option>`,
  )}</select>
${after(name, hint, wrong)}</div>`
}

/** A longer text. */
export function area({ name, label, value, hint, wrong, more }: Field): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
<textarea id="${name}" name="${name}" rows="4"${more ?? ''}${described(name, hint, wrong)}>${value}</textarea>
${after(name, hint, wrong)}</div>`
}

/** What went wrong with a form as a whole. */
export const problem = (id: string, text: string): Html => html`<p class="bad" id="${id}-problem" role="alert">${text}</p>`

function described(name: string, hint: string | undefined, wrong: string | undefined): Html {
  const ids = [wrong && `${name}-wrong`, hint && `${name}-hint`].filter(Boolean).join(' ')
  return html`${ids ? html` aria-describedby="${ids}"` : ''}${wrong ? raw(' aria-invalid="true"') : ''}`
}

const after = (name: string, hint: string | undefined, wrong: string | undefined): Html =>
  html`${wrong ? html`<p class="wrong" id="${name}-wrong" role="alert">${wrong}</p>` : ''}${hint ? html`<small id="${name}-hint">${hint}</small>` : ''}`
