import { describe, expect, it } from 'vitest'
import { served, takenUnchecked } from '../../../../src/kernel/msi/described-msi.js'
import { deviceTableOf, type MsiController } from '../../../../src/kernel/msi/msi-controller.js'
import { msiController } from './literal-controller.js'

const [LOG, MAP, NODE] = [{ path: 'var/log/dmesg' }, { path: 'msi-map' }, { path: 'its' }]
const controller = (more: Partial<MsiController>) => msiController('its', { key: 'k', id: 'k', from: [NODE], ...more })

it('a controller that nobody described is there, checks no sender, and shows in what shows it', () => {
  const unchecked = controller({ key: 'any', kind: 'other', id: 'unknown', payloadChecked: 'no', from: [LOG] })
  expect(takenUnchecked('any', [LOG])).toEqual({
    state: 'decided',
    value: { controller: unchecked, payloadChecked: 'no', deviceId: undefined, from: [LOG] },
    from: [LOG],
  })
})

// kernel-decision.md section 3: ITSs alone look at a DeviceID; what is not registered has no domain.
describe('what Linux makes of a described controller', () => {
  const places = [MAP, NODE]
  it.each<[string, Partial<MsiController>, object]>([
    ['an ITS', {}, { state: 'decided', value: { deviceId: 5, payloadChecked: 'yes', from: places }, from: places }],
    ['the ITS of a GICv5', { kind: 'gicv5-its' }, { value: { deviceId: 5 } }],
    ['a GICv2m', { kind: 'gicv2m', payloadChecked: 'no' }, { value: { deviceId: undefined, payloadChecked: 'no' } }],
    ['an IMSIC', { kind: 'imsic' }, { value: { deviceId: undefined } }],
    [
      'one that is not registered',
      { registered: 'no' },
      { value: { controller: undefined, payloadChecked: 'no' }, from: places },
    ],
    [
      'one of which that cannot be told',
      { registered: 'unknown' },
      { state: 'undecided', doubt: 'unreadable', from: places },
    ],
  ])('%s', (_, more, expected) => {
    expect(served(controller(more), { id: 5, guessed: false }, [MAP])).toMatchObject(expected)
  })
  it('keeps that no map says the DeviceID, and that alone', () => {
    const ofId = (guessed: boolean) => {
      const described = served(controller({}), { id: 5, guessed }, [MAP])
      return described.state === 'decided' && 'deviceIdGuessed' in described.value
    }
    expect([true, false].map(ofId)).toEqual([true, false])
  })
})

it('DeviceIDs of a frame are those of its ITS, and of others their own', () => {
  expect(deviceTableOf(controller({}))).toBe('k')
  expect(deviceTableOf(controller({ deviceTable: 'other' }))).toBe('other')
})
