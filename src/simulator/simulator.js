// The phones of the simulator. Everything that a person reads is put in as text, never as HTML.

const { serviceCode, shortCode } = document.body.dataset
const BUDGET = 160
const SESSION_SECONDS = 180
const KEYS = [
  ['1', ''],
  ['2', 'abc'],
  ['3', 'def'],
  ['4', 'ghi'],
  ['5', 'jkl'],
  ['6', 'mno'],
  ['7', 'pqrs'],
  ['8', 'tuv'],
  ['9', 'wxyz'],
  ['*', ''],
  ['0', '+'],
  ['#', ''],
]
const EXTENSION = new Set('^{}\\[~]|€\f')

/** Septets of a GSM-7 text, as the service counts them: extension characters count two. */
const septets = (text) => [...text].reduce((sum, character) => sum + (EXTENSION.has(character) ? 2 : 1), 0)

async function ask(path, body) {
  const options =
    body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`/simulator/api/${path}`, options)
  const value = await answer.json()
  if (!answer.ok) throw new Error(value.why ?? `the service answered ${answer.status}`)
  return value
}

const element = (tag, className, text) => {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** Puts a text with its web links into `parent`; only http and https become links. */
function putText(parent, text) {
  for (const part of text.split(/(https?:\/\/[^\s]+)/)) {
    if (!/^https?:\/\//.test(part)) {
      parent.append(part)
      continue
    }
    const link = element('a', '', part)
    link.href = part
    link.target = '_blank'
    link.rel = 'noopener noreferrer'
    parent.append(link)
  }
}

const phones = new Map()

function addPhone(number) {
  if (phones.has(number)) {
    phones.get(number).focus()
    return
  }
  const handset = document.getElementById('phone').content.firstElementChild.cloneNode(true)
  const find = (selector) => handset.querySelector(selector)
  const at = encodeURIComponent(number)
  const [screen, field, counter, where, timer, inbox, unread] = [
    '.screen',
    '.typing input',
    '.septets',
    '.where',
    '.timer',
    '.inbox',
    '.unread',
  ].map(find)
  let open = false
  let endsAt = 0
  let lastSms = 0
  let unseen = 0

  handset.setAttribute('aria-label', `Phone ${number}`)
  find('.number').textContent = number
  find('.typing label').textContent = `Dial or reply from ${number}`
  find('.typing label').htmlFor = field.id = `type-${number.slice(1)}`

  function idle(message = `Dial ${serviceCode}`) {
    open = false
    screen.textContent = message
    screen.classList.toggle('idle', true)
    field.value = serviceCode
    find('.send').textContent = 'Call'
    timer.textContent = ''
  }

  function show({ kind, text, metadata, raw }) {
    open = kind === 'CON'
    screen.classList.toggle('idle', false)
    screen.classList.toggle('error', kind === 'error')
    screen.textContent = kind === 'error' ? `The operator says: ${text}` : text
    const used = septets(kind === 'error' ? (raw ?? '') : `${kind} ${text}`)
    counter.textContent = `${used} / ${BUDGET} septets`
    counter.classList.toggle('over', used > BUDGET)
    where.textContent = metadata ? `screen: ${metadata}` : ''
    field.value = open ? '' : serviceCode
    find('.send').textContent = open ? 'Send' : 'Call'
    if (!open) timer.textContent = 'call ended'
    handset.classList.remove('glow')
    void handset.offsetWidth
    handset.classList.add('glow')
    field.focus({ preventScroll: true })
  }

  async function busy(work) {
    handset.setAttribute('aria-busy', 'true')
    try {
      await work()
    } catch (reason) {
      screen.classList.add('error')
      screen.textContent = reason.message
      open = false
    } finally {
      handset.removeAttribute('aria-busy')
      refreshWire()
    }
  }

  const send = () =>
    busy(async () => {
      const input = field.value
      if (open) return show(await ask(`${at}/reply`, { input }))
      endsAt = Date.now() + SESSION_SECONDS * 1000
      show(await ask(`${at}/dial`, { serviceCode: input || serviceCode, network: find('.network').value }))
    })
  const hangUp = () =>
    busy(async () => {
      if (open) await ask(`${at}/hangup`, {})
      idle('Call ended.')
    })

  find('.typing').addEventListener('submit', (event) => {
    event.preventDefault()
    send()
  })
  const keys = find('.keys')
  const button = (label, className, press, name) => {
    const made = element('button', className, label)
    made.type = 'button'
    if (name) made.setAttribute('aria-label', name)
    made.addEventListener('click', press)
    keys.append(made)
    return made
  }
  button('Call', 'call', send)
  button('Clear', 'clear', () => {
    field.value = field.value.slice(0, -1)
    field.focus({ preventScroll: true })
  })
  button('End', 'end', hangUp)
  for (const [digit, letters] of KEYS) {
    const made = button(
      digit,
      'key',
      () => {
        if (!open && field.value === serviceCode) field.value = ''
        field.value += digit
      },
      digit,
    )
    if (letters) made.append(element('small', '', letters))
  }

  find('.write').addEventListener('submit', (event) => {
    event.preventDefault()
    const text = find('.write input')
    busy(async () => {
      await ask(`${at}/sms`, { text: text.value })
      const mine = element('li', 'mine')
      mine.append(element('small', '', `to ${shortCode}`), element('p', '', text.value))
      inbox.prepend(mine)
      text.value = ''
    })
  })
  find('.sms').addEventListener('toggle', () => {
    unseen = 0
    unread.textContent = ''
  })
  find('.remove').addEventListener('click', () => {
    phones.delete(number)
    handset.remove()
  })

  async function readSms() {
    for (const sms of await ask(`${at}/inbox?after=${lastSms}`)) {
      lastSms = sms.n
      const row = element('li')
      const text = element('p')
      putText(text, sms.text)
      row.append(element('small', '', `${sms.from || shortCode} · ${septets(sms.text)} septets`), text)
      inbox.prepend(row)
      if (!find('.sms').open) unread.textContent = `${++unseen} new`
      handset.classList.add('glow')
    }
  }

  function tick() {
    if (!open) return
    const left = Math.ceil((endsAt - Date.now()) / 1000)
    timer.textContent = `${Math.max(0, left)} s`
    if (left <= 0) idle('The operator ended the call after 180 s.')
  }

  idle()
  document.getElementById('phones').append(handset)
  phones.set(number, { readSms, tick, focus: () => field.focus() })
  readSms().catch(() => idle('The stand-in gateway does not answer.'))
  field.focus({ preventScroll: true })
}

// ---- the wire

let lastExchange = 0
async function refreshWire() {
  const wire = document.getElementById('wire')
  for (const exchange of await ask(`traffic?after=${lastExchange}`)) {
    lastExchange = exchange.n
    const { from, request, answer, ms } = exchange
    const row = element('li')
    row.append(
      element('b', '', `${from === 'gateway' ? 'gateway → service' : 'service → gateway'} ${request.method} ${request.path}`),
      element('pre', '', request.body.replaceAll('&', '\n')),
      element('small', '', `answered in ${Math.round(ms)} ms`),
      element('pre', '', answer.body ?? answer.error ?? JSON.stringify(answer)),
    )
    wire.prepend(row)
  }
  while (wire.children.length > 60) wire.lastElementChild.remove()
}

// ---- the page

for (const person of document.querySelectorAll('.person')) person.addEventListener('click', () => addPhone(person.dataset.phone))
document.getElementById('add').addEventListener('submit', (event) => {
  event.preventDefault()
  const field = document.getElementById('number')
  const digits = field.value
    .replace(/[^\d]/g, '')
    .replace(/^0/, '254')
    .replace(/^(?=[17]\d{8}$)/, '254')
  field.setCustomValidity(/^254[17]\d{8}$/.test(digits) ? '' : 'A Kenyan mobile number, e.g. 0712345678')
  if (!field.reportValidity()) return
  addPhone(`+${digits}`)
  field.value = ''
})
document.getElementById('number').addEventListener('input', (event) => event.target.setCustomValidity(''))

const first = document.querySelector('.person')
if (first) addPhone(first.dataset.phone)

setInterval(() => {
  for (const { tick } of phones.values()) tick()
}, 1000)

// One round at a time: a slow answer is waited for, not overtaken.
async function poll() {
  try {
    await Promise.all([...phones.values()].map(({ readSms }) => readSms()))
    await refreshWire()
  } catch {
    // The service is restarting or gone; the next round tells.
  }
  setTimeout(poll, 1000)
}
poll()
