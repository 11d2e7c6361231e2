import { spawn } from 'node:child_process'
import { openSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Archive, type Architecture } from './debian.js'
import { deviceArguments } from './devices.js'
import { edited } from './edits.js'
import { monitorAt, plugWhenAsked } from './hotplug.js'
import type { Machine } from './machines.js'
import { run } from './programs.js'
import { watched, type Patience } from './watch.js'

const OUTPUT_LIMIT = 64 * 1024 * 1024
const BINARY = { arm64: 'qemu-system-aarch64', amd64: 'qemu-system-x86_64' } as const
const FIRMWARE = 'usr/share/qemu-efi-aarch64/QEMU_EFI.fd'

export const architectureOf = ({ firmware }: Machine): Architecture => (firmware === 'bios' ? 'amd64' : 'arm64')

/** How to start a QEMU, and the tree that its files are in. */
interface Qemu {
  readonly command: readonly string[]
  readonly tree: string
  readonly environment: Readonly<Record<string, string>>
}

/** This machine's QEMU, or sid's with everything it depends on, unpacked and started with its own loader. */
export function qemuOf(machine: Machine): Qemu {
  const binary = BINARY[architectureOf(machine)]
  if (machine.qemu === 'host') return { command: [binary], tree: '/', environment: {} }
  const tree = new Archive('amd64', 'sid').unpackedWithDependencies('qemu', [
    'qemu-system-arm',
    'qemu-system-x86',
    'qemu-efi-aarch64',
  ])
  const libraries = join(tree, 'usr/lib/x86_64-linux-gnu')
  const loader = [join(tree, 'usr/lib64/ld-linux-x86-64.so.2'), '--library-path', libraries]
  const data = ['usr/share/qemu', 'usr/share/seabios', 'usr/lib/ipxe/qemu'].flatMap((at) => ['-L', join(tree, at)])
  return {
    command: [...loader, join(tree, 'usr/bin', binary), ...data],
    tree,
    environment: { QEMU_MODULE_DIR: join(libraries, 'qemu') },
  }
}

/** The arguments that make the machine, without kernel and output. */
function hardware(machine: Machine, qemu: Qemu): readonly string[] {
  const [model, processor] = machine.firmware === 'bios' ? ['q35', 'qemu64'] : ['virt', 'cortex-a72']
  const board = machine.board === '' ? model : `${model},${machine.board}`
  const plain = '-accel tcg,thread=multi -smp 2 -m 2048 -nodefaults -no-user-config -nographic -no-reboot -vga none'
  const firmware = machine.firmware === 'acpi' ? ['-bios', join(qemu.tree, FIRMWARE)] : []
  return ['-M', board, '-cpu', processor, ...plain.split(' '), ...firmware, ...deviceArguments(machine.devices)]
}

/** The machine's device tree after its edit, as QEMU takes it. */
function editedTree(machine: Machine, qemu: Qemu, directory: string): readonly string[] {
  if (machine.edit === '') return []
  const file = (name: string) => join(directory, name)
  const board = `${machine.board},dumpdtb=${file('tree.dtb')}`
  const [program = '', ...words] = [...qemu.command, ...hardware({ ...machine, board }, qemu)]
  run(program, words)
  writeFileSync(file('tree.dts'), edited(machine.edit, run('dtc', ['-q', '-O', 'dts', file('tree.dtb')])))
  run('dtc', ['-q', '-O', 'dtb', '-o', file('tree.dtb'), file('tree.dts')])
  return ['-dtb', file('tree.dtb')]
}

function commandLine({ firmware, words }: Machine): string {
  const own = { acpi: 'console=ttyAMA0 acpi=force', dt: 'console=ttyAMA0', bios: 'console=ttyS0 no_timer_check' }[
    firmware
  ]
  return `${own} panic=-1 ${words}`.trim()
}

/**
 * Boots a machine and waits until it is off. What the guest handed out is in `directory` then, as the tar archive `out`; beside
 * it are QEMU's command line, its messages and the guest's console. Gives why it was turned off, unless it did so by itself.
 */
export async function boot(
  machine: Machine,
  image: string,
  initramfs: Buffer,
  directory: string,
  patience: Patience,
): Promise<string | undefined> {
  const qemu = qemuOf(machine)
  const file = (name: string) => join(directory, name)
  writeFileSync(file('initramfs'), initramfs)
  writeFileSync(file('out'), '')
  // The way out of the guest is no PCI function, so that it changes nothing about the machine.
  const tree = editedTree(machine, qemu, directory)
  const debugPort = ['-chardev', `file,id=out,path=${file('out')}`, '-device', 'isa-debugcon,iobase=0xe9,chardev=out']
  const disk = ['-drive', `if=none,id=out,file=${file('out')},format=raw`]
  const output =
    machine.firmware === 'bios' ? debugPort : [...disk, '-device', 'virtio-blk-device,drive=out,serial=lab-out']
  if (machine.firmware !== 'bios') truncateSync(file('out'), OUTPUT_LIMIT)
  const linux = ['-kernel', image, '-initrd', file('initramfs'), '-append', commandLine(machine)]
  const plugs = machine.words.includes('lab.hotplug')
  const monitor = plugs ? monitorAt(file('monitor')) : ['-monitor', 'none']
  const console = [...monitor, '-serial', `file:${file('console')}`]
  const words = [...qemu.command, ...hardware(machine, qemu), ...tree, ...console, ...output, ...linux]
  writeFileSync(file('command'), words.join(' '))
  const [program = '', ...rest] = words
  const log = openSync(file('qemu'), 'w')
  const child = spawn(program, rest, { stdio: ['ignore', log, log], env: { ...process.env, ...qemu.environment } })
  const endOfWatch = watched(child, file('console'), patience)
  const endPlugging = plugs ? plugWhenAsked(file('console'), file('monitor')) : undefined
  try {
    await new Promise((resolve, reject) => {
      child.once('exit', resolve)
      child.once('error', reject)
    })
    return endOfWatch()
  } finally {
    endOfWatch()
    endPlugging?.()
  }
}
