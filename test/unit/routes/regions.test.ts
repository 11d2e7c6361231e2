import { describe, expect, it } from 'vitest'
import { regionsOf } from '../../../src/routes/regions.js'
import { arm, closed, judged } from '../rules/metal.js'

describe('reserved regions of a group', () => {
  it('that cannot be read say nothing, and no window is told', () => {
    const { routes, report } = judged({
      machine: arm(),
      edit: (files) => {
        for (const path of files.keys()) if (path.endsWith('/reserved_regions')) files.set(path, closed)
      },
    })
    const card = routes.byName.get('0000:01:00.0')
    expect(card && regionsOf(routes.context, card)).toMatchObject({
      softwareMsiWindow: 'unknown',
      direct: 'unknown',
      mixedMsi: 'unknown',
    })
    expect(report.devices.find(({ address }) => address === '0000:01:00.0')?.chain.msiWindow.kind).toBe('unknown')
  })
})
