import { emulatedMachines, openBundledMachine } from '../index.js'
import { parseMachineFile } from './machine-file.js'

interface ListedMachine {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly kind: string
}

/** What `selftest --list --json` prints. */
export interface MachineList {
  readonly schema: 'intremap/selftest-list'
  readonly schemaVersion: string
  readonly machines: readonly ListedMachine[]
}

async function listed(name: string): Promise<ListedMachine> {
  const { extras } = await openBundledMachine(name)
  const content = extras.get('machine.json')
  try {
    const file = content && parseMachineFile(new TextDecoder().decode(content))
    if (file) return { name, title: file.title, about: file.about, kind: file.kind }
  } catch {
    // Told below: the name is all that is known.
  }
  return { name, title: name, about: '', kind: 'unknown' }
}

/** The bundled machines `names`, or all. Throws NotFoundError for a name that is not there. */
export async function listMachines(names: readonly string[] = []): Promise<MachineList> {
  const wanted = names.length > 0 ? names : emulatedMachines()
  const machines = await Promise.all(wanted.map(listed))
  return { schema: 'intremap/selftest-list', schemaVersion: '1.0.0', machines }
}
