import { describe, expect, it } from 'vitest'
import { arm, card, IDLE, judged, text } from './metal.js'
import { smmu } from './vector.js'

const CARD = '0000:01:00.0'
const paravirtual = { name: 'viommu', type: 'virtio-iommu', function: '00:0f.0' } as const

/** Two functions in no group and without a driver, the second one in group 1 where it is asked for. */
function answerOf(iommu: typeof paravirtual | typeof smmu, release: string, second: number | null = null, line = '') {
  const { report } = judged({
    edit: (files) => files.set('var/log/dmesg', text(`<4>[    1.000000] ${line}\n`)),
    machine: arm({
      kernel: { release },
      iommus: [iommu],
      rootComplexes: [
        {
          iommu: iommu.name,
          msi: 'its',
          functions: [
            { address: '00:0f.0', id: '1af4:1057', driver: 'virtio-pci', group: null },
            { ...card(1, { group: null }, IDLE), group: null },
            { ...card(2, { group: second }, IDLE), group: null },
          ],
        },
      ],
    }),
  })
  const found = report.devices.find(({ address }) => address === CARD)
  const said = report.findings.find(({ rule, devices }) => rule === 'IR106' && devices.includes(CARD))
  return [found?.verdict, found?.kernel.vfioType1.errno, said?.summary.includes('took every function from it') ?? false]
}

// K: iommu_device_register() takes back an IOMMU that fails to take one function; viommu_probe() does not look at that.
// Seen with 7.2 and a PCIe-to-PCI bridge behind a virtio-iommu.
describe('an IOMMU with an entry and without a device', () => {
  it('was taken back by the kernel: every driver waits', () => {
    expect(answerOf(paravirtual, '7.2.0')).toEqual(['not-isolated', 'EAGAIN', true])
    expect(answerOf(paravirtual, '6.15.0')).toEqual(['not-isolated', 'EAGAIN', true])
  })

  // Seen with 7.2 on a host so slow that ten seconds were over before the modules were loaded.
  it('was taken back, and the kernel waits no longer', () => {
    const line = 'pcieport 0000:00:02.0: deferred probe timeout, ignoring dependency'
    expect(answerOf(paravirtual, '7.2.0', null, line)).toEqual(['not-isolated', 'EINVAL', true])
  })

  it('refused the function where it took another', () => {
    expect(answerOf(paravirtual, '7.2.0', 1)).toEqual(['not-isolated', 'EINVAL', false])
  })

  it('refused it where the driver looks at what became of its registration', () => {
    expect(answerOf(smmu, '7.2.0')).toEqual(['not-isolated', 'EINVAL', false])
  })

  // Whatever a virtio-iommu isolates is as good as the host: a caveat.
  it('has not been asked before 6.15', () => {
    expect(answerOf(paravirtual, '6.14.0')).toEqual(['isolated-with-caveats', 'none', false])
  })
})
