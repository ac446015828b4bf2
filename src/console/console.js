// Only improves: every page works without it. A part with data-live="ms" renews itself until it no longer asks to.
function renewLater(part) {
  const wait = Number(part.dataset.live)
  if (!wait) return
  setTimeout(async () => {
    const answer = await fetch(location.href, { credentials: 'same-origin' })
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id)
    if (!fresh) return
    part.replaceWith(fresh)
    renewLater(fresh)
  }, wait)
}
for (const part of document.querySelectorAll('[data-live]')) renewLater(part)

// A box over a column of boxes that ticks them all.
for (const table of document.querySelectorAll('table')) {
  const head = table.querySelector('th.tick')
  const boxes = [...table.querySelectorAll('td.tick input')]
  if (!head || boxes.length === 0) continue
  const all = document.createElement('input')
  all.type = 'checkbox'
  all.setAttribute('aria-label', head.textContent)
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked
  })
  head.replaceChildren(all)
}

// Under a text that goes out by SMS: how much of one it takes. The server counts again, and its count holds.
const TWICE = /[\f^{}\\[~\]|€]/g
for (const box of document.querySelectorAll('[data-septets]')) {
  const count = document.createElement('output')
  const most = Number(box.dataset.septets)
  const show = () => {
    const text = box.value.replace(/\r\n?/g, '\n').trim()
    count.textContent = `${text.length + (text.match(TWICE) ?? []).length} / ${most}`
  }
  box.after(count)
  box.addEventListener('input', show)
  show()
}
