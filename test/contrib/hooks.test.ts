import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../cli/run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const directory = temporaryDirectory()

function program(name: string, text: string): void {
  mkdirSync(join(directory, 'bin'), { recursive: true })
  writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(directory, 'bin', name), 0o755)
}

// Stands for the program: what it is asked goes to a file, and the bus decides how it ends.
program(
  'intremap',
  `echo "$*" >> "${directory}/asked"
case $2 in
*:01:* | 01:*) exit 0 ;;
*:03:* | 03:*) echo "?? cannot be judged"; exit 3 ;;
*:66:*) echo "no such function" >&2; exit 66 ;;
*) echo "!! not isolated"; exit 1 ;;
esac`,
)

interface Asked {
  readonly status: number | null
  readonly stderr: string
  readonly asked: readonly string[]
}

function hook(
  file: string,
  words: readonly string[],
  input: string,
  env: Readonly<Record<string, string>> = {},
): Asked {
  writeFileSync(join(directory, 'asked'), '')
  const { status, stderr } = spawnSync('sh', [join(PACKAGE_ROOT, 'contrib', file), ...words], {
    input,
    encoding: 'utf8',
    env: { PATH: `${directory}/bin:${process.env['PATH'] ?? ''}`, ...env },
  })
  const asked = spawnSync('sort', ['-u', join(directory, 'asked')], { encoding: 'utf8' }).stdout
  return { status, stderr, asked: asked.split('\n').filter((line) => line !== '') }
}

/** As libvirt formats a domain that is given host devices. */
const domain = (devices: string) => `<domain type='kvm' id='1'>
  <name>guest</name>
  <metadata>
    <x:hostdev xmlns:x='http://example.org/x' type='pci'><x:source/></x:hostdev>
  </metadata>
  <devices>
    <controller type='pci' index='0' model='pcie-root'/>
    <disk type='file' device='disk'>
      <source file='/var/lib/a&lt;hostdev&gt;.img'/>
      <address type='pci' domain='0x0000' bus='0x77' slot='0x00' function='0x0'/>
    </disk>
${devices}  </devices>
</domain>
`
const source = (bus: string, domain = '0x0000') =>
  `<source>\n        <address domain='${domain}' bus='${bus}' slot='0x1f' function='0x7'/>\n      </source>`
/** The second address is that within the guest, which nobody asks about. */
const hostdev = (bus: string, type = 'pci') => `    <hostdev mode='subsystem' type='${type}' managed='yes'>
      <driver name='vfio'/>
      ${source(bus)}
      <alias name='hostdev0'/>
      <address type='pci' domain='0x0000' bus='0x99' slot='0x00' function='0x0'/>
    </hostdev>
`
const networkInterface = (bus: string) => `    <interface type='hostdev' managed='yes'>
      <mac address='52:54:00:00:00:01'/>
      ${source(bus, '0x1234')}
      <address type='pci' domain='0x0000' bus='0x98' slot='0x00' function='0x0'/>
    </interface>
`
const fromPool = (bus: string) => `    <interface type='network'>
      <source network='pool'/>
      <actual type='hostdev' managed='yes'>
        ${source(bus)}
      </actual>
    </interface>
`

describe('the hook of libvirt', () => {
  const call = (xml: string, operation = ['prepare', 'begin', '-'], env = {}) =>
    hook('libvirt/50-intremap', ['guest', ...operation], xml, env)

  test('asks of every function that the guest is given, and of nothing else', () => {
    const devices = hostdev('0x01') + networkInterface('0x01') + hostdev('0x01').replaceAll("'", '"') + fromPool('0x01')
    expect(call(domain(devices))).toEqual({
      status: 0,
      stderr: '',
      asked: ['check 0000:01:1f.7 --assignable', 'check 1234:01:1f.7 --assignable'],
    })
  })

  test.each([
    ['not isolated', '0x02', 'may not be given 0000:02:1f.7: !! not isolated (exit code 1)'],
    ['unknown', '0x03', 'may not be given 0000:03:1f.7: ?? cannot be judged (exit code 3)'],
    ['not there', '0x66', 'exit code 66'],
    ['an address that is none', '12', 'is not understood'],
  ])('refuses what is %s, before libvirt takes anything and when a pool gave it', (_, bus, message) => {
    for (const xml of [hostdev(bus), hostdev('0x01') + networkInterface(bus), fromPool(bus)]) {
      const { status, stderr } = call(domain(xml))
      expect([status, stderr.includes(message.replace('0000:', xml.includes('0x1234') ? '1234:' : '0000:'))]).toEqual([
        1,
        true,
      ])
    }
    expect(call(domain(hostdev(bus)), ['start', 'begin', '-']).status).toBe(1)
  })

  test('refuses where the program is missing', () => {
    expect(call(domain(hostdev('0x01')), ['prepare', 'begin', '-'], { INTREMAP: '/nowhere/intremap' }).status).toBe(1)
  })

  test('lets what is unknown start where that was asked for, and nothing that is bad', () => {
    const env = { INTREMAP_UNKNOWN: 'allow' }
    expect(call(domain(hostdev('0x03')), ['prepare', 'begin', '-'], env).status).toBe(0)
    expect(call(domain(hostdev('0x02')), ['prepare', 'begin', '-'], env).status).toBe(1)
  })

  test.each([
    [['started', 'begin', '-']],
    [['stopped', 'end', 'shutdown']],
    [['release', 'end', '-']],
    [['migrate', 'begin', '-']],
    [['reconnect', 'begin', '-']],
  ])('%j is none of its business', (operation) => {
    expect(call(domain(hostdev('0x02')), operation)).toEqual({ status: 0, stderr: '', asked: [] })
  })

  test('a guest without host devices, or with such that are no PCI functions, starts', () => {
    for (const xml of ['', hostdev('0x02', 'usb'), hostdev('0x02', 'mdev')]) {
      expect(call(domain(xml))).toEqual({ status: 0, stderr: '', asked: [] })
    }
  })
})

describe('the hookscript of Proxmox VE', () => {
  const mappings = join(directory, 'pci.cfg')
  writeFileSync(
    mappings,
    `gpu\n\tmap id=10de:2684,iommugroup=7,node=$HOST,path=0000:01:00.0\n\tmap id=10de:2684,node=other,path=0000:02:00.0\n\nbad\n\tmap node=$HOST,path=0000:02:00.0;0000:02:00.1\n`.replaceAll(
      '$HOST',
      spawnSync('hostname', { encoding: 'utf8' }).stdout.trim(),
    ),
  )
  for (const name of ['0000:01:00.0', '0000:01:00.1'])
    mkdirSync(join(directory, 'functions', name), { recursive: true })
  const call = (lines: string, phase = 'pre-start', env = {}) => {
    writeFileSync(join(directory, 'conf'), `cores: 4\ndescription: hostpci9: 02:00.0\n${lines}\nmemory: 2048\n`)
    program('qm', `[ "$1 $2" = "config 100" ] && cat "${directory}/conf"`)
    return hook('proxmox/intremap.sh', ['100', phase], '', {
      INTREMAP_MAPPINGS: mappings,
      INTREMAP_FUNCTIONS: join(directory, 'functions'),
      ...env,
    })
  }

  test.each<readonly [string, readonly string[]]>([
    ['hostpci0: 0000:01:00.0,pcie=1,x-vga=1', ['0000:01:00.0']],
    ['hostpci0: 01:00,pcie=1', ['0000:01:00.0', '0000:01:00.1']],
    ['hostpci0: 01:00.0;01:00.1', ['01:00.0', '01:00.1']],
    ['hostpci0: host=0000:01:00.0', ['0000:01:00.0']],
    ['hostpci0: mapping=gpu,pcie=1', ['0000:01:00.0']],
    ['hostpci0: 01:00.0\nhostpci12: 0001:01:00.0', ['0001:01:00.0', '01:00.0']],
    ['', []],
  ])('%j is asked about', (lines, addresses) => {
    expect(call(lines)).toEqual({
      status: 0,
      stderr: '',
      asked: addresses.map((address) => `check ${address} --assignable`),
    })
  })

  test.each([
    ['hostpci0: 02:00.0', 'may not be given 02:00.0: !! not isolated (exit code 1)'],
    ['hostpci0: 01:00.0\nhostpci1: 03:00.0', 'exit code 3'],
    ['hostpci0: mapping=bad', 'may not be given 0000:02:00.1'],
    ['hostpci0: mapping=none', 'mapping none has no path on this node'],
    ['hostpci0: 66:00', 'may not be given 0000:66:00.0'],
  ])('%j aborts the start', (lines, message) => {
    const { status, stderr } = call(lines)
    expect([status, stderr.includes(message)]).toEqual([1, true])
  })

  test('other phases ask nothing, and a configuration that cannot be had aborts', () => {
    for (const phase of ['post-start', 'pre-stop', 'post-stop']) {
      expect(call('hostpci0: 02:00.0', phase)).toEqual({ status: 0, stderr: '', asked: [] })
    }
    program('qm', 'exit 2')
    expect(hook('proxmox/intremap.sh', ['100', 'pre-start'], '').status).toBe(1)
  })
})
