import { html } from 'hono/html'
import type { Typed } from './held.ts'
import type { Html, Page } from './layout.ts'
import type { Reader } from './reader.ts'

/** What our pages put into their forms themselves: it says nothing to the person. */
const TACIT =
  /^(id|n|all|query|as_of|after|changed_at|seen_.*|version|was|digest|ticket|mark_of|count|sure|sure_.*|again|show|next|held)$/

/** The fields that somebody typed or chose. */
export const typedFields = ({ fields }: Typed): Typed['fields'] =>
  fields.filter(([name, value]) => value.trim() !== '' && !TACIT.test(name))

/** Fields as a form carries them unseen. */
export const hiddenFields = ({ fields }: Pick<Typed, 'fields'>): Html =>
  html`${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`

/** What was typed, to be looked at and sent by its owner's own hand. `why`: the session ran out meanwhile, or the language was changed. */
export function heldPage(call: { reader: Reader; hidden: Html }, typed: Typed, why: 'ended' | 'language', back: string): Page {
  const { say, has } = call.reader
  const label = (name: string) => (has(`typed_${name}`) ? say(`typed_${name}`) : name.replaceAll('_', ' '))
  const title = say('held_title')
  const body = html`<h1>${title}</h1>
<p>${say(`held_${why}`)}</p>
<dl>${typedFields(typed).map(([name, value]) => html`<div><dt>${label(name)}</dt><dd>${value}</dd></div>\n`)}</dl>
<form method="post" action="${typed.path}">${call.hidden}${hiddenFields(typed)}
<button>${say('held_send')}</button></form>
<p><a href="${back}">${say('held_drop')}</a></p>`
  return { title, body, again: typed }
}
