import { expect, test } from 'vitest'
import { exampleFor } from '../../../src/cli/example.js'
import type { UnreadReport } from '../../../src/report/types.js'
import { device, report } from '../render/report-sample.js'

const FLAGS = { json: false, verbose: false, color: 'never' } as const
const unread = (area: UnreadReport['area'], reason: UnreadReport['reason']): UnreadReport => ({
  source: '/x',
  area,
  reason,
  extent: 'whole',
})

test.each<readonly [string, boolean, readonly UnreadReport[]]>([
  ['nothing unread', true, []],
  ['files that are about no function', true, [unread('acpi-tables', 'permission'), unread('other-files', 'io')]],
  [
    'configuration space that nobody collected, of functions that are not there',
    true,
    [unread('configuration-space', 'not-collected')],
  ],
  ['the functions themselves', false, [unread('pci-functions', 'not-collected')]],
  ['configuration space that is there', false, [unread('configuration-space', 'permission')]],
])('an example is shown for a host without functions: %s', (_, isShown, list) => {
  expect(exampleFor(report([], { unread: list }), FLAGS) !== undefined).toBe(isShown)
  expect(exampleFor(report([device('0000:01:00.0')], { unread: list }), FLAGS)).toBeUndefined()
})
