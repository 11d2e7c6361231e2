import { describe, expect, it } from 'vitest'
import { decodeConfigurationSpace } from '../../../src/probes/pci-configuration-space.js'
import { confirmedVectors, readListedVectors } from '../../../src/probes/pci-msi-vectors.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'

const DIRECTORY = 'sys/devices/pci0000:00/0000:00:02.0'

/** A space of 256 bytes with MSI at 0x40 and MSI-X at 0x50, each enabled or not. */
function configuration({ msi = false, msix = false }) {
  const bytes = new Uint8Array(256)
  bytes.set([0x10], 0x06)
  bytes.set([0x40], 0x34)
  bytes.set([0x05, 0x50, msi ? 1 : 0], 0x40)
  bytes.set([0x11, 0x00, 0x00, msix ? 0x80 : 0], 0x50)
  return decodeConfigurationSpace(bytes, DIRECTORY)
}

function vectors(irqs: Readonly<Record<string, string>>, enabled = {}, hasInterruptLine = false) {
  const files = Object.entries(irqs).map(([name, mode]) => [`${DIRECTORY}/msi_irqs/${name}`, `${mode}\n`] as const)
  const sysroot = memorySysroot(
    { kind: 'emulated', name: 'test' },
    { [`${DIRECTORY}/vendor`]: '0x8086\n', ...Object.fromEntries(files) },
  )
  return confirmedVectors(readListedVectors(sysroot, DIRECTORY), configuration(enabled), hasInterruptLine)
}

describe('vectors in use', () => {
  it('are those of msi_irqs, by number', () => {
    expect(vectors({ 101: 'msix', 24: 'msix' }, { msix: true })).toMatchObject({
      state: 'known',
      value: [
        { irq: 24, mode: { state: 'known', value: 'msix' } },
        { irq: 101, mode: { state: 'known', value: 'msix' } },
      ],
    })
    expect(vectors({ 24: 'msi', first: 'msi' }, { msi: true }).state).toBe('unreadable')
  })
  it('are none without msi_irqs, unless something else shows one', () => {
    expect(vectors({}).state).toBe('absent')
    expect(vectors({}, { msi: true }).state).toBe('unreadable')
    expect(vectors({}, { msix: true }).state).toBe('unreadable')
    expect(vectors({}, {}, true).state).toBe('unreadable')
  })
})
