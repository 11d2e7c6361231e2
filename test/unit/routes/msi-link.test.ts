import { describe, expect, it } from 'vitest'
import { judged, text, tree, type TestCase } from '../rules/metal.js'

const TREE = 'sys/firmware/devicetree/base'
const isolatedOf = (edit: TestCase['edit']) => {
  const { routes } = judged({ machine: tree(), ...(edit ? { edit } : {}) })
  return routes.byName.get('0000:01:00.0')?.msi.isolated
}

/** The chip in use is that of an ITS. Behind a pre-ITS it has the same name, and only the tree tells which it is. */
describe('an ITS in use', () => {
  it('is known to be no pre-ITS by a whole tree', () => {
    expect(isolatedOf(undefined)).toBe('yes')
  })

  it('may be a pre-ITS where the tree cannot be read', () => {
    expect(
      isolatedOf((files) => {
        for (const path of files.keys()) if (path.startsWith(`${TREE}/`)) files.delete(path)
        files.set(TREE, { kind: 'file', content: 'permission' })
      }),
    ).toBe('unknown')
  })

  it('may be a pre-ITS where a node of the tree cannot be read', () => {
    expect(
      isolatedOf((files) => {
        for (const path of files.keys()) if (/\/msi-controller@|\/its@/.test(path)) files.delete(path)
        files.set(`${TREE}/interrupt-controller@8000000/msi-controller@8080000`, {
          kind: 'file',
          content: 'permission',
        })
      }),
    ).toBe('unknown')
  })

  it('may be a pre-ITS where nobody can tell what a controller is', () => {
    expect(
      isolatedOf((files) => {
        for (const path of files.keys())
          if (path.startsWith(TREE) && /\/(?:msi-controller|its)@[0-9a-f]+\/compatible$/.test(path))
            files.set(path, text('arm,gic-v3-its'))
      }),
    ).toBe('unknown')
  })
})
