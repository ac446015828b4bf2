import { describe, expect, test } from 'vitest'
import { publish } from '../../src/deployments/publish.ts'
import { issueLetter } from '../../src/letters/issue.ts'
import { checkLetter, downloadLetter, lookAt, openLetter, shortName } from '../../src/letters/letter.ts'
import { reissue, revoke } from '../../src/letters/operate.ts'
import { buildTown, codeIn, last4, onBothEngines, type Town } from './kit.ts'

/** One person with a published letter; `code` is that of the SMS. */
async function withLetter() {
  const town = await buildTown()
  await town.addPerson(1)
  await town.addJob('KCSE26INV')
  const deployment = await town.draft(1, 'KCSE26INV')
  await publish(town.app)
  return { town, deployment, code: codeIn((await town.texts(1)).at(-1)) }
}

const verifyCodeOf = async (town: Town, n = 0) => {
  const letter = (await town.letters()).sort((a, b) => a.version - b.version)[n]
  return (await openLetter(town.app, letter?.id ?? ''))?.facts.verifyCode ?? ''
}

onBothEngines(() => {
  describe('a letter', () => {
    test('is numbered by exam, role and year', async () => {
      const town = await buildTown()
      await town.addJob('KCSE26INV')
      await town.addJob('KPSEA26SUP', { exam: 'KPSEA2026', role: 'supervisor' })
      for (const n of [1, 2]) {
        await town.addPerson(n)
        await town.draft(n, 'KCSE26INV')
      }
      await town.draft(1, 'KPSEA26SUP')
      await publish(town.app)
      const references = (await town.letters()).map(({ reference }) => reference).sort()
      expect(references).toEqual(['KCSE/INV/2026/0000001', 'KCSE/INV/2026/0000002', 'KPSEA/SUP/2026/0000001'])
    })

    test('keeps what it said when the roll changes', async () => {
      const { town, code } = await withLetter()
      await town.work((tx) => tx.update(tx.people).set({ fullName: 'Somebody Else' }))
      const had = await downloadLetter(town.app, code, last4(1))
      expect(had).toMatchObject({ letter: { facts: { person: { name: 'Achieng Number1 Otieno' } } } })
    })

    test('is sealed whole in the store', async () => {
      const { town } = await withLetter()
      const [letter] = await town.letters()
      expect(letter?.factsSealed).toMatch(/^v1\.t1\./)
      expect(JSON.stringify(letter)).not.toContain('Achieng')
    })

    test('that is issued again has the next version, the same reference, and ends the one before', async () => {
      const { town, code } = await withLetter()
      const before = await verifyCodeOf(town)
      const [first] = await town.letters()
      expect(await reissue(town.app, { reference: ` ${first?.reference.toLowerCase()} ` })).toEqual({
        reference: first?.reference,
        version: 2,
      })
      expect(await lookAt(town.app, code)).toEqual({ refused: 'replaced' })
      expect(await checkLetter(town.app, before)).toEqual({ refused: 'replaced' })
      expect(await checkLetter(town.app, await verifyCodeOf(town, 1))).toHaveProperty('genuine')
      const fresh = codeIn((await town.texts(1)).at(-1))
      expect(await lookAt(town.app, fresh)).toHaveProperty('open')
    })

    test('issued twice at once makes two versions, of which one is in force', async () => {
      const { town, deployment } = await withLetter()
      const issue = (key: string) =>
        town.store.work(key, (tx) =>
          issueLetter(
            { tx, tools: town.app, at: town.at, actor: { via: 'cli', name: 't', signed: false, language: 'en' } },
            deployment,
          ),
        )
      const both = await Promise.all([issue('a'), issue('b')])
      expect(both.map(({ version }) => version).sort()).toEqual([2, 3])
      expect((await town.letters()).filter(({ revokedAt }) => revokedAt === null)).toMatchObject([{ version: 3 }])
    })
  })

  describe('downloading', () => {
    test('wants the last four digits and gives the frozen facts, five times', async () => {
      const { town, code } = await withLetter()
      for (let n = 0; n < 5; n++)
        expect(await downloadLetter(town.app, code.toLowerCase().replaceAll('-', ' '), last4(1))).toHaveProperty('letter')
      expect(await downloadLetter(town.app, code, last4(1))).toEqual({ refused: 'used_up' })
    })

    test('gives exactly five of fifty at once', async () => {
      const { town, code } = await withLetter()
      const had = await Promise.all(Array.from({ length: 50 }, () => downloadLetter(town.app, code, last4(1))))
      expect(had.filter((each) => 'letter' in each)).toHaveLength(5)
    })

    test('wrong digits cost a try and no download; ten close the link', async () => {
      const { town, code } = await withLetter()
      expect(await downloadLetter(town.app, code, '0000')).toEqual({ refused: 'wrong', triesLeft: 9 })
      expect(await lookAt(town.app, code)).toMatchObject({ open: { downloadsLeft: 5 } })
      expect(await downloadLetter(town.app, code, last4(1))).toHaveProperty('letter')
      for (let left = 8; left > 0; left--)
        expect(await downloadLetter(town.app, code, '0000')).toEqual({ refused: 'wrong', triesLeft: left })
      expect(await downloadLetter(town.app, code, '0000')).toEqual({ refused: 'locked' })
      expect(await downloadLetter(town.app, code, last4(1))).toEqual({ refused: 'locked' })
    })

    test('two hundred guesses at once are compared ten times, and the right one after them not at all', async () => {
      const { town, code } = await withLetter()
      const guesses = Array.from({ length: 200 }, (_, n) => downloadLetter(town.app, code, n === 150 ? last4(1) : '0000'))
      const answers = await Promise.all(guesses)
      expect(answers.filter((each) => 'letter' in each)).toHaveLength(0)
      expect(answers.filter((each) => 'refused' in each && each.refused === 'wrong')).toHaveLength(9)
      expect(answers.filter((each) => 'refused' in each && each.refused === 'locked')).toHaveLength(191)
    })

    test('a forged code is refused before the database is asked', async () => {
      const { town, code } = await withLetter()
      const forged = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`
      const silent = { ...town.app, store: undefined as never }
      expect(await lookAt(silent, forged)).toEqual({ refused: 'unknown' })
      expect(await downloadLetter(silent, forged, last4(1))).toEqual({ refused: 'unknown' })
      expect(await downloadLetter(silent, await verifyCodeOf(town), last4(1))).toEqual({ refused: 'unknown' })
    })
  })

  describe('checking', () => {
    test('by the printed code or the link says whose letter it is, in few words', async () => {
      const { town, code } = await withLetter()
      const genuine = {
        name: 'Achieng O.',
        role: 'invigilator',
        station: 'Kilele Secondary',
        startsOn: '2026-11-02',
        endsOn: '2026-11-20',
        reference: 'KCSE/INV/2026/0000001',
      }
      expect(await checkLetter(town.app, await verifyCodeOf(town))).toEqual({ genuine })
      expect(await checkLetter(town.app, code)).toEqual({ genuine })
      expect(await town.links()).toMatchObject([{ downloadsLeft: 5, triesLeft: 10 }])
      expect(await town.ask(9, 'letters.verify', { code })).toMatchObject({
        done: { name: 'Achieng O.', from: '2/11/2026', to: '20/11/2026' },
      })
    })

    test('a link that expired still proves its letter', async () => {
      const { town, code } = await withLetter()
      town.goTo('2026-12-24')
      expect(await lookAt(town.app, code)).toEqual({ refused: 'expired' })
      expect(await checkLetter(town.app, code)).toHaveProperty('genuine')
    })

    test('tells forged from revoked', async () => {
      const { town, deployment, code } = await withLetter()
      expect(await town.ask(9, 'letters.verify', { code: '0000-0000-0000-0000' })).toMatchObject({ refused: 'forged' })
      await revoke(town.app, { deployment, why: 'made in error' })
      expect(await town.ask(9, 'letters.verify', { code })).toMatchObject({ refused: 'revoked' })
    })

    test.each([
      ['Achieng Mary Otieno', 'Achieng O.'],
      ['  Baraka  ', 'Baraka'],
      ['Esther Ũmbũi', 'Esther Ũ.'],
    ])('%s is shown as %s', (name, shown) => expect(shortName(name)).toBe(shown))
  })

  describe('revoking', () => {
    test('ends letter, links and duty, tells the holder, and leaves a trace with the reason', async () => {
      const { town, deployment, code } = await withLetter()
      expect(await revoke(town.app, { reference: 'KCSE/INV/2026/0000001', why: 'the centre is hosted elsewhere' })).toEqual({
        revoked: true,
      })
      expect(await lookAt(town.app, code)).toEqual({ refused: 'revoked' })
      expect(await town.deployment(deployment)).toMatchObject({ status: 'revoked' })
      expect((await town.texts(1)).at(-1)).toContain('withdrawn')
      const trace = (await town.audit()).filter(({ action }) => action === 'letters.revoke')
      expect(trace).toMatchObject([{ subject: 'p1', outcome: 'done', detail: { why: 'the centre is hosted elsewhere' } }])
      expect(await revoke(town.app, { deployment, why: 'again' })).toEqual({ refused: 'already' })
      expect(await revoke(town.app, { reference: 'KCSE/INV/2026/9999999', why: 'x' })).toEqual({ refused: 'unknown' })
      expect(await town.texts(1)).toHaveLength(2)
    })
  })

  describe('letters.send', () => {
    test('sends the same link again, three times an hour and six a day', async () => {
      const { town, code } = await withLetter()
      const send = () => town.ask(1, 'letters.send')
      for (let n = 0; n < 3; n++)
        expect(await send()).toMatchObject({ done: { letter_code: code, link: `https://wito.test/l/${code}` } })
      expect(await send()).toMatchObject({ refused: 'slow_down' })
      town.goTo('2026-10-01', 11)
      for (let n = 0; n < 3; n++) expect(await send()).toHaveProperty('done')
      town.goTo('2026-10-01', 13)
      expect(await send()).toMatchObject({ refused: 'slow_down' })
      town.goTo('2026-10-02', 12)
      expect(await send()).toHaveProperty('done')
      expect(await town.texts(1)).toHaveLength(8)
      expect(await town.links()).toHaveLength(1)
    })

    test('has nothing for who has no letter, a letter that ended, or a duty that is over', async () => {
      const { town, deployment } = await withLetter()
      await town.addPerson(2)
      expect(await town.ask(2, 'letters.send')).toMatchObject({ refused: 'none' })
      expect(await town.ask(2, 'letters.send', { deployment })).toMatchObject({ refused: 'none' })
      expect(await town.ask(1, 'letters.mine')).toMatchObject({ done: { items: [{ deployment, answer: 'released' }] } })
      town.goTo('2026-11-21')
      expect(await town.ask(1, 'letters.mine')).toMatchObject({ refused: 'none' })
      town.goTo('2026-10-02')
      await revoke(town.app, { deployment, why: 'made in error' })
      expect(await town.ask(1, 'letters.send')).toMatchObject({ refused: 'none' })
    })

    test('takes the duty to report to next where none is named', async () => {
      const { town } = await withLetter()
      await town.addJob('KPSEA26INV', { exam: 'KPSEA2026', startsOn: '2026-10-20', endsOn: '2026-10-24' })
      const earlier = await town.draft(1, 'KPSEA26INV', { reportOn: '2026-10-20' })
      await publish(town.app)
      expect(await town.ask(1, 'letters.send')).toMatchObject({ done: { deployment: earlier } })
      town.goTo('2026-10-22')
      expect(await town.ask(1, 'letters.send')).toMatchObject({ done: { deployment: 'd1-KCSE26INV' } })
    })
  })
})
