import { describe, expect, it } from 'vitest'
import { membersAfterBinding } from '../../../src/routes/group-members.js'
import { judged, tree } from '../rules/metal.js'

/** Two functions of one device; the first has a group, the second joins one when it is bound. */
function membersOf(id: string) {
  const machine = tree({
    rootComplexes: [
      {
        iommu: 'smmu',
        msi: 'its',
        functions: [
          { address: '00:14.0', id, type: 'conventional', driver: 'piix4_smbus', group: 9 },
          { address: '00:14.2', id, type: 'conventional', msiCapable: 1, group: null },
        ],
      },
    ],
  })
  const { routes } = judged({ machine })
  const route = routes.byName.get('0000:00:14.2')
  expect(route?.iommu.attachment.state).toBe('later')
  return (
    route &&
    membersAfterBinding(routes, route).map((one) => (typeof one === 'object' && 'fn' in one ? one.fn.name : one))
  )
}

describe('who shares the group that a function joins', () => {
  // K: drivers/pci/quirks.c, pci_quirk_amd_sb_acs takes the functions for separated only where there is an IVRS.
  it.each(['1002:4385', '1b36:000b'])('is the other function of the device, without ACS and IVRS: %s', (id) => {
    expect(membersOf(id)?.toSorted()).toEqual(['0000:00:14.0', '0000:00:14.2'])
  })

  it('is nobody where a quirk takes the functions for separated', () => {
    // pci_quirk_mf_endpoint_acs, Solarflare.
    expect(membersOf('1924:0903')).toEqual(['0000:00:14.2'])
  })
})
