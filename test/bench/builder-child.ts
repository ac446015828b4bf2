import express from 'express'
import UssdMenu from 'ussd-menu-builder'

// ussd-menu-builder as its own documentation uses it with express: one menu for all, sessions in memory; the same screens and texts as
// ours, a PIN that is compared as it is. Nothing is written down.
type Next = Record<string, string>
const sessions = new Map<string, Record<string, string>>()
const menu = new UssdMenu()
menu.sessionConfig({
  start: async (id: string) => {
    if (!sessions.has(id)) sessions.set(id, {})
  },
  end: async (id: string) => void sessions.delete(id),
  set: async (id: string, key: string, value: string) => void Object.assign(sessions.get(id) ?? {}, { [key]: value }),
  get: async (id: string, key: string) => sessions.get(id)?.[key],
})

const screens: Record<string, { text: string; next: Next }> = {
  home: {
    text: 'Wito. Hello Achieng.\n1. Jobs\n2. My applications\n3. Deployment letter\n4. My profile\n5. Password\n6. Language / Lugha\n7. Station head',
    next: { '1': 'jobs', '2': 'applications', '3': 'letters', '6': 'language', '0': 'home', '00': 'home' },
  },
  jobs: {
    text: 'Jobs that fit you\n1. Invigilator\n2. Supervisor\n3. Other jobs\n0 Back 00 Home',
    next: { '1': 'job', '2': 'job', '0': 'home', '00': 'home' },
  },
  job: {
    text: 'Invigilator\n2 Nov-20 Nov\nKES 550 a day\nApply by 30 Sep\n1. Apply\n2. Requirements\n0 Back 00 Home',
    next: { '1': 'pin', '2': 'needs', '0': 'jobs', '00': 'home' },
  },
  needs: {
    text: 'Role: Invigilator. Needs: Diploma. For: anywhere.\n1. Apply\n2. Jobs\n0 Back 00 Home',
    next: { '1': 'pin', '2': 'jobs', '0': 'job', '00': 'home' },
  },
  pin: { text: 'Type your PIN.', next: { '*\\d{6}': 'confirm', '0': 'job', '00': 'home' } },
  confirm: {
    text: 'Apply for Invigilator?\n1. Confirm\n2. Cancel',
    next: { '1': 'applied', '2': 'jobs', '0': 'job', '00': 'home' },
  },
  applied: {
    text: 'Application received. Reference A2B3C4D. We will SMS you every change.\n1. My applications\n2. Jobs\n0 Back 00 Home',
    next: { '1': 'applications', '2': 'jobs', '0': 'home', '00': 'home' },
  },
  applications: {
    text: 'My applications\n1. Invigilator: received\n2. My pay\n0 Back 00 Home',
    next: { '1': 'application', '0': 'home', '00': 'home' },
  },
  application: {
    text: 'Invigilator\nA2B3C4D: received\n1. Withdraw\n2. My applications\n0 Back 00 Home',
    next: { '1': 'withdraw', '2': 'applications', '0': 'applications', '00': 'home' },
  },
  withdraw: {
    text: 'Withdraw from Invigilator?\n1. Confirm\n2. Cancel',
    next: { '1': 'withdrawn', '2': 'applications', '0': 'application', '00': 'home' },
  },
  withdrawn: {
    text: 'You have withdrawn from Invigilator.\n1. My applications\n0 Back 00 Home',
    next: { '1': 'applications', '0': 'home', '00': 'home' },
  },
  letters: { text: 'Your letters\n1. Invigilator\n0 Back 00 Home', next: { '1': 'job', '0': 'home', '00': 'home' } },
  language: {
    text: 'Choose your language.\n1. English\n2. Kiswahili',
    next: { '1': 'home', '2': 'home', '0': 'home', '00': 'home' },
  },
}
for (const [name, { text, next }] of Object.entries(screens)) {
  const run = async () => {
    await menu.session.set('at', name)
    menu.con(text)
  }
  menu.state(name, { run, next })
  if (name === 'home')
    menu.startState({
      run: async () => {
        await menu.session.start()
        menu.con(text)
      },
      next,
    })
}

const server = express()
server.use(express.urlencoded({ extended: false }))
server.post('/callbacks/bench/ussd', (request, response) => {
  menu.run(request.body, (text: string) => response.type('text/plain').send(text))
})
server.listen(Number(process.argv[2]), '127.0.0.1')
