import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dice } from '../../src/demo/draw.ts'
import { openDisk } from './disk/disk.ts'
import { openPlatter } from './disk/platter.ts'
import { expectKept, startWriter } from './disk/write.ts'
import { size, tried } from './row.ts'

test('a power cut loses nothing that was acknowledged and leaves the file sound', { timeout: 600_000 }, async (context) => {
  const disk = openDisk(context)
  const writer = startWriter(disk)
  try {
    disk.begin()
    const units = size({ quick: 150, full: 600, long: 2_000 })
    const done = await writer.write({ folder: disk.folder, from: 1, units, lanes: 6, checkpoint: 40 })
    expect(done?.acknowledged).toHaveLength(units)
    await writer.stop()

    const seed = Date.now() % 1_000_000
    const { below, pick } = dice(seed)
    const roll = () => below(1_000_000) / 1_000_000
    const deeds = disk.deeds()
    const images = size({ quick: 60, full: 1_500, long: 20_000 })
    const cuts = Array.from({ length: images }, () => below(deeds.length + 1)).sort((a, b) => a - b)
    const platter = openPlatter()
    const acknowledged = new Set<number>()
    const marks = join(disk.folder, 'marks')
    const image = join(disk.home, 'image')
    mkdirSync(image)
    let at = 0
    for (const cut of cuts) {
      for (const deed of deeds.slice(at, cut))
        if (deed.path !== marks) platter.take(deed)
        else if (deed.kind === 'write') acknowledged.add(Number(deed.data))
      at = cut
      const share = pick([0, 0.2, 0.5, 0.8, 1])
      platter.leave(disk.folder, image, { share, roll })
      await expectKept(image, acknowledged, `cut at ${cut} of ${deeds.length}, seed ${seed}`)
    }
    expect(readdirSync(image)).toEqual([])
    const syncs = deeds.filter(({ kind }) => kind === 'sync').length
    tried(context, `${images} torn images of ${units} units and ${syncs} syncs, 0 lost, 0 corrupt`)
  } finally {
    await writer.stop()
    disk.close()
  }
})
